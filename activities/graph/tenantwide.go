package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"

	"harrier/workflows/soar"
)

// Applications whose permissions let another one send as any mailbox, and those
// permissions. https://learn.microsoft.com/en-us/graph/permissions-reference#mailsend
// https://learn.microsoft.com/en-us/exchange/client-developer/exchange-web-services/how-to-authenticate-an-ews-application-by-using-oauth
const (
	appGraph    = "00000003-0000-0000-c000-000000000000"
	appExchange = "00000002-0000-0ff1-ce00-000000000000"

	roleMailSend     = "b633e1c5-b582-4048-a93e-9f11b44c7e96"
	roleFullAccessAs = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
)

// keepSenders is how long the applications that may send as anyone are kept: they
// change by consent alone, and are read page by page.
const keepSenders = 4 * time.Hour

// senders are the applications that may send as any mailbox of the tenant.
type senders struct {
	now func() time.Time

	mu    sync.Mutex
	names []string
	at    time.Time
}

func newSenders(now func() time.Time) *senders { return &senders{now: now} }

func (s *senders) get() (names []string, at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names, s.at, !s.at.IsZero() && s.now().Sub(s.at) < keepSenders
}

func (s *senders) put(names []string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names, s.at = names, at
}

// tenantRequests asks for what concerns no single sender, as far as it is not kept.
func (c *Client) tenantRequests() (sendAs []request, risk request, err error) {
	if _, _, kept := c.senders.get(); !kept && c.features.off(featureApplications) == "" {
		for _, app := range []string{appGraph, appExchange} {
			r, err := c.permissionsOn(app)
			if err != nil {
				return nil, request{}, err
			}
			sendAs = append(sendAs, r)
		}
	}
	if c.features.off(featureRisk) == "" {
		if risk, err = c.riskyUsers(); err != nil {
			return nil, request{}, err
		}
	}
	return sendAs, risk, nil
}

// readSenders keeps the applications that may send as anyone once all of them are
// read. It returns why they are not known, and an error that asking again may mend.
func (c *Client) readSenders(ctx context.Context, requests []request, got answers) (why string) {
	if len(requests) == 0 {
		return c.features.off(featureApplications)
	}
	var names []string
	at := c.now()
	for _, r := range requests {
		a := got[r.url]
		if !a.ok() {
			return a.reason()
		}
		truncated, err := c.rows(ctx, a, func(row []byte) { names = addSender(names, row) })
		if err != nil || truncated {
			return "not all could be read"
		}
		if a.at.Before(at) {
			at = a.at
		}
	}
	slices.Sort(names)
	c.senders.put(names, at)
	return ""
}

func addSender(names []string, row []byte) []string {
	var grant struct {
		Role string `json:"appRoleId"`
		Name string `json:"principalDisplayName"`
		ID   string `json:"principalId"`
		Type string `json:"principalType"`
	}
	if json.Unmarshal(row, &grant) != nil || !strings.EqualFold(grant.Type, "ServicePrincipal") {
		return names
	}
	if !same(grant.Role, roleMailSend) && !same(grant.Role, roleFullAccessAs) {
		return names
	}
	name := cut(grant.Name, 60)
	if name == "" {
		name = grant.ID
	}
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// risks are the accounts that are held for compromised; known says that all are here.
type risks struct {
	byID  map[string]riskyUser
	known bool
	why   string
	at    time.Time
}

type riskyUser struct {
	ID    string    `json:"id"`
	Level string    `json:"riskLevel"`
	State string    `json:"riskState"`
	Since time.Time `json:"riskLastUpdatedDateTime"`
}

func (c *Client) readRisks(ctx context.Context, r request, got answers) risks {
	if r.item == nil {
		return risks{why: c.features.off(featureRisk)}
	}
	a := got[r.url]
	if !a.ok() {
		return risks{why: a.reason()}
	}
	out := risks{byID: map[string]riskyUser{}, known: true, at: a.at}
	truncated, err := c.rows(ctx, a, func(row []byte) {
		var u riskyUser
		if json.Unmarshal(row, &u) != nil || u.ID == "" {
			out.known, out.why = false, "the answer could not be read"
			return
		}
		out.byID[soar.FoldASCII(u.ID)] = u
	})
	if err != nil || truncated {
		out.known, out.why = false, "the list of accounts at risk could not be read to its end"
	}
	return out
}

// add lays a user's risk over a profile. Somebody on a list that was cut is at risk
// all the same; somebody who is not on it is not known.
func (r risks) add(l *lookup) {
	p := &l.profile
	u, listed := r.byID[soar.FoldASCII(p.ObjectID)]
	switch {
	case listed:
		p.AtRisk, p.RiskAt = soar.Yes, u.Since
		p.Risk = strings.TrimPrefix(u.Level+", "+riskWords(u.State), ", ")
	case r.known:
		p.AtRisk = soar.No
	default:
		l.why[factRisk] = r.why
	}
}

func riskWords(state string) string {
	if strings.EqualFold(state, "confirmedCompromised") {
		return "confirmed compromised"
	}
	return "at risk"
}

// rows visits the rows of an answer and of the pages after it.
func (c *Client) rows(ctx context.Context, first answer, visit func(row []byte)) (truncated bool, err error) {
	body := first.body
	for read := 1; ; read++ {
		var page struct {
			Value *[]json.RawMessage `json:"value"`
			Next  string             `json:"@odata.nextLink"`
		}
		if json.Unmarshal(body, &page) != nil || page.Value == nil {
			return true, errUnreadable
		}
		for _, row := range *page.Value {
			visit(row)
		}
		if page.Next == "" {
			return false, nil
		}
		if read == maxPages {
			return true, nil
		}
		if body, err = c.nextBody(ctx, page.Next, first.headers); err != nil {
			return true, err
		}
	}
}

func (c *Client) nextBody(ctx context.Context, link string, headers map[string]string) ([]byte, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, errUnreadable
	}
	info := abs.NewRequestInformation()
	info.Method = abs.GET
	info.SetUri(*u)
	for name, value := range headers {
		info.Headers.TryAdd(name, value)
	}
	value, err := c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
	if err != nil {
		return nil, err
	}
	body, ok := value.([]byte)
	if !ok {
		return nil, errUnreadable
	}
	return body, nil
}
