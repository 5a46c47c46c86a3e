package graph

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"harrier/workflows/soar"
)

// page is up to ten senders that are looked up together, in two batches: the
// first says who they are, the second what only an object id can ask for. Thirty
// requests by id are more than one batch holds, so the first also asks ahead, by
// the id or the address that the mail shows.
type page struct {
	c       *Client
	lookups []*lookup
	got     answers
	// read are the users of answers that several senders share.
	read   map[string]usersRead
	sendAs []request
	risk   request
}

// ownRequests are what is asked of one user by id.
type ownRequests struct{ memberships, mailbox, rules request }

// inOrder has first what may best be asked ahead.
func (o ownRequests) inOrder() []request { return []request{o.memberships, o.mailbox, o.rules} }

func (l *lookup) key() string { return "find:" + strings.Join(livingClauses(l.ids, l.address), " or ") }

func signInKey(id string) string { return "sign-in:" + soar.FoldASCII(id) }

func (c *Client) lookUpPage(ctx context.Context, refs []soar.SenderRef) ([]*lookup, error) {
	p := &page{c: c, got: answers{}, read: map[string]usersRead{}}
	for _, ref := range refs {
		l := newLookup(ref)
		l.external = !c.tenant.IsInternal(ref.Address)
		p.lookups = append(p.lookups, l)
	}
	var err error
	if p.asking() {
		if p.sendAs, p.risk, err = c.tenantRequests(); err != nil {
			return nil, err
		}
	}
	throttled, err := p.identify(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.learn(ctx, throttled); err != nil {
		return nil, err
	}
	return p.lookups, p.complete(ctx)
}

// usersRead are the users of one answer.
type usersRead struct {
	users []models.Userable
	err   error
}

// users reads the users of a request's answer, once.
func (p *page) users(ctx context.Context, r request) ([]models.Userable, error) {
	read, done := p.read[r.url]
	if !done {
		read.users, read.err = p.c.usersIn(ctx, p.got[r.url])
		p.read[r.url] = read
	}
	return read.users, read.err
}

func (p *page) asking() bool { return slices.ContainsFunc(p.lookups, (*lookup).asks) }

// identify finds who the senders are. Where that is throttled the page comes again
// with everything else; where only what was asked ahead is, the rest goes on.
func (p *page) identify(ctx context.Context) (throttled, err error) {
	finds, err := p.finds(ctx)
	if err != nil {
		return nil, err
	}
	pending := p.c.cached(finds, p.got)
	if err := p.resolve(ctx); err != nil || len(pending) == 0 {
		return nil, err
	}
	ahead, err := p.ahead(ctx, MaxBatch-len(pending))
	if err != nil {
		return nil, err
	}
	throttled = p.c.ask(ctx, slices.Concat(pending, ahead), p.got)
	if fatal(throttled) != nil || slices.ContainsFunc(pending, p.got.throttled) {
		return nil, throttled
	}
	if err := p.split(ctx); err != nil {
		return nil, err
	}
	return throttled, p.resolve(ctx)
}

// split asks for senders one by one whose shared filter the service does not take: a
// value that nobody foresaw costs its own sender alone.
func (p *page) split(ctx context.Context) error {
	var alone []request
	for _, l := range p.lookups {
		own := strings.Join(livingClauses(l.ids, l.address), " or ")
		if !l.asks() || l.resolved() || l.filter == own || p.got[l.find.url].status != http.StatusBadRequest {
			continue
		}
		var err error
		l.filter = own
		if l.find, err = p.c.findUsers(ctx, own); err != nil {
			return err
		}
		p.c.asked.put(l.key(), own, p.c.now().Add(keepFound))
		alone = append(alone, l.find)
	}
	return p.c.ask(ctx, alone, p.got)
}

func (p *page) finds(ctx context.Context) ([]request, error) {
	var subjects []subject
	for _, l := range p.lookups {
		if l.asks() {
			subjects = append(subjects, subject{l.key(), livingClauses(l.ids, l.address)})
		}
	}
	filters := p.c.filters(subjects)
	var out []request
	for _, l := range p.lookups {
		if !l.asks() {
			continue
		}
		var err error
		l.filter = filters[l.key()]
		if l.find, err = p.c.findUsers(ctx, l.filter); err != nil {
			return nil, err
		}
		out = append(out, l.find)
	}
	return out, nil
}

// resolve reads who the senders are that have been answered for.
func (p *page) resolve(ctx context.Context) error {
	for _, l := range p.lookups {
		a, answered := p.got[l.find.url]
		if !l.asks() || !answered || l.resolved() {
			continue
		}
		if err := p.found(ctx, l, a); err != nil {
			return err
		}
		if !l.user {
			continue
		}
		var err error
		if l.own, err = p.c.ownRequests(ctx, l.profile.ObjectID); err != nil {
			return err
		}
		if err := p.useGuess(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (l *lookup) resolved() bool { return l.profile.Kind != "" || l.user }

func (c *Client) ownRequests(ctx context.Context, id string) (o ownRequests, err error) {
	if o.memberships, err = c.memberships(ctx, id); err != nil {
		return o, err
	}
	if o.mailbox, err = c.mailboxSettings(id); err != nil {
		return o, err
	}
	o.rules, err = c.inboxRules(id)
	return o, err
}

// ahead are requests that fill a first batch: of the tenant, of users who are known
// already, and by guess where everything by id would not fit one more batch.
func (p *page) ahead(ctx context.Context, room int) ([]request, error) {
	wanted := slices.Clone(p.tenantwide())
	unknown := 0
	for _, l := range p.lookups {
		switch {
		case l.user:
			wanted = append(wanted, l.needs()...)
		case l.asks() && !l.resolved() && l.handle(p.c.tenant) != "":
			unknown++
		}
	}
	wanted = p.c.cached(wanted, p.got)
	if perUser := len(ownRequests{}.inOrder()); perUser*unknown+max(0, len(wanted)-room) >= MaxBatch {
		guesses, err := p.guesses(ctx)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, p.c.cached(guesses, p.got)...)
	}
	return wanted[:min(len(wanted), max(room, 0))], nil
}

// handle is what a user may be asked by before it is known who it is: the one
// object id that mail of the mailbox shows, or an address of the tenant as user name.
func (l *lookup) handle(tenant soar.Tenant) string {
	switch {
	case len(l.ids) == 1:
		return l.ids[0]
	case len(l.ids) == 0 && tenant.IsInternal(l.address) && plain.MatchString(l.address):
		return l.address
	}
	return ""
}

// guesses ask first what ids are known for, and each kind for all senders.
func (p *page) guesses(ctx context.Context) ([]request, error) {
	var byID, byName []ownRequests
	for _, l := range p.lookups {
		handle := l.handle(p.c.tenant)
		if !l.asks() || l.resolved() || handle == "" {
			continue
		}
		o, err := p.c.ownRequests(ctx, handle)
		if err != nil {
			return nil, err
		}
		l.guess = handle
		if len(l.ids) > 0 {
			byID = append(byID, o)
		} else {
			byName = append(byName, o)
		}
	}
	var out []request
	for kind := range (ownRequests{}).inOrder() {
		for _, o := range slices.Concat(byID, byName) {
			out = append(out, o.inOrder()[kind])
		}
	}
	return out, nil
}

// useGuess takes what was asked ahead as the user's own, if the guess was right.
func (p *page) useGuess(ctx context.Context, l *lookup) error {
	if l.guess == "" || !same(l.guess, l.profile.ObjectID) && !same(l.guess, l.profile.UPN) {
		return nil
	}
	guessed, err := p.c.ownRequests(ctx, l.guess)
	if err != nil {
		return err
	}
	for i, r := range l.own.inOrder() {
		a, answered := p.got[guessed.inOrder()[i].url]
		if !answered {
			continue
		}
		p.got[r.url] = a
		if !transient(a.status) {
			p.c.cache.put(r.url, a)
		}
	}
	return nil
}

// needs are what is asked of a user by id. A guest's mailbox is not here.
func (l *lookup) needs() []request {
	if l.guest() {
		return []request{l.own.memberships}
	}
	return l.own.inOrder()
}

func (l *lookup) guest() bool { return strings.EqualFold(l.profile.UserType, "Guest") }

func (p *page) tenantwide() []request {
	if p.risk.item == nil {
		return p.sendAs
	}
	return append(slices.Clone(p.sendAs), p.risk)
}
