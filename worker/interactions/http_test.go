package interactions_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

const secret = "signing-secret"

func overHTTP(secrets ...string) setup {
	return setup{service: func(c *interactions.Config) {
		c.Mode, c.SigningSecrets, c.Now = interactions.ModeHTTP, secrets, func() time.Time { return noon }
	}}
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// payload is a click on Escalate as Slack sends it.
func payload(b *bench, action string) string {
	raw, _ := json.Marshal(map[string]any{
		"type": "block_actions", "trigger_id": "1.2.3", "user": map[string]any{"id": analyst, "team_id": "T0CONTOSO"},
		"container": map[string]any{"type": "message", "message_ts": b.card, "channel_id": channel},
		"actions":   []any{map[string]any{"type": "button", "action_id": action, "block_id": "decide", "value": ref.String(), "action_ts": "1795513500.1"}},
	})
	return url.Values{"payload": {string(raw)}}.Encode()
}

// signed is a request as Slack signs it, and what happens to it on the way.
type signed struct {
	key    string
	at     time.Time
	body   string
	change func(*http.Request)
}

// send hands the request to the service and returns the status of the answer.
func (s signed) send(b *bench) int {
	r := httptest.NewRequest(http.MethodPost, "/slack/interactions", strings.NewReader(s.body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	timestamp, signature := slacktest.Sign(s.key, s.at, s.body)
	r.Header.Set("X-Slack-Request-Timestamp", timestamp)
	r.Header.Set("X-Slack-Signature", signature)
	if s.change != nil {
		s.change(r)
	}
	w := httptest.NewRecorder()
	b.service.ServeHTTP(w, r)
	return w.Code
}

func TestASignatureIsGoodForFiveMinutesEitherWay(t *testing.T) {
	for offset, want := range map[time.Duration]int{
		-301 * time.Second: 401, 301 * time.Second: 401, -299 * time.Second: 200, 299 * time.Second: 200, 0: 200,
	} {
		b := newBench(t, overHTTP(secret))
		got := (signed{secret, noon.Add(offset), payload(b, slack.ActionEscalate), nil}).send(b)
		b.drain()
		if decided := len(b.cases.decisions()) == 1; got != want || decided != (want == 200) {
			t.Errorf("%s: status %d, decided %v, want %d", offset, got, decided, want)
		}
	}
}

func TestTheSameSignedBodyTwiceHasOneEffect(t *testing.T) {
	b := newBench(t, overHTTP(secret))
	for range 2 {
		if got := (signed{secret, noon, payload(b, slack.ActionEscalate), nil}).send(b); got != 200 {
			t.Fatalf("status %d", got)
		}
	}
	b.drain()
	if b.cases.tries != 1 {
		t.Errorf("%d tries", b.cases.tries)
	}
}

func TestTheSecretBeforeIsTakenWhileItIsChanged(t *testing.T) {
	b := newBench(t, overHTTP("new", secret))
	if got := (signed{secret, noon, payload(b, slack.ActionEscalate), nil}).send(b); got != 200 {
		t.Errorf("status %d", got)
	}
}

func TestARequestThatIsNotSlacksDoesNothing(t *testing.T) {
	b := newBench(t, overHTTP(secret))
	body := payload(b, slack.ActionEscalate)
	for name, c := range map[string]struct {
		want   int
		key    string
		body   string
		change func(*http.Request)
	}{
		"another secret":  {401, "guess", body, nil},
		"no signature":    {401, secret, body, func(r *http.Request) { r.Header.Del("X-Slack-Signature") }},
		"no timestamp":    {401, secret, body, func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }},
		"a changed body":  {401, secret, body, func(r *http.Request) { r.Body = http.NoBody }},
		"a huge body":     {413, secret, "payload=" + strings.Repeat("x", 1<<20), nil},
		"GET":             {405, secret, body, func(r *http.Request) { r.Method = http.MethodGet }},
		"no JSON":         {400, secret, "payload=nothing", nil},
		"not a form":      {400, secret, "%zz", nil},
		"empty secret":    {401, "", body, nil},
		"consumed before": {401, secret, body, func(r *http.Request) { _ = r.ParseForm() }},
		"HEAD":            {405, secret, body, func(r *http.Request) { r.Method = http.MethodHead }},
		"no time":         {401, secret, body, func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "-9223372036854775808") }},
		"a far time":      {401, secret, body, func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "9223372036854775807") }},
		"a second header": {401, secret, body, func(r *http.Request) {
			r.Header["X-Slack-Signature"] = append([]string{"v0=00"}, r.Header["X-Slack-Signature"]...)
		}},
		"an old version": {401, secret, body, func(r *http.Request) {
			r.Header.Set("X-Slack-Signature", strings.Replace(r.Header.Get("X-Slack-Signature"), "v0=", "v1=", 1))
		}},
		"an unknown event": {200, secret, `{"type":"app_rate_limited","minute_rate_limited":1795513500}`, nil},
		"two documents":    {400, secret, `{"type":"url_verification","challenge":"x"}{}`, nil},
		"no body":          {400, secret, "", nil},
	} {
		if got := (signed{c.key, noon, c.body, c.change}).send(b); got != c.want {
			t.Errorf("%s: status %d, want %d", name, got, c.want)
		}
	}
	b.drain()
	if len(b.cases.decisions()) != 0 {
		t.Error("a request that is not Slack's decided")
	}
}

func TestSlacksCheckOfTheCertificateIsAnsweredAndDoesNothing(t *testing.T) {
	b := newBench(t, overHTTP(secret))
	for _, body := range []string{"ssl_check=1&token=x", "ssl_check=1&" + payload(b, slack.ActionEscalate)} {
		if got := (signed{secret, noon, body, nil}).send(b); got != 200 {
			t.Errorf("%s: status %d", body, got)
		}
	}
	b.drain()
	if len(b.cases.decisions()) != 0 {
		t.Error("the check did something")
	}
}

func TestABodyThatBreaksOffIsNotCalledTooLarge(t *testing.T) {
	b := newBench(t, overHTTP(secret))
	broken := func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("payload="), iotest.ErrReader(os.ErrDeadlineExceeded)))
	}
	if got := (signed{secret, noon, payload(b, slack.ActionEscalate), broken}).send(b); got != http.StatusRequestTimeout {
		t.Errorf("status %d", got)
	}
	b.drain()
	if len(b.cases.decisions()) != 0 {
		t.Error("half a request decided")
	}
}

func TestAnEmptySecretRefusesToStart(t *testing.T) {
	for _, secrets := range [][]string{nil, {""}, {secret, ""}} {
		_, err := interactions.New(interactions.Config{Mode: interactions.ModeHTTP, SigningSecrets: secrets})
		if err == nil || !strings.Contains(err.Error(), "secret") {
			t.Errorf("secrets %q: error %v", secrets, err)
		}
	}
}

func TestClicksAndFormsArriveOverHTTP(t *testing.T) {
	var service *interactions.Service
	entry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { service.ServeHTTP(w, r) }))
	t.Cleanup(entry.Close)
	with := setup{
		late:      true,
		workspace: func(c *slacktest.Config) { c.SigningSecret, c.InteractivityURL = secret, entry.URL },
		service: func(c *interactions.Config) {
			c.Mode, c.SigningSecrets = interactions.ModeHTTP, []string{secret}
		},
	}
	b := newBench(t, with)
	b.start(with)
	service = b.service
	b.click(analyst, slack.ActionApprove)
	form := b.expectView(analyst, "Why is this benign?")
	if result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": " "}); err != nil || result.Errors[slack.BlockReason] == "" {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	if result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "known"}); err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	if got := b.cases.decisions(); len(got) != 1 || got[0].Decision != soar.Approve {
		t.Errorf("decisions %+v", got)
	}
	if err := b.service.Ready(); err != nil {
		t.Errorf("http mode is not ready: %v", err)
	}
}

func FuzzNoBodyBreaksTheHandler(f *testing.F) {
	f.Add("payload={}")
	f.Add(`payload={"type":"block_actions","actions":[{"block_id":"x","value":"case-1/1"}]}`)
	f.Add(`payload={"type":"view_submission","view":{"callback_id":"approve","private_metadata":"{}"}}`)
	f.Add(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U1","text":"x"}}`)
	f.Add(`{"type":"url_verification","challenge":"x"}`)
	f.Add(`payload={"type":"block_actions","user":{"id":"U1"},"view":{"type":"modal","private_metadata":"{}"},"actions":[{"action_id":"page","value":"1"}]}`)
	f.Add("command=/hunt&text=pause+x+9&user_id=U1")
	f.Fuzz(func(t *testing.T, body string) {
		service, err := interactions.New(interactions.Config{
			Mode: interactions.ModeHTTP, SigningSecrets: []string{secret}, Now: func() time.Time { return noon },
			Slack: unreachable(), Cases: newCases(), Audit: &refusals{}, Approvers: func() soar.Approvers { return soar.Approvers{} },
			DecideFor: time.Millisecond, TryFor: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, service: service}
		if got := (signed{secret, noon, body, nil}).send(b); got != 200 && got != 400 {
			t.Errorf("status %d", got)
		}
		ctx, cancel := contextFor(t, 50*time.Millisecond)
		defer cancel()
		if err := service.Close(ctx); err != nil && !errors.Is(err, ctx.Err()) { // what goes on is cut short
			t.Errorf("close: %v", err)
		}
	})
}
