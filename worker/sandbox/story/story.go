// Package story plays the sandbox without a person: the shipped hunts run,
// one card is approved, one escalated, one left to its deadline, the rest stay
// open; and what came of it is reported.
package story

import (
	"context"
	"errors"
	"fmt"
	"time"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// Slugs of the shipped hunts. Ours goes first: the published hunt and the fast
// lane then join the cases it opened. What bursts has not been reported.
var slugs = []string{"internal-senders", "top-intra-org-senders", fastLane, "sender-bursts"}

// fastLane runs every quarter of an hour. While a story is told it runs at its
// turn alone.
const fastLane = "internal-phish"

// roleCompromised is the taken-over mailbox, left to its deadline.
const roleCompromised = "compromised"

// deadline is how long nobody looks after the taken-over mailbox.
const deadline = 18 * time.Second

// Options are what a stack needs so that the story can be played on it.
func Options(o stack.Options) stack.Options {
	o.Deadlines = func(t *tenant.Tenant) map[string]time.Duration {
		return map[string]time.Duration{senderOf(t, roleCompromised): deadline}
	}
	// At most twelve posts a channel: eight cards and four summaries.
	cards := map[string]int{"internal-senders": 6, "top-intra-org-senders": 1, "sender-bursts": 1}
	o.Settings = func(hunts map[string]map[string]any) {
		for _, settings := range hunts {
			slug, _ := settings["slug"].(string)
			if n, ok := cards[slug]; ok {
				settings["cards"] = n
			}
			if schedule, ok := settings["schedule"].(map[string]any); ok && slug == fastLane {
				schedule["paused"] = true
			}
		}
	}
	return o
}

func senderOf(t *tenant.Tenant, role string) string {
	for _, c := range t.Cast {
		if c.Role == role {
			return c.Sender
		}
	}
	return ""
}

// Play plays the story and reports it. The report is returned as far as it
// goes when a step fails.
func Play(ctx context.Context, s *stack.Stack) (Report, error) {
	report := Report{Cast: s.Tenant.Cast}
	results, err := hunt(ctx, s)
	if err != nil {
		return report, err
	}
	decided, err := decide(ctx, s, results)
	if err == nil {
		err = awaitCards(ctx, s, results)
	}
	if err == nil {
		err = decided.check(ctx, s)
	}
	reportErr := report.fill(ctx, s, results)
	return report, errors.Join(err, reportErr)
}

// Hunt runs the shipped hunts by their schedules.
func Hunt(ctx context.Context, s *stack.Stack) error {
	_, err := hunt(ctx, s)
	return err
}

func hunt(ctx context.Context, s *stack.Stack) ([]soar.HuntResult, error) {
	var results []soar.HuntResult
	for _, slug := range slugs {
		result, err := s.TriggerHunt(ctx, slug)
		if err != nil {
			return nil, fmt.Errorf("hunt %s: %w", slug, err)
		}
		say(s, "hunt %s: %s, %d senders, %d suppressed, %d to triage", slug, result.Coverage,
			result.Totals.Findings, result.Totals.Suppressed, result.Totals.Triage)
		results = append(results, result)
	}
	return results, nil
}

func say(s *stack.Stack, format string, args ...any) {
	fmt.Fprintf(s.Options.Progress, format+"\n", args...)
}

// roles are the cases the story acts on.
type roles struct{ approve, escalate, lapse soar.CaseRef }

// decide approves one carded case and escalates another, and leaves the
// taken-over mailbox alone.
func decide(ctx context.Context, s *stack.Stack, results []soar.HuntResult) (roles, error) {
	r, err := cast(ctx, s, results)
	if err != nil {
		return r, err
	}
	card, err := s.ExpectCard(ctx, r.escalate)
	if err != nil {
		return r, err
	}
	if err := s.Escalate(ctx, stack.SecondAnalyst, card); err != nil {
		return r, fmt.Errorf("escalate %s: %w", r.escalate, err)
	}
	say(s, "escalated %s", r.escalate)
	if card, err = s.ExpectCard(ctx, r.approve); err != nil {
		return r, err
	}
	if err := s.Approve(ctx, stack.Analyst, card, "Asked the owner by phone: a planned change", "0"); err != nil {
		return r, fmt.Errorf("approve %s: %w", r.approve, err)
	}
	say(s, "approved %s", r.approve)
	return r, nil
}

// cast picks the cases: the taken-over mailbox lapses, the highest other card
// is escalated, the lowest is approved.
func cast(ctx context.Context, s *stack.Stack, results []soar.HuntResult) (roles, error) {
	var r roles
	compromised := senderOf(s.Tenant, roleCompromised)
	for _, o := range results[0].Senders {
		ref, err := soar.ParseCaseRef(o.Case)
		if err != nil || o.Answer != soar.SeeOpened {
			continue
		}
		view, err := s.Case(ctx, ref.ID)
		if err != nil {
			return r, err
		}
		switch {
		case view.Case.Listed:
		case soar.FoldASCII(o.Sender) == soar.FoldASCII(compromised):
			r.lapse = ref
		case r.escalate.Number == 0:
			r.escalate = ref
		default:
			r.approve = ref
		}
	}
	if r.lapse.Number == 0 || r.escalate.Number == 0 || r.approve.Number == 0 {
		return r, fmt.Errorf("cast the story: needs three cards of their own, one of %s; got %+v", compromised, r)
	}
	return r, nil
}

// awaitCards waits until every case of its own card has it.
func awaitCards(ctx context.Context, s *stack.Stack, results []soar.HuntResult) error {
	for _, result := range results {
		for _, o := range result.Senders {
			if o.Answer != soar.SeeOpened {
				continue
			}
			ref, err := soar.ParseCaseRef(o.Case)
			if err != nil {
				return err
			}
			if _, err := s.Slack.ExpectMessage(ctx, stack.TriageChannel, func(m slacktest.Message) bool { return stack.Carries(m, ref) }); err != nil {
				return fmt.Errorf("wait for %s on a card or in a summary: %w", ref, err)
			}
		}
	}
	return nil
}

// check waits for the three outcomes.
func (r roles) check(ctx context.Context, s *stack.Stack) error {
	for _, want := range []struct {
		ref      soar.CaseRef
		state    soar.CaseState
		by       string
		incident bool
	}{
		{r.approve, soar.CaseApproved, stack.Analyst, false},
		{r.escalate, soar.CaseEscalated, stack.SecondAnalyst, true},
		{r.lapse, soar.CaseEscalated, soar.DeadlineActor.ID, true},
	} {
		_, err := s.AwaitCase(ctx, want.ref.ID, func(v soar.CaseView) bool {
			d := v.Case.Decision
			return v.Case.State == want.state && d != nil && d.By.ID == want.by && (v.Case.Incident != nil) == want.incident
		})
		if err != nil {
			return fmt.Errorf("expect %s to be %s by %s: %w", want.ref, want.state, want.by, err)
		}
	}
	say(s, "the deadline escalated %s", r.lapse)
	return nil
}
