package interactions

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
)

// click is one press of a button on a message, in a modal or on the home tab.
type click struct {
	id      string
	action  string
	value   string
	trigger string
	// view is the modal with the button; empty on a message and on the home tab.
	view string
	// place is where the button stands: a message, or what a modal was opened from. On
	// the home tab it is empty. Case is read of the button's value where that is a case.
	place slack.Place
	from  origin
}

// origin is who did something, and where a private note reaches them: by the
// click's own response address, else in the channel, else as a direct message.
type origin struct {
	user    string
	channel string
	thread  string
	respond string
}

// readClick reads a press of a button; ok is false for anything else.
func readClick(cb slackapi.InteractionCallback) (c click, ok bool) {
	if len(cb.ActionCallback.BlockActions) == 0 || cb.User.ID == "" {
		return click{}, false
	}
	action := cb.ActionCallback.BlockActions[0]
	c = click{action: action.ActionID, value: action.Value, trigger: cb.TriggerID}
	channel := cb.Container.ChannelID
	if channel == "" {
		channel = cb.Channel.ID
	}
	switch {
	case cb.Container.MessageTs != "":
		c.place = slack.Place{Channel: channel, TS: cb.Container.MessageTs, Thread: cb.Container.ThreadTs}
	case cb.View.Type == slackapi.VTModal:
		place, err := slack.ParsePlace(cb.View.PrivateMetadata)
		if err != nil {
			return click{}, false
		}
		c.place, c.view = place, cb.View.ID
	case cb.View.Type == slackapi.VTHomeTab:
	default:
		return click{}, false
	}
	c.id = stableID("click", channel, cb.Container.MessageTs, cb.View.ID, c.action, c.value, cb.User.ID, action.ActionTs)
	c.from = origin{user: cb.User.ID, channel: c.place.Channel, thread: c.place.Thread, respond: cb.ResponseURL}
	return c, true
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
// the case itself. Only a refusal, of which the case keeps nothing, may be told twice:
// its audit line is one file, and a note that comes twice is better than one that never
// comes because a worker went down between the two.
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
