package interactions_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	caseclient "harrier/activities/cases"
	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// office is a Temporal server with the real workflows, a Slack workspace, and people.
// Activities are functions: cards go to Slack, the rest is counted.
type office struct {
	tb      testing.TB
	fake    *slacktest.Server
	api     *slackapi.Client
	client  client.Client
	cases   *caseclient.Client
	people  []string
	audit   *refusalLines
	channel string

	mu        sync.Mutex
	incidents map[soar.CaseRef]int
	cards     map[soar.CaseRef]soar.Card
	carded    chan soar.CaseRef
	ended     chan soar.Case // outcomes that were recorded
}

// bareWorkflow takes one update and nothing else: what a decision costs at the least.
const bareWorkflow = "Bare"

func bare(ctx workflow.Context) error {
	done := false
	err := workflow.SetUpdateHandlerWithOptions(ctx, soar.DecideUpdate, func(_ workflow.Context, d soar.Decide) (soar.Decided, error) {
		done = true
		return soar.Decided{Case: d.Case}, nil
	}, workflow.UpdateHandlerOptions{Validator: func(d soar.Decide) error { return d.Decision.Validate() }})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return done })
}

func newOffice(tb testing.TB, people int) *office {
	tb.Helper()
	o := &office{
		tb: tb, channel: channel, audit: &refusalLines{}, incidents: map[soar.CaseRef]int{}, cards: map[soar.CaseRef]soar.Card{},
		carded: make(chan soar.CaseRef, 1000), ended: make(chan soar.Case, 1000),
	}
	config := slacktest.Config{Limits: slacktest.Limits{Rates: map[string]slacktest.Rate{"chat.postMessage": {}, "chat.update": {}}}}
	members := []string{"U0BOT"}
	for i := range people {
		id := fmt.Sprintf("U0PERSON%03d", i)
		config.Users = append(config.Users, slacktest.User{ID: id, Name: fmt.Sprintf("person%d", i)})
		members, o.people = append(members, id), append(o.people, id)
	}
	config.UserGroups = []slacktest.UserGroup{{ID: approver, Handle: "soc", Members: o.people}}
	config.Channels = []slacktest.Channel{{ID: channel, Name: "triage", Private: true, Members: members}}
	o.fake = slacktest.New(config).Start()
	tb.Cleanup(o.fake.Close)
	o.api = slackapi.New(o.fake.BotToken(), slackapi.OptionAPIURL(o.fake.APIURL()), slackapi.OptionAppLevelToken(o.fake.AppToken()))
	o.serve()
	return o
}

// serve starts the server and a worker.
func (o *office) serve() {
	o.tb.Helper()
	server, err := devserver.Start(o.tb.Context(), devserver.Options{Progress: os.Stderr})
	if err != nil {
		o.tb.Fatal(err)
	}
	o.tb.Cleanup(server.Stop)
	o.client, err = client.Dial(client.Options{HostPort: server.Address, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		o.tb.Fatal(err)
	}
	o.tb.Cleanup(o.client.Close)
	if o.cases, err = caseclient.New(caseclient.Config{Temporal: o.client, TaskQueue: soar.TaskQueue, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		o.tb.Fatal(err)
	}
	w := worker.New(o.client, soar.TaskQueue, worker.Options{WorkerStopTimeout: time.Second})
	workflows.Register(w)
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareWorkflow})
	o.register(w)
	if err := w.Start(); err != nil {
		o.tb.Fatal(err)
	}
	o.tb.Cleanup(w.Stop)
}

func (o *office) register(r worker.ActivityRegistry) {
	none := func(context.Context, soar.CaseRequest) (soar.None, error) { return soar.None{}, nil }
	activities.PostCard.Register(r, o.postCard)
	activities.UpdateCard.Register(r, o.UpdateCard)
	activities.PostReply.Register(r, none)
	activities.PageOnCall.Register(r, none)
	activities.PostNotice.Register(r, func(context.Context, soar.Notice) (soar.None, error) { return soar.None{}, nil })
	activities.NoteDefender.Register(r, func(context.Context, soar.CaseRequest) (soar.Incident, error) { return soar.Incident{}, nil })
	activities.LookUpSenders.Register(r, func(_ context.Context, in soar.ProfilesRequest) (soar.Profiles, error) {
		return soar.Profiles{Profiles: make([]soar.SenderProfile, len(in.Senders))}, nil
	})
	activities.Judge.Register(r, func(_ context.Context, in soar.JudgeRequest) (soar.Judgements, error) {
		return soar.Judgements{Judgements: make([]soar.Judgement, len(in.Findings))}, nil
	})
	activities.PostEscalation.Register(r, func(context.Context, soar.CaseRequest) (soar.Card, error) { return soar.Card{}, nil })
	activities.OpenIncident.Register(r, func(_ context.Context, in soar.CaseRequest) (soar.Incident, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.incidents[in.Case.Ref]++
		return soar.Incident{ID: in.Case.Ref.String()}, nil
	})
	activities.RecordDecision.Register(r, func(_ context.Context, in soar.CaseRequest) (soar.None, error) {
		o.ended <- in.Case
		return soar.None{}, nil
	})
	activities.ReadCoverage.Register(r, o.cases.ReadCoverage)
	activities.StartCoverage.Register(r, o.cases.StartCoverage)
	activities.CoverWindow.Register(r, o.cases.CoverWindow)
}

func (o *office) postCard(ctx context.Context, in soar.CaseRequest) (soar.Card, error) {
	blocks, text := slack.Card(in.Case, slack.Options{}, time.Now())
	_, ts, err := o.api.PostMessageContext(ctx, in.Case.Channel, slackapi.MsgOptionText(text, false), slackapi.MsgOptionBlocks(blocks...))
	if err != nil {
		return soar.Card{}, err
	}
	card := soar.Card{Channel: in.Case.Channel, TS: ts}
	o.mu.Lock()
	o.cards[in.Case.Ref] = card
	o.mu.Unlock()
	o.carded <- in.Case.Ref
	return card, nil
}

// UpdateCard edits a card in place, as the Slack adapter does.
func (o *office) UpdateCard(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	blocks, text := slack.Card(in.Case, slack.Options{}, time.Now())
	_, _, _, err := o.api.UpdateMessageContext(ctx, in.Case.Card.Channel, in.Case.Card.TS, slackapi.MsgOptionText(text, false), slackapi.MsgOptionBlocks(blocks...))
	return soar.None{}, err
}

// open opens so many cases and waits for their cards.
func (o *office) open(n int, name string, deadline time.Duration) []soar.CaseRef {
	o.tb.Helper()
	var opening sync.WaitGroup
	for i := range n {
		opening.Go(func() {
			if _, err := o.cases.SeeCase(o.tb.Context(), sighted(fmt.Sprintf("%s%d@contoso.com", name, i), deadline)); err != nil {
				o.tb.Error(err)
			}
		})
	}
	opening.Wait()
	var refs []soar.CaseRef
	for range n {
		select {
		case ref := <-o.carded:
			refs = append(refs, ref)
		case <-time.After(time.Minute):
			o.tb.Fatalf("%d cards, want %d", len(refs), n)
		}
	}
	return refs
}

// sighted is a sender that people reported, as a hunt tells its case.
func sighted(sender string, deadline time.Duration) soar.SeeRequest {
	now := time.Now()
	f := soar.Finding{Hunt: "internal-senders", Window: soar.NewWindow(now.Add(-24*time.Hour), now)}
	f.Candidate = soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Counts: soar.Counts{Phish: 3}}
	f.Evidence = soar.Evidence{Messages: []soar.Message{{NetworkMessageID: "m-" + sender, P2: sender, Phish: 3, Time: now}}, Total: 1}
	f.Profile = soar.SenderProfile{Kind: soar.KindService}
	key := soar.CaseKey(f)
	return soar.SeeRequest{CaseID: soar.CaseID(key), Key: key, See: soar.See{
		Hunt: f.Hunt, HuntName: "Internal senders", RunID: "run-1", Window: f.Window, At: now, Finding: f, Channel: channel, Deadline: soar.Duration(deadline), Policy: soar.CasePolicy{Version: 1},
		Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Headline: "Reported", Rememberable: true, Path: "mailbox"},
	}}
}

func (o *office) card(ref soar.CaseRef) soar.Card {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cards[ref]
}

// worker starts a Service, one of several, with cases of its own.
func (o *office) worker(of interactions.Cases, with ...func(*interactions.Config)) *interactions.Service {
	o.tb.Helper()
	config := interactions.Config{
		Slack: o.api, Cases: of, Cards: o, Audit: o.audit,
		Approvers: func() soar.Approvers { return soar.Approvers{Groups: []string{approver}} },
	}
	for _, change := range with {
		change(&config)
	}
	service, err := interactions.New(config)
	if err != nil {
		o.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	o.tb.Cleanup(func() {
		o.drain(service)
		cancel()
		if err := <-ended; err != nil {
			o.tb.Errorf("run: %v", err)
		}
	})
	return service
}

// drain waits until the work behind all clicks is done.
func (o *office) drain(service *interactions.Service) {
	o.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := service.Close(ctx); err != nil {
		o.tb.Errorf("close: %v", err)
	}
}

func (o *office) sockets(n int) {
	o.tb.Helper()
	if err := o.fake.ExpectSockets(o.tb.Context(), n); err != nil {
		o.tb.Fatal(err)
	}
}
