package slack

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Event types of messages about a question: of the direct message that asks, whose
// payload is where the answer goes, and of the answer in the case's thread, whose payload
// names the direct message that it passes on.
const (
	MetadataQuestion = "harrier_question"
	MetadataAnswer   = "harrier_answer"
)

// Reporters are the addresses of people who reported a case's messages, each once,
// newest message first. Reporters that the log names without an address are left out:
// a name is not enough to write to somebody. So is the sender, under every address that
// the case has of it: whoever has taken the account over can report its mail.
func Reporters(c soar.Case) []string {
	self := sendersOwn(c.Finding)
	var out []string
	for _, m := range c.Finding.Evidence.Messages {
		for _, r := range reportersOf(m) {
			if !slices.Contains(self, r) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// reportersOf are the addresses of who reported a message. One that was read before
// addresses were kept has only names, of which some are addresses.
func reportersOf(m soar.Message) []string {
	known := m.ReporterAddresses
	if len(known) == 0 {
		known = m.Reporters
	}
	var out []string
	for _, r := range known {
		if r = plain(r); soar.DomainOf(r) != "" {
			out = append(out, r)
		}
	}
	return out
}

// sendersOwn are the addresses that a finding has of its sender.
func sendersOwn(f soar.Finding) []string {
	out := []string{plain(f.Candidate.Sender), plain(f.Profile.UPN), plain(f.Profile.Mail)}
	for _, p1 := range f.Candidate.P1 {
		out = append(out, plain(p1))
	}
	for _, m := range f.Evidence.Messages {
		out = append(out, plain(m.P1), plain(m.P2))
	}
	return out
}

func plain(address string) string { return soar.FoldASCII(strings.TrimSpace(address)) }

// ReportedBy is the case with only those messages that somebody reported: nobody is
// shown the subject of a mail that they may not have.
func ReportedBy(c soar.Case, address string) soar.Case {
	c.Finding.Evidence.Messages = slices.DeleteFunc(slices.Clone(c.Finding.Evidence.Messages), func(m soar.Message) bool {
		return !slices.Contains(reportersOf(m), plain(address))
	})
	return c
}

// MayAskSender says whether the sender may be asked, and if not why. Whoever has
// taken an account over reads its messages, and answers them.
func MayAskSender(c soar.Case) (ok bool, why string) {
	f := c.Finding
	switch {
	case len(f.Past.Compromise) > 0, f.Profile.AtRisk == soar.Yes, slices.Contains(c.Judgement.GuardNames(), soar.GuardCompromise), soar.LikelyTakenOver(f, c.Judgement):
		return false, "somebody else may read the sender's account: ask by phone"
	case f.Candidate.Scope != soar.ScopeIntraOrg:
		return false, "the mail came from outside: the account whose address it shows did not send it"
	case !f.Past.AuditKnown:
		return false, "the audit log could not be read, so nobody knows who reads the sender's account: ask by phone"
	case len(unread(f.Past)) > 0:
		return false, "the logs of some changes could not be read (" + strings.Join(unread(f.Past), ", ") + "), so nobody knows who reads the sender's account: ask by phone"
	case f.Profile.Kind != soar.KindPerson || f.Profile.Mail == "":
		return false, "nobody is known to read the sender's mailbox"
	}
	return true, ""
}

// unread are the kinds of compromise facts that a case must know to be absent, and does not.
func unread(p soar.Past) []string {
	var out []string
	for _, kind := range []soar.CompromiseKind{
		soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate, soar.CompromiseMFA, soar.CompromiseConsent,
	} {
		if !slices.Contains(p.CompromiseKnown, kind) {
			out = append(out, string(kind))
		}
	}
	return out
}

// AskReporter is what a reporter is asked, as a direct message. It repeats nothing
// that could be clicked.
func AskReporter(c soar.Case, p Place) (blocks []slackapi.Block, text string, metadata slackapi.SlackMetadata) {
	return question(c, p, "You reported a mail", "Did you click a link, open a file or answer it? What looked wrong to you?")
}

// AskSender is what the sender is asked; only where MayAskSender.
func AskSender(c soar.Case, p Place) (blocks []slackapi.Block, text string, metadata slackapi.SlackMetadata) {
	return question(c, p, "Colleagues reported a mail that came from your mailbox", "Did you send it?")
}

func question(c soar.Case, p Place, head, ask string) ([]slackapi.Block, string, slackapi.SlackMetadata) {
	b := blockkit.ForMessage()
	b.Plain(blockkit.Say(head + ". The security team is looking at it and asks you:"))
	b.Section(blockkit.Lines(asked(c)...))
	b.Section(blockkit.Bold(ask))
	b.Context(blockkit.Say("Your next message here goes to the security team. Do not open or forward the mail."))
	payload := map[string]any{"case": p.Case.String(), "channel": p.Channel, "thread": orNamed(p.Thread, p.TS)}
	return b.Build(), blockkit.Say(head + ": " + ask).Plain(blockkit.MaxFallback), slackapi.SlackMetadata{EventType: MetadataQuestion, EventPayload: payload}
}

// asked is the mail as whoever is asked sees it: its own From, whoever the case is about.
func asked(c soar.Case) []blockkit.Text {
	m, from := c.Finding.Evidence.Messages, c.Finding.Sender()
	if len(m) > 0 && !soar.IsNullSender(m[0].P2) {
		from = m[0].P2
	}
	lines := []blockkit.Text{blockkit.Say("From ").Then(blockkit.Quote(blockkit.CutAddress(from, 2*maxAddress)))}
	if len(m) > 0 {
		lines = append(lines, blockkit.Say("Subject ").Then(blockkit.Subject(blockkit.Cut(m[0].Subject, 200))),
			blockkit.Say("Received ").Then(blockkit.Moment(m[0].Time)))
	}
	return lines
}

// ReadQuestion reads where the answer to a question goes: the case, its channel and thread.
func ReadQuestion(m slackapi.SlackMetadata) (Place, error) {
	field := func(name string) string { s, _ := m.EventPayload[name].(string); return s }
	ref, err := soar.ParseCaseRef(field("case"))
	if err == nil && (m.EventType != MetadataQuestion || field("channel") == "" || field("thread") == "") {
		err = errors.New("it is no question of a case")
	}
	if err != nil {
		return Place{}, fmt.Errorf("read question: %w", err)
	}
	return Place{Case: ref, Channel: field("channel"), TS: field("thread"), Thread: field("thread")}, nil
}

// AnswerMetadata marks an answer with the key of what it passes on, the same whoever
// passes it on.
func AnswerMetadata(of soar.CaseRef, key string) slackapi.SlackMetadata {
	return slackapi.SlackMetadata{EventType: MetadataAnswer, EventPayload: map[string]any{"case": of.String(), "key": key}}
}

// PassesOn says that a message is the answer with a key.
func PassesOn(m slackapi.SlackMetadata, key string) bool {
	return m.EventType == MetadataAnswer && m.EventPayload["key"] == key
}

// Answer is the note for the case's thread: who answered what, in plain text. The
// answer is the text of Slack's event, in which links and names are entities.
func Answer(user, answer string, at time.Time) (blocks []slackapi.Block, text string) {
	return answerOf(user, typed(answer), at)
}

// MaskedAnswer is the answer for a channel that shows no subjects: those of the case
// are hidden in it, as a person writes them.
func MaskedAnswer(c soar.Case, user, answer string, at time.Time) (blocks []slackapi.Block, text string) {
	return answerOf(user, maskOf(subjectsOf(c)...).said(typed(answer)), at)
}

// WithheldAnswer says in such a channel that somebody answered, where nobody knows any
// more which subjects there are to hide.
func WithheldAnswer(user string, of soar.CaseRef, at time.Time) (blocks []slackapi.Block, text string) {
	said := blockkit.Mention(user).Then(blockkit.Say(" answered in a direct message, "), blockkit.Moment(at), blockkit.Sayf(". "+
		"The answer is not shown: this channel shows no subjects, and those of case %d cannot be read any more. Ask them.", of.Number))
	b := blockkit.ForMessage()
	b.Section(said)
	return b.Build(), said.Markdown(blockkit.MaxFallback)
}

func answerOf(user, said string, at time.Time) ([]slackapi.Block, string) {
	said = blockkit.DefangIn(said, nil)
	head := blockkit.Mention(user).Then(blockkit.Say(" answered in a direct message, "), blockkit.Moment(at), blockkit.Say(":"))
	b := blockkit.ForMessage()
	b.Section(head)
	b.Plain(blockkit.Say(blockkit.Cut(said, 2_000)))
	return b.Build(), head.Then(blockkit.Say(" "), blockkit.Quote(blockkit.Cut(said, 300))).Markdown(blockkit.MaxFallback)
}

var entity = regexp.MustCompile(`<([^<>|]*)(\|[^<>]*)?>`)

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// typed is what a person typed, of the text that Slack made of it:
// https://docs.slack.dev/messaging/formatting-message-text#escaping
func typed(s string) string { return unescaper.Replace(entity.ReplaceAllString(s, "$1")) }
