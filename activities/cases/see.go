package cases

import (
	"context"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"harrier/workflows/soar"
)

// SeeCase tells a sender's case what a hunt found, and starts the case where
// there is none; for what a rule hides it starts none, unless somebody said that the
// rule is wrong. It never uses update-with-start: on a terminated case that
// would start an empty one in silence.
func (c *Client) SeeCase(ctx context.Context, in soar.SeeRequest) (soar.Seen, error) {
	seen, err := c.see(ctx, in)
	if isNotFound(err) && in.See.Judgement.Verdict == soar.VerdictSuppressed && in.See.Wrong == nil {
		return soar.Seen{Answer: soar.SeeSuppressed}, nil
	}
	if isNotFound(err) {
		if err = c.startCase(ctx, in); err == nil {
			seen, err = c.see(ctx, in)
		}
	}
	return seen, classify("see "+in.CaseID, err)
}

func (c *Client) see(ctx context.Context, in soar.SeeRequest) (soar.Seen, error) {
	var seen soar.Seen
	handle, err := c.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		// The case itself answers another run of the same window; the server would only
		// repeat what it said to the one before.
		WorkflowID: in.CaseID, UpdateName: soar.SeeUpdate, UpdateID: in.See.ID() + "-" + in.See.RunID,
		Args: []any{in.See}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return seen, err
	}
	return seen, handle.Get(ctx, &seen)
}

func (c *Client) startCase(ctx context.Context, in soar.SeeRequest) error {
	last, err := c.lastNumber(ctx, in.CaseID)
	if err != nil {
		return err
	}
	input := soar.TriageInput{Key: in.Key, FirstNumber: last + 1}
	_, err = c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: in.CaseID, TaskQueue: c.taskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, soar.TriageWorkflow, input)
	if err != nil {
		return fmt.Errorf("start case: %w", err)
	}
	c.log.InfoContext(ctx, "case started", "case", in.CaseID, "first_number", input.FirstNumber)
	return nil
}

// lastNumber is the number of the sender's newest case in an earlier, closed
// run; case numbers go on from there, so that an old card stays old. A memo
// that cannot be read is an error: counting from 1 again would let an old card
// decide a new case.
func (c *Client) lastNumber(ctx context.Context, caseID string) (int, error) {
	described, err := c.temporal.DescribeWorkflowExecution(ctx, caseID, "")
	if isNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the number of the last case: %w", err)
	}
	info := described.GetWorkflowExecutionInfo()
	if info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		c.log.WarnContext(ctx, "case was terminated; a new run begins without its memory", "case", caseID)
	}
	memo, ok := c.memo(info.GetMemo())
	if !ok && info.GetMemo() != nil && len(info.GetMemo().GetFields()) > 0 {
		return 0, fmt.Errorf("read the number of the last case of %s: its memo cannot be decoded; is the payload codec the same?", caseID)
	}
	return memo.Number, nil
}

// memo decodes what a Triage workflow shows of itself.
func (c *Client) memo(m *common.Memo) (soar.TriageMemo, bool) {
	var memo soar.TriageMemo
	payload, ok := m.GetFields()[soar.MemoKey]
	if !ok || c.converter.FromPayload(payload, &memo) != nil {
		return soar.TriageMemo{}, false
	}
	return memo, true
}
