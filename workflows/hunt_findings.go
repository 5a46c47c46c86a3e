package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// pageSize is how many senders are looked up and judged at once: ten senders
// with two calls each fill one Graph batch of twenty.
const pageSize = 10

// huntPiece goes from the query over judged findings to cases. An error means
// that the piece was not hunted; errCut that it was hunted only in part and can
// be halved.
func (h *hunt) huntPiece(ctx workflow.Context) error {
	h.step = "query"
	rows, err := activities.QueryHunt.Run(queries(ctx), h.order)
	if err != nil {
		return err
	}
	h.spend(rows.Stats)
	if err := h.note(rows); err != nil {
		return err
	}
	h.step = "evidence"
	findings, err := h.gather(ctx, rows)
	if err != nil {
		return err
	}
	h.step = "cases"
	return h.judge(ctx, findings)
}

func (h *hunt) note(rows soar.HuntRows) error {
	_, halves := h.piece.Window.Halve()
	if halves && (rows.Partial != "" || rows.LimitFull) {
		return errCut
	}
	if rows.Partial != "" {
		h.piece.Weaken("partial result: " + rows.Partial)
	}
	if rows.LimitFull {
		h.result.Totals.LimitFull = true
		h.piece.Weaken("more senders than one run returns, though the window is short")
	}
	if top := h.loaded.Hunt.Settings.QueryTop; top > 0 && rows.Rows >= top {
		h.result.Totals.QueryTopFull = true
	}
	return nil
}

// gather joins candidates with their evidence, their past and who is exposed.
func (h *hunt) gather(ctx workflow.Context, rows soar.HuntRows) ([]soar.Finding, error) {
	if len(rows.Candidates) == 0 {
		return nil, nil
	}
	evidence, err := activities.QueryEvidence.Run(queries(ctx), soar.EvidenceRequest{Run: h.order, Candidates: rows.Candidates})
	if err != nil {
		return nil, err
	}
	h.spend(evidence.Stats)
	if evidence.Partial != "" {
		h.piece.Weaken("partial evidence: " + evidence.Partial)
	}
	findings := soar.Assemble(h.order, rows.Candidates, evidence.Evidence)
	h.addPast(ctx, findings)
	h.addExposure(ctx, findings)
	for i := range findings {
		findings[i].Workspace = h.workspace
		findings[i] = findings[i].Fit()
	}
	return findings, nil
}

// addPast leaves the past unknown when it cannot be read: a guard holds every
// suppression then, and the cards are posted.
func (h *hunt) addPast(ctx workflow.Context, findings []soar.Finding) {
	request := soar.PastRequest{Run: h.order}
	suspect := h.caseDays(ctx, findings)
	for i, f := range findings {
		sender := f.PastSender()
		if i < len(suspect) {
			sender.Excluded = suspect[i]
		}
		request.Senders = append(request.Senders, sender)
	}
	past, err := activities.QueryPast.Run(queries(ctx), request)
	if err != nil {
		h.piece.Weaken("senders' past not known: " + rootMessage(err))
		return
	}
	h.spend(past.Stats)
	if past.Partial != "" {
		h.piece.Weaken("partial past: " + past.Partial)
	}
	for i := range findings {
		findings[i] = past.Apply(i, findings[i])
	}
}

// caseDays are the days on which each finding's sender had an open or escalated case:
// what an attacker sent then must not become the sender's usual. Where they cannot be
// read the past stays as the logs have it, without any reported mail.
func (h *hunt) caseDays(ctx workflow.Context, findings []soar.Finding) [][]soar.Window {
	if workflow.GetVersion(ctx, versionCaseDays, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	request := soar.CaseDaysRequest{Now: workflow.Now(ctx)}
	for _, f := range findings {
		request.CaseIDs = append(request.CaseIDs, soar.CaseID(soar.CaseKey(f)))
	}
	days, err := activities.CaseDays.Run(quick(ctx), request)
	if err != nil || len(days.Missing) > 0 {
		h.remark("not every case said when it was open: the senders' past holds those days")
	}
	return days.Windows
}

func (h *hunt) addExposure(ctx workflow.Context, findings []soar.Finding) {
	request := soar.ExposureRequest{Run: h.order}
	for _, f := range findings {
		request.Messages = append(request.Messages, f.MessageIDs())
	}
	exposure, err := activities.QueryExposure.Run(queries(ctx), request)
	if err != nil {
		h.piece.Weaken("exposure not known: " + rootMessage(err))
		return
	}
	h.spend(exposure.Stats)
	if exposure.Partial != "" {
		h.piece.Weaken("partial exposure: " + exposure.Partial)
	}
	for i := range findings {
		if i < len(exposure.Exposure) {
			findings[i].Exposure = exposure.Exposure[i]
		}
	}
}

// judge goes down the ranking in pages and tells the cases, until the run's top
// is full of findings that neither a rule nor an analyst's approval hides. The
// result is ranked anew by what the judgement added.
func (h *hunt) judge(ctx workflow.Context, findings []soar.Finding) error {
	ranked := make([]soar.Judged, len(findings))
	for i, f := range findings {
		ranked[i].Finding = f
	}
	soar.Rank(ranked)
	unsuppressed := 0
	for start := 0; start < len(ranked); start += pageSize {
		page := ranked[start:min(start+pageSize, len(ranked))]
		if top := h.top(); top > 0 && unsuppressed >= top {
			belowCut(page)
		} else if err := h.judgePage(ctx, page); err != nil {
			return err
		}
		unsuppressed += h.openCases(ctx, page)
	}
	h.rankSenders(ranked)
	return nil
}

func belowCut(page []soar.Judged) {
	for i := range page {
		page[i].Judgement = soar.Judgement{Verdict: soar.VerdictBelowCut, Reason: "below the run's top: not judged"}
	}
}

func (h *hunt) judgePage(ctx workflow.Context, page []soar.Judged) error {
	h.addProfiles(ctx, page)
	request := soar.JudgeRequest{Now: workflow.Now(ctx), Trial: h.in.Trial}
	for _, j := range page {
		request.Findings = append(request.Findings, j.Finding)
	}
	out, err := activities.Judge.Run(quick(ctx), request)
	if err != nil {
		return err
	}
	if len(out.Judgements) != len(page) {
		return errors.New("judge: fewer judgements than findings; report this as a bug")
	}
	for i, j := range out.Judgements {
		page[i].Judgement = j
	}
	soar.Rank(page)
	return nil
}

// addProfiles says "unknown" when the directory cannot be asked: nothing is
// suppressed on it, and the card is posted without waiting.
func (h *hunt) addProfiles(ctx workflow.Context, page []soar.Judged) {
	request := soar.ProfilesRequest{}
	for _, j := range page {
		request.Senders = append(request.Senders, j.Finding.Ref())
	}
	answer, err := activities.LookUpSenders.Run(directory(ctx), request)
	why := answer.Problem
	if err != nil {
		why = "directory not reached: " + rootMessage(err)
	}
	if why != "" {
		h.remark(why)
	}
	for i := range page {
		page[i].Finding.Profile = soar.SenderProfile{Kind: soar.KindUnknown, Why: why}
		if i < len(answer.Profiles) {
			page[i].Finding.Profile = answer.Profiles[i]
		}
	}
}
