package commands_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"harrier/worker/backtest"
	"harrier/worker/commands"
	"harrier/workflows/soar"
)

// hostile steers a terminal in every way that a subject could, and hides.
const hostile = "Invoice\x1b[2J\x1b]0;owned\a\r\b\u009b31m\u202egpj.exe\u2066x\u200by\U000e0041\u2028\x7f\u3164\ufe0f\ue000"

func steers(text string) bool {
	return strings.ContainsAny(text, "\x1b\a\r\b\u009b\u202e\u2066\u200b\U000e0041\u2028\x7f\u3164\ufe0f\ue000") || !utf8.ValidString(text)
}

func TestAnErrorMessageCannotSteerTheTerminal(t *testing.T) {
	var out, errs bytes.Buffer
	code := commands.Main(commands.Env{
		Args: []string{"--config", "\x1b]0;owned\a\u202e.yaml", "check"}, Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &errs,
	})
	if code != commands.ExitFailed || steers(errs.String()) || !strings.Contains(errs.String(), `\u001b]0;owned\u0007\u202e.yaml`) {
		t.Errorf("exit %d, prints %q", code, errs.String())
	}
}

func TestRedIsOursAloneInAPreview(t *testing.T) {
	outcome := soar.SenderOutcome{Sender: hostile, Subject: hostile, Reason: hostile}
	p := backtest.Preview{Hidden: []backtest.Change{{Outcome: outcome, Rule: "badge", By: hostile, Escalated: at(0)}}, Shown: []backtest.Change{{Outcome: outcome, Rule: "badge"}}}
	var out bytes.Buffer
	commands.PrintPreview(&out, p, 2, true)
	if text := strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(out.String()); steers(text) || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("prints %q", out.String())
	}
	if strings.Count(out.String(), "\x1b[31m") != 2 {
		t.Errorf("is not red where it should be: %q", out.String())
	}
}

func FuzzVisibleTextSteersNothingAndLeavesJSONAsItWas(f *testing.F) {
	f.Add(hostile)
	f.Add("plain, ünïcode, 日本語, עברית\n\ttab")
	f.Add("\xff\x9b2J")
	f.Fuzz(func(t *testing.T, text string) {
		seen := commands.Visible(text)
		if steers(seen) {
			t.Errorf("%q is shown as %q", text, seen)
		}
		if again := commands.Visible(seen); again != seen {
			t.Errorf("%q becomes %q", seen, again)
		}
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back, was string
		if err := json.Unmarshal([]byte(commands.Visible(string(raw))), &back); err != nil {
			t.Fatalf("%q is no JSON any more: %v", raw, err)
		}
		if err := json.Unmarshal(raw, &was); err != nil || back != was {
			t.Errorf("%q became %q", was, back)
		}
	})
}
