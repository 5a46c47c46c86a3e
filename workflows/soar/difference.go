package soar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Difference is what a run found otherwise than an earlier run of the same hunt.
// Senders stand in the order of their ranks.
type Difference struct {
	// Before is the earlier run's window; Incomplete says that one of the two was not
	// complete, so that what is gone may only not have been seen.
	Before     Window `json:"before"`
	Incomplete bool   `json:"incomplete,omitempty"`
	// New were not found before, Gone were found before alone.
	New  []SenderOutcome `json:"new,omitempty"`
	Gone []SenderOutcome `json:"gone,omitempty"`
	// Changed have another verdict, severity or rule than before.
	Changed []ChangedOutcome `json:"changed,omitempty"`
	// Same counts the others.
	Same int `json:"same"`
}

// ChangedOutcome is one sender before and after.
type ChangedOutcome struct {
	Before SenderOutcome `json:"before"`
	After  SenderOutcome `json:"after"`
}

// Compare says what differs between two runs of a hunt. A sender is the same by its
// case, where the runs name it, else by workspace, scope and address.
func Compare(before, after HuntResult) Difference {
	d := Difference{
		Before:     before.Window,
		Incomplete: before.Coverage != CoverageComplete || after.Coverage != CoverageComplete,
	}
	cases := named(before.Senders) && named(after.Senders)
	old := map[string]SenderOutcome{}
	for _, s := range before.Senders {
		old[s.identity(cases)] = s
	}
	seen := map[string]bool{}
	for _, s := range after.Senders {
		id := s.identity(cases)
		was, known := old[id]
		switch {
		case seen[id]:
		case !known:
			d.New = append(d.New, s)
		case was.Label() != s.Label():
			d.Changed = append(d.Changed, ChangedOutcome{was, s})
		default:
			d.Same++
		}
		seen[id] = true
	}
	for _, s := range before.Senders {
		if id := s.identity(cases); !seen[id] {
			seen[id] = true
			d.Gone = append(d.Gone, s)
		}
	}
	byRank := func(a, b SenderOutcome) int { return a.Rank - b.Rank }
	slices.SortStableFunc(d.New, byRank)
	slices.SortStableFunc(d.Gone, byRank)
	slices.SortStableFunc(d.Changed, func(a, b ChangedOutcome) int { return byRank(a.After, b.After) })
	return d
}

// named says that every outcome names the sender's case; older runs do not.
func named(senders []SenderOutcome) bool {
	return !slices.ContainsFunc(senders, func(s SenderOutcome) bool { return s.CaseID == "" })
}

func (s SenderOutcome) identity(cases bool) string {
	if cases {
		return s.CaseID
	}
	return strings.Join([]string{s.Workspace, string(s.Scope), FoldASCII(strings.TrimSpace(s.Sender))}, "|")
}

// Label is what became of a sender, in words: "hidden by backup-veeam", "HIGH",
// "below the cut".
func (s SenderOutcome) Label() string {
	switch {
	case s.Verdict == VerdictSuppressed && s.Rule != "":
		return "hidden by " + s.Rule
	case s.Verdict == VerdictSuppressed:
		return "hidden"
	case s.Verdict == VerdictBelowCut:
		return "below the cut"
	case s.Severity != "":
		return string(s.Severity)
	}
	return string(s.Verdict)
}

// Empty says that the runs found the same.
func (d Difference) Empty() bool { return len(d.New)+len(d.Gone)+len(d.Changed) == 0 }

// String lists the difference for a terminal, a line a sender: + new, - gone,
// ~ changed. Addresses are quoted, because their authors chose them.
func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "compared with the last run, %s to %s: ", d.Before.From.UTC().Format(time.RFC3339), d.Before.To.UTC().Format(time.RFC3339))
	if d.Empty() {
		fmt.Fprintf(&b, "the same %d senders\n", d.Same)
	} else {
		fmt.Fprintf(&b, "%d new, %d gone, %d changed, %d the same\n", len(d.New), len(d.Gone), len(d.Changed), d.Same)
	}
	if d.Incomplete {
		b.WriteString("one of the two runs was not complete: what is gone may only not have been seen\n")
	}
	for _, s := range d.New {
		fmt.Fprintf(&b, "  + %q  %s: %s\n", s.Sender, s.Label(), oneLine(s.Reason))
	}
	for _, c := range d.Changed {
		fmt.Fprintf(&b, "  ~ %q  %s -> %s: %s\n", c.After.Sender, c.Before.Label(), c.After.Label(), oneLine(c.After.Reason))
	}
	for _, s := range d.Gone {
		fmt.Fprintf(&b, "  - %q  was %s\n", s.Sender, s.Label())
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
