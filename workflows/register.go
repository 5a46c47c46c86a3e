// Package workflows holds the deterministic code: the Hunt, Triage, Coverage,
// Watch, Digest and Pause workflows. Its imports are few on purpose; a test holds the list.
package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// Register makes every workflow known to a worker by its wire name.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Hunt, workflow.RegisterOptions{Name: soar.HuntWorkflow})
	r.RegisterWorkflowWithOptions(Triage, workflow.RegisterOptions{Name: soar.TriageWorkflow})
	r.RegisterWorkflowWithOptions(Coverage, workflow.RegisterOptions{Name: soar.CoverageWorkflow})
	r.RegisterWorkflowWithOptions(Watch, workflow.RegisterOptions{Name: soar.WatchWorkflow})
	r.RegisterWorkflowWithOptions(Digest, workflow.RegisterOptions{Name: soar.DigestWorkflow})
	r.RegisterWorkflowWithOptions(Pause, workflow.RegisterOptions{Name: soar.PauseWorkflow})
}
