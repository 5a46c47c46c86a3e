package soar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// sent is a sighting whose one mail went to people.
func sent(day int, id string, to ...string) soar.See {
	s := sighting("a", day, id)
	m := &s.Finding.Evidence.Messages[0]
	m.Recipients, m.RecipientCount = to, len(to)
	return s
}

func entryOf(s soar.See) soar.Entry {
	return soar.NewEntry(soar.Case{Finding: s.Finding, Judgement: s.Judgement}, soar.Decision{At: s.At}, s.At.Add(30*24*time.Hour))
}

func TestALearnedEntryEndsWhenMailReachesSomebodyNew(t *testing.T) {
	entry := entryOf(sent(0, "m1", "Ann@contoso.com", "ben@contoso.com"))
	known := soar.Past{Known: true, Mails: 40}
	for _, c := range []struct {
		name string
		see  soar.See
		edit func(*soar.Finding)
		why  string
	}{
		{"the same people", sent(1, "m2", "ben@contoso.com", "ann@contoso.com"), func(*soar.Finding) {}, ""},
		{"fewer of them", sent(1, "m2", "ann@contoso.com"), func(*soar.Finding) {}, ""},
		{"another, nothing known of the past", sent(1, "m2", "ann@contoso.com", "eve@contoso.com"), func(*soar.Finding) {}, "recipients that the approved mails had not"},
		{"another whom the past knows", sent(1, "m2", "eve@contoso.com"), func(f *soar.Finding) { f.Past = known }, ""},
		{"another whom the past does not know", sent(1, "m2", "eve@contoso.com"), func(f *soar.Finding) {
			f.Past, f.Evidence.Messages[0].NewRecipients = known, 1
		}, "new recipients: 1"},
		{"the same people, whom the past does not know", sent(1, "m2", "ann@contoso.com"), func(f *soar.Finding) { f.Evidence.Messages[0].NewRecipients = 1 }, "new recipients: 1"},
		{"some not known by name", sent(1, "m2", "ann@contoso.com"), func(f *soar.Finding) { f.Evidence.Messages[0].RecipientCount = 30 }, "recipients are not all known"},
	} {
		c.edit(&c.see.Finding)
		if hides, why := entry.Hides(c.see); hides != (c.why == "") || why != c.why {
			t.Errorf("%s: hides %v, %q; want %q", c.name, hides, why, c.why)
		}
	}
}

func TestAnEntryKeepsRecipientsOnlyWhereAllAreKnown(t *testing.T) {
	partly := sent(0, "m1", "ann@contoso.com")
	partly.Finding.Evidence.Messages[0].RecipientCount = 2
	var many []string
	for i := range soar.MaxEntryRecipients + 1 {
		many = append(many, fmt.Sprintf("p%03d@contoso.com", i))
	}
	for name, s := range map[string]soar.See{"not all by name": partly, "too many": sent(0, "m1", many...)} {
		entry := entryOf(s)
		if len(entry.Recipients) != 0 {
			t.Errorf("%s: keeps %d recipients", name, len(entry.Recipients))
		}
		if hides, why := entry.Hides(sent(1, "m2", "ann@contoso.com")); hides || !strings.Contains(why, "recipients") {
			t.Errorf("%s: hides %v, %q", name, hides, why)
		}
	}
	if got := entryOf(sent(0, "m1", many[1:]...)).Recipients; len(got) != soar.MaxEntryRecipients {
		t.Errorf("keeps %d recipients; want %d", len(got), soar.MaxEntryRecipients)
	}
}

func TestACaseSaysUntilWhenItsSenderIsHidden(t *testing.T) {
	var s soar.TriageState
	see(&s, newsletter(0, "m1", "Weekly numbers 12/2026"))
	approved := decide(&s, soar.Approve, 30*24*time.Hour)
	decided := s.Decide(approved)
	if want := approved.At.Add(soar.ShapeKept); !s.Case.HiddenUntil.Equal(want) || !decided.Until.Equal(want) {
		t.Fatalf("a person's mail is hidden until %s and %s, want %s", s.Case.HiddenUntil, decided.Until, want)
	}
	s.Entry.ShapeOnly = false
	longer := approved.At.AddDate(0, 0, 20)
	s.Extend(soar.Extend{By: soar.Actor{ID: "U2"}, Until: longer, At: approved.At})
	if !s.Case.HiddenUntil.Equal(longer) {
		t.Fatalf("after it was extended: %s", s.Case.HiddenUntil)
	}
}
