package suppressions

import (
	"crypto/sha256"
	"errors"
	"sync"

	"harrier/workflows/soar"
)

// maxTrials bounds the compiled trials that are kept: a preview asks for one again and
// again, once a page of findings.
const maxTrials = 8

// trials are the newest compiled trials, newest last. The zero value is ready.
type trials struct {
	mu   sync.Mutex
	kept []trial
}

type trial struct {
	key trialKey
	set *Set
	err error
}

// trialKey names a trial: the same text over other rules or settings is another one,
// and a reload makes a new set.
type trialKey struct {
	text [sha256.Size]byte
	over *Set
}

// get returns the trial of a key, made once.
func (t *trials) get(key trialKey, compile func() (*Set, error)) (*Set, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.kept {
		if known.key == key {
			return known.set, known.err
		}
	}
	set, err := compile()
	t.kept = append(t.kept, trial{key, set, err})
	if len(t.kept) > maxTrials {
		t.kept = append([]trial(nil), t.kept[1:]...)
	}
	return set, err
}

// rules are those in force, with those of a trial before them where there is one.
func (j *Judger) rules(text string) (*Set, error) {
	inForce := j.config.Rules()
	if text == "" {
		return inForce, nil
	}
	if j.config.Parse == nil {
		return nil, errors.New("this worker takes none; give the judger a loader")
	}
	return j.trials.get(trialKey{sha256.Sum256([]byte(text)), inForce}, func() (*Set, error) {
		return j.compileTrial(text, inForce)
	})
}

func (j *Judger) compileTrial(text string, inForce *Set) (*Set, error) {
	rules, err := j.config.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return nil, errors.New("the text has no rule; write one in the list suppressions")
	}
	set, err := Compile(rules, j.config.Tenant())
	if err != nil {
		return nil, err
	}
	return inForce.Over(set, rules), nil
}

// Over is the set with a trial before it. Rules of the trial take the place of those
// in force that have their id, also when the trial makes them inactive: the file on
// trial is what would stand there.
func (s *Set) Over(trial *Set, rules []soar.Rule) *Set {
	out := newSet()
	replaced := make(map[string]bool, len(rules))
	for _, r := range rules {
		replaced[r.ID] = true
	}
	if s != nil {
		out.thresholds = s.thresholds
		for _, r := range s.rules {
			if !replaced[r.ID] {
				out.add(r)
			}
		}
	}
	for _, r := range trial.rules {
		tried := *r
		tried.trial = true
		out.add(&tried)
	}
	out.sort()
	return out
}
