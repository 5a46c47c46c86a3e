package slack_test

import (
	"strings"
	"testing"

	"harrier/workflows/soar"
)

// burst is a person's mailbox that sent many mails nobody reported.
func burst() soar.Case {
	c := takenOver()
	c.Finding.Window = soar.NewWindow(now.AddDate(0, 0, -1), now)
	c.Finding.Candidate.Counts = soar.Counts{Messages: 2, Delivered: 212, Sent: 212, Usual: 14}
	for i := range c.Finding.Evidence.Messages {
		m := &c.Finding.Evidence.Messages[i]
		m.Phish, m.Reporters = 0, nil
	}
	return c
}

func TestABurstSaysHowMuchWasSentAndThatNobodyReportedIt(t *testing.T) {
	got := card(burst())
	text := wire(t, got)
	want := "No report yet. 212 mails in 24 h, usual 14. Of these, 2 were looked at. Sent to 212, 180 still in inbox, 4 clicked."
	if !strings.Contains(text, want) {
		t.Errorf("the card does not say %q:\n%s", want, text)
	}
	if strings.Contains(text, "0 people") || strings.Contains(text, "0 reports") {
		t.Errorf("the card counts no reports:\n%s", text)
	}
	if line := got.Text; !strings.Contains(line, "212 mails, usual 14, 4 clicked") {
		t.Errorf("the notification is %q", line)
	}
}

func TestABurstThatWasReportedSaysBoth(t *testing.T) {
	c := burst()
	c.Finding.Candidate.Counts.Phish, c.Finding.Candidate.Counts.Reporters, c.Finding.Candidate.Counts.Submissions = 3, 3, 3
	c.Finding.Candidate.Messages = nil
	c.Finding.Candidate.Counts.Sent = 2
	want := "3 people reported phish within 42 min. 2 mails in 24 h, usual 14. Sent to 212"
	if text := wire(t, card(c)); !strings.Contains(text, want) {
		t.Errorf("the card does not say %q:\n%s", want, text)
	}
}
