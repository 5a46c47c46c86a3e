package interactions_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"harrier/activities/audit"
	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

const (
	channel  = "C0TRIAGE"
	analyst  = "U0ANALYST"
	second   = "U0SECOND"
	member   = "U0MEMBER"
	guest    = "U0GUEST"
	grouped  = "U0GROUPED"
	approver = "S0SOC"
	leads    = "S0LEADS"
	stranger = "U0STRANGER" // of another organisation, here through Slack Connect
	reporter = "U0REPORTER"
)

var ref = soar.CaseRef{ID: "case-0123456789abcdef0123", Number: 3}

// cases judges decisions as a case does, one at a time, and can be slow or fail.
type cases struct {
	mu       sync.Mutex
	view     soar.CaseView
	clicks   map[string]soar.Decided
	decided  []soar.Decide
	changed  []soar.Change
	extended []soar.Extend
	shown    []soar.Show
	tries    int
	failures int           // so many first tries fail
	lost     int           // so many accepted decisions get no answer
	hold     chan struct{} // while open, nobody gets an answer
	proposes bool          // approvals wait for a second person
	taken    chan struct{} // one for every decision taken
}

func newCases() *cases {
	c := soar.Case{Ref: ref, State: soar.CaseOpen, Deadline: time.Now().Add(time.Hour), Judgement: soar.Judgement{
		Severity: soar.SeverityLow, Headline: "Probably automation, held back", Rememberable: true, Path: "connector:OnPrem relay",
	}}
	c.Finding.Candidate = soar.Candidate{Sender: "splunk@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}
	return &cases{view: soar.CaseView{Case: c, Numbers: 3}, clicks: map[string]soar.Decided{}, taken: make(chan struct{}, 100)}
}

func (c *cases) wait(ctx context.Context) error {
	c.mu.Lock()
	hold := c.hold
	c.tries++
	fail := c.tries <= c.failures
	c.mu.Unlock()
	if fail {
		return errors.New("frontend unavailable")
	}
	if hold == nil {
		return nil
	}
	select {
	case <-hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *cases) Decide(ctx context.Context, d soar.Decide) (soar.Decided, error) {
	if err := c.wait(ctx); err != nil {
		return soar.Decided{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.clicks[d.Click]; ok {
		return done, nil
	}
	if err := soar.MayDecide(c.view, d); err != nil {
		return soar.Decided{}, err
	}
	c.view.Case.Decision = &soar.Decision{Kind: d.Decision, By: d.By, At: d.At, Reason: d.Reason, Remember: d.Remember, Click: d.Click}
	c.view.Case.State = map[soar.DecisionKind]soar.CaseState{soar.Approve: soar.CaseApproved, soar.Escalate: soar.CaseEscalated}[d.Decision]
	c.decided = append(c.decided, d)
	c.taken <- struct{}{}
	c.clicks[d.Click] = soar.Decided{Case: d.Case, State: c.view.Case.State, Proposed: c.proposes}
	if c.lost > 0 {
		c.lost--
		return soar.Decided{}, errors.New("answer lost")
	}
	return c.clicks[d.Click], nil
}

func (c *cases) Change(ctx context.Context, ch soar.Change) (soar.Decided, error) {
	if err := c.wait(ctx); err != nil {
		return soar.Decided{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.clicks[ch.Click]; ok {
		return done, nil
	}
	if err := soar.MayChange(c.view, ch, time.Now()); err != nil {
		return soar.Decided{}, err
	}
	state := soar.TriageState{Case: c.view.Case, Entry: c.view.Entry}
	c.clicks[ch.Click] = state.Apply(ch)
	c.view.Case, c.view.Entry = state.Case, state.Entry
	c.changed = append(c.changed, ch)
	c.taken <- struct{}{}
	return c.clicks[ch.Click], nil
}

func (c *cases) Extend(ctx context.Context, _, _ string, e soar.Extend) (soar.CaseView, error) {
	if err := c.wait(ctx); err != nil {
		return soar.CaseView{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	state := soar.TriageState{Case: c.view.Case, Entry: c.view.Entry}
	if err := state.MayExtend(e); err != nil {
		return soar.CaseView{}, err
	}
	entry := *c.view.Entry
	entry.Until = e.Until
	c.view.Entry = &entry
	c.extended = append(c.extended, e)
	return c.view, nil
}

// set changes the case as it stands.
func (c *cases) set(do func(*soar.CaseView)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do(&c.view)
}

func (c *cases) View(ctx context.Context, id string) (soar.CaseView, error) {
	if err := c.wait(ctx); err != nil {
		return soar.CaseView{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.view, nil
}

func (c *cases) Show(_ context.Context, s soar.Show) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = append(c.shown, s)
	return nil
}

// sent counts the calls so far.
func (c *cases) sent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries
}

func (c *cases) decisions() []soar.Decide {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]soar.Decide(nil), c.decided...)
}

// refusals keep what was refused.
type refusals struct {
	mu    sync.Mutex
	lines []audit.Refusal
}

func (a *refusals) RecordRefusal(_ context.Context, r audit.Refusal) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, r)
	return nil
}

func (a *refusals) all() []audit.Refusal {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]audit.Refusal(nil), a.lines...)
}

func (a *refusals) kinds() []soar.RefusalKind {
	var out []soar.RefusalKind
	for _, r := range a.all() {
		out = append(out, r.Kind)
	}
	return out
}

type bench struct {
	t       *testing.T
	fake    *slacktest.Server
	service *interactions.Service
	cases   *cases
	audit   *refusals
	card    string

	mu   sync.Mutex
	list soar.Approvers
}

func (b *bench) setList(list soar.Approvers) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
}

func (b *bench) approvers() soar.Approvers {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list
}

// setup changes the workspace and the service before they start.
type setup struct {
	workspace func(*slacktest.Config)
	service   func(*interactions.Config)
	list      *soar.Approvers
	late      bool // the test starts the service itself
}

func newBench(t *testing.T, with setup) *bench {
	t.Helper()
	b := &bench{t: t, cases: newCases(), audit: &refusals{}, list: soar.Approvers{Users: []string{analyst, second}, Groups: []string{approver}}}
	if with.list != nil {
		b.list = *with.list
	}
	workspace := slacktest.Config{
		Users: []slacktest.User{
			{ID: analyst, Name: "analyst"}, {ID: second, Name: "second"}, {ID: member, Name: "member"}, {ID: grouped, Name: "grouped"},
			{ID: guest, Name: "guest", Restricted: true}, {ID: stranger, Name: "stranger"},
			{ID: reporter, Name: "reporter", Email: "reporter@contoso.com"},
		},
		UserGroups: []slacktest.UserGroup{
			{ID: approver, Handle: "soc", Members: []string{grouped, guest, stranger}}, {ID: leads, Handle: "leads", Members: []string{second}},
		},
		Channels: []slacktest.Channel{{ID: channel, Name: "triage", Private: true, Members: []string{"U0BOT", analyst, second, member, guest, grouped, stranger}}},
	}
	// The pace of posts has tests of its own.
	workspace.Limits.Rates = map[string]slacktest.Rate{"chat.postMessage": {}}
	if with.workspace != nil {
		with.workspace(&workspace)
	}
	b.fake = slacktest.New(workspace).Start()
	t.Cleanup(b.fake.Close)
	if !with.late {
		b.start(with)
	}
	b.card = b.post()
	b.cases.set(func(v *soar.CaseView) { v.Case.Card = soar.Card{Channel: channel, TS: b.card} })
	return b
}

func (b *bench) start(with setup) {
	config := interactions.Config{
		Slack: slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()), slackapi.OptionAppLevelToken(b.fake.AppToken()),
			slackapi.OptionHTTPClient(&http.Client{Transport: abroad{}})),
		Cases: b.cases, Audit: b.audit, Approvers: b.approvers,
		TryFor: 200 * time.Millisecond,
	}
	if with.service != nil {
		with.service(&config)
	}
	service, err := interactions.New(config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.service = service
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	b.t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := service.Close(closing); err != nil {
			b.t.Errorf("close: %v", err)
		}
		cancel()
		if err := <-ended; err != nil {
			b.t.Errorf("run: %v", err)
		}
	})
	if config.Mode != interactions.ModeHTTP {
		if err := b.fake.ExpectSockets(b.t.Context(), 1); err != nil {
			b.t.Fatal(err)
		}
	}
}

// abroad lets Slack say of the stranger what it says of people of other organisations.
type abroad struct{}

func (abroad) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/users.info") {
		return answer, err
	}
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(raw, []byte(stranger)) {
		raw = bytes.ReplaceAll(raw, []byte("T0CONTOSO"), []byte("T0ANOTHER"))
	}
	answer.Body = io.NopCloser(bytes.NewReader(raw))
	return answer, nil
}

// post puts the case's real card into the channel.
func (b *bench) post() string {
	blocks, text := slack.Card(b.cases.view.Case, slack.Options{}, time.Now())
	api := slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()))
	_, ts, err := api.PostMessageContext(b.t.Context(), channel, slackapi.MsgOptionText(text, false), slackapi.MsgOptionBlocks(blocks...))
	if err != nil {
		b.t.Fatal(err)
	}
	return ts
}

func (b *bench) click(user, action string) slacktest.ClickResult {
	b.t.Helper()
	result, err := b.fake.Click(b.t.Context(), user, channel, b.card, action)
	if err != nil {
		b.t.Fatal(err)
	}
	if !result.Acked {
		b.t.Errorf("click %s by %s was not acknowledged", action, user)
	}
	return result
}

func (b *bench) expectNote(user, part string) slacktest.Message {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	m, err := b.fake.ExpectEphemeral(ctx, user, func(m slacktest.Message) bool { return m.Contains(part) })
	if err != nil {
		b.t.Fatalf("no note with %q: %v", part, err)
	}
	return m
}

// expectView waits for a modal that says any of the parts.
func (b *bench) expectView(user string, parts ...string) slacktest.View {
	b.t.Helper()
	says := func(v slacktest.View) bool { return slices.ContainsFunc(parts, v.Contains) }
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	v, err := b.fake.ExpectViewWhere(ctx, user, says)
	if err != nil {
		open, _ := b.fake.OpenView(user)
		b.t.Fatalf("no modal with %q: %v; open is %q %s", parts, err, open.Title, open.Blocks)
	}
	return v
}

// drain waits until the work behind all clicks is done.
func (b *bench) drain() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.service.Close(ctx); err != nil {
		b.t.Fatalf("drain: %v", err)
	}
}

// unreachable is a Slack that nobody answers at.
func unreachable() *slackapi.Client {
	return slackapi.New("xoxb-x", slackapi.OptionAPIURL("http://127.0.0.1:1/"))
}

func postBlocks(b *bench, blocks []slackapi.Block) string {
	b.t.Helper()
	api := slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()))
	_, ts, err := api.PostMessageContext(b.t.Context(), channel, slackapi.MsgOptionText("x", false), slackapi.MsgOptionBlocks(blocks...))
	if err != nil {
		b.t.Fatal(err)
	}
	return ts
}

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

// expectDecisions waits until so many decisions were taken.
func (b *bench) expectDecisions(n int) {
	b.t.Helper()
	for range n {
		select {
		case <-b.cases.taken:
		case <-time.After(10 * time.Second):
			b.t.Fatalf("%d decisions, want %d", len(b.cases.decisions()), n)
		}
	}
}

// deaf is a Socket Mode connection that gets deliveries and answers none. The
// channel is closed when the first has arrived.
func (b *bench) deaf() <-chan struct{} {
	b.t.Helper()
	api := slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()), slackapi.OptionAppLevelToken(b.fake.AppToken()))
	client := socketmode.New(api)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	got := make(chan struct{})
	go func() {
		for event := range client.Events {
			if event.Type == socketmode.EventTypeInteractive {
				close(got)
				return
			}
		}
	}()
	b.t.Cleanup(func() {
		cancel()
		<-ended
	})
	if err := b.fake.ExpectSockets(b.t.Context(), 1); err != nil {
		b.t.Fatal(err)
	}
	return got
}
