package graph

import (
	"context"
	"errors"
	"slices"

	"harrier/workflows/soar"
)

// maxSenders is a page: two requests each make one full batch.
const maxSenders = MaxBatch / 2

// LookUpSenders reads senders' profiles, in order. A sender that could not be
// looked up is KindUnknown with the reason; throttling is an error that says
// when to come again, and what was answered until then is not asked twice.
func (c *Client) LookUpSenders(ctx context.Context, in soar.ProfilesRequest) (soar.Profiles, error) {
	var all []*lookup
	for page := range slices.Chunk(in.Senders, maxSenders) {
		lookups, err := c.lookUpPage(ctx, page)
		if err != nil {
			return soar.Profiles{}, classify(err, c.now())
		}
		all = append(all, lookups...)
	}
	out := soar.Profiles{Profiles: make([]soar.SenderProfile, len(all)), Problem: problemOf(all)}
	for i, l := range all {
		out.Profiles[i] = l.profile
	}
	return out, nil
}

// lookup is one sender on its way to a profile.
type lookup struct {
	ref     soar.SenderRef
	ids     []string
	address string
	profile soar.SenderProfile
	// external addresses are outside the accepted domains: a miss is expected.
	external bool
	// user is set once exactly one living user is the sender.
	user    bool
	groups  bool // memberships were read
	refused map[string]string

	find, signIns, mailbox, memberships, bin request
}

func newLookup(ref soar.SenderRef) *lookup {
	l := &lookup{ref: ref, ids: objectIDs(ref), address: addressOf(ref), refused: map[string]string{}}
	if why := unaskable(l.address); why != "" {
		l.address, l.profile = "", soar.SenderProfile{Kind: soar.KindUnknown, Why: why}
	}
	return l
}

func (l *lookup) asks() bool { return l.address != "" }

func (c *Client) lookUpPage(ctx context.Context, refs []soar.SenderRef) ([]*lookup, error) {
	lookups := make([]*lookup, len(refs))
	for i, ref := range refs {
		lookups[i] = newLookup(ref)
		lookups[i].external = !c.tenant.IsInternal(ref.Address)
	}
	first, err := c.firstBatch(ctx, lookups)
	if err != nil {
		return nil, err
	}
	got, throttled := c.ask(ctx, first)
	if err := fatal(throttled); err != nil {
		return nil, err
	}
	for _, l := range lookups {
		if err := c.found(ctx, l, got); err != nil {
			return nil, err
		}
	}
	second, err := c.secondBatch(ctx, lookups)
	if err != nil {
		return nil, err
	}
	// What was not throttled is read now, so that the next attempt finds it kept.
	more, err := c.ask(ctx, second)
	if err := worse(throttled, err); err != nil {
		return nil, err
	}
	for _, l := range lookups {
		if err := c.complete(ctx, l, got, more); err != nil {
			return nil, err
		}
	}
	return lookups, nil
}

// fatal lets throttling pass: the rest of the page is worth asking for.
func fatal(err error) error {
	var throttled *throttledError
	if errors.As(err, &throttled) {
		return nil
	}
	return err
}

// worse is the error a page ends with: what is not throttling, else the longer pause.
func worse(first, second error) error {
	var a, b *throttledError
	if first == nil || fatal(second) != nil {
		return second
	}
	if errors.As(first, &a) && errors.As(second, &b) && b.after > a.after {
		return second
	}
	return first
}

func (c *Client) firstBatch(ctx context.Context, lookups []*lookup) ([]request, error) {
	var out []request
	for _, l := range lookups {
		if !l.asks() {
			continue
		}
		filter := livingFilter(l.ids, l.address)
		find, err := c.findUsers(ctx, filter)
		if err != nil {
			return nil, err
		}
		signIns, err := c.findSignIns(ctx, filter)
		if err != nil {
			return nil, err
		}
		l.find, l.signIns = find, signIns
		out = append(out, find, signIns)
	}
	return out, nil
}

func (c *Client) secondBatch(ctx context.Context, lookups []*lookup) ([]request, error) {
	var out []request
	for _, l := range lookups {
		var err error
		switch {
		case l.user:
			if l.mailbox, err = c.mailboxPurpose(l.profile.ObjectID); err != nil {
				return nil, err
			}
			if l.memberships, err = c.memberships(ctx, l.profile.ObjectID); err != nil {
				return nil, err
			}
			out = append(out, l.mailbox, l.memberships)
		case l.absent():
			if l.bin, err = c.findDeleted(deletedFilter(l.ids, l.address)); err != nil {
				return nil, err
			}
			out = append(out, l.bin)
		}
	}
	return out, nil
}

func (l *lookup) absent() bool {
	return l.profile.Kind == soar.KindNotFound || l.profile.Kind == soar.KindExternal
}
