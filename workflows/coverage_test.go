package workflows_test

import (
	"errors"
	"testing"
	"time"

	"harrier/workflows/soar"
)

type covered struct {
	state soar.CoverageState
	err   error
}

func (c *covered) Accept()          {}
func (c *covered) Reject(err error) { c.err = err }
func (c *covered) Complete(out any, err error) {
	c.err = err
	c.state, _ = out.(soar.CoverageState)
}

func TestCoverageMergesWindowsRefusesBadOnesAndOutlivesItsHistory(t *testing.T) {
	w := newWorld(t)
	day := func(n int) soar.Cover {
		return soar.Cover{Window: soar.NewWindow(start.AddDate(0, 0, n), start.AddDate(0, 0, n+1)), Status: soar.CoverageComplete}
	}
	var first, second, bad covered
	w.env.RegisterDelayedCallback(func() { w.env.UpdateWorkflow(soar.CoverUpdate, "", &first, day(-2)) }, time.Second)
	w.env.RegisterDelayedCallback(func() { w.env.UpdateWorkflow(soar.CoverUpdate, "", &second, day(-1)) }, 2*time.Second)
	w.env.RegisterDelayedCallback(func() { w.env.UpdateWorkflow(soar.CoverUpdate, "", &bad, soar.Cover{Status: "fine"}) }, 3*time.Second)
	w.env.RegisterDelayedCallback(func() { w.env.SetCurrentHistoryLength(5000) }, 4*time.Second)
	w.env.ExecuteWorkflow(soar.CoverageWorkflow, soar.CoverageInput{Slug: "a"})
	if len(second.state.Intervals) != 1 || !second.state.CoveredUntil(start.AddDate(0, 0, -2)).Equal(start) {
		t.Fatalf("neighbours did not merge: %+v", second.state)
	}
	if bad.err == nil {
		t.Fatal("a window without ends was accepted")
	}
	var again *workflowContinueAsNew
	if !errors.As(w.env.GetWorkflowError(), &again) {
		t.Fatalf("ended with %v", w.env.GetWorkflowError())
	}
	var in soar.CoverageInput
	if err := decode(again.Input, &in); err != nil || !in.State.CoveredUntil(start.AddDate(0, 0, -2)).Equal(start) {
		t.Fatalf("carried over %+v, %v", in, err)
	}
}
