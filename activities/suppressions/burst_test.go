package suppressions_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// bursting lets a finding be a burst: so many mails a second apart, each like its
// message and to somebody else, none of them reported.
func bursting(f soar.Finding, named, sent, usual int) soar.Finding {
	m := f.Evidence.Messages[0]
	m.Spam, m.Phish, m.Reporters, m.ReportedAt = 0, 0, nil, time.Time{}
	f.Evidence = soar.Evidence{Total: named}
	for i := range named {
		m.NetworkMessageID, m.Time = fmt.Sprint("burst-", i), now.Add(-2*time.Hour-time.Duration(i)*7*time.Second)
		f.Evidence.Messages = append(f.Evidence.Messages, m)
	}
	f.Hunt, f.Window = "sender-bursts", soar.NewWindow(now.AddDate(0, 0, -1), now)
	f.Candidate.Counts = soar.Counts{Messages: named, Delivered: sent, Sent: sent, Usual: usual}
	for day := range f.Past.PerDay {
		f.Past.PerDay[day] = usual
	}
	f.Past.PerDay[now.Format(soar.PerDayKey)] = sent
	f.Exposure = soar.Exposure{Known: true, Recipients: named, InInbox: named}
	return f
}

func person(f soar.Finding) soar.Finding {
	f = change(f, func(m *soar.Message) {
		m.P1, m.P2, m.DisplayName, m.Subject = "j.doe@contoso.com", "j.doe@contoso.com", "Jane Doe", "Payroll update required"
		m.RecipientCount, m.Recipients = 1, []string{"a@contoso.com"}
	})
	f.Candidate.Sender, f.Profile.Kind = "j.doe@contoso.com", soar.KindPerson
	return f
}

func TestABurstOfAPersonWithANewLinkReadsLikeATakenOverMailbox(t *testing.T) {
	f := change(person(toolOf(t, "health-report-python").finding()), func(m *soar.Message) {
		m.URLHosts, m.URLCount, m.IP = []string{"contoso-hr.example"}, 1, "203.0.113.50"
	})
	j := judged(shipped(t), bursting(f, 50, 212, 14))
	want := []string{"212 mails, usual 14; 50 of them to 50 recipients within 6 min", "Link to contoso-hr[.]example (looks like contoso.com), not seen in 90 days",
		"Sent from 203.0.113.50, not seen in 90 days"}
	if j.Severity != soar.SeverityHigh || j.Headline != "Likely taken-over mailbox" || !reflect.DeepEqual(j.Facts, want) || j.Verdict != soar.VerdictTriage {
		t.Error(j.Severity, show(j))
	}
}

func TestABurstOfAPersonWithNothingNewIsMedium(t *testing.T) {
	j := judged(shipped(t), bursting(person(toolOf(t, "health-report-python").finding()), 40, 40, 4))
	want := []string{"40 mails to 40 recipients within 5 min; usual 4", "Subject: \"Payroll update required\""}
	if j.Severity != soar.SeverityMedium || j.Headline != "Burst of a person's mail" || !reflect.DeepEqual(j.Facts, want) {
		t.Error(j.Severity, show(j))
	}
}

func TestABurstOfKnownAutomationInItsEnvelopeIsHeldByVolumeAndLow(t *testing.T) {
	for _, x := range tools {
		f := bursting(x.finding(), 30, 30, 9)
		f.Exposure.Recipients = 4
		j := judged(shipped(t), f)
		_, byVolume := held(j, soar.GuardVolume)
		if j.Verdict != soar.VerdictTriage || !byVolume || j.Severity != soar.SeverityLow || j.Headline != "Probably automation, held back" || j.Rule != x.rule {
			t.Error(j.Severity, show(j))
		}
		if j.Facts[0] != "30 mails to 4 recipients within 4 min; usual 9" {
			t.Errorf("%s: %q", x.rule, j.Facts)
		}
	}
}

func TestABurstOfAutomationThatBreaksItsEnvelopeIsNotLow(t *testing.T) {
	for _, x := range tools {
		f := change(x.finding(), func(m *soar.Message) { m.URLHosts, m.URLCount = []string{"evil.example"}, 1 })
		if j := judged(shipped(t), bursting(f, 30, 30, 9)); j.Severity == soar.SeverityLow || j.Verdict != soar.VerdictTriage {
			t.Error(j.Severity, show(j))
		}
	}
}

func TestABurstNobodyKnowsIsCalledOne(t *testing.T) {
	f := toolOf(t, "backup-veeam").finding()
	f = change(f, func(m *soar.Message) { m.P1, m.P2, m.Subject = "svc-new@contoso.com", "svc-new@contoso.com", "Hello" })
	f.Candidate.Sender = "svc-new@contoso.com"
	f = bursting(f, 25, 25, 2)
	f.Exposure = soar.Exposure{}
	for i := range f.Evidence.Messages {
		f.Evidence.Messages[i].Time = now.Add(-time.Duration(i) * time.Hour)
	}
	if j := judged(shipped(t), f); j.Headline != "Burst of internal mail" || j.Facts[0] != "25 mails, usual 2" {
		t.Error(show(j))
	}
}
