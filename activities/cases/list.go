package cases

import (
	"context"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"harrier/workflows/soar"
)

// listPage is how many workflows are asked for at a time.
const listPage = 500

// each calls f with every workflow that a visibility query lists, newest first, to the
// last page. It ends early when f says false.
func (c *Client) each(ctx context.Context, query string, f func(*workflow.WorkflowExecutionInfo) (more bool)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: listPage}
	for {
		page, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return err
		}
		for _, execution := range page.GetExecutions() {
			if !f(execution) {
				return nil
			}
		}
		if len(page.GetNextPageToken()) == 0 {
			return nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}

// listedCase is a case as its memo shows it.
func listedCase(id string, m soar.TriageMemo) soar.ListedCase {
	return soar.ListedCase{
		Ref: soar.CaseRef{ID: id, Number: m.Number}, Severity: m.Severity, Headline: m.Headline,
		Sender: m.Sender, Phish: m.Phish, Spam: m.Spam, Sent: m.Sent, Usual: m.Usual, State: m.State, Deadline: parseTime(m.Deadline),
	}
}
