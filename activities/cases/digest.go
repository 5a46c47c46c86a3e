package cases

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.temporal.io/api/workflow/v1"

	"harrier/workflows/soar"
)

// maxRuns bounds the runs a digest sums up: a hunt every 15 minutes makes 96 a day.
// maxDetailed bounds the unreviewed cases that it describes.
const (
	maxRuns     = 1000
	maxDetailed = 100
)

// GatherDigest sums up the runs that ended in the window and the cases that are
// open now. A run whose result cannot be read is named as one that did not run: the
// digest never says less than it knows.
func (c *Client) GatherDigest(ctx context.Context, in soar.DigestRequest) (soar.Digest, error) {
	runs, failed, err := c.runs(ctx, in.Window)
	if err != nil {
		return soar.Digest{}, classify("gather digest "+in.Window.String(), err)
	}
	listed, expiring, err := c.standing(ctx, in.Window.To)
	if err != nil {
		return soar.Digest{}, classify("gather digest "+in.Window.String(), err)
	}
	in.Expiring = append(in.Expiring, expiring...)
	month, more, err := c.month(ctx, in)
	if err != nil {
		return soar.Digest{}, classify("gather digest "+in.Window.String(), err)
	}
	digest := soar.BuildDigest(in, runs, month, listed)
	digest.NotRun = append(append(digest.NotRun, failed...), more...)
	slim(digest.Unreviewed)
	return digest, nil
}

// slim leaves of the unreviewed cases that no digest has room for what counts them:
// there may be thousands, and an answer has a limit.
func slim(unreviewed []soar.ListedCase) {
	for i := maxDetailed; i < len(unreviewed); i++ {
		unreviewed[i] = soar.ListedCase{Ref: unreviewed[i].Ref, State: unreviewed[i].State}
	}
}

// month reads the runs of the last 30 days, where something ends soon. Where there are
// too many, more says how far back the count goes.
func (c *Client) month(ctx context.Context, in soar.DigestRequest) (runs []soar.HuntResult, more []string, err error) {
	if len(in.Expiring) == 0 {
		return nil, nil, nil
	}
	runs, failed, err := c.runs(ctx, soar.NewWindow(in.Window.To.AddDate(0, 0, -30), in.Window.To))
	if len(runs) > 0 && len(runs)+len(failed) > maxRuns {
		since := runs[len(runs)-1].Window.To
		more = append(more, "what rules hid is counted since "+since.Format(time.DateOnly)+" only: there were more than "+strconv.Itoa(maxRuns)+" runs in 30 days")
	}
	return runs, more, err
}

// runs reads the results of the hunts that ended in a window. Where there are too many,
// failed says so.
func (c *Client) runs(ctx context.Context, w soar.Window) (runs []soar.HuntResult, failed []string, err error) {
	query := fmt.Sprintf("WorkflowType = '%s' AND CloseTime >= '%s' AND CloseTime < '%s'",
		soar.HuntWorkflow, w.From.Format(time.RFC3339), w.To.Format(time.RFC3339))
	err = c.each(ctx, query, func(info *workflow.WorkflowExecutionInfo) bool {
		if len(runs)+len(failed) == maxRuns {
			failed = append(failed, fmt.Sprintf("more than %d runs ended in %s; the older ones are not counted here", maxRuns, w))
			return false
		}
		run := info.GetExecution()
		var result soar.HuntResult
		if err := c.temporal.GetWorkflow(ctx, run.GetWorkflowId(), run.GetRunId()).Get(ctx, &result); err != nil {
			failed = append(failed, run.GetWorkflowId()+": its run failed; open it in Temporal to see why")
			return true
		}
		runs = append(runs, result)
		return true
	})
	return runs, failed, err
}

// standing lists the cases that wait for somebody, and the learned entries that end soon.
func (c *Client) standing(ctx context.Context, now time.Time) (listed []soar.ListedCase, expiring []soar.Expiring, err error) {
	err = c.each(ctx, soar.StandingCases, func(info *workflow.WorkflowExecutionInfo) bool {
		memo, ok := c.memo(info.GetMemo())
		if !ok {
			return true
		}
		id := info.GetExecution().GetWorkflowId()
		if memo.State.Decidable() {
			listed = append(listed, listedCase(id, memo))
		}
		if until := parseTime(memo.Until); !until.IsZero() && until.Before(now.Add(soar.ExpiryNotice)) {
			expiring = append(expiring, soar.Expiring{
				Case: soar.CaseRef{ID: id, Number: memo.Number}, Sender: memo.Sender, Owner: memo.By, Until: until,
			})
		}
		return true
	})
	return listed, expiring, err
}

func parseTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
