package paging

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"harrier/workflows/soar"
)

// maxSummary is how much of a summary PagerDuty takes, in characters
// (https://developer.pagerduty.com/docs/send-alert-event).
const maxSummary = 1024

// maxAnswer bounds what is read of an answer.
const maxAnswer = 8 << 10

// PageOnCall pages the person on call for an escalated case. The case and its decision
// name the page: a repeat is the same alert and calls nobody twice, and a case that is
// escalated again calls again.
func (c *Client) PageOnCall(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	err := c.page(ctx, in.Case)
	if err == nil {
		c.config.Logger.Info("on call paged", "case", in.Case.Ref.String(), "provider", string(c.config.Provider))
	}
	return soar.None{}, c.classify("page for "+in.Case.Ref.String(), err)
}

func (c *Client) page(ctx context.Context, k soar.Case) error {
	body, err := json.Marshal(c.event(k))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.config.Provider == Webhook {
		request.Header.Set(SignatureHeader, Sign(c.config.Key, c.config.Now(), body))
		request.Header.Set("Idempotency-Key", name(k))
	}
	answer, err := c.config.HTTPClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return &refusal{status: answer.StatusCode, retryAfter: answer.Header.Get("Retry-After"), said: string(said)}
	}
	return nil
}

// Event is a page: PagerDuty's event, of which a webhook gets the payload alone.
type Event struct {
	RoutingKey  string  `json:"routing_key,omitempty"`
	EventAction string  `json:"event_action"` // trigger
	DedupKey    string  `json:"dedup_key"`    // the case and its decision
	Payload     Payload `json:"payload"`
	Links       []Link  `json:"links,omitempty"`
}

// Payload says what happened.
type Payload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"` // critical
	Timestamp time.Time      `json:"timestamp"`
	Group     string         `json:"group,omitempty"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

// Link leads to the incident.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

func (c *Client) event(k soar.Case) Event {
	counts := k.Finding.Candidate.Counts
	e := Event{
		EventAction: "trigger", DedupKey: name(k),
		Payload: Payload{
			Summary:  cut(fmt.Sprintf("%s %s: %s (%d phish reports)", k.Judgement.Severity, k.Judgement.Headline, k.Finding.Sender(), counts.Phish)),
			Source:   c.config.Source,
			Severity: "critical", Timestamp: c.config.Now().UTC(), Group: string(k.Finding.Candidate.Scope),
			Details: map[string]any{
				"case": k.Ref.String(), "sender": k.Finding.Sender(), "phish_reports": counts.Phish, "spam_reports": counts.Spam,
				"clicked": k.Finding.Exposure.Clicked, "in_inbox": k.Finding.Exposure.InInbox, "facts": k.Judgement.Facts,
			},
		},
	}
	if c.config.Provider == PagerDuty {
		e.RoutingKey = c.config.Key
	}
	if d := k.Decision; d != nil {
		e.Payload.Details["escalated"] = d.String()
	}
	if url := k.IncidentURL(); url != "" {
		e.Links = []Link{{Href: url, Text: "Incident"}}
	}
	return e
}

// name is short enough for any pager, however long the click's id is.
func name(k soar.Case) string {
	if k.Decision == nil || k.Decision.Click == "" {
		return k.Ref.String()
	}
	sum := sha256.Sum256([]byte(k.Decision.Click))
	return k.Ref.String() + "-" + hex.EncodeToString(sum[:8])
}

func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxSummary {
		return s
	}
	return string([]rune(s)[:maxSummary-1]) + "…"
}

// SignatureHeader carries the signature of a webhook's body.
const SignatureHeader = "X-Harrier-Signature"

// Sign is "t=<unix seconds>,v1=<hex>": the HMAC-SHA256, under the shared secret, of
// the seconds, a full stop and the body. A receiver refuses what is older than some
// minutes, so that nobody replays a page.
func Sign(secret string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
