package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"go.temporal.io/sdk/worker"
)

// The query API takes 200 requests in 30 seconds from one identity
// (https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language).
// Its clock and the network's delays are not ours, so a little is left over.
const (
	queryRequests = 190
	queryPeriod   = 31 * time.Second
)

// pace keeps the queries of this process inside its share of the service's limits:
// so many at once, and so many requests a period. It hands out slots before tasks
// are polled, so that nothing waits inside an activity, and counts the requests
// that were really sent.
type pace struct {
	limit  int // requests a period
	period time.Duration
	each   int // requests that one activity may send
	now    func() time.Time

	slots   chan struct{}
	changed chan struct{} // a slot was released

	mu       sync.Mutex
	sent     []time.Time
	reserved int
}

// newPace shares the limits among replicas.
func newPace(atOnce, replicas, each int) *pace {
	return &pace{
		limit: max(each, queryRequests/max(1, replicas)), period: queryPeriod, each: each, now: time.Now,
		slots: make(chan struct{}, atOnce), changed: make(chan struct{}, 1),
	}
}

// ReserveSlot waits for one of the slots, and until an activity's requests fit.
func (p *pace) ReserveSlot(ctx context.Context, _ worker.SlotReservationInfo) (*worker.SlotPermit, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		wait := p.reserve()
		if wait == 0 {
			return &worker.SlotPermit{}, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-p.changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			<-p.slots
			return nil, ctx.Err()
		}
	}
}

// TryReserveSlot never hands a slot out: eager activities would pass the queue.
func (p *pace) TryReserveSlot(worker.SlotReservationInfo) *worker.SlotPermit { return nil }

// MarkSlotUsed has nothing to note: requests are counted when they are sent.
func (p *pace) MarkSlotUsed(worker.SlotMarkUsedInfo) {}

// ReleaseSlot gives back what was reserved; what was sent stays counted.
func (p *pace) ReleaseSlot(worker.SlotReleaseInfo) {
	p.mu.Lock()
	p.reserved -= p.each
	p.mu.Unlock()
	<-p.slots
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// MaxSlots is how many activities run at once.
func (p *pace) MaxSlots() int { return cap(p.slots) }

// reserve takes an activity's requests and returns 0, or how long to wait.
func (p *pace) reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= p.period {
		p.sent = p.sent[1:]
	}
	over := len(p.sent) + p.reserved + p.each - p.limit
	switch {
	case over <= 0:
		p.reserved += p.each
		return 0
	case over > len(p.sent):
		return p.period // others hold their reservations; a release wakes us earlier
	}
	return p.period - now.Sub(p.sent[over-1])
}

// count notes each request that c sends.
func (p *pace) count(c *http.Client) *http.Client {
	out := *c
	out.Transport = counted{p, c.Transport}
	return &out
}

type counted struct {
	pace *pace
	next http.RoundTripper
}

// RoundTrip counts the request when its answer has come: that is later than the
// service counts it, and errs on the safe side.
func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	next := c.next
	if next == nil {
		next = http.DefaultTransport
	}
	defer c.pace.note()
	return next.RoundTrip(r)
}

func (p *pace) note() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, p.now())
}

// tuner is the options of a worker that runs activities at this pace.
func (p *pace) tuner() (worker.WorkerTuner, error) {
	none, errs := make([]worker.SlotSupplier, 4), make([]error, 5)
	for i := range none {
		none[i], errs[i] = worker.NewFixedSizeSlotSupplier(1)
	}
	tuner, err := worker.NewCompositeTuner(worker.CompositeTunerOptions{
		ActivitySlotSupplier: p, WorkflowSlotSupplier: none[0], LocalActivitySlotSupplier: none[1],
		NexusSlotSupplier: none[2], SessionActivitySlotSupplier: none[3],
	})
	errs[4] = err
	return tuner, errors.Join(errs...)
}
