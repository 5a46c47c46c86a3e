package interactions

import (
	"context"
	"encoding/json"
	"fmt"
)

// Events that we work on: https://docs.slack.dev/reference/events
const (
	eventHomeOpened = "app_home_opened"
	eventMessage    = "message"
	channelIM       = "im"
	withFile        = "file_share" // the subtype of a message with a file
)

// happening is what we read of an event of the Events API:
// https://docs.slack.dev/apis/events-api#callback-field
type happening struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	EventID   string `json:"event_id"`
	Event     struct {
		Type        string `json:"type"`
		Subtype     string `json:"subtype"`
		User        string `json:"user"`
		BotID       string `json:"bot_id"`
		Tab         string `json:"tab"`
		Channel     string `json:"channel"`
		ChannelType string `json:"channel_type"`
		Text        string `json:"text"`
		TS          string `json:"ts"`
		Thread      string `json:"thread_ts"`
	} `json:"event"`
}

func readHappening(raw []byte) (h happening, err error) {
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, fmt.Errorf("read event: %w", err)
	}
	return h, nil
}

// happened handles an event as handle does an interaction: it calls nobody. The
// address check that Slack makes when events are set up is answered here as well.
func (s *Service) happened(raw []byte) (ack any, after func(), err error) {
	h, err := readHappening(raw)
	if err != nil {
		s.config.Logger.Warn("slack event not readable", "error", err.Error())
		return nil, nil, errMalformed
	}
	if h.Type == "url_verification" {
		return map[string]string{"challenge": h.Challenge}, nil, nil
	}
	do := s.workOfEvent(h)
	if do == nil {
		return nil, nil, nil
	}
	after, err = s.later(stableID("event", h.EventID, h.Event.User, h.Event.TS), do)
	return nil, after, err
}

// workOfEvent is what an event asks for, nil when it is none of ours. Our own direct
// messages are events too.
func (s *Service) workOfEvent(h happening) work {
	e := h.Event
	switch {
	case h.Type != "event_callback" || e.User == "":
	case e.Type == eventHomeOpened && e.Tab == "home" && s.config.Desk != nil:
		return func(ctx context.Context) bool { return s.home(ctx, e.User) }
	case e.Type == eventMessage && e.ChannelType == channelIM && e.BotID == "" && (e.Subtype == "" || e.Subtype == withFile):
		text := e.Text
		if e.Subtype == withFile {
			text += " (with a file, which is not passed on)"
		}
		return func(ctx context.Context) bool {
			return s.answered(ctx, spoken{user: e.User, channel: e.Channel, ts: e.TS, thread: e.Thread, text: text})
		}
	}
	return nil
}
