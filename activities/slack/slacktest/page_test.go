package slacktest_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"harrier/activities/slack/slacktest"
)

func (f fixture) page(t *testing.T, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(f.ctx, method, f.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := f.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func TestThePageServesItsOwnFilesOnly(t *testing.T) {
	f := workspace(t)
	for path, part := range map[string]string{
		"/": "/_page/static/app.js", "/_page/static/app.js": "EventSource", "/_page/static/style.css": ".message",
	} {
		status, body := f.page(t, http.MethodGet, path, "")
		if status != http.StatusOK || !strings.Contains(body, part) || strings.Contains(body, "https://cdn") {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if status, _ := f.page(t, http.MethodGet, "/nothing", ""); status != http.StatusNotFound {
		t.Errorf("unknown path: %d", status)
	}
}

func TestThePageShowsEachUserWhatTheyMaySee(t *testing.T) {
	f := workspace(t)
	f.post(t, soc)
	if _, err := f.api.PostEphemeralContext(f.ctx, soc, mara, slack.MsgOptionText("psst", false)); err != nil {
		t.Fatal(err)
	}
	seen := func(user string) (out struct {
		Me       string
		Channels []struct{ ID string }
	}, raw string) {
		t.Helper()
		_, raw = f.page(t, http.MethodGet, "/_page/state?user="+user, "")
		if err := json.Unmarshal([]byte(raw), &out); err != nil {
			t.Fatal(err)
		}
		return out, raw
	}
	state, raw := seen(mara)
	if state.Me != mara || len(state.Channels) != 4 || !strings.Contains(raw, "psst") {
		t.Errorf("mara sees %s", raw)
	}
	state, raw = seen(guest)
	if len(state.Channels) != 2 || strings.Contains(raw, "psst") || strings.Contains(raw, soc) {
		t.Errorf("the guest sees %s", raw)
	}
}

func TestThePageRefusesOtherOriginsAndForeignNames(t *testing.T) {
	f := workspace(t)
	say := `{"user":"` + mara + `","channel":"` + soc + `","text":"hi"}`
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"other origin":      {[]string{"Origin", "https://evil.test"}, http.StatusForbidden},
		"other site":        {[]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"foreign name":      {[]string{"Host", "evil.test"}, http.StatusMisdirectedRequest},
		"a form, not JSON":  {[]string{"Content-Type", "text/plain"}, http.StatusBadRequest},
		"the page's origin": {[]string{"Origin", f.URL()}, http.StatusOK},
	} {
		if status, body := f.page(t, http.MethodPost, "/_page/say", say, c.header...); status != c.want {
			t.Errorf("%s: status %d %s", name, status, body)
		}
	}
	if got := f.Messages(soc); len(got) != 1 {
		t.Errorf("messages %+v", got)
	}
}

func TestThePageClicksTypesAndSubmits(t *testing.T) {
	f := workspace(t)
	got := f.modalApp(t)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	status, body := f.page(t, http.MethodPost, "/_page/click", `{"user":"`+mara+`","channel":"`+soc+`","ts":"`+ts+`","block":"decide","action":"approve"}`)
	if status != http.StatusOK || !strings.Contains(body, `"Acked":true`) {
		t.Fatalf("click: %d %s", status, body)
	}
	view, err := f.ExpectView(f.ctx, mara)
	if err != nil {
		t.Fatal(err)
	}
	submit := `{"user":"` + mara + `","view":"` + view.ID + `","values":{"why/reason":"a good one","long/duration":"7d"}}`
	if status, body = f.page(t, http.MethodPost, "/_page/submit", submit); status != http.StatusOK || !strings.Contains(body, `"Closed":true`) {
		t.Errorf("submit: %d %s", status, body)
	}
	<-got
	if c := <-got; c.View.State.Values["why"]["reason"].Value != "a good one" {
		t.Errorf("submission %+v", c.View.State)
	}
	if status, body = f.page(t, http.MethodPost, "/_page/close", `{"user":"`+mara+`","view":"`+view.ID+`"}`); status != http.StatusConflict {
		t.Errorf("close of a closed view: %d %s", status, body)
	}
}

func TestThePageHearsOfChanges(t *testing.T) {
	f := workspace(t)
	req, err := http.NewRequestWithContext(f.ctx, http.MethodGet, f.URL()+"/_page/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := f.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		for lines.Scan() {
			if line := lines.Text(); line != "" {
				return line
			}
		}
		return ""
	}
	before := next()
	f.post(t, soc)
	if after := next(); after == before || !strings.HasPrefix(after, "data: ") {
		t.Errorf("events %q then %q", before, after)
	}
}

func TestAMountedHandlerLearnsItsAddress(t *testing.T) {
	s := slacktest.New(slacktest.Config{BaseURL: "https://slack.localhost:8443"})
	defer s.Close()
	if s.APIURL() != "https://slack.localhost:8443/api/" || s.Handler() == nil {
		t.Errorf("address %q", s.APIURL())
	}
}
