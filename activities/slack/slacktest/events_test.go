package slacktest_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"harrier/activities/slack/slacktest"
)

// listener connects an app over Socket Mode that acknowledges everything and hands events on.
func (f fixture) listener(t *testing.T) <-chan slackevents.EventsAPIEvent {
	t.Helper()
	client := socketmode.New(f.api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	events := make(chan slackevents.EventsAPIEvent, 20)
	var running sync.WaitGroup
	running.Go(func() { _ = client.RunContext(f.ctx) })
	running.Go(func() {
		for {
			select {
			case event := <-client.Events:
				if event.Request != nil && event.Request.EnvelopeID != "" {
					acknowledge(client, event)
				}
				if e, ok := event.Data.(slackevents.EventsAPIEvent); ok {
					events <- e
				}
			case <-f.ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() { f.Close(); running.Wait() })
	return events
}

func (f fixture) next(t *testing.T, events <-chan slackevents.EventsAPIEvent) any {
	t.Helper()
	select {
	case e := <-events:
		return e.InnerEvent.Data
	case <-f.ctx.Done():
		t.Fatal("no event came")
		return nil
	}
}

func homeTab(button string) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewSectionBlock(mrkdwn("*Open cases*"), nil, nil), buttons(button),
	}}}
}

func TestOpeningTheHomeTabTellsTheAppWhichPublishesIt(t *testing.T) {
	f := workspace(t)
	events := f.listener(t)
	if result, err := f.OpenHome(f.ctx, mara); err != nil || !result.Acked {
		t.Fatalf("result %+v, error %v", result, err)
	}
	opened, ok := f.next(t, events).(*slackevents.AppHomeOpenedEvent)
	if !ok || opened.User != mara || opened.Tab != "home" || opened.Channel == "" || opened.View != nil {
		t.Fatalf("event is %+v", opened)
	}
	if _, err := f.api.PublishViewContext(f.ctx, slack.PublishViewContextRequest{UserID: mara, View: homeTab("evidence")}); err != nil {
		t.Fatal(err)
	}
	home, published := f.Home(mara)
	if !published || !home.Contains("Open cases") {
		t.Fatalf("home tab is %+v", home)
	}
	if _, err := f.OpenHome(f.ctx, mara); err != nil {
		t.Fatal(err)
	}
	if again := f.next(t, events).(*slackevents.AppHomeOpenedEvent); again.View == nil || again.View.ID != home.ID {
		t.Errorf("the second time the event has the view %+v, want %q", again.View, home.ID)
	}
}

func TestAButtonOfTheHomeTabOpensAModal(t *testing.T) {
	f := workspace(t)
	clicks := make(chan slack.InteractionCallback, 1)
	f.app(t, func(client *socketmode.Client, event socketmode.Event) {
		acknowledge(client, event)
		clicks <- event.Data.(slack.InteractionCallback)
	})
	if _, err := f.api.PublishViewContext(f.ctx, slack.PublishViewContextRequest{UserID: mara, View: homeTab("evidence")}); err != nil {
		t.Fatal(err)
	}
	home, _ := f.Home(mara)
	if result, err := f.Use(f.ctx, slacktest.Press{User: mara, View: home.ID, Action: "evidence"}); err != nil || !result.Acked {
		t.Fatalf("result %+v, error %v", result, err)
	}
	click := <-clicks
	if click.Container.Type != "view" || click.View.Type != "home" || click.Channel.ID != "" || click.ActionCallback.BlockActions[0].ActionID != "evidence" {
		t.Errorf("click is %+v in %+v", click.ActionCallback.BlockActions[0], click.Container)
	}
	modal := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Evidence"), Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(plain("x"), nil, nil)}}}
	if _, err := f.api.OpenViewContext(f.ctx, click.TriggerID, modal); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Use(f.ctx, slacktest.Press{User: mara, View: home.ID, Action: "evidence"}); err == nil {
		t.Error("the home tab is used behind an open modal")
	}
}

func TestADirectMessageIsAnEventAndAChannelsMessageIsNone(t *testing.T) {
	f := workspace(t)
	events := f.listener(t)
	dm, _, _, err := f.api.OpenConversationContext(f.ctx, &slack.OpenConversationParameters{Users: []string{mara}})
	if err != nil {
		t.Fatal(err)
	}
	f.post(t, dm.ID)
	if own := f.next(t, events).(*slackevents.MessageEvent); own.BotID == "" || own.ChannelType != "im" {
		t.Errorf("the app's own message is %+v", own)
	}
	if _, err := f.Say(mara, soc, "", "in the channel"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Say(mara, dm.ID, "", "I clicked <it>"); err != nil {
		t.Fatal(err)
	}
	answer := f.next(t, events).(*slackevents.MessageEvent)
	if answer.User != mara || answer.Channel != dm.ID || answer.ChannelType != "im" || answer.BotID != "" || answer.Text != "I clicked &lt;it&gt;" {
		t.Errorf("answer is %+v", answer)
	}
}

func TestAnAppHearsOnlyWhatItAskedForAndMayHear(t *testing.T) {
	for name, change := range map[string]func(*slacktest.Config){
		"not subscribed": func(c *slacktest.Config) { c.Events = []string{} },
		"no scope": func(c *slacktest.Config) {
			c.Scopes, c.Events = []string{"chat:write"}, []string{slacktest.EventMessageIM}
		},
		"HTTP without an address": func(c *slacktest.Config) { c.InteractivityURL = "http://127.0.0.1:1/" },
	} {
		f := workspace(t, change)
		result, err := f.OpenHome(f.ctx, mara)
		if err != nil || result.EnvelopeID != "" {
			t.Errorf("%s: opening the home tab is %+v, error %v", name, result, err)
		}
		if _, err := f.Say(mara, f.Direct(mara), "", "hello"); err != nil {
			t.Fatal(err)
		}
		if sent := f.Deliveries(); len(sent) != 0 {
			t.Errorf("%s: %d events were sent", name, len(sent))
		}
	}
}

func TestEventsOverHTTPAreSignedJSONAndTheAddressIsVerified(t *testing.T) {
	type heard struct {
		body, timestamp, signature, contentType string
	}
	requests := make(chan heard, 4)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- heard{string(body), r.Header.Get("X-Slack-Request-Timestamp"), r.Header.Get("X-Slack-Signature"), r.Header.Get("Content-Type")}
		var in struct{ Type, Challenge string }
		if json.Unmarshal(body, &in) == nil && in.Type == "url_verification" {
			_ = json.NewEncoder(w).Encode(map[string]string{"challenge": in.Challenge})
		}
	}))
	t.Cleanup(app.Close)
	f := workspace(t, func(c *slacktest.Config) { c.InteractivityURL, c.EventsURL = app.URL, app.URL })
	if err := f.VerifyEventsURL(f.ctx); err != nil {
		t.Fatal(err)
	}
	if result, err := f.OpenHome(f.ctx, mara); err != nil || !result.Acked {
		t.Fatalf("result %+v, error %v", result, err)
	}
	for range 2 {
		r := <-requests
		timestamp, signature := slacktest.Sign(f.SigningSecret(), f.clock.Now(), r.body)
		if r.contentType != "application/json" || r.timestamp != timestamp || r.signature != signature {
			t.Errorf("request is %+v, want the signature %s", r, signature)
		}
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(deaf.Close)
	g := workspace(t, func(c *slacktest.Config) { c.EventsURL = deaf.URL })
	if err := g.VerifyEventsURL(g.ctx); err == nil {
		t.Error("an app that does not answer the challenge is taken")
	}
}

func TestThePageShowsAPersonsOwnHomeTabAndOpensIt(t *testing.T) {
	f := workspace(t)
	events := f.listener(t)
	if status, _ := f.page(t, http.MethodPost, "/_page/home", `{"user":"`+mara+`"}`); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if opened, ok := f.next(t, events).(*slackevents.AppHomeOpenedEvent); !ok || opened.User != mara {
		t.Errorf("event is %+v", opened)
	}
	if _, err := f.api.PublishViewContext(f.ctx, slack.PublishViewContextRequest{UserID: mara, View: homeTab("evidence")}); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]bool{mara: true, guest: false} {
		_, body := f.page(t, http.MethodGet, "/_page/state?user="+user, "")
		var state struct{ Home *struct{ ID string } }
		if err := json.Unmarshal([]byte(body), &state); err != nil || (state.Home != nil) != want {
			t.Errorf("%s sees the home tab %+v, error %v", user, state.Home, err)
		}
	}
	home, err := f.ExpectHome(f.ctx, mara, func(v slacktest.View) bool { return v.Contains("Open cases") })
	if err != nil || home.User != mara {
		t.Errorf("home tab is %+v, error %v", home, err)
	}
}
