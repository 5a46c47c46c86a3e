package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// envScreenshots names a folder that keeps the pictures of the browser test.
const envScreenshots = "HARRIER_SCREENSHOTS"

// chromium finds a browser.
func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("find a browser: none of chromium, chromium-browser, google-chrome is on PATH; install one (Debian: apt-get install chromium)")
}

// browser is a tab of a fresh, headless browser. Its context ends with the test.
func browser(ctx context.Context, t *testing.T) context.Context {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 1100),
	)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}

// picture keeps a screenshot among the test's artifacts.
func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv(envScreenshots)
	if dir == "" {
		dir = t.ArtifactDir()
	}
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644))
	}
	if err != nil {
		t.Errorf("keep the picture %s: %v", name, err)
	}
}

// newAutomation reports a mail of a mailbox that has a month's past and no
// rule: its case can be remembered.
func (w *world) newAutomation(ctx context.Context, t *testing.T, n int) (soar.CaseRef, slacktest.Message) {
	t.Helper()
	sender, bag, like := w.newSender(t, n), w.newMailbag(), w.messageOf(t, "shared-mailbox")
	at := w.Tenant.Anchor.Add(-time.Duration(20+10*n) * time.Minute)
	for day := 1; day < 27; day++ {
		bag.send(t, letter{like: like, id: fmt.Sprintf("a0%02d0000-0000-4000-8000-%012d", n, day), at: at.AddDate(0, 0, -day), from: sender, quiet: true})
	}
	bag.send(t, letter{like: like, id: fmt.Sprintf("a0%02d0000-0000-4000-8000-%012d", n, 0), at: at, from: sender})
	bag.deliver(t)
	window := around(at)
	r, err := w.Hunt(ctx, soar.HuntInput{Hunt: ours, Window: &window})
	if err != nil || r.Coverage != soar.CoverageComplete {
		t.Fatalf("hunt a new sender: %s %s, %v", r.Coverage, r.Reason, err)
	}
	ref := caseOf(t, r, sender.Mail)
	card, err := w.ExpectCard(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	return ref, card
}

func TestAnAnalystReadsACardInTheBrowserAndHidesTheSender(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.newAutomation(ctx, t, 1)
	tab := browser(ctx, t)
	message := fmt.Sprintf("article[data-ts=%q]", card.TS)
	button := func(action string) chromedp.CSS {
		return chromedp.CSS(fmt.Sprintf("%s button[data-action-id=%q]", message, action))
	}
	err := chromedp.Do(tab,
		chromedp.Navigate(w.SlackPage+"/#"+stack.TriageChannel),
		chromedp.WaitVisible(button("approve")),
		chromedp.ScrollIntoView(button("approve")),
	)
	if err != nil {
		t.Fatalf("open the Slack page: %v", err)
	}
	picture(tab, t, "1-card")
	w.expectToRead(tab, t, message, card)
	const reason = "The intranet's weekly mail; its owner confirmed it by phone"
	err = chromedp.Do(tab,
		chromedp.Click(button("approve")),
		chromedp.WaitVisible(chromedp.CSS(`.modal [data-action-id="reason"]`)),
		chromedp.SendKeys(chromedp.CSS(`.modal [data-action-id="reason"]`), reason),
		choose(`.modal select[data-action-id="remember"]`, "30d"),
	)
	if err != nil {
		t.Fatalf("fill the modal in: %v", err)
	}
	picture(tab, t, "2-modal")
	err = chromedp.Do(tab,
		chromedp.Click(chromedp.CSS(`.modal button[data-view="submit"]`)),
		chromedp.WaitNotPresent(chromedp.CSS(`.modal`)),
		chromedp.WaitNotPresent(button("approve")),
	)
	if err != nil {
		t.Fatalf("submit the modal: %v", err)
	}
	picture(tab, t, "3-decided")
	shown, err := chromedp.Run(tab, chromedp.Text(chromedp.CSS(message)))
	if err != nil || !strings.Contains(shown, "Benign, approved") || !strings.Contains(shown, reason) || !strings.Contains(shown, "Hidden until") {
		t.Errorf("the card now reads %q, %v", shown, err)
	}
	if _, err := chromedp.Run(tab, chromedp.WaitNotPresent(button("escalate"))); err != nil {
		t.Errorf("the card still has Escalate: %v", err)
	}
	w.expectRemembered(ctx, t, ref, reason)
}

// choose picks an option as the mouse would: the page hears of the change.
func choose(css, value string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		script := fmt.Sprintf(`(() => {
			const menu = document.querySelector(%q);
			menu.value = %q;
			menu.dispatchEvent(new Event('change', {bubbles: true}));
			return menu.value;
		})()`, css, value)
		chosen, err := chromedp.Evaluate[string](script)(ctx, tab)
		if err == nil && chosen != value {
			err = fmt.Errorf("choose %q: the menu has no such option", value)
		}
		return chromedp.Void{}, err
	}
}

// expectToRead compares what the page shows of a card with what was posted.
func (w *world) expectToRead(tab context.Context, t *testing.T, message string, card slacktest.Message) {
	t.Helper()
	shown, err := chromedp.Run(tab, chromedp.Text(chromedp.CSS(message)))
	if err != nil {
		t.Fatalf("read the card: %v", err)
	}
	for _, part := range []string{"LOW", "Sent to 3", "Escalate", "Benign: hide…", "Evidence"} {
		if !strings.Contains(shown, part) || !card.Contains(part) {
			t.Errorf("the card does not show %q: %q", part, shown)
		}
	}
	for _, markup := range []string{"&lt;", "&amp;", "*", "<http", "<!date", "undefined"} {
		if strings.Contains(shown, markup) {
			t.Errorf("the card shows markup %q: %q", markup, shown)
		}
	}
}

func (w *world) expectRemembered(ctx context.Context, t *testing.T, ref soar.CaseRef, reason string) {
	t.Helper()
	view, err := w.AwaitCase(ctx, ref.ID, func(v soar.CaseView) bool { return v.Entry != nil })
	if err != nil {
		t.Fatal(err)
	}
	d := view.Case.Decision
	if view.Case.State != soar.CaseRemembered || d == nil || d.By.ID != stack.Analyst || d.Reason != reason {
		t.Errorf("the case is %s, decided %v", view.Case.State, d)
	}
	if kept := view.Entry.Until.Sub(view.Entry.Since); kept != 30*24*time.Hour {
		t.Errorf("it is remembered for %s", kept)
	}
}
