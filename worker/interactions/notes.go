package interactions

import (
	"context"
	"regexp"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// noteFor bounds one note; notes go out even when the work was cut short.
const noteFor = 5 * time.Second

// note tells one person something in the channel of the card.
func (s *Service) note(ctx context.Context, at slack.Place, user, text string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	options := []slackapi.MsgOption{
		slackapi.MsgOptionText(withMentions(text).Markdown(blockkit.MaxFallback), false), slackapi.MsgOptionParse(false),
	}
	if at.Thread != "" {
		options = append(options, slackapi.MsgOptionTS(at.Thread))
	}
	if _, err := s.config.Slack.PostEphemeralContext(ctx, at.Channel, user, options...); err != nil {
		s.config.Logger.Warn("slack note not posted", "channel", at.Channel, "error", err.Error())
	}
}

// pendingAfter tells the person once that a decision is still on its way, if it
// takes long. The returned function ends that and says whether it was told.
func (s *Service) pendingAfter(ctx context.Context, at slack.Place, user string, kind soar.DecisionKind) (told func() bool) {
	posted := make(chan struct{})
	timer := time.AfterFunc(s.config.PendingAfter, func() {
		defer close(posted)
		s.note(ctx, at, user, "Pending: your "+string(kind)+" is on its way and not yet recorded.")
	})
	return func() bool {
		if timer.Stop() {
			return false
		}
		<-posted
		return true
	}
}

var userInText = regexp.MustCompile(`\b[UW][A-Z0-9]{5,}\b`)

// withMentions shows user ids in our own sentences as Slack shows people.
func withMentions(s string) blockkit.Text {
	var out blockkit.Text
	for {
		at := userInText.FindStringIndex(s)
		if at == nil {
			return out.Then(blockkit.Say(s))
		}
		if at[0] > 0 {
			out = out.Then(blockkit.Say(s[:at[0]]))
		}
		out = out.Then(blockkit.Mention(s[at[0]:at[1]]))
		s = s[at[1]:]
	}
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
