package graph

import (
	"net/http"
	"sync"
	"time"
)

// feature is a part of a profile that needs a permission or a licence of its own
// and that a tenant may do without.
type feature string

const (
	featureSignIns      feature = "sign-in data"
	featureRisk         feature = "risk data"
	featureApplications feature = "applications' permissions"
)

// A feature that is refused maxRefusals times in a row is left alone for a while,
// and then tried again: permissions and licences come, and refusals also pass.
const (
	maxRefusals  = 3
	refusedPause = time.Hour
	busyPause    = 10 * time.Minute
	// optionalPatience is the longest pause that a page waits for a feature alone.
	optionalPatience = 30 * time.Second
)

// features remembers which features the service refuses.
type features struct {
	now func() time.Time

	mu    sync.Mutex
	state map[feature]featureState
}

type featureState struct {
	refusals int
	until    time.Time
	why      string
}

func newFeatures(now func() time.Time) *features {
	return &features{now: now, state: map[feature]featureState{}}
}

// note counts an answer of the service.
func (f *features) note(of feature, a answer) {
	refused, busy := a.status == http.StatusForbidden, transient(a.status) && a.status != 0
	if of == "" || a.status == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !refused && !busy {
		delete(f.state, of)
		return
	}
	s := f.state[of]
	s.refusals++
	if s.refusals >= maxRefusals {
		pause := refusedPause
		if busy {
			pause = busyPause
		}
		s = featureState{until: f.now().Add(pause), why: a.reason()}
	}
	f.state[of] = s
}

// pause leaves a feature alone for as long as the service asks for.
func (f *features) pause(of feature, a answer, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state[of] = featureState{until: f.now().Add(wait), why: a.reason()}
}

// off says why a feature is not asked for now; empty when it is.
func (f *features) off(of feature) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state[of]
	if !f.now().Before(s.until) {
		return ""
	}
	return s.why + ", asked again after " + s.until.UTC().Format("15:04 UTC")
}

// reason says in words why an answer is none.
func (a answer) reason() string {
	if a.status == http.StatusForbidden {
		return "licence or permission lacks (" + a.code() + ")"
	}
	return a.code()
}
