package interactions

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// click is one press of a button on a message.
type click struct {
	id      string
	action  string
	user    slackapi.User
	trigger string
	place   slack.Place
}

// readClick reads a press of one of our buttons; ok is false for anything else.
func readClick(cb slackapi.InteractionCallback) (c click, ok bool) {
	if len(cb.ActionCallback.BlockActions) == 0 || cb.Container.MessageTs == "" {
		return click{}, false
	}
	action := cb.ActionCallback.BlockActions[0]
	ref, err := soar.ParseCaseRef(action.Value)
	if err != nil {
		return click{}, false
	}
	channel := cb.Container.ChannelID
	if channel == "" {
		channel = cb.Channel.ID
	}
	return click{
		id:     stableID("click", channel, cb.Container.MessageTs, action.ActionID, cb.User.ID, action.ActionTs),
		action: action.ActionID, user: cb.User, trigger: cb.TriggerID,
		place: slack.Place{Case: ref, Channel: channel, TS: cb.Container.MessageTs, Thread: cb.Container.ThreadTs},
	}, true
}

// submissionID names one submission of a modal: the hash changes with every view.
func submissionID(cb slackapi.InteractionCallback) string {
	return stableID("submit", cb.View.ID, cb.User.ID, cb.View.Hash)
}

// stableID is the same for every delivery of the same thing, whichever worker gets it.
func stableID(kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kind + "-" + hex.EncodeToString(sum[:12])
}

// seenFor is longer than Slack goes on delivering an envelope again.
const seenFor = 15 * time.Minute

// seen remembers clicks that are worked on or done, so that another delivery to
// this worker does nothing. Other workers' deliveries meet the same click id in
// the case itself.
type seen struct {
	now func() time.Time
	mu  sync.Mutex
	ids map[string]time.Time
}

func newSeen(now func() time.Time) *seen { return &seen{now: now, ids: map[string]time.Time{}} }

// first says that the id was not there before, and puts it there.
func (s *seen) first(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, at := range s.ids {
		if s.now().Sub(at) > seenFor {
			delete(s.ids, old)
		}
	}
	if _, there := s.ids[id]; there {
		return false
	}
	s.ids[id] = s.now()
	return true
}

// forget releases an id whose work failed, so that another delivery is worked on.
func (s *seen) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ids, id)
}
