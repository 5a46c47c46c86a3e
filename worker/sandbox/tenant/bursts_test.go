package tenant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// part is the one part of a role.
func part(t *testing.T, tn *tenant.Tenant, role string) tenant.Cast {
	t.Helper()
	i := slices.IndexFunc(tn.Cast, func(c tenant.Cast) bool { return c.Role == role })
	if i < 0 {
		t.Fatalf("nobody in the cast is %q", role)
	}
	return tn.Cast[i]
}

// sentIn counts the internal mails of each sender in the 24 hours that end weeks
// before a time.
func sentIn(all map[string]*message, end time.Time, weeks int) map[string]int {
	to := end.AddDate(0, 0, -7*weeks)
	out := map[string]int{}
	for _, m := range all {
		at := m.time("TimeGenerated")
		if m.text("EmailDirection") == soar.DirectionIntraOrg && !at.Before(to.AddDate(0, 0, -1)) && at.Before(to) {
			out[strings.ToLower(m.text("SenderFromAddress"))]++
		}
	}
	return out
}

func TestOneMailboxBurstsAndAProgramThatSendsMuchDoesNot(t *testing.T) {
	for i, at := range anchors() {
		tn := small(uint64(i), at)
		all, reported := messagesOf(tn), reportedIn(tn)
		burst, steady := part(t, tn, tenant.RoleBurst), part(t, tn, tenant.RoleSteady)
		end := at.Add(-30 * time.Minute)
		today := sentIn(all, end, 0)
		if today[burst.Sender] != 214 || today[steady.Sender] != 25 {
			t.Errorf("anchor %s: %d and %d mails today", at, today[burst.Sender], today[steady.Sender])
		}
		for week := 1; week <= 6; week++ {
			if past := sentIn(all, end, week); past[burst.Sender] != 14 || past[steady.Sender] != 25 {
				t.Errorf("anchor %s: %d and %d mails %d weeks ago", at, past[burst.Sender], past[steady.Sender], week)
			}
		}
		for sender, n := range today {
			if n >= 20 && sender != burst.Sender && sender != steady.Sender {
				t.Errorf("%s sends %d mails a day: the burst has company", sender, n)
			}
		}
		for _, id := range burst.Messages {
			if m := mustFind(t, all, id); reported[id] || len(m.to) != 1 || m.hosts[0] != "bonus-letter.example" || m.text("SenderFromAddress") != burst.Sender {
				t.Fatalf("mail %s of the burst is not what it should be", id)
			}
		}
		if len(burst.Messages) != 200 || len(steady.Messages) != 0 {
			t.Errorf("%d mails of the burst, %d of the program", len(burst.Messages), len(steady.Messages))
		}
	}
}

func TestTheBurstIsNewToItsRecipientsAndItsLinkToItsSender(t *testing.T) {
	tn := small(1, anchor())
	all := messagesOf(tn)
	burst := part(t, tn, tenant.RoleBurst)
	m := mustFind(t, all, burst.Messages[0])
	p := pastOf(all, reportedIn(tn), m, m.time("TimeGenerated"))
	if p.mails < 14*40 || p.hosts["bonus-letter.example"] || p.ips[m.text("SenderIPv4")] {
		t.Errorf("the past of %d mails holds the burst's link or address", p.mails)
	}
	for _, id := range burst.Messages {
		if fresh := newOnes(all[id].to, p.to); len(fresh) != 1 {
			t.Fatalf("a recipient of the burst is known: %v", all[id].to)
		}
	}
	if u := owner(tn, burst.Sender); u == nil || u.MailboxPurpose != "user" || u.JobTitle == "" {
		t.Errorf("the burst's sender is no person: %+v", u)
	}
}
