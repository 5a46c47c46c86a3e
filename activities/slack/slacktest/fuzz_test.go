package slacktest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"harrier/activities/slack/slacktest"
)

// FuzzRequests holds that whatever a client sends is answered as Slack answers: JSON with ok, never a crash.
func FuzzRequests(f *testing.F) {
	f.Add("chat.postMessage", "application/json", `{"channel":"C0SOC","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]}`)
	f.Add("chat.postMessage", "application/json", `{"channel":"C0SOC","text":"x","blocks":[null,{"type":"actions","elements":[1,null,{"type":"button"}]}]}`)
	f.Add("chat.postMessage", "application/x-www-form-urlencoded", `channel=C0SOC&blocks=%5B%7B%7D%5D&metadata=1&thread_ts=1`)
	f.Add("chat.update", "application/json", `{"channel":"C0SOC","ts":"1.1","blocks":{}}`)
	f.Add("views.open", "application/json", `{"trigger_id":"1","view":{"type":"modal","blocks":[{"type":"input","element":3}]}}`)
	f.Add("conversations.history", "application/x-www-form-urlencoded", `channel=C0SOC&cursor=b2Zmc2V0Oi0x&limit=-1&oldest=x.y`)
	s := slacktest.New(slacktest.Config{
		Limits:   slacktest.Limits{NoRates: true},
		Channels: []slacktest.Channel{{ID: "C0SOC", Members: []string{"U0BOT"}}},
	})
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, method, contentType, body string) {
		r := httptest.NewRequest(http.MethodPost, "/api/chat.postMessage", strings.NewReader(body))
		r.URL.Path = "/api/" + strings.ReplaceAll(method, "/", "")
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+s.BotToken())
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		var answer struct {
			OK    *bool
			Error string
		}
		if w.Code != http.StatusOK {
			return // the mux's own refusal of an unclean path
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.OK == nil || (!*answer.OK && answer.Error == "") {
			t.Errorf("%s answered %q: %v", method, w.Body, err)
		}
	})
}
