package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestAPostThatWaitsForItsTurnIsNoErrorInTheLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(turns{slog.NewTextHandler(&out, nil)}).With("a", 1)
	log.Error("Activity error.", "Error", "chat.postMessage: its turn comes in 960ms (type: SlackThrottled, retryable: true)")
	if out.Len() > 0 {
		t.Fatalf("logged %q", out.String())
	}
	log.Error("Activity error.", "Error", "chat.postMessage: not_in_channel (type: SlackChannel)")
	if !strings.Contains(out.String(), "not_in_channel") {
		t.Fatal("a real error is not logged")
	}
}
