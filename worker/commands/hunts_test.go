package commands_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/worker/commands"
	"harrier/workflows/soar"
)

func TestAHuntIsPausedWithAnEndAndResumedFromTheCommandLine(t *testing.T) {
	d := newDesk(t)
	d.run(1, "hunts pause internal-senders", "pause hunt internal-senders: it has no schedule")
	d.run(0, "schedules apply", "create harrier-digest", "create harrier-watch", "create hunt-internal-senders")
	d.run(0, "hunts status internal-senders", "cron 0 6 * * * UTC", "never", "T06:0")
	d.run(2, "hunts pause internal-senders --for 2h --until 2026-11-25T18:00:00Z", "--until and --for are both given")
	d.run(2, "hunts pause internal-senders --for P2H", `--for is "P2H"; write it as 90m, 2h or 3d`)
	d.run(2, "hunts pause internal-senders --until 2026-01-01T00:00:00Z", "--until is 2026-01-01T00:00:00Z, which is past")
	d.run(2, "hunts pause internal-senders --as ops", `--as is "ops"; write a Slack user id`)
	d.run(1, "hunts resume internal-senders", "resume hunt internal-senders: it is not paused")
	d.run(0, "hunts pause 0732 --for 2h --reason connector", "internal-senders: paused by ops through Harrier until ")
	d.run(1, "hunts pause internal-senders", "already; resume it first")
	d.run(0, "hunts status internal-senders", "paused by ops through Harrier until ")
	d.run(0, "schedules plan", "files and server agree")
	d.run(0, "hunts resume internal-senders", "internal-senders: runs, next at ")
	d.run(0, "hunts status internal-senders", " no\n")
}

func TestADryRunSaysWhatItWouldPostAndHideAndWhatDiffersFromTheLastRun(t *testing.T) {
	d := newDesk(t)
	dry := "hunts run internal-senders --dry-run --from 2026-11-02T00:00:00Z --to 2026-11-03T00:00:00Z"
	d.run(0, dry, "no earlier run to compare with")
	d.run(0, "hunts run internal-senders", "1     \"day1@contoso.com\"")
	d.eventually("hunts status internal-senders", "complete")
	d.run(0, dry, "dry run: nothing was posted", "1 would get a card", `"day2@contoso.com"`, "0 would be listed in the summary",
		"1 would be hidden", "hidden by backup-veeam", "1 new, 1 gone, 0 changed, 1 the same", `+ "day2@contoso.com"  HIGH: two phish reports`, `- "day1@contoso.com"  was HIGH`)
}

func TestCardsOverTheHuntsNumberWouldBeListed(t *testing.T) {
	r := soar.HuntResult{Slug: "a", Window: soar.NewWindow(at(0), at(1)), Coverage: soar.CoverageComplete, Notes: []string{"TimeGenerated stands for Timestamp"}}
	for i := range 4 {
		r.Senders = append(r.Senders, soar.SenderOutcome{Rank: i + 1, Sender: fmt.Sprintf("s%d@contoso.com", i), Verdict: soar.VerdictTriage, Severity: soar.SeverityLow})
	}
	r.Senders[3].Verdict = soar.VerdictBelowCut
	var out bytes.Buffer
	if err := commands.PrintDryRun(&out, r, 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"note: TimeGenerated", "1 would get a card\n  1  \"s0", "2 would be listed in the summary\n  2  \"s1", "0 would be hidden", "1 below the cut, not judged\n  4  \"s3"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not print %q:\n%s", want, out.String())
		}
	}
}

func TestABackfillHuntsOnlyWhatIsMissingAndGoesOnWhereItWas(t *testing.T) {
	d := newDesk(t)
	const all = "hunts backfill internal-senders --from 2026-11-01T00:00:00Z --to 2026-12-16T00:00:00Z"
	d.run(0, "hunts backfill internal-senders --from 2026-11-01T00:00:00Z --to 2026-11-04T00:00:00Z", "2026-11-01T00:00:00Z/2026-11-04T00:00:00Z  complete  2 senders", " 100 %  1 piece done, 0 left, 2 senders, ended")
	// The rest of the first thirty days, then the next run.
	d.run(0, all, "2026-11-04T00:00:00Z/2026-12-01T00:00:00Z  complete", "2026-12-01T00:00:00Z/2026-12-16T00:00:00Z  complete")
	again := d.run(0, all, "2026-11-01T00:00:00Z/2026-12-01T00:00:00Z  complete  hunted before", "2026-12-01T00:00:00Z/2026-12-16T00:00:00Z  complete  hunted before")
	if strings.Contains(again, "senders") {
		t.Errorf("a second backfill hunted again:\n%s", again)
	}
	d.run(0, all+" --again", "2026-11-01T00:00:00Z/2026-12-01T00:00:00Z  complete  2 senders")
	d.run(0, "hunts coverage internal-senders", "complete")
	d.run(1, "hunts backfill internal-sender --from 2026-11-01T00:00:00Z --to 2026-12-16T00:00:00Z", "did you mean internal-senders?")
	d.run(2, "hunts backfill internal-senders", "give --from and --to")
}

func TestWhatIsMissingInAnyWorkspaceIsMissing(t *testing.T) {
	span := soar.NewWindow(at(0), at(10))
	whole := soar.CoverageState{}.Apply(cover(0, 10, soar.CoverageComplete))
	holed := soar.CoverageState{}.Apply(cover(0, 3, soar.CoverageComplete)).Apply(cover(3, 4, soar.CoveragePartial)).Apply(cover(4, 10, soar.CoverageComplete))
	for name, c := range map[string]struct {
		states []soar.CoverageState
		want   soar.Window
	}{
		"nothing":      {[]soar.CoverageState{whole, whole}, soar.Window{}},
		"a hole":       {[]soar.CoverageState{whole, holed}, soar.NewWindow(at(3), at(4))},
		"all of it":    {[]soar.CoverageState{{}, whole}, span},
		"no workspace": {nil, soar.Window{}},
	} {
		if got := commands.MissingOf(span, c.states...); got != c.want {
			t.Errorf("%s: missing %s, want %s", name, got, c.want)
		}
	}
}

func TestEveryCommandHasAnExampleAndSaysWhatItDoes(t *testing.T) {
	for _, args := range []string{
		"check", "run", "hunts list", "hunts run", "hunts status", "hunts pause", "hunts resume", "hunts coverage", "hunts backfill", "hunts lint",
		"schedules plan", "schedules apply", "cases list", "cases show", "cases decide", "cases change",
	} {
		var out bytes.Buffer
		code := commands.Main(commands.Env{Args: append(strings.Fields(args), "-h"), Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &out})
		if code != 0 || !strings.Contains(out.String(), "Examples:\n  worker "+args) {
			t.Errorf("worker %s -h exits %d:\n%s", args, code, out.String())
		}
	}
}

func TestAMisspelledCommandIsNotTakenForDone(t *testing.T) {
	for args, want := range map[string]string{
		"cases dcide case-1 approve": `unknown command "dcide" for "worker cases"; write one of change, decide, list, show`,
		"hunst status":               `unknown command "hunst" for "worker"; write one of calibrate, cases, check, hunts, run, schedules, suppressions`,
		"hunst run --dry-run a":      `unknown command "hunst" for "worker"; write one of`,
		"--dry-run":                  `unknown flag: --dry-run`,
		"hunts rnu internal-senders": `unknown command "rnu" for "worker hunts"`,
		"schedules aply":             `write one of apply, plan`,
		"suppressions tst":           `unknown command "tst"`,
		"cases list x":               `unknown command "x"`,
		"cases show":                 `"worker cases show" takes 1 argument, not 0: worker cases show <case>`,
		"cases decide case-1":        `"worker cases decide" takes 2 arguments, not 1: worker cases decide <case> approve|escalate`,
	} {
		var out bytes.Buffer
		code := commands.Main(commands.Env{Args: strings.Fields(args), Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &out})
		if code != commands.ExitUsage || !strings.Contains(out.String(), want) {
			t.Errorf("worker %s exits %d and says %q, want %q", args, code, out.String(), want)
		}
	}
}

func TestAHuntOfSeveralWorkspacesHasAProgressThatEndsAtAHundred(t *testing.T) {
	w := soar.NewWindow(at(0), at(1))
	if bar := commands.ProgressBar(w, soar.Progress{Hunted: soar.Duration(48 * time.Hour)}); !strings.Contains(bar, " 100 %") {
		t.Error(bar)
	}
	ended := soar.HuntResult{Window: w, Totals: soar.RunTotals{Findings: 1}}
	if bar := commands.ProgressBar(w, commands.Ended(ended)); !strings.Contains(bar, " 100 %  1 piece done, 0 left, 1 sender, ended") {
		t.Error(bar)
	}
	ended.Pieces = make([]soar.Piece, 3)
	if bar := commands.ProgressBar(soar.Window{}, commands.Ended(ended)); !strings.Contains(bar, " 100 %  3 pieces done, 0 left, 1 sender, ended") {
		t.Error(bar)
	}
}
