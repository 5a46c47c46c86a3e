package stack

import (
	"context"
	"fmt"

	"go.temporal.io/api/workflowservice/v1"

	"harrier/workflows/soar"
)

// Cases reads every sender's case, by the id of its workflow.
func (s *Stack) Cases(ctx context.Context) (map[string]soar.CaseView, error) {
	out := map[string]soar.CaseView{}
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = '" + soar.TriageWorkflow + "'"}
	for {
		page, err := s.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("list cases: %w", err)
		}
		for _, execution := range page.GetExecutions() {
			id := execution.GetExecution().GetWorkflowId()
			if out[id], err = s.Case(ctx, id); err != nil {
				return nil, err
			}
		}
		if len(page.GetNextPageToken()) == 0 {
			return out, nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}
