package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Bounds of one sweep. Slack takes 50 edits a minute, a Watch may last an hour, and what
// one does not reach the next one does.
const (
	sweepCards  = 300
	sweepTime   = 40 * time.Minute
	sweepEvents = 10_000
	sweepBytes  = 20 << 20
	// sweepPast is how far back cases that ended are looked at, unless a Watch before says
	// how far it came, and for how long a card that takes no edit is tried again.
	sweepPast = 7 * 24 * time.Hour
)

// sweep takes the buttons off the cards whose case ended by force, the oldest first, and
// hands over to the next Watch how far it came.
func (w *watch) sweep(ctx workflow.Context) {
	before := lastSweep(ctx)
	w.result.Sweep = before
	if before.Until.IsZero() {
		before.Until = workflow.Now(ctx).Add(-sweepPast)
	}
	ended, until, err := endedSince(ctx, before.Until)
	if err != nil {
		w.problem("orphans", err)
		return
	}
	s := sweeping{end: workflow.GetInfo(ctx).WorkflowStartTime.Add(sweepTime), next: soar.Sweep{Until: until}}
	s.all(ctx, ended, before)
	for _, e := range before.Again {
		if s.mayGoOn(ctx) {
			s.close(ctx, e)
		} else {
			s.next.Again = append(s.next.Again, e)
		}
	}
	w.result.Sweep, w.result.Orphans = s.next, s.closed
	w.problem(fmt.Sprintf("%d cards of ended cases not edited, the last", s.failed), s.err)
}

// lastSweep is what the schedule's Watch before handed over; nothing where there is none.
func lastSweep(ctx workflow.Context) soar.Sweep {
	var last soar.WatchResult
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			workflow.GetLogger(ctx).Error("result of the watch before not read", "error", err)
		}
	}
	return last.Sweep
}

// endedSince reads every page of what ended since a time, the oldest first, and the time
// up to which that is everything.
func endedSince(ctx workflow.Context, since time.Time) (ended []soar.Ended, until time.Time, err error) {
	request := soar.OrphansRequest{Since: since}
	for {
		page, err := activities.ListOrphans.Run(workflowCalls(ctx), request)
		if err == nil && page.Until.IsZero() {
			err = errors.New("a worker of an older release answered")
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		if until.IsZero() {
			until = page.Until
		}
		ended = append(ended, page.Ended...)
		if len(page.Next) == 0 {
			break
		}
		request.Page = page.Next
	}
	slices.SortStableFunc(ended, func(a, b soar.Ended) int { return a.At.Compare(b.At) })
	return ended, until, nil
}

type sweeping struct {
	end            time.Time
	next           soar.Sweep
	tried          int
	closed, failed int
	err            error // the last
}

func (s *sweeping) mayGoOn(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return ctx.Err() == nil && s.tried < sweepCards && workflow.Now(ctx).Before(s.end) &&
		info.GetCurrentHistoryLength() < sweepEvents && info.GetCurrentHistorySize() < sweepBytes
}

// all closes what ended, and keeps the names of what the next listing shows again.
func (s *sweeping) all(ctx workflow.Context, ended []soar.Ended, before soar.Sweep) {
	until := s.next.Until
	for _, e := range ended {
		if !slices.Contains(before.Done, e.RunID) {
			if !s.mayGoOn(ctx) || len(before.Again)+len(s.next.Again) >= sweepCards {
				s.next.Until = slices.MinFunc([]time.Time{until, e.At}, time.Time.Compare)
				return
			}
			s.close(ctx, e)
		}
		if !e.At.Before(until) {
			s.next.Done = append(s.next.Done, e.RunID)
		}
	}
}

// close edits one card; what takes no edit now is tried again by the next Watch.
func (s *sweeping) close(ctx workflow.Context, e soar.Ended) {
	found, err := activities.ReadOrphan.Run(workflowCalls(ctx), e)
	if err == nil && found.Case == nil {
		return
	}
	s.tried++
	if err == nil {
		found.Case.State = soar.CaseCancelled
		_, err = activities.UpdateCard.Run(slackInPassing(ctx), soar.CaseRequest{Case: *found.Case})
	}
	if err == nil {
		s.closed++
		return
	}
	s.failed, s.err = s.failed+1, fmt.Errorf("%s: %s", e.ID, rootMessage(err))
	if !isType(err, soar.ErrTypeMessageGone) && workflow.Now(ctx).Sub(e.At) < sweepPast {
		s.next.Again = append(s.next.Again, e)
	}
}

// orphans is what a Watch of up to v0.2.0 did of this.
func (w *watch) orphans(ctx workflow.Context) {
	orphans, err := activities.ListOrphans.Run(workflowCalls(ctx), soar.OrphansRequest{})
	w.problem("orphans", err)
	for _, c := range orphans.Cases {
		c.State = soar.CaseCancelled
		if _, err := activities.UpdateCard.Run(slackInPassing(ctx), soar.CaseRequest{Case: c}); err != nil {
			w.problem("card of "+c.Ref.String(), err)
			continue
		}
		w.result.Orphans++
	}
}
