package interactions

import (
	"context"
	"errors"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// homeFor bounds the reading of a home tab.
const homeFor = 25 * time.Second

// home publishes the home tab of somebody who opened it. No channel's membership
// guards it, so it is for approvers alone. It is false when nothing was published.
func (s *Service) home(ctx context.Context, user string) bool {
	reading, cancel := context.WithTimeout(ctx, homeFor)
	defer cancel()
	view := s.homeView(reading, user)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer done()
	if _, err := s.config.Slack.PublishViewContext(ctx, slackapi.PublishViewContextRequest{UserID: user, View: view}); err != nil {
		s.config.Logger.Warn("slack home tab not published", "user", user, "error", err.Error())
		return false
	}
	return true
}

func (s *Service) homeView(ctx context.Context, user string) slackapi.HomeTabViewRequest {
	who, err := s.resolve(ctx, user)
	if err == nil {
		err = who.approver()
	}
	if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
		return notice(withMentions("This tab shows open cases to approvers: " + refusal.Message + "."))
	}
	var home slack.Home
	if err == nil {
		home, err = s.config.Desk.Home(ctx)
	}
	if err != nil {
		s.config.Logger.Error("slack home tab not read", "user", user, "error", err.Error())
		return notice(blockkit.Say("Cases and coverage could not be read just now: this does not say that there are none. Open this tab again."))
	}
	return slack.HomeView(home)
}

// notice is a home tab that says one thing.
func notice(text blockkit.Text) slackapi.HomeTabViewRequest {
	b := blockkit.ForModal()
	b.Section(text)
	return slackapi.HomeTabViewRequest{Type: slackapi.VTHomeTab, Blocks: slackapi.Blocks{BlockSet: b.Build()}}
}
