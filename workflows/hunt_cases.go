package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// openCases tells each finding's case, in rank order, and counts those that a
// person has to look at. The first ones of a run get a card of their own; the
// summary lists the rest, so that a bad day does not flood the channel.
func (h *hunt) openCases(ctx workflow.Context, page []soar.Judged) (unsuppressed int) {
	for _, j := range page {
		outcome := outcomeOf(j)
		if j.Judgement.Verdict != soar.VerdictBelowCut && !h.in.DryRun {
			h.seeCase(ctx, j, &outcome)
		}
		if outcome.Verdict == soar.VerdictTriage {
			unsuppressed++
		}
		h.result.Senders = append(h.result.Senders, outcome)
	}
	return unsuppressed
}

// rankSenders puts a piece's senders in the order an analyst should read them.
func (h *hunt) rankSenders(ranked []soar.Judged) {
	before := h.result.Senders[:len(h.result.Senders)-len(ranked)]
	piece := h.result.Senders[len(before):]
	for i := range ranked {
		ranked[i].Finding.Rank = i
	}
	soar.Rank(ranked)
	ordered := make([]soar.SenderOutcome, len(ranked))
	for i, j := range ranked {
		ordered[i] = piece[j.Finding.Rank]
		ordered[i].Rank = i + 1
	}
	h.result.Senders = append(before, ordered...)
}

func outcomeOf(j soar.Judged) soar.SenderOutcome {
	f, d := j.Finding, j.Judgement
	return soar.SenderOutcome{
		Sender: f.Sender(), Scope: f.Candidate.Scope, Rank: f.Rank, Counts: f.Candidate.Counts,
		CaseID: soar.CaseID(soar.CaseKey(f)), Workspace: f.Workspace, Subject: f.Subject(), NewRecipients: f.NewRecipients(), URLHosts: f.URLHosts(),
		Verdict: d.Verdict, Severity: d.Severity, Rule: d.Rule, Guards: d.GuardNames(), Reason: d.Reason,
		Trace: d.Trace, Messages: f.MessageIDs(),
	}
}

// seeCase fills in what the sender's case answered. What a rule hides is shown
// to a case too, where there is one: no rule hides a sender whose case is open
// or was escalated of late. A case that cannot be told
// makes the run partial: the next one sees the same window again.
func (h *hunt) seeCase(ctx workflow.Context, j soar.Judged, outcome *soar.SenderOutcome) {
	listed := h.cards >= h.loaded.Hunt.Settings.Cards
	request := soar.SeeRequest{CaseID: outcome.CaseID, Key: soar.CaseKey(j.Finding), See: h.sighting(ctx, j, listed)}
	if w := h.in.Wrong; w != nil && w.CaseID == outcome.CaseID {
		request.See.Wrong, request.See.Listed = w, false
	}
	seen, err := activities.SeeCase.Run(workflowCalls(ctx), request)
	if err != nil {
		h.piece.Weaken("case of " + outcome.Sender + " not told: " + rootMessage(err))
		return
	}
	outcome.Case, outcome.Answer = seen.Case.String(), seen.Answer
	switch {
	case seen.Answer == soar.SeeSuppressed && j.Judgement.Verdict == soar.VerdictSuppressed:
		outcome.Case, outcome.Answer = "", ""
	case seen.Answer == soar.SeeSuppressed:
		outcome.Verdict, outcome.Rule, outcome.Reason = soar.VerdictSuppressed, "learned "+seen.Case.String(), seen.Reason
	case j.Judgement.Verdict == soar.VerdictSuppressed:
		guard := soar.GuardOpenCase
		if seen.Held != "" {
			guard = seen.Held
		}
		outcome.Verdict, outcome.Guards = soar.VerdictTriage, append(outcome.Guards, guard)
		outcome.Reason = "Looks like rule " + outcome.Rule + ", held by: " + string(guard) + "."
	}
	if seen.NewCard {
		h.cards++
	}
	if seen.List {
		h.listed = append(h.listed, soar.ListedCase{
			Ref: seen.Case, Severity: j.Judgement.Severity, Headline: j.Judgement.Headline, Sender: outcome.Sender,
			Phish: outcome.Counts.Phish, Spam: outcome.Counts.Spam, Sent: outcome.Counts.Sent, Usual: outcome.Counts.Usual, Guards: outcome.Guards,
		})
	}
}

func (h *hunt) sighting(ctx workflow.Context, j soar.Judged, listed bool) soar.See {
	policy, severity := h.loaded.Policy, j.Judgement.Severity
	if severity == "" {
		// What a rule hides has none, and its case may hold it all the same.
		severity = soar.SeverityOf(j.Finding, j.Judgement)
	}
	return soar.See{
		Hunt: h.loaded.Hunt.Slug, HuntName: h.loaded.Hunt.Name, RunID: h.result.RunID, Window: h.piece.Window,
		Partial: h.piece.Coverage == soar.CoveragePartial, At: workflow.Now(ctx),
		Finding: j.Finding, Judgement: j.Judgement, Channel: policy.Channel, Listed: listed,
		Deadline: policy.DeadlineFor(j.Finding, severity), Operations: policy.OperationsChannel, Policy: policy.Case,
	}
}

// tell posts the run's summary, and a notice in the operations channel, once a
// day, when the hunt could not run, ran only in part, or met trouble.
func (h *hunt) tell(ctx workflow.Context) {
	if h.in.DryRun || h.in.Wrong != nil {
		return // whoever asked reads the result
	}
	if !h.quiet() {
		if _, err := activities.PostSummary.Run(slackInPassing(ctx), h.summary(ctx)); err != nil {
			h.remark("summary not posted: " + rootMessage(err))
		}
	}
	if h.result.Reason == "" {
		return
	}
	slug := h.loaded.Hunt.Slug
	notice := soar.Notice{
		Key:     string(h.result.Coverage) + ":" + slug + ":" + workflow.Now(ctx).UTC().Format(soar.PerDayKey),
		Channel: h.loaded.Policy.OperationsChannel,
		Text:    "Hunt " + slug + " over " + h.result.Window.String() + ": " + string(h.result.Coverage) + ". " + h.result.Reason,
	}
	if _, err := activities.PostNotice.Run(slackInPassing(ctx), notice); err != nil {
		workflow.GetLogger(ctx).Error("notice not posted", "hunt", slug, "error", err)
	}
}

// quiet says that a hunt that runs many times a day has nothing new to tell.
func (h *hunt) quiet() bool {
	r := h.result
	return h.loaded.Hunt.Settings.Quiet && r.Coverage == soar.CoverageComplete && r.Reason == "" && r.Totals.Opened == 0 && len(h.listed) == 0
}

func (h *hunt) summary(ctx workflow.Context) soar.Summary {
	s := soar.Summary{Result: h.result, HuntName: h.loaded.Hunt.Name, Channel: h.loaded.Policy.Channel, Listed: h.listed, Hidden: map[string]int{}}
	for _, o := range h.result.Senders {
		if o.Verdict == soar.VerdictSuppressed {
			s.Hidden[o.Rule]++
		}
	}
	if h.result.Totals.QueryTopFull {
		s.QueryTop = h.loaded.Hunt.Settings.QueryTop
	}
	unreviewed, err := activities.ListUnreviewed.Run(workflowCalls(ctx), soar.None{})
	if err != nil {
		h.remark("unreviewed cases not listed: " + rootMessage(err))
	}
	s.Unreviewed = unreviewed.Cases
	// The listing names what matters; the result has every sender.
	s.Result.Senders = nil
	return s
}
