package slacktest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"harrier/activities/slack/slacktest"
)

// receiver is an app behind an interactivity URL that checks signatures with the real client's verifier.
type receiver struct {
	*httptest.Server
	bodies  chan string
	refused chan error
	answer  func(slack.InteractionCallback) any
	hang    chan struct{} // when set, requests wait for it
}

func newReceiver(t *testing.T, secret string) *receiver {
	r := &receiver{bodies: make(chan string, 8), refused: make(chan error, 8)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if err := verify(req.Header, secret, body); err != nil {
			r.refused <- err
			http.Error(w, "bad signature", http.StatusUnauthorized)
			return
		}
		if r.hang != nil {
			select {
			case <-r.hang:
			case <-req.Context().Done():
			}
		}
		r.bodies <- string(body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		callback, err := slack.InteractionCallbackParse(req)
		if err == nil && r.answer != nil {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(r.answer(callback))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func verify(header http.Header, secret string, body []byte) error {
	verifier, err := slack.NewSecretsVerifier(header, secret)
	if err != nil {
		return err
	}
	if _, err := verifier.Write(body); err != nil {
		return err
	}
	return verifier.Ensure()
}

func TestOverHTTPInteractionsAreSigned(t *testing.T) {
	r := newReceiver(t, "shared")
	f := workspace(t, func(c *slacktest.Config) { c.InteractivityURL, c.SigningSecret = r.URL, "shared" })
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || !result.Acked {
		t.Fatalf("click %+v: %v", result, err)
	}
	first := <-r.bodies
	if acked, err := f.Redeliver(f.ctx, result.EnvelopeID); err != nil || !acked {
		t.Fatalf("redelivery: %v %v", acked, err)
	}
	if second := <-r.bodies; second != first {
		t.Error("the redelivered bytes differ")
	}
}

func TestOverHTTPAWrongSecretOrAnOldClockIsRefusedByTheApp(t *testing.T) {
	r := newReceiver(t, "shared")
	f := workspace(t, func(c *slacktest.Config) { c.InteractivityURL, c.SigningSecret = r.URL, "other" })
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if result, err := f.Click(f.ctx, mara, soc, ts, "approve"); err != nil || result.Acked || !result.Warned {
		t.Errorf("wrong secret %+v: %v", result, err)
	}
	g := workspace(t, func(c *slacktest.Config) { c.InteractivityURL, c.SigningSecret = r.URL, "shared" })
	g.clock.Advance(-6 * time.Minute)
	ts = g.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if result, err := g.Click(g.ctx, mara, soc, ts, "approve"); err != nil || result.Acked {
		t.Errorf("old timestamp %+v: %v", result, err)
	}
	if len(r.refused) != 2 {
		t.Errorf("%d requests were refused", len(r.refused))
	}
}

func TestOverHTTPASlowAppIsNotWaitedFor(t *testing.T) {
	r := newReceiver(t, "shared")
	r.hang = make(chan struct{})
	t.Cleanup(func() { close(r.hang) })
	f := workspace(t, func(c *slacktest.Config) {
		c.InteractivityURL, c.SigningSecret, c.AckTimeout = r.URL, "shared", 30*time.Millisecond
	})
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || result.Acked || !result.Warned || result.Attempts != 1 {
		t.Errorf("click %+v: %v", result, err)
	}
}

func TestOverHTTPAnAnswerSteersTheModal(t *testing.T) {
	r := newReceiver(t, "shared")
	r.answer = func(c slack.InteractionCallback) any {
		if c.Type == slack.InteractionTypeViewSubmission {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"why": "Say more."})
		}
		return map[string]any{}
	}
	f := workspace(t, func(c *slacktest.Config) { c.InteractivityURL, c.SigningSecret = r.URL, "shared" })
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	click, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil {
		t.Fatal(err)
	}
	view, err := f.api.OpenViewContext(f.ctx, click.TriggerID, modal())
	if err != nil {
		t.Fatal(err)
	}
	result, err := f.SubmitView(f.ctx, mara, view.ID, map[string]any{"why/reason": "x", "duration": "7d"})
	if err != nil || result.Errors["why"] != "Say more." {
		t.Errorf("submit %+v: %v", result, err)
	}
}
