package schedules

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// Apply plans and carries the plan out, and returns the plan. A change that
// fails does not stop the others; the errors are joined. Running it twice, or
// in two workers at once, ends in the same schedules.
func (m *Manager) Apply(ctx context.Context, w Wanted) ([]Change, error) {
	changes, err := m.Plan(ctx, w)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, c := range changes {
		if err := m.apply(ctx, c); err != nil {
			errs = append(errs, fmt.Errorf("%s schedule %s: %w", c.Kind, c.ID, err))
		}
	}
	return changes, errors.Join(errs...)
}

func (m *Manager) apply(ctx context.Context, c Change) error {
	switch c.Kind {
	case Create:
		return m.create(ctx, c.want)
	case Update:
		return m.update(ctx, c.want)
	case Delete:
		return m.delete(ctx, c.ID)
	}
	return nil
}

func (m *Manager) create(ctx context.Context, s Schedule) error {
	when, err := spec(s)
	if err != nil {
		return err
	}
	_, err = m.client.Create(ctx, client.ScheduleOptions{
		ID: s.ID, Spec: when, Action: action(s), Overlap: overlapNamed(s.Overlap),
		CatchupWindow: s.CatchUp, Paused: s.Paused, Note: s.Note, Memo: map[string]any{MemoOwner: Owner},
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil // another worker was faster; the next plan shows what differs
	}
	return err
}

func overlapNamed(name string) enums.ScheduleOverlapPolicy {
	policy, _ := enums.ScheduleOverlapPolicyFromString(name)
	return policy
}

// update reads the schedule again inside the update, so that a pause that an
// operator set in between is kept.
func (m *Manager) update(ctx context.Context, s Schedule) error {
	when, err := spec(s)
	if err != nil {
		return err
	}
	return m.client.GetHandle(ctx, s.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			now := m.read(s.ID, &in.Description)
			if !now.owned || older(s.Release, now.Release) {
				return nil, temporal.ErrSkipScheduleUpdate
			}
			next := in.Description.Schedule
			next.Spec, next.Action = &when, action(s)
			next.Policy = &client.SchedulePolicies{Overlap: overlapNamed(s.Overlap), CatchupWindow: s.CatchUp}
			if pauseChange(now.Schedule, s) != "" {
				next.State.Paused, next.State.Note = s.Paused, s.Note
			}
			return &client.ScheduleUpdate{Schedule: &next}, nil
		},
	})
}

func (m *Manager) delete(ctx context.Context, id string) error {
	err := m.client.GetHandle(ctx, id).Delete(ctx)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	return err
}
