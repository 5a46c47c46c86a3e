package backtest

import (
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// Standing is a rule or a learned entry as it stands, with what it hid.
type Standing struct {
	// Name is a rule's id, or "learned <case>".
	Name  string `json:"name"`
	Owner string `json:"owner"`
	// State is enforce, shadow, inactive, expired, refused or learned, and Why says more.
	State   string    `json:"state"`
	Why     string    `json:"why,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	// Hits counts findings that were hidden in the period (in shadow mode: would have been),
	// Held those that fitted and that a guard held.
	Hits int       `json:"hits"`
	Held int       `json:"held"`
	Last time.Time `json:"last,omitzero"`
}

// LearnedPrefix begins the name of a learned entry in results.
const LearnedPrefix = "learned "

// Rules lists rules as they stand. A tool with several senders is one line; refused
// are the ids that did not compile. Hits are counted by Count.
func Rules(rules []soar.Rule, refused map[string]string, now time.Time) []Standing {
	var out []Standing
	for _, r := range rules {
		s := Standing{Name: r.ID, Owner: r.Owner, Expires: r.Expires, State: string(r.Mode)}
		switch why := refused[r.ID]; {
		case why != "":
			s.State, s.Why = "refused", why
		case r.Inactive != "":
			s.State, s.Why = "inactive", r.Inactive
		case !now.Before(r.Expires.AddDate(0, 0, 1)):
			s.State, s.Why = "expired", "on "+r.Expires.Format(time.DateOnly)
		}
		i := slices.IndexFunc(out, func(o Standing) bool { return o.Name == r.ID })
		switch {
		case i < 0:
			out = append(out, s)
		case out[i].State == "inactive":
			out[i] = s
		}
	}
	slices.SortStableFunc(out, func(a, b Standing) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Count adds to each line what the runs of a period show of it.
func Count(lines []Standing, runs []soar.HuntResult) {
	at := map[string]*Standing{}
	for i := range lines {
		at[lines[i].Name] = &lines[i]
	}
	for _, r := range runs {
		if r.DryRun {
			continue
		}
		for _, o := range r.Senders {
			countOne(at, r.Finished, o)
		}
	}
}

func countOne(at map[string]*Standing, when time.Time, o soar.SenderOutcome) {
	if s := at[o.Rule]; s != nil && o.Verdict == soar.VerdictSuppressed {
		s.hit(when)
	}
	seen := map[string]bool{}
	for _, t := range o.Trace {
		s := at[t.Rule]
		if s == nil || seen[t.Rule] {
			continue
		}
		switch t.Outcome {
		case soar.TraceHeld:
			seen[t.Rule] = true
			s.Held++
		case soar.TraceShadow:
			seen[t.Rule] = true
			s.hit(when)
		}
	}
}

func (s *Standing) hit(when time.Time) {
	s.Hits++
	if when.After(s.Last) {
		s.Last = when
	}
}
