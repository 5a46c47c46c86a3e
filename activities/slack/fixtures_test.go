package slack_test

import (
	"fmt"
	"time"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

var now = time.Date(2026, 11, 24, 9, 45, 0, 0, time.UTC)

var links = slack.Links{
	Defender: "https://security.microsoft.com", Entra: "https://entra.microsoft.com", Azure: "https://portal.azure.com",
	Workspace: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc",
}

var options = slack.Options{Links: links, Pages: true}

const janeID = "11111111-2222-3333-4444-555555555555"

func messageID(n int) string { return fmt.Sprintf("aaaaaaaa-0000-0000-0000-%012d", n) }

// takenOver is the HIGH card: a person's mailbox with compromise facts.
func takenOver() soar.Case {
	messages := []soar.Message{
		{
			NetworkMessageID: messageID(1), InternetMessageID: "<one@EUR.prod.outlook.com>", Time: now.Add(-50 * time.Minute),
			P1: "j.doe@contoso.com", P2: "j.doe@contoso.com", DisplayName: "Jane Doe", ObjectID: janeID, Subject: "Payroll update required",
			Direction: soar.DirectionIntraOrg, IP: "203.0.113.50", RecipientCount: 212, NewRecipients: 180,
			Recipients: []string{"a.miller@contoso.com", "b.jones@contoso.com"}, URLHosts: []string{"contoso-hr.example"}, URLCount: 1,
			Phish: 5, ReportedAt: now.Add(-3 * time.Minute), Delivery: "Delivered/Inbox", Reporters: []string{"A. Miller"},
		},
		{
			NetworkMessageID: messageID(2), Time: now.Add(-52 * time.Minute), P1: "j.doe@contoso.com", P2: "j.doe@contoso.com",
			DisplayName: "Jane Doe", ObjectID: janeID, Subject: "", Direction: soar.DirectionIntraOrg, IP: "203.0.113.50",
			RecipientCount: 1, Phish: 2, ReportedAt: now.Add(-45 * time.Minute),
		},
	}
	return soar.Case{
		Ref: soar.CaseRef{ID: "case-0123456789abcdef0123", Number: 3}, Key: "object:" + janeID, State: soar.CaseOpen,
		Opened: now.Add(-time.Minute), Deadline: now.Add(55 * time.Minute), Channel: "C0TRIAGE",
		Hunts: []soar.HuntRef{{Slug: "user-submissions", Name: "User Email Submissions (FN) - Top Intra-Org P2 Senders"}},
		Finding: soar.Finding{
			Hunt: "user-submissions", Window: soar.NewWindow(now.Add(-time.Hour), now),
			Candidate: soar.Candidate{
				Sender: "j.doe@contoso.com", SenderIs: soar.P1, Scope: soar.ScopeIntraOrg,
				Counts: soar.Counts{Submissions: 7, Phish: 7, Reporters: 7, Messages: 2, Delivered: 213},
			},
			Evidence: soar.Evidence{Messages: messages, Total: 2},
			Exposure: soar.Exposure{Known: true, ClicksKnown: true, MovesKnown: true, Recipients: 212, InInbox: 180, Clicked: 4},
			Past:     soar.Past{Known: true, Mails: 840, ActiveDays: 60, ReportsPerDay: month(1, 7)},
			Profile: soar.SenderProfile{
				Kind: soar.KindPerson, Department: "Finance", Privileged: true, PrivilegedWhy: "payroll approver",
				ObjectID: janeID, UPN: "j.doe@contoso.com", Enabled: soar.Yes, Groups: []string{"Finance", "Payroll approvers"},
			},
		},
		Judgement: soar.Judgement{
			Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Headline: "Likely taken-over mailbox", Path: "mailbox",
			Reason: "Not hidden: no rule applies to a person",
			Facts: []string{
				`Inbox rule "..." deletes replies, 2026-11-24 08:51 UTC`, "Sent from 203.0.113.50 (NL), never used in 90 days",
				`212 recipients in 6 min; her usual day is 14; "Payroll update required" -> https://contoso-hr.example/login`, "a fourth fact",
			},
			Guards:         []soar.GuardHit{{Guard: soar.GuardCompromise, Detail: "new inbox rule"}, {Guard: soar.GuardIP, Detail: "203.0.113.50"}},
			Trace:          []soar.RuleTrace{{Rule: "backup-veeam", Outcome: soar.TraceFailed, Condition: "path: mail came by direct, the rule trusts connector:OnPrem relay"}},
			Unrememberable: "the account may be taken over",
		},
		Earlier: []soar.Outcome{{Number: 2, State: soar.CaseApproved, By: "U0ANALYST", At: now.AddDate(0, 0, -20), Reason: "newsletter"}},
	}
}

// month is 30 days of reports, the last of them given.
func month(last ...int) []int { return append(make([]int, 30-len(last)), last...) }

// forged is the MEDIUM card: the backup report's address, from outside.
func forged() soar.Case {
	c := takenOver()
	c.Ref = soar.CaseRef{ID: "case-fedcba9876543210fedc", Number: 1}
	c.Deadline = now.Add(4*time.Hour + 15*time.Minute)
	c.Earlier = nil
	c.Hunts = append(c.Hunts, soar.HuntRef{Slug: "claims-internal"})
	c.Finding.Candidate = soar.Candidate{
		Sender: "backup@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeClaimsInternal,
		Counts: soar.Counts{Submissions: 3, Phish: 3, Reporters: 3, Messages: 1},
	}
	c.Finding.Evidence = soar.Evidence{Total: 1, Messages: []soar.Message{{
		NetworkMessageID: messageID(7), Time: now.Add(-2 * time.Hour), P1: "bounce-77@esp.test", P2: "backup@contoso.com", DisplayName: "Veeam",
		Subject: "[Failed] SQL-Daily (12 objects) 3 issues", Direction: soar.DirectionInbound, IP: "198.51.100.23", RecipientCount: 41,
		Auth:     soar.Authentication{SPF: soar.AuthFail, DMARC: soar.AuthFail},
		URLHosts: []string{"veeam-report.example"}, URLCount: 1, Phish: 3,
	}}}
	c.Finding.Exposure = soar.Exposure{Known: true, ClicksKnown: true, MovesKnown: true, Recipients: 41, InInbox: 38}
	c.Finding.Profile = soar.SenderProfile{Kind: soar.KindShared, Enabled: soar.No, Mail: "backup@contoso.com"}
	c.Finding.Past = soar.Past{Known: true, ReportsPerDay: []int{0, 0, 3}}
	c.Judgement = soar.Judgement{
		Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Headline: "Forged backup report", Path: "direct",
		Rule: "backup-veeam", Reason: "Looks like rule backup-veeam",
		Facts: []string{
			`DMARC fail; the real sender always comes through connector "OnPrem relay"`,
			"41 recipients, none of the 4 who get real backup reports", "New link host veeam-report.example",
		},
		Guards: []soar.GuardHit{
			{Guard: soar.GuardAuthentication, Detail: "SPF and DMARC fail", Cure: "add the relay's address to SPF"},
			{Guard: soar.GuardPath, Detail: "direct"}, {Guard: soar.GuardRecipients, Detail: "41 new"},
		},
	}
	return c
}

// heldBack is the LOW card: automation that a guard held.
func heldBack() soar.Case {
	c := forged()
	c.Ref.Number = 5
	c.Deadline = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	c.Partial = true
	c.Finding.Candidate = soar.Candidate{
		Sender: "splunk@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg,
		Counts: soar.Counts{Submissions: 1, Spam: 1, Reporters: 1, Messages: 1, Delivered: 61},
	}
	c.Finding.Evidence = soar.Evidence{Total: 1, Messages: []soar.Message{{
		NetworkMessageID: messageID(9), Time: now.Add(-time.Hour), P1: "splunk@contoso.com", P2: "splunk@contoso.com", DisplayName: "Splunk",
		Subject: "Splunk Alert: Disk space on srv7", Direction: soar.DirectionIntraOrg, Connector: "OnPrem relay", RecipientCount: 6, Spam: 1,
	}}}
	c.Finding.Exposure = soar.Exposure{Known: true, ClicksKnown: true, MovesKnown: true, Recipients: 6, InInbox: 6}
	c.Judgement = soar.Judgement{
		Verdict: soar.VerdictTriage, Severity: soar.SeverityLow, Headline: "Probably automation, held back", Path: "connector:OnPrem relay",
		Rule: "monitoring-splunk", Reason: "Held by: volume 6.8 times its own baseline (rule monitoring-splunk would have hidden it)",
		Facts:        []string{`Subject shape as usual: "Splunk Alert: Disk space on *"`, "61 mails today, usual 9"},
		Guards:       []soar.GuardHit{{Guard: soar.GuardVolume, Detail: "6.8 times its own baseline"}},
		Rememberable: true,
	}
	return c
}

// decided is a case after a decision.
func decided(c soar.Case, state soar.CaseState, d soar.Decision) soar.Case {
	d.At = now
	c.State, c.Decision = state, &d
	return c
}

// hostile is text that an attacker chose, in every place he can write to.
const hostile = "<!channel> <@U123> <https://evil.test|Approve here> & *bold* `tick`\nsecond\u202Egnp.exe\u200b"

func attacked() soar.Case {
	c := forged()
	m := &c.Finding.Evidence.Messages[0]
	m.Subject, m.DisplayName, m.P1, m.P2, m.Connector, m.IP = hostile, hostile, hostile, hostile, hostile, hostile
	m.URLHosts, m.Recipients, m.AttachmentTypes, m.Reporters = []string{hostile, "evil.test"}, []string{hostile}, []string{hostile}, []string{hostile}
	m.NetworkMessageID, m.InternetMessageID, m.ThreatTypes, m.Delivery, m.ObjectID = hostile, hostile, hostile, hostile, hostile
	c.Finding.Candidate.Sender = hostile
	c.Finding.Profile = soar.SenderProfile{Kind: soar.KindGuest, Why: hostile, DisplayName: hostile, JobTitle: hostile, Department: hostile, UPN: hostile}
	c.Judgement.Headline = "Look at <https://evil.test|this> & *that*"
	c.Judgement.Reason, c.Judgement.Rule, c.Judgement.Path = hostile, hostile, "connector:"+hostile
	c.Judgement.Facts = []string{hostile, "see https://evil.test/x"}
	c.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardPath, Detail: hostile, Cure: hostile}}
	c.Judgement.Trace = []soar.RuleTrace{{Rule: hostile, Condition: hostile}}
	c.Hunts = []soar.HuntRef{{Name: hostile}}
	c.Earlier = []soar.Outcome{{Number: 1, State: soar.CaseEscalated, By: hostile, Reason: hostile, Incident: "https://evil.test/|<!here>"}}
	c.Problems = []string{hostile}
	return c
}
