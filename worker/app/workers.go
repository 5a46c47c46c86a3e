package app

import (
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"harrier/activities"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// stopTimeout lets a post or a write end before the worker does, so that it is
// not done twice; queries heartbeat and stop with their context.
const stopTimeout = 20 * time.Second

// newWorkers makes the two workers of this process: everything, and the
// queries, which run at a pace of their own.
func newWorkers(cl client.Client, a *Adapters, log *slog.Logger) ([]worker.Worker, error) {
	tuner, err := a.queries.tuner()
	if err != nil {
		return nil, fmt.Errorf("pace the queries: %w", err)
	}
	main := worker.New(cl, soar.TaskQueue, worker.Options{
		WorkerStopTimeout: stopTimeout,
		OnFatalError:      func(err error) { log.Error("worker stopped", "error", err) },
	})
	workflows.Register(main)
	register(main, a)
	queries := worker.New(cl, soar.QueryTaskQueue, worker.Options{
		WorkerStopTimeout:     stopTimeout,
		DisableWorkflowWorker: true,
		Tuner:                 tuner,
		OnFatalError:          func(err error) { log.Error("query worker stopped", "error", err) },
	})
	registerQueries(queries, a)
	return []worker.Worker{main, queries}, nil
}

func register(r worker.ActivityRegistry, a *Adapters) {
	activities.LoadHunt.Register(r, a.Catalogue.LoadHunt)
	activities.LoadWatch.Register(r, a.Catalogue.LoadWatch)
	activities.CaseDays.Register(r, a.Cases.CaseDays)
	activities.GatherDigest.Register(r, a.Cases.GatherDigest)
	activities.ListOrphans.Register(r, a.Cases.ListOrphans)
	activities.ReadOrphan.Register(r, a.Cases.ReadOrphan)
	activities.PauseSchedule.Register(r, a.Cases.PauseSchedule)
	activities.ResumeSchedule.Register(r, a.Cases.ResumeSchedule)
	activities.LookUpSenders.Register(r, a.Graph.LookUpSenders)
	activities.Judge.Register(r, a.Suppressions.Judge)
	activities.SeeCase.Register(r, a.Cases.SeeCase)
	activities.ListUnreviewed.Register(r, a.Cases.ListUnreviewed)
	activities.ReadCoverage.Register(r, a.Cases.ReadCoverage)
	activities.StartCoverage.Register(r, a.Cases.StartCoverage)
	activities.CoverWindow.Register(r, a.Cases.CoverWindow)
	activities.PostCard.Register(r, a.Slack.PostCard)
	activities.UpdateCard.Register(r, a.Slack.UpdateCard)
	activities.PostReply.Register(r, a.Slack.PostReply)
	activities.PostEscalation.Register(r, a.Slack.PostEscalation)
	activities.PostSummary.Register(r, a.Slack.PostSummary)
	activities.PostNotice.Register(r, a.Slack.PostNotice)
	activities.PostDigest.Register(r, a.Slack.PostDigest)
	activities.OpenIncident.Register(r, a.Incidents.OpenIncident)
	activities.NoteDefender.Register(r, a.noteDefender)
	activities.PageOnCall.Register(r, a.pageOnCall)
	activities.RecordRun.Register(r, a.Audit.RecordRun)
	activities.RecordDecision.Register(r, a.Audit.RecordDecision)
}

func registerQueries(r worker.ActivityRegistry, a *Adapters) {
	activities.CheckSource.Register(r, a.LogAnalytics.CheckSource)
	activities.QueryHunt.Register(r, a.LogAnalytics.QueryHunt)
	activities.QueryEvidence.Register(r, a.LogAnalytics.QueryEvidence)
	activities.QueryExposure.Register(r, a.LogAnalytics.QueryExposure)
	activities.QueryPast.Register(r, a.LogAnalytics.QueryPast)
}
