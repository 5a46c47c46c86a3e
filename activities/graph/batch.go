package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	absser "github.com/microsoft/kiota-abstractions-go/serialization"
	jsonser "github.com/microsoft/kiota-serialization-json-go"
	msgraphcore "github.com/microsoftgraph/msgraph-sdk-go-core"

	"harrier/activities/retryafter"
)

// MaxBatch is how many requests one $batch may hold.
// https://learn.microsoft.com/en-us/graph/json-batching
const MaxBatch = 20

// answer is what one request got. Status 0 is no answer at all.
type answer struct {
	status int
	body   []byte
	at     time.Time
	// headers are the request's, to repeat on further pages.
	headers map[string]string
}

func (a answer) ok() bool { return a.status == http.StatusOK }

// code is the service's error code, or the status in words where it gave none.
func (a answer) code() string {
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(a.body, &body) == nil && body.Error.Code != "" {
		return body.Error.Code
	}
	if a.status == 0 {
		return "no answer in the batch"
	}
	return fmt.Sprintf("status %d", a.status)
}

// answers are answers by the URL of their request.
type answers map[string]answer

// ask sends requests in batches of twenty and adds what was answered, from the
// cache where it can. Requests that were throttled, or not answered, are asked
// again once when the service does not want a pause; else the error is
// *throttledError and the answers hold everything else.
func (c *Client) ask(ctx context.Context, requests []request, got answers) error {
	pending := c.cached(requests, got)
	for wave := 0; len(pending) > 0; wave++ {
		again, wait, err := c.wave(ctx, pending, got)
		if err != nil {
			return err
		}
		throttled := slices.ContainsFunc(again, func(r request) bool { return got.throttled(r) })
		if len(again) > 0 && throttled && (wait > 0 || wave > 0) {
			return &throttledError{after: max(wait, time.Second), requests: len(again)}
		}
		if wave > 0 {
			break
		}
		pending = again
	}
	return nil
}

// throttled says that a request was answered "later".
func (as answers) throttled(r request) bool {
	a, asked := as[r.url]
	return asked && a.status != 0 && transient(a.status)
}

// cached adds what is kept, and returns the requests that have to be sent, each once.
func (c *Client) cached(requests []request, got answers) []request {
	var pending []request
	seen := map[string]bool{}
	for _, r := range requests {
		if r.item == nil || seen[r.url] {
			continue
		}
		seen[r.url] = true
		if a, ok := c.cache.get(r.url); ok {
			got[r.url] = a
			continue
		}
		pending = append(pending, r)
	}
	return pending
}

// wave sends each request once. It returns those to ask again, and the largest
// pause the service asked for.
func (c *Client) wave(ctx context.Context, requests []request, got answers) (again []request, wait time.Duration, err error) {
	for chunk := range slices.Chunk(requests, MaxBatch) {
		response, err := c.sendBatch(ctx, chunk)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range chunk {
			a, retryAfter := c.read(response[*r.item.GetId()], r)
			got[r.url] = a
			c.features.note(r.of, a)
			if !transient(a.status) {
				c.cache.put(r.url, a)
				continue
			}
			if a.status == 0 {
				again = append(again, r)
				continue
			}
			after := retryafter.Parse(retryAfter, c.now(), defaultRetryAfter)
			if r.of != "" && after > optionalPatience {
				c.features.pause(r.of, a, after)
				continue
			}
			again, wait = append(again, r), max(wait, after)
		}
	}
	return again, wait, nil
}

// transient says that asking again may help: throttled, overloaded, or left out of the batch.
func transient(status int) bool {
	return status == 0 || status == http.StatusTooManyRequests ||
		status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// sendBatch sends one $batch. The SDK indexes answers by an id it does not
// check and panics on an answer or a header it does not expect.
func (c *Client) sendBatch(ctx context.Context, requests []request) (byID map[string]msgraphcore.BatchItem, err error) {
	defer func() {
		if r := recover(); r != nil {
			byID, err = nil, fmt.Errorf("read graph batch: malformed answer: %v", r)
		}
	}()
	batch := msgraphcore.NewBatchRequest(c.adapter)
	items := make([]msgraphcore.BatchItem, len(requests))
	for i, r := range requests {
		items[i] = r.item
	}
	batch.SetRequests(items)
	response, err := batch.Send(ctx, c.adapter)
	if err != nil {
		return nil, err
	}
	byID = map[string]msgraphcore.BatchItem{}
	for _, item := range response.GetResponses() {
		if item != nil && item.GetId() != nil {
			byID[*item.GetId()] = item
		}
	}
	return byID, nil
}

// read takes status, headers and body of an answer as they are: the SDK's own
// helper reports status 0 for every failure.
func (c *Client) read(item msgraphcore.BatchItem, r request) (a answer, retryAfter string) {
	a = answer{at: c.now(), headers: r.item.GetHeaders()}
	if item == nil || item.GetStatus() == nil {
		return a, ""
	}
	a.status = int(*item.GetStatus())
	if body, err := json.Marshal(item.GetBody()); err == nil {
		a.body = body
	}
	if r.trim != nil && a.ok() {
		a.body = r.trim(a.body)
	}
	for name, value := range item.GetHeaders() {
		if http.CanonicalHeaderKey(name) == "Retry-After" {
			retryAfter = value
		}
	}
	return a, retryAfter
}

// errUnreadable is an answer that does not fit the SDK's model: it costs its
// own sender a fact, never the page.
var errUnreadable = errors.New("read graph answer: it does not fit the model")

func unreadable(err error) bool { return errors.Is(err, errUnreadable) }

// parse reads a body into a model of the SDK.
func parse[T absser.Parsable](body []byte, factory absser.ParsableFactory) (T, error) {
	var none T
	node, err := jsonser.NewJsonParseNode(body)
	if err != nil {
		return none, errUnreadable
	}
	value, err := node.GetObjectValue(factory)
	if err != nil {
		return none, errUnreadable
	}
	typed, ok := value.(T)
	if !ok {
		return none, errUnreadable
	}
	return typed, nil
}
