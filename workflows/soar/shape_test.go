package soar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

func TestASubjectsShapeFoldsNumbersAndIdsAndNothingThatCouldBeAWord(t *testing.T) {
	for subject, want := range map[string]string{
		"Weekly numbers 12/2026":                  "weekly numbers #/#",
		"Incident INC0010001 --  comments added":  "incident inc# -- comments added",
		"Build 3f9a1c77e2 done":                   "build # done",
		"facade cafe1 deadbeef":                   "facade cafe# deadbeef",
		"Re: Invoice":                             "re: invoice",
		"Report # and #7":                         `report \# and \##`,
		"p4ypal l0gin":                            "p#ypal l#gin",
		"ürgent 5":                                "ürgent #",
		"2b7e1516-28ae-d2a6-abf7-158809cf4f3c up": "#-#ae-d#a#-abf#-# up",
		"": "",
	} {
		if got := soar.SubjectShape(subject); got != want {
			t.Errorf("%q has shape %q, want %q", subject, got, want)
		}
	}
}

// newsletter is a sighting of mail that a person sends to known people.
func newsletter(day int, id, subject string) soar.See {
	s := sent(day, id, "ann@contoso.com", "ben@contoso.com")
	s.Policy = soar.CasePolicy{Version: 1}
	s.Finding.Profile = soar.SenderProfile{Kind: soar.KindPerson, ObjectID: "o-1"}
	m := &s.Finding.Evidence.Messages[0]
	m.Subject, m.URLHosts, m.AttachmentTypes = subject, []string{"intranet.contoso.com"}, []string{"pdf"}
	m.Connector, m.InternetMessageID = "", "<1@x.prod.outlook.com>"
	s.Judgement.Path, s.Judgement.Rememberable = "mailbox", false
	s.Judgement.Unrememberable = "The sender is a person; their next reported mail will come again."
	s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardPerson, Detail: "person"}}
	return s
}

func caseOf(s soar.See) soar.Case {
	return soar.Case{Ref: soar.CaseRef{ID: caseID, Number: 1}, State: soar.CaseOpen, Finding: s.Finding, Judgement: s.Judgement, Policy: s.Policy}
}

func remembering(c soar.Case, span time.Duration) error {
	return soar.MayDecide(soar.CaseView{Case: c}, soar.Decide{
		Case: c.Ref, Decision: soar.Approve, By: soar.Actor{ID: "U1"}, Approvers: approvers, Reason: "newsletter", Click: "k", Remember: soar.Duration(span),
	})
}

func TestOfAPersonTheShapeIsRememberedForAWeekAtMost(t *testing.T) {
	good := newsletter(0, "m1", "Newsletter 7")
	if err := remembering(caseOf(good), 7*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := remembering(caseOf(good), 30*24*time.Hour); kindOf(err) != soar.RefusedGuard {
		t.Fatalf("thirty days: %v", err)
	}
	for name, edit := range map[string]func(*soar.See){
		"a case that was told no policy": func(s *soar.See) { s.Policy = soar.CasePolicy{} },
		"another guard":                  func(s *soar.See) { s.Judgement.Guards = append(s.Judgement.Guards, soar.GuardHit{Guard: soar.GuardIP}) },
		"HIGH":                           func(s *soar.See) { s.Judgement.Severity = soar.SeverityHigh },
		"evidence not whole":             func(s *soar.See) { s.Finding.Evidence.Total = 2 },
		"no path":                        func(s *soar.See) { s.Judgement.Path = "direct" },
		"readers not known by name":      func(s *soar.See) { s.Finding.Evidence.Messages[0].RecipientCount = 30 },
		"a subject that says nothing":    func(s *soar.See) { s.Finding.Evidence.Messages[0].Subject = "12 / 7" },
	} {
		s := newsletter(0, "m1", "Newsletter 7")
		edit(&s)
		if err := remembering(caseOf(s), time.Hour); kindOf(err) != soar.RefusedGuard {
			t.Errorf("%s: %v", name, err)
		}
	}
	entry := soar.NewEntry(caseOf(good), soar.Decision{At: good.At}, good.At.Add(90*24*time.Hour))
	if got := entry.Until.Sub(good.At); got != soar.ShapeKept {
		t.Fatalf("an entry of a person lasts %s", got)
	}
}

func kindOf(err error) soar.RefusalKind {
	if r, ok := err.(*soar.Refusal); ok {
		return r.Kind
	}
	return ""
}

// differences are what makes a person's mail another than the approved one.
var differences = map[string]func(*soar.See){
	"subject":      func(s *soar.See) { s.Finding.Evidence.Messages[0].Subject = "Urgent: pay 7" },
	"no subject":   func(s *soar.See) { s.Finding.Evidence.Messages[0].Subject = "" },
	"another link": func(s *soar.See) { s.Finding.Evidence.Messages[0].URLHosts = []string{"evil.example"} },
	"one more link": func(s *soar.See) {
		s.Finding.Evidence.Messages[0].URLHosts = []string{"evil.example", "intranet.contoso.com"}
	},
	"no link": func(s *soar.See) { s.Finding.Evidence.Messages[0].URLHosts = nil },
	"file":    func(s *soar.See) { s.Finding.Evidence.Messages[0].AttachmentTypes = []string{"html"} },
	"no file": func(s *soar.See) { s.Finding.Evidence.Messages[0].AttachmentTypes = nil },
	"recipient": func(s *soar.See) {
		s.Finding.Evidence.Messages[0].Recipients = []string{"ann@contoso.com", "eve@contoso.com"}
	},
	"unknown reader": func(s *soar.See) { s.Finding.Evidence.Messages[0].RecipientCount = 3 },
	"new reader":     func(s *soar.See) { s.Finding.Evidence.Messages[0].NewRecipients = 1 },
	"client":         func(s *soar.See) { s.Finding.Evidence.Messages[0].InternetMessageID = "<1@python.example>" },
	"address":        func(s *soar.See) { s.Finding.Evidence.Messages[0].IP = "203.0.113.9" },
	"From":           func(s *soar.See) { s.Finding.Evidence.Messages[0].P2 = "ceo@contoso.com" },
	"envelope":       func(s *soar.See) { s.Finding.Evidence.Messages[0].P1 = "x@evil.example" },
	"path":           func(s *soar.See) { s.Judgement.Path = "connector:OnPrem relay" },
	"scope":          func(s *soar.See) { s.Finding.Candidate.Scope = soar.ScopeClaimsInternal },
	"evidence":       func(s *soar.See) { s.Finding.Evidence.Total = 9 },
	"HIGH":           func(s *soar.See) { s.Judgement.Severity = soar.SeverityHigh },
	"a week later":   func(s *soar.See) { s.At = s.At.Add(7 * 24 * time.Hour) },
	"a second mail of another shape": func(s *soar.See) {
		other := s.Finding.Evidence.Messages[0]
		other.NetworkMessageID, other.Subject = "m9", "Urgent"
		s.Finding.Evidence.Messages = append(s.Finding.Evidence.Messages, other)
		s.Finding.Evidence.Total = 2
	},
}

func TestNoEntryHidesAPersonsMailThatDiffersOrThatAGuardHolds(t *testing.T) {
	names := make([]string, 0, len(differences))
	for name := range differences {
		names = append(names, name)
	}
	slices.Sort(names)
	guards := []soar.Guard{
		soar.GuardAuthentication, soar.GuardAlignment, soar.GuardLookalike, soar.GuardIdentity, soar.GuardInteractive, soar.GuardNullSender,
		soar.GuardPath, soar.GuardClient, soar.GuardIP, soar.GuardRecipients, soar.GuardURLHost, soar.GuardAttachment, soar.GuardVerdict,
		soar.GuardVolume, soar.GuardReports, soar.GuardCompromise, soar.GuardEvidence, soar.GuardOrphan, soar.GuardNoPast, soar.GuardCeiling,
	}
	rapid.Check(t, func(t *rapid.T) {
		approved := newsletter(0, "m1", "Newsletter 7")
		next := newsletter(1, "m2", "NEWSLETTER  "+rapid.StringMatching(`[0-9]{1,9}`).Draw(t, "number"))
		if rapid.Bool().Draw(t, "privileged") {
			approved.Finding.Profile.Privileged, next.Finding.Profile.Privileged = true, true
		}
		next.Finding.Past = soar.Past{Known: rapid.Bool().Draw(t, "past"), Mails: 900}
		entry := soar.NewEntry(caseOf(approved), soar.Decision{At: approved.At}, approved.At.Add(soar.ShapeKept))
		if hides, why := entry.Hides(next); !hides {
			t.Fatalf("the same shape comes again: %s", why)
		}
		if rapid.Bool().Draw(t, "held") {
			g := rapid.SampledFrom(guards).Draw(t, "guard")
			next.Judgement.Guards = append(next.Judgement.Guards, soar.GuardHit{Guard: g})
		} else {
			differences[rapid.SampledFrom(names).Draw(t, "difference")](&next)
		}
		if hides, _ := entry.Hides(next); hides {
			t.Fatal("hidden")
		}
	})
}

func TestAnEntryOfAServiceNeverHidesAPerson(t *testing.T) {
	service := newsletter(0, "m1", "Newsletter 7")
	service.Finding.Profile, service.Judgement.Guards = soar.SenderProfile{Kind: soar.KindService}, nil
	entry := soar.NewEntry(caseOf(service), soar.Decision{At: service.At}, service.At.Add(soar.ShapeKept))
	person := newsletter(1, "m2", "Newsletter 8")
	person.Judgement.Guards = nil
	if hides, why := entry.Hides(person); hides || why != "the sender is a person or privileged" {
		t.Fatalf("hides %v, %s", hides, why)
	}
}
