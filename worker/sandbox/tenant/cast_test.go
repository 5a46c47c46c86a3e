package tenant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/graph/graphtest"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

func TestEveryMessageOfTheCastWasReportedAndHasARowUnlessOrphan(t *testing.T) {
	tn := small(1, anchor())
	all, reported := messagesOf(tn), reportedIn(tn)
	for _, c := range tn.Cast {
		if c.Role == tenant.RoleBurst || c.Role == tenant.RoleSteady {
			continue // nobody reported them, which is their part
		}
		if len(c.Messages) == 0 {
			t.Errorf("%s %s %s has no message", c.Role, c.Forgery, c.Sender)
		}
		for _, id := range c.Messages {
			if !reported[id] {
				t.Errorf("message %s of %s was not reported", id, c.Sender)
			}
			if m := all[id]; (m == nil) != (c.Role == "orphan") || m != nil && m.text("SenderFromAddress") != c.Sender {
				t.Errorf("%s %s: message %s has the wrong row", c.Role, c.Sender, id)
			}
		}
	}
}

func TestEachScenarioHasBothSendersAndAllForgeries(t *testing.T) {
	tn := small(1, anchor())
	alone := tn.LeftAlone()
	for _, scenario := range []string{"backup", "monitoring", "onboarding", "helpdesk", "health-report"} {
		forgeries, real, left := map[string]int{}, 0, 0
		for _, c := range tn.Cast {
			if c.Role == scenario && c.Kind == tenant.KindLookalike {
				forgeries[c.Forgery]++
			}
			real += btoi(c.Role == scenario && c.Kind == tenant.KindScenario)
		}
		for _, c := range alone {
			left += btoi(c.Role == scenario && len(c.Messages) >= 3)
		}
		if len(forgeries) != 4 || left < 1 || real-left < 1 {
			t.Errorf("%s: forgeries %v, %d real senders, %d left alone with three reports", scenario, forgeries, real, left)
		}
	}
	for _, tool := range []string{"veeam", "commvault", "veritas", "splunk", "prometheus", "okta", "entra-id", "ldap", "zendesk", "servicenow", "jira", "powershell", "python", "bash"} {
		if !slices.ContainsFunc(alone, func(c tenant.Cast) bool { return c.Tool == tool }) {
			t.Errorf("no sender of %s is left alone", tool)
		}
	}
}

func TestDrivenMailboxAndSameRelayForgeOneRealSenderOfEachScenario(t *testing.T) {
	tn := small(6, anchor())
	all, reported := messagesOf(tn), reportedIn(tn)
	for _, scenario := range []string{"backup", "monitoring", "onboarding", "helpdesk", "health-report"} {
		driven, relayed := forgeryOf(t, tn, scenario, tenant.DrivenMailbox), forgeryOf(t, tn, scenario, tenant.SameRelay)
		if driven.Sender != relayed.Sender || driven.Messages[0] == relayed.Messages[0] {
			t.Errorf("%s: the mailbox of %s is driven, %s is sent through its relay", scenario, driven.Sender, relayed.Sender)
		}
		i := slices.IndexFunc(tn.Cast, func(c tenant.Cast) bool { return c.Kind == tenant.KindScenario && c.Sender == driven.Sender })
		if i < 0 || tn.Cast[i].Role != scenario || tn.Cast[i].Tool != driven.Tool || tn.Cast[i].Tool != relayed.Tool {
			t.Fatalf("%s: %s is forged and has no genuine mail of its tool that was reported", scenario, driven.Sender)
		}
		for _, id := range tn.Cast[i].Messages {
			m := mustFind(t, all, id)
			p := pastOf(all, reported, m, m.time("TimeGenerated"))
			if m.path() != "connector:OnPrem relay" || len(p.paths) != 1 || !p.paths[m.path()] {
				t.Errorf("%s: genuine mail of %s comes by %s, before by %v", scenario, driven.Sender, m.path(), p.paths)
			}
		}
		u := owner(tn, driven.Sender)
		if u == nil || u.MailboxPurpose == "" || u.LastInteractive.IsZero() || u.ID != mustFind(t, all, driven.Messages[0]).text("SenderObjectId") {
			t.Errorf("%s: nobody can have driven the mailbox of %s: %+v", scenario, driven.Sender, u)
		}
		if slices.ContainsFunc(tn.LeftAlone(), func(c tenant.Cast) bool { return c.Sender == driven.Sender }) {
			t.Errorf("%s: %s is forged and counts as left alone", scenario, driven.Sender)
		}
	}
}

// forgeryOf is the one forgery of a kind in a scenario.
func forgeryOf(t *testing.T, tn *tenant.Tenant, scenario, how string) tenant.Cast {
	t.Helper()
	var found []tenant.Cast
	for _, c := range tn.Cast {
		if c.Role == scenario && c.Forgery == how {
			found = append(found, c)
		}
	}
	if len(found) != 1 || len(found[0].Messages) != 1 {
		t.Fatalf("%s has %d forgeries of kind %s, want one of one message: %+v", scenario, len(found), how, found)
	}
	return found[0]
}

func TestForgedMailArrivesOnThePathOfItsKind(t *testing.T) {
	tn := small(4, anchor())
	all, reported, settings := messagesOf(tn), reportedIn(tn), tn.Settings
	for _, c := range tn.Cast {
		if c.Kind != tenant.KindLookalike {
			continue
		}
		m := mustFind(t, all, c.Messages[0])
		age := tn.Anchor.Sub(m.time("TimeGenerated"))
		if age < 3*time.Hour || age > 6*24*time.Hour {
			t.Errorf("%s %s is %s old", c.Forgery, c.Sender, age)
		}
		p := pastOf(all, reported, m, m.time("TimeGenerated"))
		direct := m.path() == "direct" && m.auth().DMARC == soar.AuthFail && m.text("SenderObjectId") != ""
		driven := m.path() == "mailbox" && m.family() == "prod.outlook.com" && !p.ips[m.text("SenderIPv4")] && p.mails > 20
		relayed := m.path() == "connector:OnPrem relay" && p.ips[m.text("SenderIPv4")] && !p.families[m.family()] && p.mails > 20
		_, _, alike := soar.Lookalike(soar.DomainOf(c.Sender), settings.AcceptedDomains)
		imitated := alike && m.path() == "saas:"+soar.DomainOf(c.Sender) && m.auth().DMARC == soar.AuthPass
		kinds := map[string]bool{tenant.DirectSend: direct, tenant.DrivenMailbox: driven, tenant.SameRelay: relayed, tenant.LookalikeDomain: imitated}
		if !kinds[c.Forgery] {
			t.Errorf("%s %s does not look like one: path %s, auth %+v", c.Forgery, c.Sender, m.path(), m.auth())
		}
		if p.hosts[m.hosts[0]] || len(newOnes(m.to, p.to)) == 0 {
			t.Errorf("%s %s stays inside the real sender's envelope", c.Forgery, c.Sender)
		}
	}
}

func newOnes(to, known map[string]bool) []string {
	var out []string
	for a := range to {
		if !known[a] {
			out = append(out, a)
		}
	}
	return out
}

func TestSendersLeftAloneStayInsideTheirPast(t *testing.T) {
	for _, at := range anchors() {
		tn := small(5, at)
		all, reported := messagesOf(tn), reportedIn(tn)
		for _, c := range tn.LeftAlone() {
			first := at
			for _, id := range c.Messages {
				first = earlier(first, mustFind(t, all, id).time("TimeGenerated"))
			}
			p := pastOf(all, reported, all[c.Messages[0]], first)
			for _, id := range c.Messages {
				m := all[id]
				if n := newOnes(m.to, p.to); len(n) > 0 || !p.ips[m.text("SenderIPv4")] || !p.families[m.family()] || !p.paths[m.path()] || len(p.paths) != 1 {
					t.Errorf("anchor %s: %s breaks out of its past of %d mails: new recipients %v", at, c.Sender, p.mails, n)
				}
				for _, h := range m.hosts {
					if !p.hosts[h] {
						t.Errorf("%s links to %s for the first time", c.Sender, h)
					}
				}
				aligned := m.auth().DMARC == soar.AuthPass || tn.Settings.IsInternal(m.text("SenderMailFromAddress")) && m.text("EmailDirection") == "Intra-org"
				if !aligned || len(m.auth().Failed()) > 0 {
					t.Errorf("%s is not aligned or failed: %+v", c.Sender, m.auth())
				}
			}
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func TestSendersLeftAloneAreProgramsReportedByAtMostTwoPeople(t *testing.T) {
	tn := small(1, anchor())
	reporters := map[string]map[string]bool{}
	for _, r := range rowsOf(tn.Tables["CloudAppEvents"]) {
		if id, ok := r.raw()["ObjectId"].(string); ok && r.text("ActionType") == "UserSubmission" {
			if reporters[id] == nil {
				reporters[id] = map[string]bool{}
			}
			reporters[id][r.text("AccountObjectId")] = true
		}
	}
	for _, c := range tn.LeftAlone() {
		people := map[string]bool{}
		for _, id := range c.Messages {
			for p := range reporters[id] {
				people[p] = true
			}
		}
		u := owner(tn, c.Sender)
		if len(people) > 2 || u == nil || u.JobTitle != "" || u.ManagerID != "" || !u.LastInteractive.IsZero() {
			t.Errorf("%s: %d reporters, account %+v", c.Sender, len(people), u)
		}
	}
}

// owner is the one directory object that carries an address.
func owner(tn *tenant.Tenant, address string) *graphtest.User {
	var found *graphtest.User
	for i, u := range tn.Directory.Users {
		if slices.ContainsFunc(u.ProxyAddresses, func(p string) bool { return strings.EqualFold(p[len("smtp:"):], address) }) {
			if found != nil {
				return nil
			}
			found = &tn.Directory.Users[i]
		}
	}
	return found
}

func TestAttackersAreNeverInTheCastOfSendersLeftAlone(t *testing.T) {
	tn := small(1, anchor())
	attackers := map[string]string{}
	for _, c := range tn.Cast {
		if c.Kind == tenant.KindLookalike || c.Role == "compromised" {
			for _, id := range c.Messages {
				attackers[id] = c.Forgery
			}
		}
	}
	if len(attackers) != 22 {
		t.Errorf("%d attackers' messages, want 22", len(attackers))
	}
	for _, c := range tn.Cast {
		for _, id := range c.Messages {
			if forged, ok := attackers[id]; ok && c.Kind == tenant.KindScenario {
				t.Errorf("%s message %s is in the cast of %s", forged, id, c.Sender)
			}
		}
	}
}
