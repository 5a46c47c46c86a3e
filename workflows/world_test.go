package workflows_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"harrier/activities"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// world is what workflows act on: functions in place of the adapters, with a
// memory of what was asked of them.
type world struct {
	env *testsuite.TestWorkflowEnvironment

	policy     soar.TriagePolicy
	settings   soar.HuntSettings
	coverage   soar.CoverageFound
	health     soar.SourceHealth
	rows       soar.HuntRows
	evidence   map[string][]soar.Message // by sender
	suppress   map[string]bool           // by sender
	seen       map[string]soar.Seen      // by case id
	fail       map[string]error          // by activity
	failOnce   map[string]error          // by activity, the next call
	count      map[string]*int           // calls by activity, failed ones too
	judgement  func(soar.Finding) soar.Judgement
	unreviewed soar.Unreviewed
	query      func(soar.Window) soar.HuntRows
	queried    []soar.Window

	loggedPages   []int
	covers        []soar.Cover
	sightings     []soar.SeeRequest
	summaries     []soar.Summary
	notices       []soar.Notice
	runs          []soar.RunRecord
	posted        []soar.Case
	requests      []soar.CaseRequest // of cards
	memo          soar.TriageMemo    // the last one
	updated       []soar.Case
	escalated     []soar.Case
	incidents     []soar.Case
	decisions     []soar.Case
	notes         []string
	mentions      []bool
	profile       soar.SenderProfile
	pages         []soar.Case
	defender      []soar.Case
	noted         *soar.Incident // what Defender has instead of its usual incident
	coverageBegun int
	trials        []string
	pastAsked     []soar.PastRequest
	caseDays      map[string][]soar.Window      // by case id
	coverages     map[string]soar.CoverageFound // by coverage slug, before coverage
	coverSlugs    []string
	watched       soar.Watched
	orphans       []soar.Case // of ended runs, which have the id of their case
	orphanPages   func(soar.OrphansRequest) soar.Orphans
	orphansAsked  []soar.OrphansRequest
	unreadable    map[string]bool // by case id
	digests       []soar.Digest
	digestAsked   []soar.DigestRequest
	paused        []soar.PauseInput
	resumed       []soar.PauseInput
	resumeAnswer  soar.Resumed
	// brokenWorkspace has a source that is not healthy.
	brokenWorkspace string
}

var start = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	w := &world{
		env: suite.NewTestWorkflowEnvironment(),
		policy: soar.TriagePolicy{
			Channel: "C1", OperationsChannel: "C9",
			Deadlines: map[soar.Severity]soar.Duration{soar.SeverityHigh: hours(1), soar.SeverityMedium: hours(4), soar.SeverityLow: hours(24)},
		},
		settings: soar.HuntSettings{Lag: soar.Duration(10 * time.Minute), FirstWindow: hours(24), Cards: 2},
		coverage: soar.CoverageFound{Found: true}, health: soar.SourceHealth{Healthy: true},
		evidence: map[string][]soar.Message{}, suppress: map[string]bool{}, seen: map[string]soar.Seen{}, fail: map[string]error{},
	}
	w.env.SetStartTime(start)
	w.env.SetTestTimeout(20 * time.Second)
	workflows.Register(w.env)
	w.register()
	w.env.OnUpsertMemo(mock.Anything).Run(func(args mock.Arguments) {
		w.memo, _ = args.Get(0).(map[string]any)[soar.MemoKey].(soar.TriageMemo)
	}).Return(nil).Maybe()
	return w
}

func hours(n int) soar.Duration { return soar.Duration(time.Duration(n) * time.Hour) }

// serve registers f, which fails where the test says so.
func serve[In, Out any](w *world, a activities.Activity[In, Out], f func(In) Out) {
	a.Register(w.env, func(_ context.Context, in In) (Out, error) {
		if n := w.count[string(a)]; n != nil {
			*n++
		}
		if err := w.failOnce[string(a)]; err != nil {
			delete(w.failOnce, string(a))
			var none Out
			return none, err
		}
		if err := w.fail[string(a)]; err != nil {
			var none Out
			return none, err
		}
		return f(in), nil
	})
}

func none[In any](list *[]In) func(In) soar.None {
	return func(in In) soar.None { *list = append(*list, in); return soar.None{} }
}

func (w *world) register() {
	serve(w, activities.LoadHunt, func(soar.HuntInput) soar.Loaded {
		return soar.Loaded{Hunt: soar.Hunt{ID: "id-1", Slug: "internal-senders", Name: "Internal senders", Query: "T", Settings: w.settings}, Policy: w.policy}
	})
	serve(w, activities.CheckSource, func(in soar.HuntRun) soar.SourceHealth {
		if w.brokenWorkspace != "" && in.Workspace == w.brokenWorkspace {
			return soar.SourceHealth{Problems: []string{"table EmailEvents does not exist"}}
		}
		return w.health
	})
	serve(w, activities.QueryHunt, func(in soar.HuntRun) soar.HuntRows {
		w.queried = append(w.queried, in.Window)
		if w.query != nil {
			return w.query(in.Window)
		}
		return w.rows
	})
	serve(w, activities.QueryEvidence, w.gather)
	serve(w, activities.QueryExposure, func(in soar.ExposureRequest) soar.ExposureSet {
		return soar.ExposureSet{Exposure: make([]soar.Exposure, len(in.Messages))}
	})
	serve(w, activities.QueryPast, func(in soar.PastRequest) soar.PastSet {
		w.pastAsked = append(w.pastAsked, in)
		return soar.PastSet{Past: make([]soar.Past, len(in.Senders)), Delivered: make([]int, len(in.Senders))}
	})
	serve(w, activities.LookUpSenders, func(in soar.ProfilesRequest) soar.Profiles {
		out := soar.Profiles{Profiles: make([]soar.SenderProfile, len(in.Senders))}
		for i := range out.Profiles {
			out.Profiles[i] = w.profile
		}
		return out
	})
	serve(w, activities.Judge, w.judge)
	serve(w, activities.SeeCase, func(in soar.SeeRequest) soar.Seen {
		w.sightings = append(w.sightings, in)
		if s, ok := w.seen[in.CaseID]; ok {
			return s
		}
		if in.See.Judgement.Verdict == soar.VerdictSuppressed {
			return soar.Seen{Answer: soar.SeeSuppressed}
		}
		return soar.Seen{
			Answer: soar.SeeOpened, Case: soar.CaseRef{ID: in.CaseID, Number: 1}, State: soar.CaseOpen,
			NewCard: !in.See.Listed, List: in.See.Listed,
		}
	})
	serve(w, activities.CaseDays, func(in soar.CaseDaysRequest) soar.CaseDays {
		out := soar.CaseDays{}
		for _, id := range in.CaseIDs {
			out.Windows = append(out.Windows, w.caseDays[id])
		}
		return out
	})
	serve(w, activities.ListUnreviewed, func(soar.None) soar.Unreviewed { return w.unreviewed })
	serve(w, activities.ReadCoverage, func(in soar.CoverageRequest) soar.CoverageFound {
		if found, ok := w.coverages[in.Slug]; ok {
			return found
		}
		return w.coverage
	})
	serve(w, activities.StartCoverage, func(soar.CoverageStart) soar.None { w.coverageBegun++; return soar.None{} })
	serve(w, activities.CoverWindow, func(in soar.CoverRequest) soar.CoverageState {
		w.covers = append(w.covers, in.Cover)
		w.coverSlugs = append(w.coverSlugs, in.Slug)
		return soar.CoverageState{}
	})
	w.registerOutcomes()
	w.registerWatch()
}

func (w *world) registerWatch() {
	serve(w, activities.LoadWatch, func(soar.None) soar.Watched { return w.watched })
	serve(w, activities.ListOrphans, w.listOrphans)
	activities.ReadOrphan.Register(w.env, w.readOrphan)
	serve(w, activities.GatherDigest, func(in soar.DigestRequest) soar.Digest {
		w.digestAsked = append(w.digestAsked, in)
		return soar.Digest{Window: in.Window, Channel: in.Channel, Expiring: in.Expiring}
	})
	serve(w, activities.PostDigest, func(in soar.Digest) soar.Card { w.digests = append(w.digests, in); return soar.Card{} })
	serve(w, activities.PauseSchedule, none(&w.paused))
	serve(w, activities.ResumeSchedule, func(in soar.PauseInput) soar.Resumed {
		w.resumed = append(w.resumed, in)
		return w.resumeAnswer
	})
}

func (w *world) registerOutcomes() {
	serve(w, activities.PostCard, func(in soar.CaseRequest) soar.Card {
		w.posted, w.requests = append(w.posted, in.Case), append(w.requests, in)
		return soar.Card{Channel: in.Case.Channel, TS: fmt.Sprintf("%d.0", len(w.posted)), Thread: in.Case.Card.Thread}
	})
	serve(w, activities.UpdateCard, cases(&w.updated))
	serve(w, activities.PostReply, func(in soar.CaseRequest) soar.None {
		w.notes, w.mentions = append(w.notes, in.Note), append(w.mentions, in.Mention)
		return soar.None{}
	})
	serve(w, activities.PageOnCall, cases(&w.pages))
	serve(w, activities.NoteDefender, func(in soar.CaseRequest) soar.Incident {
		w.defender = append(w.defender, in.Case)
		if w.noted != nil {
			return *w.noted
		}
		return soar.Incident{ID: "42", Severity: soar.SeverityHigh}
	})
	serve(w, activities.PostEscalation, func(in soar.CaseRequest) soar.Card { w.escalated = append(w.escalated, in.Case); return soar.Card{} })
	serve(w, activities.PostSummary, func(in soar.Summary) soar.Card { w.summaries = append(w.summaries, in); return soar.Card{} })
	serve(w, activities.PostNotice, none(&w.notices))
	serve(w, activities.OpenIncident, func(in soar.CaseRequest) soar.Incident {
		w.incidents = append(w.incidents, in.Case)
		return soar.Incident{ID: "i-" + in.Case.Ref.String(), URL: "https://portal.test/1"}
	})
	serve(w, activities.RecordRun, none(&w.runs))
	serve(w, activities.RecordDecision, cases(&w.decisions))
}

func cases(list *[]soar.Case) func(soar.CaseRequest) soar.None {
	return func(in soar.CaseRequest) soar.None { *list = append(*list, in.Case); return soar.None{} }
}

func (w *world) gather(in soar.EvidenceRequest) soar.EvidenceSet {
	var out soar.EvidenceSet
	for _, c := range in.Candidates {
		ms := w.evidence[c.Sender]
		out.Evidence = append(out.Evidence, soar.Evidence{Messages: ms, Total: len(ms)})
	}
	return out
}

func (w *world) judge(in soar.JudgeRequest) soar.Judgements {
	w.loggedPages = append(w.loggedPages, len(in.Findings))
	w.trials = append(w.trials, in.Trial)
	var out soar.Judgements
	for _, f := range in.Findings {
		j := soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Reason: "no rule"}
		if w.judgement != nil {
			j = w.judgement(f)
		}
		if w.suppress[f.Candidate.Sender] {
			j = soar.Judgement{Verdict: soar.VerdictSuppressed, Rule: "backup-veeam", Reason: "nightly"}
		}
		out.Judgements = append(out.Judgements, j)
	}
	return out
}

// reported adds a sender with so many phish reports.
func (w *world) reported(sender string, phish int) {
	w.rows.Candidates = append(w.rows.Candidates, soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Counts: soar.Counts{Phish: phish, Submissions: phish}})
	w.rows.Rows++
	w.evidence[sender] = []soar.Message{{NetworkMessageID: "m-" + sender, P2: sender, Phish: phish, Time: start.Add(-time.Hour)}}
}

func final(message string) error {
	return temporal.NewNonRetryableApplicationError(message, "Final", nil)
}
