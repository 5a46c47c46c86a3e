package app

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"go.temporal.io/sdk/worker"
)

// The property: however activities of one or two requests come and go, no span of
// a period holds more requests than the limit, and the limit is nearly used.
func TestNoPeriodHoldsMoreRequestsThanTheLimit(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		now := time.Unix(0, 0)
		p := newPace(5, 1, 2)
		p.now = func() time.Time { return now }
		var sent []time.Time
		running := 0
		for len(sent) < 2000 {
			if wait := p.reserve(); running == 5 || wait > 0 {
				if running == 0 {
					now = now.Add(wait)
					continue
				}
			} else {
				running++
			}
			// One of the running ones sends and ends.
			if running > 0 && (running == 5 || random.IntN(3) == 0) {
				for range 1 + random.IntN(2) {
					now = now.Add(time.Duration(random.IntN(20)) * time.Millisecond)
					p.note()
					sent = append(sent, now)
				}
				p.mu.Lock()
				p.reserved -= p.each
				p.mu.Unlock()
				running--
			}
		}
		most := 0
		for i, j := 0, 0; j < len(sent); j++ {
			for sent[j].Sub(sent[i]) >= queryPeriod {
				i++
			}
			most = max(most, j-i+1)
		}
		if most > queryRequests || most < queryRequests-10 {
			t.Fatalf("seed %d: %d requests in one period, the limit is %d", seed, most, queryRequests)
		}
	}
}

func TestASlotIsGivenBackWithItsReservation(t *testing.T) {
	p := newPace(1, 1, 2)
	p.limit = 2
	if _, err := p.ReserveSlot(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.ReserveSlot(cancelled, nil); err == nil {
		t.Fatal("there is one slot, and it is taken")
	}
	p.ReleaseSlot(worker.SlotReleaseInfo(nil))
	if _, err := p.ReserveSlot(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestReplicasShareTheLimits(t *testing.T) {
	if one, two := newPace(5, 1, 2), newPace(2, 2, 2); 2*two.limit > one.limit {
		t.Fatalf("two replicas may send %d each, one alone %d", two.limit, one.limit)
	}
}
