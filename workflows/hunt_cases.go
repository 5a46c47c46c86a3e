package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// openCases tells each finding's case, in rank order. The first ones get a card
// of their own; the summary lists the rest, so that a bad day does not flood
// the channel.
func (h *hunt) openCases(ctx workflow.Context, judged []soar.Judged) {
	opened := 0
	for _, j := range judged {
		outcome := outcomeOf(j)
		if j.Judgement.Verdict == soar.VerdictTriage && !h.in.DryRun {
			listed := opened >= h.loaded.Hunt.Settings.Cards
			h.seeCase(ctx, j, listed, &outcome)
			if outcome.Answer == soar.SeeOpened {
				opened++
			}
		}
		h.result.Senders = append(h.result.Senders, outcome)
	}
}

func outcomeOf(j soar.Judged) soar.SenderOutcome {
	f, d := j.Finding, j.Judgement
	return soar.SenderOutcome{
		Sender: f.Sender(), Scope: f.Candidate.Scope, Rank: f.Rank, Counts: f.Candidate.Counts,
		Verdict: d.Verdict, Severity: d.Severity, Rule: d.Rule, Guards: d.GuardNames(), Reason: d.Reason,
		Trace: d.Trace, Messages: f.MessageIDs(),
	}
}

// seeCase fills in what the sender's case answered. A case that cannot be told
// makes the run partial: the next one sees the same window again.
func (h *hunt) seeCase(ctx workflow.Context, j soar.Judged, listed bool, outcome *soar.SenderOutcome) {
	key := soar.CaseKey(j.Finding)
	request := soar.SeeRequest{CaseID: soar.CaseID(key), Key: key, See: h.sighting(ctx, j, listed)}
	seen, err := activities.SeeCase.Run(workflowCalls(ctx), request)
	if err != nil {
		h.weaken("case of " + outcome.Sender + " not told: " + rootMessage(err))
		return
	}
	outcome.Case, outcome.Answer = seen.Case.String(), seen.Answer
	switch {
	case seen.Answer == soar.SeeSuppressed:
		outcome.Verdict, outcome.Rule, outcome.Reason = soar.VerdictSuppressed, "learned "+seen.Case.String(), seen.Reason
	case seen.Answer == soar.SeeOpened && listed:
		h.listed = append(h.listed, soar.ListedCase{
			Ref: seen.Case, Severity: j.Judgement.Severity, Headline: j.Judgement.Headline, Sender: outcome.Sender,
			Phish: outcome.Counts.Phish, Spam: outcome.Counts.Spam, Guards: outcome.Guards,
		})
	}
}

func (h *hunt) sighting(ctx workflow.Context, j soar.Judged, listed bool) soar.See {
	policy := h.loaded.Policy
	return soar.See{
		Hunt: h.loaded.Hunt.Slug, HuntName: h.loaded.Hunt.Name, RunID: h.result.RunID, Window: h.result.Window,
		Partial: h.result.Coverage == soar.CoveragePartial, At: workflow.Now(ctx),
		Finding: j.Finding, Judgement: j.Judgement, Channel: policy.Channel, Listed: listed,
		Deadline: policy.DeadlineFor(j.Finding.Sender(), j.Judgement.Severity),
	}
}

// tell posts the run's summary, and a notice in the operations channel, once a
// day, when the hunt could not run or only in part.
func (h *hunt) tell(ctx workflow.Context) {
	if _, err := activities.PostSummary.Run(slack(ctx), h.summary()); err != nil {
		h.weaken("summary not posted: " + rootMessage(err))
	}
	if h.result.Coverage == soar.CoverageComplete {
		return
	}
	slug, channel := h.loaded.Hunt.Slug, h.loaded.Policy.OperationsChannel
	notice := soar.Notice{
		Key:     string(h.result.Coverage) + ":" + slug + ":" + workflow.Now(ctx).UTC().Format(soar.PerDayKey),
		Channel: channel,
		Text:    "Hunt " + slug + " over " + h.result.Window.String() + ": " + string(h.result.Coverage) + ". " + h.result.Reason,
	}
	if _, err := activities.PostNotice.Run(slack(ctx), notice); err != nil {
		workflow.GetLogger(ctx).Error("notice not posted", "hunt", slug, "error", err)
	}
}

func (h *hunt) summary() soar.Summary {
	s := soar.Summary{Result: h.result, HuntName: h.loaded.Hunt.Name, Channel: h.loaded.Policy.Channel, Listed: h.listed, Hidden: map[string]int{}}
	for _, o := range h.result.Senders {
		if o.Verdict == soar.VerdictSuppressed {
			s.Hidden[o.Rule]++
		}
	}
	if h.result.Totals.QueryTopFull {
		s.QueryTop = h.loaded.Hunt.Settings.QueryTop
	}
	// The listing names what matters; the result has every sender.
	s.Result.Senders = nil
	return s
}
