package soar

import (
	"cmp"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// SampleSize is how many suppressed findings a digest shows.
const SampleSize = 5

// BuildDigest sums up the runs of a window; month are the runs of the last 30 days,
// for what ends soon. The sample is drawn at random from
// what was suppressed, and the same window draws the same one: what reached new
// recipients or carried links is the likelier to be drawn.
func BuildDigest(in DigestRequest, runs, month []HuntResult, listed []ListedCase) Digest {
	d := Digest{Window: in.Window, Channel: in.Channel, Expiring: slices.Clone(in.Expiring)}
	var suppressed []Sampled
	hidden, held := tally(runs)
	for _, r := range runs {
		if r.DryRun {
			continue
		}
		d.Runs++
		if r.Coverage != CoverageComplete {
			d.NotRun = append(d.NotRun, r.Slug+" over "+r.Window.String()+": "+string(r.Coverage)+". "+r.Reason)
		}
		for _, s := range r.Senders {
			if s.Verdict == VerdictSuppressed {
				suppressed = append(suppressed, sampled(r, s))
			}
		}
	}
	for _, h := range hidden {
		d.Hidden = append(d.Hidden, *h)
	}
	for _, h := range held {
		d.Held = append(d.Held, *h)
	}
	slices.SortFunc(d.Hidden, func(a, b Hidden) int {
		return cmp.Or(cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Rule, b.Rule))
	})
	slices.SortFunc(d.Held, func(a, b HeldBy) int {
		return cmp.Or(cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Rule, b.Rule))
	})
	hiddenInMonth, heldInMonth := tally(month)
	for i := range d.Expiring {
		e := &d.Expiring[i]
		e.Hits, e.Held = hits(hiddenInMonth, *e), holds(heldInMonth, *e)
	}
	d.Sample = draw(suppressed, SampleSize, seedOf(in.Window))
	d.Open, d.Unreviewed = splitListed(listed)
	return d
}

// tally counts what rules and entries hid and guards held, by rule.
func tally(runs []HuntResult) (hidden map[string]*Hidden, held map[string]*HeldBy) {
	hidden, held = map[string]*Hidden{}, map[string]*HeldBy{}
	for _, r := range runs {
		if r.DryRun {
			continue
		}
		for _, s := range r.Senders {
			switch {
			case s.Verdict == VerdictSuppressed:
				countHidden(hidden, s)
			case s.Rule != "" && len(s.Guards) > 0:
				countHeld(held, s)
			}
		}
	}
	return hidden, held
}

func countHidden(hidden map[string]*Hidden, s SenderOutcome) {
	h := hidden[s.Rule]
	if h == nil {
		h = &Hidden{Rule: s.Rule}
		hidden[s.Rule] = h
	}
	h.Findings++
	h.Reports += s.Counts.Phish + s.Counts.Spam
}

func countHeld(held map[string]*HeldBy, s SenderOutcome) {
	h := held[s.Rule]
	if h == nil {
		h = &HeldBy{Rule: s.Rule}
		held[s.Rule] = h
	}
	h.Findings++
	for _, g := range s.Guards {
		if !slices.Contains(h.Guards, g) {
			h.Guards = append(h.Guards, g)
		}
	}
}

func hits(hidden map[string]*Hidden, e Expiring) int {
	name := e.Rule
	if name == "" {
		name = "learned " + e.Case.String()
	}
	if h := hidden[name]; h != nil {
		return h.Findings
	}
	return 0
}

func holds(held map[string]*HeldBy, e Expiring) int {
	if h := held[e.Rule]; h != nil {
		return h.Findings
	}
	return 0
}

func sampled(r HuntResult, s SenderOutcome) Sampled {
	return Sampled{
		Hunt: r.Slug, Window: r.Window, CaseID: s.CaseID, Sender: s.Sender, Rule: s.Rule, Subject: s.Subject,
		Reports: s.Counts.Phish + s.Counts.Spam, NewRecipients: s.NewRecipients, URLHosts: s.URLHosts,
	}
}

// draw takes n findings at random, without one sender twice, each by its weight: the
// largest of u^(1/weight) win (Efraimidis and Spirakis, "Weighted random sampling
// with a reservoir", 2006).
func draw(from []Sampled, n int, seed uint64) []Sampled {
	random := rand.New(rand.NewPCG(seed, 1))
	type drawn struct {
		Sampled
		key float64
	}
	var all []drawn
	for _, s := range from {
		weight := 1.0
		if s.NewRecipients > 0 {
			weight += 3
		}
		if len(s.URLHosts) > 0 {
			weight += 2
		}
		all = append(all, drawn{s, math.Pow(random.Float64(), 1/weight)})
	}
	slices.SortStableFunc(all, func(a, b drawn) int { return cmp.Compare(b.key, a.key) })
	var out []Sampled
	for _, d := range all {
		twice := slices.ContainsFunc(out, func(s Sampled) bool { return s.CaseID == d.CaseID })
		if d.CaseID != "" && !twice && len(out) < n {
			out = append(out, d.Sampled)
		}
	}
	return out
}

func seedOf(w Window) uint64 {
	h := fnv.New64a()
	h.Write([]byte(w.String()))
	return h.Sum64()
}

// splitListed parts the cases into those that wait for a decision and those that
// nobody reviewed, the most severe first.
func splitListed(listed []ListedCase) (open, unreviewed []ListedCase) {
	slices.SortStableFunc(listed, func(a, b ListedCase) int {
		return cmp.Or(cmp.Compare(rankOf(b.Severity), rankOf(a.Severity)), a.Deadline.Compare(b.Deadline), strings.Compare(a.Sender, b.Sender))
	})
	for _, c := range listed {
		switch c.State {
		case CaseOpen:
			open = append(open, c)
		case CaseUnreviewed:
			unreviewed = append(unreviewed, c)
		}
	}
	return open, unreviewed
}
