package story

import (
	"context"

	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// Report is what -once prints.
type Report struct {
	Hunts []HuntReport  `json:"hunts"`
	Cases []CaseReport  `json:"cases"`
	Cast  []tenant.Cast `json:"cast"`
}

// HuntReport is one run.
type HuntReport struct {
	ID       string              `json:"id"`
	Slug     string              `json:"slug"`
	Coverage soar.CoverageStatus `json:"coverage"`
	Reason   string              `json:"reason,omitempty"`
	Window   soar.Window         `json:"window"`
	WallMS   int64               `json:"wall_ms"`
	Findings []FindingReport     `json:"findings"`
}

// FindingReport is one sender of one run.
type FindingReport struct {
	Sender   string        `json:"sender"`
	Scope    soar.Scope    `json:"scope"`
	Count    int           `json:"count"`
	Rank     int           `json:"rank"`
	Counts   soar.Counts   `json:"counts"`
	Verdict  soar.Verdict  `json:"verdict"`
	Severity soar.Severity `json:"severity,omitempty"`
	Rule     string        `json:"rule"`
	Guards   []soar.Guard  `json:"guards"`
	Reason   string        `json:"reason"`
	Case     string        `json:"case"`
	Messages []string      `json:"messages"`
}

// CaseReport is one sender's case.
type CaseReport struct {
	ID     string   `json:"id"`
	Number int      `json:"number"`
	Hunts  []string `json:"hunts"`
	Sender string   `json:"sender"`
	// Cards counts the messages in Slack that carry the case: its own card, or
	// the summary that lists it.
	Cards     int            `json:"cards"`
	State     string         `json:"state"`
	Status    soar.CaseState `json:"status"`
	Decision  string         `json:"decision"`
	DecidedBy string         `json:"decided_by"`
	Incident  string         `json:"incident"`
}

func (r *Report) fill(ctx context.Context, s *stack.Stack, results []soar.HuntResult) error {
	seen := map[string]bool{}
	for _, result := range results {
		r.Hunts = append(r.Hunts, huntReport(result))
		for _, o := range result.Senders {
			ref, err := soar.ParseCaseRef(o.Case)
			if err != nil || seen[ref.ID] {
				continue
			}
			seen[ref.ID] = true
			view, err := s.Case(ctx, ref.ID)
			if err != nil {
				return err
			}
			r.Cases = append(r.Cases, caseReport(view.Case, len(s.Cards(view.Case.Ref))))
		}
	}
	return nil
}

func huntReport(result soar.HuntResult) HuntReport {
	h := HuntReport{
		ID: result.Hunt, Slug: result.Slug, Coverage: result.Coverage, Reason: result.Reason, Window: result.Window,
		WallMS: result.Finished.Sub(result.Started).Milliseconds(), Findings: []FindingReport{},
	}
	for _, o := range result.Senders {
		f := FindingReport{
			Sender: o.Sender, Scope: o.Scope, Count: o.Counts.Submissions, Rank: o.Rank, Counts: o.Counts,
			Verdict: o.Verdict, Severity: o.Severity, Rule: o.Rule, Guards: o.Guards, Reason: o.Reason, Messages: o.Messages,
		}
		if ref, err := soar.ParseCaseRef(o.Case); err == nil {
			f.Case = ref.ID
		}
		h.Findings = append(h.Findings, f)
	}
	return h
}

func caseReport(c soar.Case, cards int) CaseReport {
	out := CaseReport{ID: c.Ref.ID, Number: c.Ref.Number, Sender: c.Finding.Sender(), Cards: cards, State: "closed", Status: c.State}
	if c.State.Decidable() {
		out.State = "open"
	}
	for _, h := range c.Hunts {
		out.Hunts = append(out.Hunts, h.Slug)
	}
	if c.Decision != nil {
		out.Decision, out.DecidedBy = string(c.Decision.Kind), c.Decision.By.ID
	}
	if c.Incident != nil {
		out.Incident = c.Incident.ID
	}
	return out
}
