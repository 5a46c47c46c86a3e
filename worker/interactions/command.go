package interactions

import (
	"context"
	"errors"
	"strings"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/config"
	"harrier/workflows/soar"
)

// huntCommand is the slash command of the app's manifest.
const huntCommand = "/hunt"

// usage is escaped, as Slack reads it.
const usage = "`/hunt list` shows the hunts.\n" +
	"`/hunt status [hunt]` shows the last run, what is hunted, gaps, the next run and pauses.\n" +
	"`/hunt run &lt;hunt&gt; [window] [dry]` hunts what is not covered yet, or the window: `24h`, `7d` (the last …), or " +
	"`2026-11-24T00:00:00Z/2026-11-25T00:00:00Z`. With `dry` nothing is posted or opened: you see what would be.\n" +
	"`/hunt pause &lt;hunt&gt; [2h | 2026-11-25T18:00:00Z] [reason]` pauses its schedule, until then or until it is resumed.\n" +
	"`/hunt resume &lt;hunt&gt;` ends a pause."

// command answers a slash command: its usage in the acknowledgement, anything
// else later, because who asks is looked up first. after is nil when there is
// nothing more to do.
func (s *Service) command(c slackapi.SlashCommand) (ack any, after func(), err error) {
	if c.Command != huntCommand {
		s.config.Logger.Info("slack command not ours", "command", c.Command)
		return nil, nil, nil
	}
	if s.config.Hunts == nil {
		return private(blockkit.Say("Hunts are not set up in this worker; ask who runs it.").Markdown(blockkit.MaxFallback)), nil, nil
	}
	id := stableID("command", c.TriggerID, c.UserID, c.Text)
	do := s.workOfCommand(id, c)
	if do == nil {
		return private(usage), nil, nil
	}
	after, err = s.later(id, do)
	return nil, after, err
}

// workOfCommand is what a command asks for, nil when it is none that we know.
func (s *Service) workOfCommand(id string, c slackapi.SlashCommand) work {
	words := strings.Fields(c.Text)
	if len(words) == 0 {
		return nil
	}
	a := &asking{id: id, command: c, words: words[1:]}
	does := map[string]struct {
		least int // words after it
		do    func(context.Context, *asking) bool
	}{
		"list": {0, s.listHunts}, "status": {0, s.huntStatus}, "run": {1, s.runHunt}, "pause": {1, s.pauseHunt}, "resume": {1, s.resumeHunt},
	}
	d, ok := does[strings.ToLower(words[0])]
	if !ok || len(a.words) < d.least || words[0] == "list" && len(a.words) > 0 {
		return nil
	}
	return func(ctx context.Context) bool { return d.do(ctx, a) }
}

func private(markdown string) any {
	return map[string]string{"response_type": slackapi.ResponseTypeEphemeral, "text": markdown}
}

// asking is a command on its way, with what follows its first word.
type asking struct {
	id      string
	command slackapi.SlashCommand
	words   []string
	// thread is the message that everybody sees and under which the answers stand;
	// empty tells the person alone.
	thread string
}

// tell answers: in the command's thread, or the person alone.
func (s *Service) tell(ctx context.Context, a *asking, text blockkit.Text) {
	if a.thread != "" && s.inThread(ctx, slack.Place{Channel: a.command.ChannelID, TS: a.thread}, text) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	s.respond(ctx, a.command.ResponseURL, said(text, "")...)
}

// announce tells the channel who asks for what, so that nobody wonders, and puts the
// answers under it. Where the app is not in the channel, the person alone is told.
func (s *Service) announce(ctx context.Context, a *asking) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postFor)
	defer cancel()
	text := blockkit.Mention(a.command.UserID).Then(blockkit.Say(" asks: "), blockkit.Quote(blockkit.Cut(huntCommand+" "+a.command.Text, 300)))
	ts, err := s.post(ctx, a.command.ChannelID, said(text, "")...)
	if err != nil {
		s.config.Logger.Info("slack command answered in private", "channel", a.command.ChannelID, "error", err.Error())
		return
	}
	a.thread = ts
}

// post posts a message. Only a post that Slack says it did not take, because they
// come too fast, is repeated: any other may stand already.
func (s *Service) post(ctx context.Context, channel string, options ...slackapi.MsgOption) (ts string, err error) {
	for {
		_, ts, err = s.config.Slack.PostMessageContext(ctx, channel, options...)
		throttled, ok := errors.AsType[*slackapi.RateLimitedError](err)
		if !ok || !pause(ctx, throttled.RetryAfter) {
			return ts, err
		}
	}
}

// permitted resolves who typed the command. It answers itself, and is false, when
// that is nobody who may, or Slack cannot say.
func (s *Service) permitted(ctx context.Context, a *asking, may func(person) error) (who person, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, fillFor)
	defer cancel()
	who, err := s.resolve(ctx, a.command.UserID)
	if err == nil {
		err = may(who)
	}
	if refusal, refused := errors.AsType[*soar.Refusal](err); refused {
		s.keepRefusal(ctx, request{id: a.id, action: "hunt " + a.verb(), at: s.config.Now()}, who.Actor, refusal)
		s.tell(ctx, a, withMentions("Nothing was done: "+refusal.Message+"."))
		return who, false
	}
	if err != nil {
		s.config.Logger.Error("slack command not taken", "command", a.command.Command, "error", err.Error())
		s.tell(ctx, a, blockkit.Say("Nothing was done: Slack could not say who you are. Try again."))
	}
	return who, err == nil
}

// verb is the command's first word, and the hunt that it names.
func (a *asking) verb() string {
	words := strings.Fields(a.command.Text)
	return blockkit.Cut(strings.Join(words[:min(len(words), 2)], " "), maxName)
}

func anybody(person) error { return nil }

// hunt finds the hunt that a command names first.
func (s *Service) hunt(a *asking) (soar.Hunt, error) {
	return config.Resolve(s.config.Hunts.List(), blockkit.Cut(a.words[0], maxName))
}

// maxName bounds a hunt's name in an answer.
const maxName = 100

// sentence makes an error one for a person.
func sentence(err error) blockkit.Text {
	return blockkit.Say(upperFirst(strings.TrimSuffix(blockkit.Cut(err.Error(), 500), ".")) + ".")
}

func (s *Service) listHunts(ctx context.Context, a *asking) bool {
	if _, ok := s.permitted(ctx, a, anybody); !ok {
		return true
	}
	lines := []blockkit.Text{blockkit.Say("No hunt is loaded.")}
	for i, h := range s.config.Hunts.List() {
		if i == 0 {
			lines = nil
		}
		lines = append(lines, blockkit.Bold(h.Slug).Then(blockkit.Say(" · "+h.Settings.Schedule.String()+" · "+h.Name)))
	}
	s.tell(ctx, a, blockkit.Lines(lines...))
	return true
}
