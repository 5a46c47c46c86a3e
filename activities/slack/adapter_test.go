package slack_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

const (
	triage     = "C0TRIAGE"
	escalation = "C0ESCALATION"
	fallback   = "C0FALLBACK"
	archived   = "C0ARCHIVED"
	foreign    = "C0FOREIGN"
)

// clock is a time that tests move on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type bench struct {
	fake   *slacktest.Server
	client *slack.Client
	clock  *clock
}

func newBench(t *testing.T, change func(*slack.Config)) *bench {
	t.Helper()
	clock := &clock{at: now}
	fake := slacktest.New(slacktest.Config{
		Users: []slacktest.User{{ID: "U0ANALYST", Name: "analyst"}},
		Channels: []slacktest.Channel{
			{ID: triage, Name: "triage", Private: true, Members: []string{"U0BOT", "U0ANALYST"}},
			{ID: escalation, Name: "escalation", Private: true, Members: []string{"U0BOT", "U0ANALYST"}},
			{ID: fallback, Name: "fallback", Private: true, Members: []string{"U0BOT"}},
			{ID: archived, Name: "archived", Archived: true, Members: []string{"U0BOT"}},
			{ID: foreign, Name: "foreign"},
		},
		Now: clock.now,
	}).Start()
	t.Cleanup(fake.Close)
	config := slack.Config{
		Token: fake.BotToken(), APIURL: fake.APIURL(), EscalationChannel: escalation, FallbackChannel: fallback,
		PageGroup: "S0ONCALL", Links: links, Now: clock.now,
	}
	if change != nil {
		change(&config)
	}
	client, err := slack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{fake, client, clock}
}

func request(c soar.Case) soar.CaseRequest { return soar.CaseRequest{Case: c} }

func appError(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var e *temporal.ApplicationError
	if !errors.As(err, &e) {
		t.Fatalf("error is %T %v, want an ApplicationError", err, err)
	}
	return e
}

// post repeats a call as Temporal does, after the delay the error asks for.
func (b *bench) post(t *testing.T, c soar.Case) soar.Card {
	t.Helper()
	for range 100 {
		card, err := b.client.PostCard(t.Context(), request(c))
		if err == nil {
			return card
		}
		if e := appError(t, err); e.NonRetryable() {
			t.Fatal(err)
		} else {
			b.clock.move(max(e.NextRetryDelay(), time.Second))
		}
	}
	t.Fatal("not posted after 100 tries")
	return soar.Card{}
}

func TestACardIsPostedWithTheCaseInItsMetadata(t *testing.T) {
	b := newBench(t, nil)
	card := b.post(t, takenOver())
	m, err := b.fake.ExpectMessage(t.Context(), triage, nil)
	if err != nil {
		t.Fatal(err)
	}
	if card.TS != m.TS || card.Channel != triage || m.Metadata == nil || m.Metadata.EventType != "harrier_case" ||
		m.Metadata.EventPayload["case"] != takenOver().Ref.String() {
		t.Errorf("card %+v, metadata %+v", card, m.Metadata)
	}
	for _, button := range m.Buttons() {
		if button.Value != takenOver().Ref.String() {
			t.Errorf("button %s has value %q", button.ActionID, button.Value)
		}
	}
}

func TestAPostWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	_, err := b.client.PostCard(t.Context(), request(takenOver()))
	if e := appError(t, err); e.NonRetryable() || e.Type() != slack.ErrTypeUnavailable {
		t.Fatalf("a lost answer is %s, non-retryable %v", e.Type(), e.NonRetryable())
	}
	card := b.post(t, takenOver())
	if all := b.fake.All(triage); len(all) != 1 || all[0].TS != card.TS {
		t.Errorf("%d cards in the channel, want the first one again", len(all))
	}
}

// retried runs the activity under a real retry policy, so that attempts count up.
func retried(t *testing.T, c *slack.Client, in soar.CaseRequest) (soar.Card, error) {
	t.Helper()
	return retriedOn(t, func(int) *slack.Client { return c }, in)
}

// retriedOn runs one activity after the other, the nth attempt of all on the worker
// that is chosen for it, and returns what the last activity does.
func retriedOn(t *testing.T, worker func(n int) *slack.Client, ins ...soar.CaseRequest) (soar.Card, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	n := 0
	activities.PostCard.Register(env, func(ctx context.Context, in soar.CaseRequest) (soar.Card, error) {
		n++
		return worker(n).PostCard(ctx, in)
	})
	env.ExecuteWorkflow(func(ctx workflow.Context) (card soar.Card, err error) {
		for _, in := range ins {
			card, err = activities.PostCard.Run(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
				StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 5, InitialInterval: time.Second},
			}), in)
		}
		return card, err
	})
	var card soar.Card
	if err := env.GetWorkflowError(); err != nil {
		return card, err
	}
	return card, env.GetWorkflowResult(&card)
}

func TestARetryOnAnotherWorkerFindsTheFirstPost(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	card, err := retried(t, b.client, request(takenOver()))
	if err != nil {
		t.Fatal(err)
	}
	if all := b.fake.All(triage); len(all) != 1 || all[0].TS != card.TS {
		t.Errorf("%d cards in the channel", len(all))
	}
	if n := len(b.fake.Calls("chat.postMessage")); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

func TestARefusedPostIsNotLookedForInVain(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", ErrorCode: "internal_error"})
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: 429, RetryAfter: "1"})
	if _, err := b.client.PostCard(t.Context(), request(takenOver())); err == nil {
		t.Fatal("no error")
	}
	b.post(t, takenOver())
	if n := len(b.fake.Calls("conversations.history")); n != 1 {
		t.Errorf("%d searches, want one: after the error that left it open, none after the 429", n)
	}
}

func TestOfTwoCardsTheFirstStands(t *testing.T) {
	b := newBench(t, nil)
	first := b.post(t, takenOver())
	b.clock.move(time.Minute)
	other, err := slack.New(slack.Config{Token: b.fake.BotToken(), APIURL: b.fake.APIURL(), EscalationChannel: escalation, Now: b.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.PostCard(t.Context(), request(takenOver())); err != nil {
		t.Fatal(err)
	}
	b.clock.move(time.Minute)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: 503})
	if _, err := b.client.PostCard(t.Context(), request(takenOver())); err == nil {
		t.Fatal("no error")
	}
	b.clock.move(time.Minute)
	if got := b.post(t, takenOver()); got.TS != first.TS {
		t.Errorf("found %s, want the first, %s", got.TS, first.TS)
	}
	all := b.fake.All(triage)
	if len(all) != 2 || !takesDecisions(all[0]) || len(all[1].Buttons()) != 0 {
		t.Errorf("the second card still takes decisions: %d cards", len(all))
	}
}

func TestACardInASummarysThreadIsLookedForThere(t *testing.T) {
	b := newBench(t, nil)
	root := b.post(t, heldBack())
	c := takenOver()
	c.Card = soar.Card{Channel: triage, Thread: root.TS}
	b.clock.move(time.Minute)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	card, err := retried(t, b.client, request(c))
	if err != nil {
		t.Fatal(err)
	}
	if thread := b.fake.Thread(triage, root.TS); len(thread) != 2 || thread[1].TS != card.TS || card.Thread != root.TS {
		t.Errorf("thread has %d messages, card %+v", len(thread), card)
	}
}

func TestRefusedBlocksAreRetriedOnceAsAMinimalCard(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", ErrorCode: "invalid_blocks"})
	b.post(t, takenOver())
	m := b.fake.All(triage)[0]
	if !m.Contains("Slack refused the full card") || !takesDecisions(m) || m.Metadata == nil {
		t.Errorf("minimal card is %q with %d buttons", m.Content(), len(m.Buttons()))
	}
	b.clock.move(time.Minute)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", ErrorCode: "invalid_blocks", Times: 2})
	c := heldBack()
	_, err := b.client.PostCard(t.Context(), request(c))
	if e := appError(t, err); !e.NonRetryable() || e.Type() != slack.ErrTypeRejected {
		t.Errorf("twice refused is %s, non-retryable %v", e.Type(), e.NonRetryable())
	}
}

func TestAnUnusableChannelSendsTheCardToTheFallbackAndIsNotASuccess(t *testing.T) {
	for code, channel := range map[string]string{"not_in_channel": foreign, "is_archived": archived, "channel_not_found": "C0NOWHERE"} {
		t.Run(code, func(t *testing.T) {
			b := newBench(t, nil)
			c := takenOver()
			c.Channel = channel
			_, err := retried(t, b.client, request(c))
			e := appError(t, err)
			if !e.NonRetryable() || e.Type() != slack.ErrTypeChannel || !strings.Contains(e.Message(), code) {
				t.Fatalf("error is %v", err)
			}
			var there soar.Card
			if err := e.Details(&there); err != nil {
				t.Fatal(err)
			}
			all := b.fake.All(fallback)
			if len(all) != 1 || there.TS != all[0].TS || !takesDecisions(all[0]) || !all[0].Contains("Meant for") {
				t.Errorf("fallback has %d messages, the error tells of %+v", len(all), there)
			}
		})
	}
}

func TestTwoHundredCardsComeOneASecond(t *testing.T) {
	b := newBench(t, nil)
	waits := map[time.Duration]bool{}
	for n := range 200 {
		c := takenOver()
		c.Ref.Number = n + 1
		_, err := b.client.PostCard(t.Context(), request(c))
		if n == 0 {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		e := appError(t, err)
		if e.NonRetryable() || e.Type() != slack.ErrTypeThrottled || waits[e.NextRetryDelay()] {
			t.Fatalf("card %d: %v, delay %s", n, err, e.NextRetryDelay())
		}
		waits[e.NextRetryDelay()] = true
	}
	for n := 1; n < 200; n++ {
		b.clock.move(time.Second)
		c := takenOver()
		c.Ref.Number = n + 1
		if _, err := b.client.PostCard(t.Context(), request(c)); err != nil {
			t.Fatalf("card %d at its turn: %v", n, err)
		}
	}
	if n := len(b.fake.All(triage)); n != 200 {
		t.Errorf("%d cards", n)
	}
	for _, call := range b.fake.Calls() {
		if call.Status == 429 || call.Method == "conversations.history" {
			t.Fatalf("a paced call met %s with status %d", call.Method, call.Status)
		}
	}
}

func TestEveryFormOfThrottlingCarriesItsDelay(t *testing.T) {
	date := now.Add(7 * time.Second).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	for header, want := range map[string]time.Duration{"3": 3 * time.Second, "0.5": time.Second, "1.5": 1500 * time.Millisecond, "": 5 * time.Second, date: 7 * time.Second} {
		t.Run("Retry-After "+header, func(t *testing.T) {
			b := newBench(t, nil)
			b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: 429, RetryAfter: header})
			_, err := b.client.PostCard(t.Context(), request(takenOver()))
			e := appError(t, err)
			if e.NonRetryable() || e.Type() != slack.ErrTypeThrottled || e.NextRetryDelay() != want {
				t.Errorf("type %s, non-retryable %v, delay %s, want %s", e.Type(), e.NonRetryable(), e.NextRetryDelay(), want)
			}
			b.clock.move(want)
			if _, err := b.client.PostCard(t.Context(), request(takenOver())); err != nil {
				t.Errorf("at its turn: %v", err)
			}
		})
	}
}

func TestEveryErrorClassSaysWhetherARetryHelps(t *testing.T) {
	for code, want := range map[string]string{
		"account_inactive": slack.ErrTypeAccess, "token_revoked": slack.ErrTypeAccess, "invalid_auth": slack.ErrTypeAccess, "missing_scope": slack.ErrTypeAccess,
		"message_not_found": slack.ErrTypeMessageGone, "cant_update_message": slack.ErrTypeMessageGone,
		"internal_error": slack.ErrTypeUnavailable, "ratelimited": slack.ErrTypeThrottled, "no_text": slack.ErrTypeRejected, "is_archived": slack.ErrTypeChannel,
		"is_inactive": slack.ErrTypeChannel, "channel_not_found": slack.ErrTypeChannel, "not_in_channel": slack.ErrTypeChannel, "update_failed": slack.ErrTypeUnavailable,
	} {
		t.Run(code, func(t *testing.T) {
			b := newBench(t, nil)
			b.fake.Fail(slacktest.Fault{Method: "chat.update", ErrorCode: code})
			c := takenOver()
			c.Card = soar.Card{Channel: triage, TS: "1.000001"}
			_, err := b.client.UpdateCard(t.Context(), request(c))
			e := appError(t, err)
			retry := want == slack.ErrTypeUnavailable || want == slack.ErrTypeThrottled
			if e.Type() != want || e.NonRetryable() == retry {
				t.Errorf("type %s, want %s; non-retryable %v", e.Type(), want, e.NonRetryable())
			}
		})
	}
}

func TestNoErrorHoldsTheToken(t *testing.T) {
	const secret = "xoxb-very-secret"
	b := newBench(t, func(c *slack.Config) { c.Token = secret })
	closed := newBench(t, func(c *slack.Config) { c.Token, c.APIURL = secret, "http://127.0.0.1:1/" })
	c := takenOver()
	c.Card = soar.Card{Channel: triage, TS: "1.000001"}
	for _, client := range []*slack.Client{b.client, closed.client} {
		_, post := client.PostCard(t.Context(), request(takenOver()))
		_, update := client.UpdateCard(t.Context(), request(c))
		_, escalate := client.PostEscalation(t.Context(), request(c))
		for _, err := range []error{post, update, escalate} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("error is %v", err)
			}
		}
	}
}

func TestACancelledCallStaysCancelled(t *testing.T) {
	b := newBench(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.client.PostCard(ctx, request(takenOver())); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	for want, c := range map[string]slack.Config{
		"bot token":          {EscalationChannel: "C1"},
		"escalation channel": {Token: "xoxb-1"},
		"is a name":          {Token: "xoxb-1", EscalationChannel: "#soc"},
	} {
		if _, err := slack.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error is %v, want %q", c, err, want)
		}
	}
}

// takesDecisions says that a message has the buttons that decide a case, each once.
func takesDecisions(m slacktest.Message) bool {
	seen := map[string]int{}
	for _, b := range m.Buttons() {
		seen[b.ActionID]++
	}
	return seen[slack.ActionEscalate] == 1 && seen[slack.ActionApprove] == 1 && seen[slack.ActionEvidence] == 1
}
