package interactions_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := contextFor(t, 20*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not so in time: %s", what)
		}
	}
}

// clock is a time that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time      { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) add(d time.Duration) { c.ahead.Add(int64(d)) }

func says(err error, part string) bool { return err != nil && strings.Contains(err.Error(), part) }

func TestAReconnectionThatSlackAsksForShowsAndCostsNoReadiness(t *testing.T) {
	for _, reason := range []string{"refresh_requested", "warning"} {
		b := newBench(t, setup{})
		eventually(t, "connected", func() bool { return strings.Contains(b.service.Status(), "connected since") })
		b.fake.Disconnect(reason)
		eventually(t, "reconnected", func() bool { return strings.Contains(b.service.Status(), "reconnected 1 times") })
		if err := b.service.Ready(); err != nil {
			t.Errorf("%s: not ready: %v", reason, err)
		}
		b.click(analyst, slack.ActionEscalate)
		b.expectDecisions(1)
	}
}

func TestAConnectionThatStaysAwayCostsReadinessAfterAWhile(t *testing.T) {
	clock := &clock{}
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Now = clock.now }})
	eventually(t, "connected", func() bool { return b.service.Ready() == nil })
	b.fake.Fail(slacktest.Fault{Method: "apps.connections.open", HTTPStatus: http.StatusServiceUnavailable, Times: -1})
	b.fake.Disconnect("")
	eventually(t, "reconnecting", func() bool { return strings.Contains(b.service.Status(), "reconnecting since") })
	if err := b.service.Ready(); err != nil {
		t.Errorf("not ready at once: %v", err)
	}
	clock.add(31 * time.Second)
	if err := b.service.Ready(); !says(err, "slack socket mode is down") {
		t.Errorf("after half a minute: %v", err)
	}
}

func TestAnAppTokenThatSlackRefusesShowsAtOnceAndHeals(t *testing.T) {
	b := newBench(t, setup{})
	eventually(t, "connected", func() bool { return b.service.Ready() == nil })
	b.fake.Fail(slacktest.Fault{Method: "apps.connections.open", ErrorCode: "invalid_auth", Times: 1})
	b.fake.Disconnect("")
	eventually(t, "refused", func() bool { return says(b.service.Ready(), "slack refuses the app token") })
	eventually(t, "healed", func() bool { return b.service.Ready() == nil })
}

func TestABotTokenThatSlackRefusesShowsInReadinessOfBothModes(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.DecideFor = 50 * time.Millisecond }})
	b.fake.Fail(slacktest.Fault{Method: "users.info", ErrorCode: "token_revoked", Times: -1})
	b.click(analyst, slack.ActionEscalate)
	eventually(t, "refused", func() bool { return says(b.service.Ready(), "slack refuses the bot token") })
	overHTTP := newBench(t, overHTTP(secret))
	overHTTP.fake.Fail(slacktest.Fault{Method: "users.info", ErrorCode: "account_inactive", Times: 2})
	if got := (signed{secret, noon, payload(overHTTP, slack.ActionEscalate), nil}).send(overHTTP); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	eventually(t, "refused", func() bool { return says(overHTTP.service.Ready(), "slack refuses the bot token") })
	overHTTP.expectDecisions(1)
	if err := overHTTP.service.Ready(); err != nil {
		t.Errorf("it works again, yet: %v", err)
	}
}

func TestABotTokenThatWasRevokedShowsBeforeAnybodyClicks(t *testing.T) {
	for name, with := range map[string]setup{"socket": {}, "http": overHTTP(secret)} {
		service := with.service
		with.late = true
		with.service = func(c *interactions.Config) {
			if service != nil {
				service(c)
			}
			c.TestEvery = 5 * time.Millisecond
		}
		b := newBench(t, with)
		b.fake.Fail(slacktest.Fault{Method: "auth.test", ErrorCode: "token_revoked", Times: 10})
		b.start(with)
		eventually(t, name+" refused", func() bool {
			return says(b.service.Ready(), "slack refuses the bot token: token_revoked; install the app again, or set slack.bot_token")
		})
		eventually(t, name+" healed", func() bool { return b.service.Ready() == nil })
	}
}
