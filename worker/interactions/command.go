package interactions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	"`/hunt run &lt;hunt&gt;` hunts what is not covered yet.\n" +
	"`/hunt run &lt;hunt&gt; 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z` hunts that window."

// command answers a slash command: its usage in the acknowledgement, anything
// else by the response address, because who asks is looked up first. after is
// nil when there is nothing more to do.
func (s *Service) command(c slackapi.SlashCommand) (ack any, after func(), err error) {
	if c.Command != huntCommand {
		s.config.Logger.Info("slack command not ours", "command", c.Command)
		return nil, nil, nil
	}
	if s.config.Hunts == nil {
		return private(blockkit.Say("Hunts are not set up in this worker; ask who runs it.").Markdown(blockkit.MaxFallback)), nil, nil
	}
	words := strings.Fields(c.Text)
	work := func(ctx context.Context) bool { return s.listHunts(ctx, c) }
	switch {
	case len(words) == 1 && words[0] == "list":
	case len(words) > 1 && words[0] == "run":
		work = func(ctx context.Context) bool { return s.runHunt(ctx, c, words[1:]) }
	default:
		return private(usage), nil, nil
	}
	after, err = s.later(stableID("command", c.TriggerID, c.UserID, c.Text), work)
	return nil, after, err
}

func private(markdown string) any {
	return map[string]string{"response_type": slackapi.ResponseTypeEphemeral, "text": markdown}
}

// reply tells the person who typed the command.
func (s *Service) reply(ctx context.Context, c slackapi.SlashCommand, text blockkit.Text) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	_, _, err := s.config.Slack.PostMessageContext(ctx, c.ChannelID,
		slackapi.MsgOptionText(text.Markdown(maxReply), false), slackapi.MsgOptionParse(false),
		slackapi.MsgOptionResponseURL(c.ResponseURL, slackapi.ResponseTypeEphemeral))
	if err != nil {
		// The error of a request holds its address, which lets anybody answer in our name.
		s.config.Logger.Warn("slack command not answered", "channel", c.ChannelID)
	}
}

// maxReply keeps the listing of all hunts in one answer:
// https://docs.slack.dev/reference/methods/chat.postMessage (4,000)
const maxReply = 3_900

// asker resolves who typed the command. It answers itself, and is false, when
// that is nobody who may ask, or Slack cannot say.
func (s *Service) asker(ctx context.Context, c slackapi.SlashCommand) (who soar.Actor, list soar.Approvers, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, fillFor)
	defer cancel()
	d := soar.Decide{}
	err := s.resolve(ctx, c.UserID, &d)
	if refusal, refused := errors.AsType[*soar.Refusal](err); refused {
		s.reply(ctx, c, withMentions(upperFirst(refusal.Message)+"."))
		return d.By, d.Approvers, false
	}
	if err != nil {
		s.config.Logger.Error("slack command not taken", "command", c.Command, "error", err.Error())
		s.reply(ctx, c, blockkit.Say("Nothing was started: Slack could not say who you are. Try again."))
	}
	return d.By, d.Approvers, err == nil
}

func (s *Service) listHunts(ctx context.Context, c slackapi.SlashCommand) bool {
	if _, _, ok := s.asker(ctx, c); !ok {
		return true
	}
	lines := []blockkit.Text{blockkit.Say("No hunt is loaded.")}
	for i, h := range s.config.Hunts.List() {
		if i == 0 {
			lines = nil
		}
		lines = append(lines, blockkit.Bold(h.Slug).Then(blockkit.Say(" · "+when(h.Settings.Schedule)+" · "+h.Name)))
	}
	s.reply(ctx, c, blockkit.Lines(lines...))
	return true
}

// when writes a schedule: "0 6 * * * UTC", with what keeps it from running.
func when(s soar.Schedule) string {
	if s.Cron == "" {
		return "on demand"
	}
	out := "cron " + s.Cron
	if s.TimeZone != "" {
		out += " " + s.TimeZone
	}
	if s.Paused {
		out += " (paused)"
	}
	return out
}

// runHunt starts a hunt for an approver and tells its result, if that does not
// take too long.
func (s *Service) runHunt(ctx context.Context, c slackapi.SlashCommand, words []string) bool {
	who, list, ok := s.asker(ctx, c)
	if !ok {
		return true
	}
	if !list.Include(who) {
		s.config.Logger.Info("hunt refused", "user", who.ID, "refusal", string(soar.RefusedActor))
		s.reply(ctx, c, withMentions("Nothing was started: "+who.Label()+" is not an approver; ask someone who is."))
		return true
	}
	in, err := s.huntInput(words)
	if err != nil {
		s.reply(ctx, c, blockkit.Say(upperFirst(err.Error())+"."))
		return true
	}
	id, err := s.startHunt(ctx, in)
	if err != nil {
		s.config.Logger.Error("hunt not started", "hunt", in.Hunt, "user", who.ID, "error", err.Error())
		s.reply(ctx, c, blockkit.Say("Nothing is known to have started: Temporal did not answer. Look for a summary, or try again."))
		return true
	}
	s.config.Logger.Info("hunt started", "hunt", in.Hunt, "workflow", id, "user", who.ID)
	s.reply(ctx, c, blockkit.Say("Hunt "+in.Hunt+" is running as "+id+". Its cases and summary come to the triage channel."))
	s.tellResult(ctx, c, in.Hunt, id)
	return true
}

func (s *Service) startHunt(ctx context.Context, in soar.HuntInput) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.TryFor)
	defer cancel()
	return s.config.Hunts.Start(ctx, in)
}

// tellResult waits for a hunt, at most ResultFor and not beyond Close.
func (s *Service) tellResult(ctx context.Context, c slackapi.SlashCommand, hunt, id string) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ResultFor)
	defer cancel()
	defer context.AfterFunc(s.taking, cancel)()
	r, err := s.config.Hunts.Result(ctx, id)
	switch {
	case err == nil:
		s.reply(ctx, c, blockkit.Say(slack.ResultLine(r)))
	case ctx.Err() != nil:
		s.reply(ctx, c, blockkit.Say("Hunt "+hunt+" is still running as "+id+"; its summary comes to the triage channel."))
	default:
		s.config.Logger.Warn("hunt ended without a result", "workflow", id, "error", err.Error())
		s.reply(ctx, c, blockkit.Say("Hunt "+hunt+" failed: "+blockkit.Cut(err.Error(), 500)))
	}
}

// huntInput reads the hunt's name and, where it is given, the window.
func (s *Service) huntInput(words []string) (soar.HuntInput, error) {
	hunt, err := config.Resolve(s.config.Hunts.List(), blockkit.Cut(words[0], maxName))
	if err != nil {
		return soar.HuntInput{}, err
	}
	in := soar.HuntInput{Hunt: hunt.Slug}
	switch len(words) {
	case 1:
		return in, nil
	case 2:
		in.Window, err = interval(words[1], s.config.Now())
		return in, err
	}
	return in, fmt.Errorf("read window: %d words; write it in one as 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", len(words)-1)
}

// maxName bounds a hunt's name in an answer.
const maxName = 100

// interval reads an ISO 8601 interval of two times.
func interval(text string, now time.Time) (*soar.Window, error) {
	from, to, found := strings.Cut(text, "/")
	begin, errBegin := time.Parse(time.RFC3339, from)
	end, errEnd := time.Parse(time.RFC3339, to)
	if !found || errBegin != nil || errEnd != nil {
		return nil, fmt.Errorf("window is %q; write it as 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", blockkit.Cut(text, maxName))
	}
	w := soar.NewWindow(begin, end)
	if w.To.After(now) {
		return nil, fmt.Errorf("window %s ends in the future; end it at %s or before", w, now.UTC().Format(time.RFC3339))
	}
	return &w, w.Validate()
}
