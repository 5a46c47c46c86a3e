package interactions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// maxAsked reporters of a case are asked, the newest first.
const maxAsked = 3

// questionLook is how many messages of a direct conversation are looked through for
// a question: https://docs.slack.dev/reference/methods/conversations.history
const questionLook = 50

// inquiry is what people are asked about a case.
type inquiry struct {
	action string // as notes and the audit name it
	// write writes the question to one of those who are asked.
	write func(c soar.Case, p slack.Place, address string) ([]slackapi.Block, string, slackapi.SlackMetadata)
	// whom are the addresses of who is asked.
	whom func(soar.Case) ([]string, error)
}

// askReporter asks who reported a case's mail, in a direct message.
func (s *Service) askReporter(ctx context.Context, c click) bool {
	write := func(k soar.Case, p slack.Place, address string) ([]slackapi.Block, string, slackapi.SlackMetadata) {
		return slack.AskReporter(slack.ReportedBy(k, address), p)
	}
	return s.ask(ctx, c, inquiry{"ask reporter", write, func(k soar.Case) ([]string, error) {
		to := slack.Reporters(k)
		if len(to) == 0 {
			return nil, &soar.Refusal{Kind: soar.RefusedInput, Message: "no address of a reporter is known"}
		}
		return to[:min(len(to), maxAsked)], nil
	}})
}

// askSender asks the sender, where nothing says that somebody else reads its mailbox.
func (s *Service) askSender(ctx context.Context, c click) bool {
	write := func(k soar.Case, p slack.Place, _ string) ([]slackapi.Block, string, slackapi.SlackMetadata) {
		return slack.AskSender(k, p)
	}
	return s.ask(ctx, c, inquiry{"ask sender", write, func(k soar.Case) ([]string, error) {
		if ok, why := slack.MayAskSender(k); !ok {
			return nil, &soar.Refusal{Kind: soar.RefusedInput, Message: "the sender is not asked: " + why}
		}
		return []string{k.Finding.Profile.Mail}, nil
	}})
}

// ask asks people about an open case, for an approver, and says so in the thread of
// its card. Nobody is asked twice, whoever clicks.
func (s *Service) ask(ctx context.Context, c click, q inquiry) bool {
	of := c.place.Case
	var done answers // over all tries
	return s.carry(ctx, request{
		from: c.from, id: c.id, of: of, action: q.action, at: s.config.Now(),
		send: func(ctx context.Context, who person) (string, error) {
			if err := who.approver(); err != nil {
				return "", err
			}
			cv, err := s.config.Cases.View(ctx, of.ID)
			if err != nil {
				return "", err
			}
			at, err := answerPlace(cv.Case, of)
			if err != nil {
				return "", err
			}
			if err := s.askAll(ctx, q, cv.Case, at, &done); err != nil {
				return "", err
			}
			if len(done.asked) > 0 {
				s.inThread(ctx, at, blockkit.Mention(who.ID).Then(blockkit.Say(" asked "), mentions(done.asked), blockkit.Say(". Answers come here.")))
			}
			return done.String(), nil
		},
	})
}

// askAll asks everybody whom an inquiry is for. It may be called again after an error.
func (s *Service) askAll(ctx context.Context, q inquiry, k soar.Case, at slack.Place, done *answers) error {
	to, err := q.whom(k)
	if err != nil {
		return err
	}
	for _, address := range to {
		user, err := s.member(ctx, address)
		switch {
		case err != nil:
			return err
		case user == "" && !done.has(address):
			done.unknown = append(done.unknown, address)
		case user == "" || done.has(user):
		default:
			blocks, text, metadata := q.write(k, at, address)
			asked, err := s.askOne(ctx, user, k.Ref, slackapi.MsgOptionText(text, false), slackapi.MsgOptionParse(false),
				slackapi.MsgOptionBlocks(blocks...), slackapi.MsgOptionMetadata(metadata), slackapi.MsgOptionDisableLinkUnfurl())
			if err != nil {
				return err
			}
			done.add(user, asked)
		}
	}
	return nil
}

// member is the user id of somebody by address, empty for nobody who can be asked.
func (s *Service) member(ctx context.Context, address string) (string, error) {
	user, err := s.config.Slack.GetUserByEmailContext(ctx, address)
	switch {
	case slack.Answered(err, "users_not_found"):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look up who is asked: %w", err)
	case user.Deleted || user.IsBot:
		return "", nil
	}
	return user.ID, nil
}

// answers say whom somebody asked.
type answers struct{ asked, before, unknown []string }

// String tells who clicked what became of it.
func (a answers) String() string {
	var out []string
	for _, part := range []struct {
		what string
		who  []string
	}{{"Asked ", a.asked}, {"Asked before: ", a.before}, {"Not in Slack: ", a.unknown}} {
		if len(part.who) > 0 {
			out = append(out, part.what+strings.Join(part.who, ", ")+".")
		}
	}
	return strings.Join(out, " ")
}

func (a *answers) add(user string, asked bool) {
	if asked {
		a.asked = append(a.asked, user)
	} else {
		a.before = append(a.before, user)
	}
}

func (a *answers) has(name string) bool {
	return slices.Contains(a.asked, name) || slices.Contains(a.before, name) || slices.Contains(a.unknown, name)
}

// answerPlace is the thread that answers about an open case go to: its card's.
func answerPlace(k soar.Case, asked soar.CaseRef) (slack.Place, error) {
	switch {
	case k.Ref != asked:
		return slack.Place{}, &soar.Refusal{Kind: soar.RefusedOldCase, Message: "the sender has a newer case, " + k.Ref.String()}
	case !k.State.Decidable():
		return slack.Place{}, &soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed: " + string(k.State)}
	case !k.Card.Posted():
		return slack.Place{}, &soar.Refusal{Kind: soar.RefusedInput, Message: "the case has no card yet that an answer could stand under; click Show first"}
	}
	return slack.Place{Case: k.Ref, Channel: k.Card.Channel, TS: k.Card.TS, Thread: k.Card.Thread}, nil
}

// askOne asks one person, unless a question about the case stands already: asked is
// false then.
func (s *Service) askOne(ctx context.Context, user string, about soar.CaseRef, message ...slackapi.MsgOption) (asked bool, err error) {
	dm, _, _, err := s.config.Slack.OpenConversationContext(ctx, &slackapi.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return false, fmt.Errorf("open conversation with %s: %w", user, err)
	}
	if _, _, err := s.people.home(ctx); err != nil {
		return false, err
	}
	past, err := s.conversation(ctx, dm.ID, "")
	if err != nil {
		return false, err
	}
	for _, m := range past {
		// Another app could plant a question, so that ours is never asked.
		if p, err := slack.ReadQuestion(m.Metadata); err == nil && p.Case == about && s.people.isApp(m.User) {
			return false, nil
		}
	}
	if _, _, err := s.config.Slack.PostMessageContext(ctx, dm.ID, message...); err != nil {
		return false, fmt.Errorf("ask %s: %w", user, err)
	}
	return true, nil
}

// conversation is the newest of a direct conversation, newest first, up to a message.
func (s *Service) conversation(ctx context.Context, channel, upTo string) ([]slackapi.Message, error) {
	got, err := s.config.Slack.GetConversationHistoryContext(ctx, &slackapi.GetConversationHistoryParameters{
		ChannelID: channel, Latest: upTo, Limit: questionLook, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, fmt.Errorf("read conversation: %w", err)
	}
	return got.Messages, nil
}

// inThread posts under a message that everybody sees, and says whether it stands.
func (s *Service) inThread(ctx context.Context, at slack.Place, text blockkit.Text) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postFor)
	defer cancel()
	_, err := s.post(ctx, at.Channel, said(text, threadOf(at))...)
	if err != nil {
		s.config.Logger.Warn("slack thread not answered", "channel", at.Channel, "error", err.Error())
	}
	return err == nil
}

func threadOf(at slack.Place) string {
	if at.Thread != "" {
		return at.Thread
	}
	return at.TS
}

func mentions(ids []string) blockkit.Text {
	var out []blockkit.Text
	for _, id := range ids {
		out = append(out, blockkit.Mention(id))
	}
	return blockkit.Join(", ", out...)
}

// spoken is a direct message that somebody sent to the app.
type spoken struct{ user, channel, ts, thread, text string }

// answered passes on what somebody says to a question: in its thread, or as the next
// message after it. Anything else that is said to the app is nobody's business.
func (s *Service) answered(ctx context.Context, m spoken) bool {
	ctx, cancel := context.WithTimeout(ctx, fillFor)
	defer cancel()
	at, err := s.questionOf(ctx, m)
	switch {
	case errors.Is(err, errNoQuestion):
		return true
	case errors.Is(err, errAnswered):
		s.say(ctx, m, "This was not passed on. To add something, reply under the question.")
		return true
	}
	ours := false
	if err == nil {
		ours, err = s.passOn(ctx, m, at)
	}
	if err != nil {
		s.config.Logger.Error("slack answer not passed on", "case", at.Case.String(), "error", err.Error())
		s.say(ctx, m, "That could not be passed on just now. Please send it again, as a reply here.")
		return false
	}
	if ours {
		s.say(ctx, m, "Thank you. The security team has it.")
	}
	return true
}

// passTries is how often an answer is posted when nobody knows whether it stands.
const passTries = 3

// passOn posts an answer in the case's thread. Slack may tell two workers of it, and may
// take a post without saying so, but it stands there once: the thread is looked through
// before every post and after the last. ours is false where another worker passed it on.
func (s *Service) passOn(ctx context.Context, m spoken, at slack.Place) (ours bool, err error) {
	message, err := s.noteOf(ctx, m, at)
	if err != nil {
		return false, err
	}
	for tries := 0; ; tries++ {
		standing, failed := s.standing(ctx, m, at)
		switch {
		case len(standing) > 0:
			s.takeBack(ctx, at, standing[1:])
			return ours, nil
		case tries == passTries:
			return false, errors.Join(err, failed)
		}
		if err = failed; err == nil {
			var ts string
			ours = true
			if ts, err = s.post(ctx, at.Channel, message...); err == nil {
				return s.first(ctx, m, at, ts), nil
			}
		}
		if !pause(ctx, firstWait<<tries) {
			return false, err
		}
	}
}

// first says that a post is the first of its answer. Another worker may have posted
// after both looked; then the later one goes.
func (s *Service) first(ctx context.Context, m spoken, at slack.Place, ts string) bool {
	standing, err := s.standing(ctx, m, at)
	if err != nil || len(standing) == 0 {
		s.config.Logger.Warn("slack answer not looked for again", "case", at.Case.String(), "found", len(standing), "error", err)
		return true
	}
	s.takeBack(ctx, at, standing[1:])
	return standing[0] == ts
}

// noteOf is what the case's thread shows of an answer. Where the channel shows no
// subjects the case is read, to hide its own.
func (s *Service) noteOf(ctx context.Context, m spoken, at slack.Place) ([]slackapi.MsgOption, error) {
	blocks, text := slack.Answer(m.user, m.text, s.config.Now())
	if s.config.MaskSubjects != nil && s.config.MaskSubjects(at.Channel) {
		cv, err := s.caseNow(ctx, at.Case.ID)
		_, gone := errors.AsType[*soar.Refusal](err)
		switch {
		case gone || err == nil && cv.Case.Ref != at.Case:
			blocks, text = slack.WithheldAnswer(m.user, at.Case, s.config.Now())
		case err != nil:
			return nil, fmt.Errorf("read the subjects to hide: %w", err)
		default:
			blocks, text = slack.MaskedAnswer(cv.Case, m.user, m.text, s.config.Now())
		}
	}
	return []slackapi.MsgOption{
		slackapi.MsgOptionText(text, false), slackapi.MsgOptionParse(false), slackapi.MsgOptionBlocks(blocks...),
		slackapi.MsgOptionTS(threadOf(at)), slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl(),
		slackapi.MsgOptionMetadata(slack.AnswerMetadata(at.Case, m.key())),
	}, nil
}

// caseNow reads a case, in the time of one try: what is left is for the post.
func (s *Service) caseNow(ctx context.Context, id string) (cv soar.CaseView, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.TryFor)
	defer cancel()
	err = s.until(ctx, func(ctx context.Context) (err error) {
		cv, err = s.config.Cases.View(ctx, id)
		return err
	})
	return cv, err
}

// key names what somebody said, the same to every worker.
func (m spoken) key() string { return stableID("answer", m.channel, m.ts) }

// Bounds of the look through a case's thread.
const (
	threadPage  = 200
	threadPages = 5
	// threadMargin is for the clocks of two channels of Slack's.
	threadMargin = 60
)

// standing are the posts of an answer in the case's thread, the first one first. None is
// older than what it passes on.
func (s *Service) standing(ctx context.Context, m spoken, at slack.Place) (posts []string, err error) {
	seconds, _, _ := strings.Cut(m.ts, ".")
	since, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("look for the answer: time of the message: %w", err)
	}
	q := slackapi.GetConversationRepliesParameters{
		ChannelID: at.Channel, Timestamp: threadOf(at), Oldest: strconv.FormatInt(since-threadMargin, 10), Limit: threadPage, IncludeAllMetadata: true,
	}
	for range threadPages {
		page, _, next, err := s.config.Slack.GetConversationRepliesContext(ctx, &q)
		if err != nil && !slack.Answered(err, "thread_not_found") {
			return nil, fmt.Errorf("look for the answer: %w", err)
		}
		for _, p := range page {
			if slack.PassesOn(p.Metadata, m.key()) && s.people.isApp(p.User) {
				posts = append(posts, p.Timestamp)
			}
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	slices.Sort(posts)
	return posts, nil
}

// takeBack deletes posts of an answer that stands already.
func (s *Service) takeBack(ctx context.Context, at slack.Place, posts []string) {
	for _, ts := range posts {
		_, _, err := s.config.Slack.DeleteMessageContext(ctx, at.Channel, ts)
		if err != nil && !slack.Answered(err, "message_not_found") {
			s.config.Logger.Warn("slack answer stands twice", "case", at.Case.String(), "error", err.Error())
		}
	}
}

// say answers in the direct conversation, under what was said.
func (s *Service) say(ctx context.Context, m spoken, text string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postFor)
	defer cancel()
	thread := m.thread
	if thread == "" {
		thread = m.ts
	}
	if _, err := s.post(ctx, m.channel, said(blockkit.Say(text), thread)...); err != nil {
		s.config.Logger.Warn("slack answer not confirmed", "error", err.Error())
	}
}

// errNoQuestion says that nobody asked; errAnswered that somebody did, and that it
// was answered before.
var (
	errNoQuestion = errors.New("read question: nobody asked")
	errAnswered   = errors.New("read question: it was answered before")
)

// questionOf finds the question that a message answers.
func (s *Service) questionOf(ctx context.Context, m spoken) (slack.Place, error) {
	if _, _, err := s.people.home(ctx); err != nil {
		return slack.Place{}, err
	}
	past, err := s.asked(ctx, m)
	if err != nil {
		return slack.Place{}, err
	}
	if m.thread != "" && len(past) > 0 && past[0].User == m.user {
		// More, under an answer: it belongs to what that one answers.
		return s.questionOf(ctx, spoken{user: m.user, channel: m.channel, ts: m.thread})
	}
	talk := false
	for _, p := range past {
		if at, err := slack.ReadQuestion(p.Metadata); err == nil && s.people.isApp(p.User) {
			if talk {
				return slack.Place{}, errAnswered
			}
			return at, nil
		}
		talk = talk || p.User == m.user
	}
	return slack.Place{}, errNoQuestion
}

// asked are the messages that may be the question: the root of a thread, or what was
// said before, newest first.
func (s *Service) asked(ctx context.Context, m spoken) ([]slackapi.Message, error) {
	if m.thread == "" {
		return s.conversation(ctx, m.channel, m.ts)
	}
	root, _, _, err := s.config.Slack.GetConversationRepliesContext(ctx, &slackapi.GetConversationRepliesParameters{
		ChannelID: m.channel, Timestamp: m.thread, Limit: 1, Inclusive: true, IncludeAllMetadata: true,
	})
	if slack.Answered(err, "thread_not_found") {
		return nil, errNoQuestion
	}
	if err != nil {
		return nil, fmt.Errorf("read thread: %w", err)
	}
	return slices.DeleteFunc(root, func(r slackapi.Message) bool { return r.Timestamp != m.thread }), nil
}
