package interactions

import (
	"context"
	"regexp"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
)

// noteFor bounds one note; notes go out even when the work was cut short. An answer
// that everybody sees waits as long as postFor for its turn in the channel.
const (
	noteFor = 5 * time.Second
	postFor = 20 * time.Second
)

// note tells one person something, where nobody else reads it: by the click's own
// response address, which no rate limits, else in the channel. Who clicked on the
// home tab is told in a direct message.
func (s *Service) note(ctx context.Context, to origin, text string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	options := said(withMentions(text), to.thread)
	if to.respond != "" && s.respond(ctx, to.respond, options...) {
		return
	}
	var err error
	if to.channel == "" {
		_, _, err = s.config.Slack.PostMessageContext(ctx, to.user, options...)
	} else {
		_, err = s.config.Slack.PostEphemeralContext(ctx, to.channel, to.user, options...)
	}
	if err != nil {
		s.config.Logger.Warn("slack note not posted", "channel", to.channel, "error", err.Error())
	}
}

// respond answers an interaction by its response address, which is good for five
// answers in half an hour:
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (s *Service) respond(ctx context.Context, address string, options ...slackapi.MsgOption) bool {
	options = append(options, slackapi.MsgOptionResponseURL(address, slackapi.ResponseTypeEphemeral))
	_, _, err := s.config.Slack.PostMessageContext(ctx, "", options...)
	if err != nil {
		// The error of a request holds its address, which lets anybody answer in our name.
		s.config.Logger.Warn("slack response address not answered")
	}
	return err == nil
}

// said is a text as a message, in a thread where one is given.
func said(text blockkit.Text, thread string) []slackapi.MsgOption {
	options := []slackapi.MsgOption{slackapi.MsgOptionText(text.Markdown(maxReply), false), slackapi.MsgOptionParse(false)}
	if thread != "" {
		options = append(options, slackapi.MsgOptionTS(thread))
	}
	return options
}

// maxReply keeps the listing of all hunts in one answer:
// https://docs.slack.dev/reference/methods/chat.postMessage (4,000)
const maxReply = 3_900

// pendingAfter tells the person once that a request is still on its way, if it
// takes long. The returned function ends that and says whether it was told.
func (s *Service) pendingAfter(ctx context.Context, r request) (told func() bool) {
	posted := make(chan struct{})
	timer := time.AfterFunc(s.config.PendingAfter, func() {
		defer close(posted)
		s.note(ctx, r.from, "Pending: your "+r.action+" is on its way and not yet recorded.")
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
