package interactions_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"

	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// frontend answers updates and queries over the wire, as a Temporal server does
// for a workflow whose validator is judge.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	judge func() error // what the workflow answers

	mu      sync.Mutex
	updates []*workflowservice.UpdateWorkflowExecutionRequest
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (f *frontend) UpdateWorkflowExecution(_ context.Context, r *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	f.mu.Lock()
	f.updates = append(f.updates, r)
	f.mu.Unlock()
	outcome := &updatepb.Outcome{}
	err := f.judge()
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused):
		outcome.Value = &updatepb.Outcome_Failure{Failure: temporal.GetDefaultFailureConverter().ErrorToFailure(err)}
	case err != nil:
		return nil, serviceerror.ToStatus(err).Err()
	default:
		payloads, err := converter.GetDefaultDataConverter().ToPayloads(soar.Decided{Case: ref, State: soar.CaseApproved})
		if err != nil {
			return nil, err
		}
		outcome.Value = &updatepb.Outcome_Success{Success: payloads}
	}
	return &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{WorkflowExecution: r.WorkflowExecution, UpdateId: r.Request.Meta.UpdateId},
		Stage:     enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED, Outcome: outcome,
	}, nil
}

func (f *frontend) QueryWorkflow(_ context.Context, r *workflowservice.QueryWorkflowRequest) (*workflowservice.QueryWorkflowResponse, error) {
	if err := f.judge(); err != nil {
		return nil, serviceerror.ToStatus(err).Err()
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(soar.CaseView{Case: soar.Case{Ref: ref}, Numbers: 3})
	return &workflowservice.QueryWorkflowResponse{QueryResult: payloads}, err
}

func temporalCases(t *testing.T, f *frontend) interactions.TemporalCases {
	return interactions.TemporalCases{Client: dial(t, f)}
}

func dial(t *testing.T, f workflowservice.WorkflowServiceServer) client.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	c, err := client.Dial(client.Options{HostPort: listener.Addr().String(), Logger: nopLogger{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

type nopLogger struct{}

func (nopLogger) Debug(string, ...any) {}
func (nopLogger) Info(string, ...any)  {}
func (nopLogger) Warn(string, ...any)  {}
func (nopLogger) Error(string, ...any) {}

var decision = soar.Decide{Case: ref, Decision: soar.Approve, Reason: "r", By: soar.Actor{ID: analyst}, Click: "click-1"}

func TestADecisionIsAnUpdateWithTheClicksID(t *testing.T) {
	f := &frontend{judge: func() error { return nil }}
	cases := temporalCases(t, f)
	got, err := cases.Decide(t.Context(), decision)
	if err != nil || got.State != soar.CaseApproved {
		t.Fatalf("decided %+v, error %v", got, err)
	}
	if err := cases.Show(t.Context(), soar.Show{Case: ref, Channel: channel, Thread: "1.1"}); err != nil {
		t.Fatal(err)
	}
	u, show := f.updates[0], f.updates[1]
	var sent soar.Decide
	if err := payload0(u.Request.Input.Args, &sent); err != nil || sent.Click != "click-1" {
		t.Errorf("sent %+v, %v", sent, err)
	}
	if u.WorkflowExecution.WorkflowId != ref.ID || u.WorkflowExecution.RunId != "" || u.Request.Meta.UpdateId != "click-1" ||
		u.Request.Input.Name != soar.DecideUpdate || u.WaitPolicy.LifecycleStage != enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED {
		t.Errorf("update is %v", u)
	}
	if show.Request.Input.Name != soar.ShowUpdate || show.Request.Meta.UpdateId == "" {
		t.Errorf("show is %v", show)
	}
}

func payload0(p *commonpb.Payloads, out any) error { return json.Unmarshal(p.Payloads[0].Data, out) }

func TestARefusalOfTheCaseIsReadBack(t *testing.T) {
	for _, kind := range []soar.RefusalKind{soar.RefusedActor, soar.RefusedDecided, soar.RefusedOldCase, soar.RefusedInput, soar.RefusedGuard} {
		f := &frontend{judge: func() error { return temporal.NewNonRetryableApplicationError("for the clicker", string(kind), nil) }}
		_, err := temporalCases(t, f).Decide(t.Context(), decision)
		var r *soar.Refusal
		if !errors.As(err, &r) || r.Kind != kind || r.Message != "for the clicker" {
			t.Errorf("%s comes back as %v", kind, err)
		}
	}
}

func TestAClosedCaseIsARefusal(t *testing.T) {
	f := &frontend{judge: func() error { return serviceerror.NewNotFound("workflow execution already completed") }}
	cases := temporalCases(t, f)
	_, decide := cases.Decide(t.Context(), decision)
	_, view := cases.View(t.Context(), ref.ID)
	show := cases.Show(t.Context(), soar.Show{Case: ref})
	for _, err := range []error{decide, view, show} {
		var r *soar.Refusal
		if !errors.As(err, &r) || r.Kind != soar.RefusedDecided || r.Message == "" {
			t.Errorf("a closed case is %v", err)
		}
	}
}

func TestAnythingElseIsNotARefusal(t *testing.T) {
	for name, answer := range map[string]error{
		"another failure": temporal.NewApplicationError("no such update", "SomethingElse"),
		"out of capacity": serviceerror.NewInvalidArgument("busy"),
	} {
		f := &frontend{judge: func() error { return answer }}
		_, err := temporalCases(t, f).Decide(t.Context(), decision)
		var r *soar.Refusal
		if err == nil || errors.As(err, &r) {
			t.Errorf("%s is %v", name, err)
		}
	}
	slow := &frontend{judge: func() error { <-t.Context().Done(); return nil }}
	ctx, cancel := contextFor(t, 50*time.Millisecond)
	defer cancel()
	_, err := temporalCases(t, slow).Decide(ctx, decision)
	var r *soar.Refusal
	if err == nil || errors.As(err, &r) {
		t.Errorf("no answer is %v", err)
	}
}

func TestACaseIsRead(t *testing.T) {
	f := &frontend{judge: func() error { return nil }}
	got, err := temporalCases(t, f).View(t.Context(), ref.ID)
	if err != nil || got.Case.Ref != ref || got.Numbers != 3 {
		t.Errorf("view %+v, error %v", got, err)
	}
}

func TestChangesAndExtensionsAreUpdatesWithTheClicksID(t *testing.T) {
	f := &frontend{judge: func() error { return nil }}
	cases := temporalCases(t, f)
	if _, err := cases.Change(t.Context(), soar.Change{Case: ref, Kind: soar.ChangeUndo, Click: "click-2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := cases.Extend(t.Context(), ref.ID, "submit-3", soar.Extend{Until: noon}); err != nil {
		t.Fatal(err)
	}
	change, extend := f.updates[0].Request, f.updates[1].Request
	var sent soar.Change
	if err := payload0(change.Input.Args, &sent); err != nil || sent.Kind != soar.ChangeUndo {
		t.Errorf("sent %+v, %v", sent, err)
	}
	if change.Input.Name != soar.ChangeUpdate || change.Meta.UpdateId != "click-2" {
		t.Errorf("change is %v", change)
	}
	if extend.Input.Name != soar.ExtendUpdate || extend.Meta.UpdateId != "submit-3" || f.updates[1].WorkflowExecution.WorkflowId != ref.ID {
		t.Errorf("extend is %v", extend)
	}
	f.judge = func() error {
		return temporal.NewNonRetryableApplicationError("for the clicker", string(soar.RefusedActor), nil)
	}
	for _, err := range []error{
		errorOf(cases.Change(t.Context(), soar.Change{Case: ref, Kind: soar.ChangeUndo})), errorOf(cases.Extend(t.Context(), ref.ID, "x", soar.Extend{})),
	} {
		var r *soar.Refusal
		if !errors.As(err, &r) || r.Kind != soar.RefusedActor {
			t.Errorf("a refusal comes back as %v", err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestEveryClickOnShowIsAnUpdateOfItsOwn(t *testing.T) {
	f := &frontend{judge: func() error { return nil }}
	cases := temporalCases(t, f)
	for _, click := range []string{"click-1", "click-1", "click-2"} {
		if err := cases.Show(t.Context(), soar.Show{Case: ref, Channel: channel, Thread: "1.1", Click: click}); err != nil {
			t.Fatal(err)
		}
	}
	id := func(i int) string { return f.updates[i].Request.Meta.UpdateId }
	if id(0) != id(1) || id(1) == id(2) {
		t.Errorf("ids %s, %s, %s", id(0), id(1), id(2))
	}
}
