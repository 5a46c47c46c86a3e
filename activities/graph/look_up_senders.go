package graph

import (
	"context"
	"errors"
	"slices"

	"harrier/workflows/soar"
)

// maxSenders is a page: what is asked of so many fits two batches.
const maxSenders = 10

// LookUpSenders reads senders' profiles, in order. A sender that could not be
// looked up is KindUnknown with the reason; throttling is an error that says
// when to come again, and what was answered until then is not asked twice.
func (c *Client) LookUpSenders(ctx context.Context, in soar.ProfilesRequest) (soar.Profiles, error) {
	var all []*lookup
	for refs := range slices.Chunk(in.Senders, maxSenders) {
		lookups, err := c.lookUpPage(ctx, refs)
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
	rules   int  // visible inbox rules
	senders int  // applications that may send as anyone
	refused map[string]string
	// why says of a fact why it is not known.
	why map[fact]string

	filter string
	find   request
	guess  string
	own    ownRequests
	signIn request
	bin    request
	binKey string
}

func newLookup(ref soar.SenderRef) *lookup {
	l := &lookup{ref: ref, ids: objectIDs(ref), address: addressOf(ref), refused: map[string]string{}, why: map[fact]string{}}
	if why := unaskable(l.address); why != "" {
		l.address, l.profile = "", soar.SenderProfile{Kind: soar.KindUnknown, Why: why}
	}
	return l
}

func (l *lookup) asks() bool { return l.address != "" }

func (l *lookup) absent() bool {
	return l.profile.Kind == soar.KindNotFound || l.profile.Kind == soar.KindExternal
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
