package slacktest_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"harrier/activities/slack/slacktest"
)

func TestOverTLSBothTheAPIAndTheSocketTrustOnlyItsCertificate(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.TLS = true })
	if _, err := f.api.AuthTestContext(f.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := slack.New(f.BotToken(), slack.OptionAPIURL(f.APIURL())).AuthTestContext(f.ctx); err == nil {
		t.Error("a client without the certificate was served")
	}
	dialer := &websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: f.CertPool()}}
	client := socketmode.New(f.api, socketmode.OptionDialer(dialer), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, cancel := context.WithCancel(f.ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = client.RunContext(ctx) }()
	if err := f.ExpectSockets(f.ctx, 1); err != nil {
		t.Error(err)
	}
	cancel()
	f.CutSockets()
	<-done
}

func TestACutPostIsAmbiguousOverTLSToo(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.TLS = true })
	f.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	if _, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("x", false)); err == nil {
		t.Error("the client saw no error")
	}
	if len(f.Messages(soc)) != 1 {
		t.Error("the post was not stored")
	}
}
