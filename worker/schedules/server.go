package schedules

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"harrier/config"
	"harrier/workflows/soar"
)

// found is a schedule on the server; owned says that Harrier made it.
type found struct {
	Schedule
	owned bool
}

// describe reads one schedule; ok is false when there is none.
func (m *Manager) describe(ctx context.Context, id string) (f found, ok bool, err error) {
	d, err := m.client.GetHandle(ctx, id).Describe(ctx)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return found{}, false, nil
	}
	if err != nil {
		return found{}, false, fmt.Errorf("describe schedule %s: %w", id, err)
	}
	return m.read(id, d), true, nil
}

// read takes apart a description. What cannot be read is empty and so differs.
func (m *Manager) read(id string, d *client.ScheduleDescription) found {
	f := found{Schedule: Schedule{ID: id}, owned: m.ownedBy(d.Memo)}
	if spec := d.Schedule.Spec; spec != nil {
		f.TimeZone, f.Jitter = zone(spec.TimeZoneName), spec.Jitter
		for _, c := range spec.Calendars {
			f.Cron = c.Comment
			f.Times = append(f.Times, timesOf(c))
		}
		odd := len(spec.Skip) > 0 || len(spec.Intervals) > 1
		for _, i := range spec.Intervals {
			f.Interval = i.Every
			odd = odd || i.Offset != 0
		}
		if odd || !spec.StartAt.IsZero() || !spec.EndAt.IsZero() {
			f.Times = append(f.Times, Times{}) // limits that no file asks for
		}
	}
	if p := d.Schedule.Policy; p != nil {
		f.Overlap, f.CatchUp = p.Overlap.String(), p.CatchupWindow
	}
	if st := d.Schedule.State; st != nil {
		f.Paused, f.Note = st.Paused, st.Note
	}
	if a, ok := d.Schedule.Action.(*client.ScheduleWorkflowAction); ok {
		m.readAction(&f.Schedule, a)
	}
	return f
}

func (m *Manager) readAction(s *Schedule, a *client.ScheduleWorkflowAction) {
	s.WorkflowID, s.TaskQueue, s.Timeout = a.ID, a.TaskQueue, a.WorkflowExecutionTimeout
	s.Workflow, _ = a.Workflow.(string)
	s.Hunt = m.huntOf(s.Workflow, a.Args)
	_ = m.value(a.Memo[MemoFile], &s.File)
	_ = m.value(a.Memo[MemoHash], &s.Hash)
	_ = m.value(a.Memo[MemoRelease], &s.Release)
}

// huntOf is the hunt that an action's input names; an input that Harrier does not
// give is named so that it differs.
func (m *Manager) huntOf(workflow string, args []any) string {
	const changed = " with changed input"
	if workflow != soar.HuntWorkflow {
		if len(args) > 0 {
			return changed
		}
		return ""
	}
	var in soar.HuntInput
	if len(args) != 1 || !m.value(args[0], &in) {
		return ""
	}
	if in != (soar.HuntInput{Hunt: in.Hunt}) {
		return in.Hunt + changed
	}
	return in.Hunt
}

// value decodes a payload; false when it cannot.
func (m *Manager) value(payload any, into any) bool {
	p, ok := payload.(*common.Payload)
	return ok && m.converter.FromPayload(p, into) == nil
}

func (m *Manager) ownedBy(memo *common.Memo) bool {
	var owner string
	return m.value(memo.GetFields()[MemoOwner], &owner) && owner == Owner
}

// owned lists the ids of Harrier's schedules. The list lags behind writes by
// a moment, so that single ids are described instead.
func (m *Manager) owned(ctx context.Context) ([]string, error) {
	list, err := m.client.List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var ids []string
	for list.HasNext() {
		e, err := list.Next()
		if err != nil {
			return nil, fmt.Errorf("list schedules: %w", err)
		}
		if m.ownedBy(e.Memo) {
			ids = append(ids, e.ID)
		}
	}
	return ids, nil
}

// spec is when the service starts a schedule's runs.
func spec(s Schedule) (client.ScheduleSpec, error) {
	out := client.ScheduleSpec{Jitter: s.Jitter, TimeZoneName: s.TimeZone}
	if s.Interval > 0 {
		out.Intervals = []client.ScheduleIntervalSpec{{Every: s.Interval}}
		return out, nil
	}
	cron, err := config.ParseCron(s.Cron)
	out.Calendars = []client.ScheduleCalendarSpec{calendar(cron, s.Cron)}
	return out, err
}

// action is what the service starts. What is no hunt takes no input.
func action(s Schedule) *client.ScheduleWorkflowAction {
	out := &client.ScheduleWorkflowAction{
		ID: s.WorkflowID, Workflow: s.Workflow, TaskQueue: s.TaskQueue, WorkflowExecutionTimeout: s.Timeout,
		Memo: map[string]any{MemoFile: s.File, MemoHash: s.Hash, MemoRelease: s.Release},
	}
	if s.Workflow == soar.HuntWorkflow {
		out.Args = []any{soar.HuntInput{Hunt: s.Hunt}}
	}
	return out
}

func defaultConverter(c converter.DataConverter) converter.DataConverter {
	if c == nil {
		return converter.GetDefaultDataConverter()
	}
	return c
}
