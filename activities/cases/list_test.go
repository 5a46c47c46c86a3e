package cases_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"harrier/activities/cases"
	"harrier/workflows/soar"
)

// crowd is a Temporal that lists more cases than anybody starts for a test, page by
// page over the wire. Every tenth is unreviewed, the last, which is the oldest, open.
type crowd struct {
	workflowservice.UnimplementedWorkflowServiceServer
	cases int
}

func (crowd) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (c crowd) ListWorkflowExecutions(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	if !strings.Contains(r.Query, soar.TriageWorkflow) {
		return &workflowservice.ListWorkflowExecutionsResponse{}, nil
	}
	from := 0
	if len(r.NextPageToken) > 0 {
		var err error
		if from, err = strconv.Atoi(string(r.NextPageToken)); err != nil {
			return nil, err
		}
	}
	out := &workflowservice.ListWorkflowExecutionsResponse{}
	to := min(from+int(r.PageSize), c.cases)
	for i := from; i < to; i++ {
		info, err := c.info(i)
		if err != nil {
			return nil, err
		}
		out.Executions = append(out.Executions, info)
	}
	if to < c.cases {
		out.NextPageToken = []byte(strconv.Itoa(to))
	}
	return out, nil
}

func (c crowd) info(i int) (*workflow.WorkflowExecutionInfo, error) {
	m := soar.TriageMemo{
		State: soar.CaseRemembered, Number: 1, Sender: fmt.Sprintf("sender%d@%s.example", i, strings.Repeat("long", 40)), Headline: strings.Repeat("headline ", 10),
	}
	switch {
	case i == c.cases-1:
		m.State = soar.CaseOpen
	case i%10 == 0:
		m.State = soar.CaseUnreviewed
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(m)
	return &workflow.WorkflowExecutionInfo{
		Execution: &common.WorkflowExecution{WorkflowId: fmt.Sprintf("case-%020d", i), RunId: fmt.Sprintf("01a2122e-b6b7-79d0-81d1-%012d", i)},
		CloseTime: timestamppb.New(time.Unix(1_800_000_000, int64(i))),
		Memo:      &common.Memo{Fields: map[string]*common.Payload{soar.MemoKey: payload}},
	}, err
}

func reading(t *testing.T, c crowd) *cases.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, c)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	dialed, err := client.Dial(client.Options{HostPort: listener.Addr().String(), Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dialed.Close)
	out, err := cases.New(cases.Config{Temporal: dialed, TaskQueue: soar.TaskQueue})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func size(t *testing.T, v any) int {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return len(raw)
}

// Temporal takes no payload over 2 MB, and warns of one over 256 kB.
const (
	maxPayload  = 2 << 20
	warnPayload = 256 << 10
)

func TestADigestReadsCasesToTheOldest(t *testing.T) {
	const all = 60_000
	c := reading(t, crowd{cases: all})
	digest, err := c.GatherDigest(t.Context(), soar.DigestRequest{Window: soar.NewWindow(time.Unix(0, 0), time.Unix(1, 0))})
	if err != nil || len(digest.Open) != 1 || digest.Open[0].Ref.ID != fmt.Sprintf("case-%020d", all-1) {
		t.Fatalf("open %+v, %v", digest.Open, err)
	}
	if len(digest.Unreviewed) != all/10 || digest.Unreviewed[0].Sender == "" || size(t, digest) > maxPayload {
		t.Errorf("%d unreviewed in %d bytes", len(digest.Unreviewed), size(t, digest))
	}
}

func TestAListOfUnreviewedCasesIsReadToTheOldest(t *testing.T) {
	c := reading(t, crowd{cases: 12_500})
	out, err := c.ListUnreviewed(t.Context(), soar.None{})
	if err != nil || len(out.Cases) != 500 || size(t, out) > warnPayload {
		t.Errorf("%d cases in %d bytes, %v", len(out.Cases), size(t, out), err)
	}
	few := reading(t, crowd{cases: 4_000})
	if out, err := few.ListUnreviewed(t.Context(), soar.None{}); err != nil || len(out.Cases) != 400 || out.Cases[399].Ref.ID != fmt.Sprintf("case-%020d", 3990) {
		t.Errorf("%d cases, %v", len(out.Cases), err)
	}
}

func TestAPageOfOrphansIsSmallAndNamesTheNext(t *testing.T) {
	c := reading(t, crowd{cases: 9_000})
	var request soar.OrphansRequest
	found := 0
	for {
		out, err := c.ListOrphans(t.Context(), request)
		if err != nil || out.Until.IsZero() || size(t, out) > warnPayload {
			t.Fatalf("%d in %d bytes, %v", len(out.Ended), size(t, out), err)
		}
		found += len(out.Ended)
		if request.Page = out.Next; len(out.Next) == 0 {
			break
		}
	}
	if found != 901 {
		t.Errorf("%d found, want every tenth and the last", found)
	}
}
