package interactions_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// starter is a server that starts workflows and answers with how they ended.
type starter struct {
	frontend
	started []*workflowservice.StartWorkflowExecutionRequest
	fails   *failurepb.Failure
	ended   bool // the run has ended well before
}

func (s *starter) StartWorkflowExecution(_ context.Context, r *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	s.started = append(s.started, r)
	if s.ended {
		return nil, serviceerror.ToStatus(serviceerror.NewWorkflowExecutionAlreadyStarted("ended", r.RequestId, "run-0")).Err()
	}
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1"}, nil
}

func (s *starter) GetWorkflowExecutionHistory(context.Context, *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	event := &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, Attributes: &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{
		WorkflowExecutionFailedEventAttributes: &historypb.WorkflowExecutionFailedEventAttributes{Failure: s.fails},
	}}
	if s.fails == nil {
		result, err := converter.GetDefaultDataConverter().ToPayloads(soar.HuntResult{Slug: "internal-senders", Coverage: soar.CoverageComplete})
		if err != nil {
			return nil, err
		}
		event = completed(result)
	}
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &historypb.History{Events: []*historypb.HistoryEvent{event}}}, nil
}

func completed(result *commonpb.Payloads) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
		WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: result},
	}}
}

func temporalHunts(t *testing.T, s *starter) interactions.TemporalHunts {
	return interactions.TemporalHunts{Client: dial(t, s), InForce: newHunts().List}
}

func TestAHuntFromSlackIsAWorkflowThatSaysSo(t *testing.T) {
	s := &starter{}
	h := temporalHunts(t, s)
	window := soar.NewWindow(noon.Add(-time.Hour), noon)
	const want = "hunt-internal-senders-by-slack-20261124-0123"
	id, err := h.Start(t.Context(), want, soar.HuntInput{Hunt: "internal-senders", Window: &window})
	if err != nil || id != want {
		t.Fatalf("id %q, error %v", id, err)
	}
	r := s.started[0]
	var sent soar.HuntInput
	if err := json.Unmarshal(r.Input.Payloads[0].Data, &sent); err != nil || sent.Hunt != "internal-senders" || *sent.Window != window {
		t.Errorf("sent %+v, %v", sent, err)
	}
	if r.WorkflowId != id || r.WorkflowType.Name != soar.HuntWorkflow || r.TaskQueue.Name != soar.TaskQueue {
		t.Errorf("started %v", r)
	}
	if r.WorkflowIdReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY || r.WorkflowIdConflictPolicy != enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING {
		t.Errorf("a repeat is another run: %s, %s", r.WorkflowIdReusePolicy, r.WorkflowIdConflictPolicy)
	}
	if len(h.List()) != 2 {
		t.Errorf("hunts %+v", h.List())
	}
}

func TestTheResultOfAHuntIsReadOrWhyItFailed(t *testing.T) {
	s := &starter{}
	h := temporalHunts(t, s)
	if r, err := h.Result(t.Context(), "hunt-x"); err != nil || r.Coverage != soar.CoverageComplete {
		t.Errorf("result %+v, error %v", r, err)
	}
	s.fails = temporal.GetDefaultFailureConverter().ErrorToFailure(temporal.NewNonRetryableApplicationError("find hunt: there is none", "UnknownHunt", nil))
	if _, err := h.Result(t.Context(), "hunt-x"); err == nil || !strings.HasSuffix(err.Error(), "hunt hunt-x: find hunt: there is none") {
		t.Errorf("error %v", err)
	}
}

func TestARunThatEndedBeforeIsThatRun(t *testing.T) {
	s := &starter{ended: true}
	h := temporalHunts(t, s)
	if id, err := h.Start(t.Context(), "hunt-x-wrong-1", soar.HuntInput{Hunt: "x"}); err != nil || id != "hunt-x-wrong-1" {
		t.Errorf("id %q, error %v", id, err)
	}
	if r, err := h.Result(t.Context(), "hunt-x-wrong-1"); err != nil || r.Slug != "internal-senders" {
		t.Errorf("result %+v, error %v", r, err)
	}
}
