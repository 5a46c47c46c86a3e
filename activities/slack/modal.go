package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Block and action ids of the approve modal; errors of a submission name the block.
const (
	BlockReason    = "reason"
	BlockRemember  = "remember"
	actionReason   = "reason"
	actionRemember = "remember"
)

// maxReason is the longest reason an approval takes, in characters.
const maxReason = 500

// Place is where a modal was opened from. It travels in the modal's private metadata.
type Place struct {
	Case    soar.CaseRef `json:"case"`
	Channel string       `json:"channel"`
	TS      string       `json:"ts"`
	// Thread is set when the card stands in a thread.
	Thread string `json:"thread,omitempty"`
	// Revision is what the case showed when the modal was filled.
	Revision string `json:"revision,omitempty"`
	// Once says that the form offered no choice of how long to remember.
	Once bool `json:"once,omitempty"`
	// Page is the page of the evidence that is shown, from 0.
	Page int `json:"page,omitempty"`
	// Longest is the longest choice that a snooze form offered.
	Longest soar.Duration `json:"longest,omitempty"`
}

// String is the private metadata: a few ids, far under its limit.
func (p Place) String() string {
	raw, _ := json.Marshal(p) // strings and an int always marshal
	return string(raw)
}

// ParsePlace reads private metadata.
func ParsePlace(metadata string) (Place, error) {
	var p Place
	if err := json.Unmarshal([]byte(metadata), &p); err != nil {
		return Place{}, fmt.Errorf("read modal metadata: %w", err)
	}
	if _, err := soar.ParseCaseRef(p.Case.String()); err != nil {
		return Place{}, fmt.Errorf("read modal metadata: %w", err)
	}
	return p, nil
}

// remembered are the choices of how long an approval hides a sender.
var remembered = []blockkit.Option{
	{Value: "0", Label: "Once: the next such mail is a card again"},
	{Value: "7d", Label: "7 days"},
	{Value: "30d", Label: "30 days"},
	{Value: "90d", Label: "90 days"},
}

// rememberedShape are the choices where only the shape of the mail is remembered.
var rememberedShape = []blockkit.Option{remembered[0], {Value: "7d", Label: "7 days (only mail of this shape)"}}

// ParseRemember reads a choice of the remember menu; only the offered ones are valid.
func ParseRemember(value string) (soar.Duration, error) {
	for _, o := range remembered {
		if o.Value != value {
			continue
		}
		if value == "0" {
			return 0, nil
		}
		var d soar.Duration
		return d, d.UnmarshalText([]byte(value))
	}
	return 0, fmt.Errorf("remember is %q; choose once, 7, 30 or 90 days", value)
}

// LoadingModal is shown at once, because Slack gives three seconds to open one.
func LoadingModal(title string, p Place) slackapi.ModalViewRequest {
	b := blockkit.ForModal()
	b.Plain(blockkit.Say("Reading the case…"))
	return frame(title, p).View(b)
}

// NoticeModal says one thing in a modal that was opened before it was known.
func NoticeModal(title string, p Place, notice string) slackapi.ModalViewRequest {
	b := blockkit.ForModal()
	b.Plain(blockkit.Say(notice))
	return frame(title, p).View(b)
}

// Titles of the modals.
const (
	TitleApprove  = "Benign: hide…"
	TitleEvidence = "Evidence"
	TitleSnooze   = "Snooze"
	TitleReopen   = "Reopen"
	TitleExtend   = "Extend"
	TitleWrong    = "This was wrong"
)

func frame(title string, p Place) blockkit.Modal {
	return blockkit.Modal{Title: title, Close: "Close", PrivateMetadata: p.String()}
}

// ApproveModal asks why a case is benign and for how long to remember it. A case
// that cannot be decided any more gets a notice instead of a form.
func ApproveModal(cv soar.CaseView, p Place, now time.Time) slackapi.ModalViewRequest {
	if notice := undecidable(cv, p.Case); notice != "" {
		return NoticeModal(TitleApprove, p, notice)
	}
	most, _ := cv.Case.RememberFor()
	p.Revision, p.Once = cv.Case.Revision(), most == 0
	v := newView(cv.Case, Options{}, now)
	b := blockkit.ForModal()
	b.Plain(v.headline())
	b.Input(BlockReason, blockkit.Say("Why is this benign?"), blockkit.Say("Kept with the decision and in the audit log."),
		blockkit.TextInput(actionReason, blockkit.Say("who sends this mail, and how you know"), maxReason))
	switch {
	case p.Once:
		b.Plain(v.onlyOnce())
	case most < soar.Duration(soar.MaxRemember):
		askRemember(b, rememberedShape)
		b.Section(v.hides())
		b.Section(v.preview())
		b.Plain(blockkit.Say("The sender is a person or privileged: a mail is hidden only when its subject (numbers and ids aside), links, files and recipients are those of these mails."))
	default:
		askRemember(b, remembered)
		b.Section(v.hides())
		b.Section(v.preview())
	}
	m := frame(TitleApprove, p)
	m.Submit, m.Close, m.CallbackID = "Benign", "Cancel", CallbackApprove
	return m.View(b)
}

func askRemember(b *blockkit.Blocks, choices []blockkit.Option) {
	b.Input(BlockRemember, blockkit.Say("Remember"), blockkit.Text{}, blockkit.Select(actionRemember, choices...))
}

// undecidable says why the asked case takes no decision, empty when it does.
func undecidable(cv soar.CaseView, asked soar.CaseRef) string {
	c := cv.Case
	switch {
	case c.Ref != asked:
		return fmt.Sprintf("This card is of case %d; the sender's newest case is %d. Decide on its card.", asked.Number, c.Ref.Number)
	case c.State.Decidable():
		return ""
	case c.Decision != nil:
		return upperFirst("already " + c.Decision.String() + ".")
	}
	return "This case is closed: " + string(c.State) + "."
}

// onlyOnce names every guard that keeps the approval from being remembered.
func (v view) onlyOnce() blockkit.Text {
	why := strings.TrimSuffix(v.c.Judgement.Unrememberable, ".") + "."
	if names := guardNames(v.c.Judgement.GuardNames()); names != "" {
		why = "Held by: " + names + ". Such mail comes again while that holds."
	} else if !strings.Contains(why, "come again") {
		why += " Such mail comes again."
	}
	return v.judged("This approves once; it cannot be remembered. " + upperFirst(strings.TrimPrefix(why, ". ")))
}

// hides says what an approval that is remembered would hide, and what ends it.
func (v view) hides() blockkit.Text {
	e := soar.NewEntry(v.c, soar.Decision{}, time.Time{})
	return blockkit.Lines(
		blockkit.Bold("Will be hidden, while remembered:").Then(blockkit.Say(" mail of this sender "+
			orNamed(pathWords(e.Path), "by the same path")+", "+string(e.Scope)+", with")),
		envelope("envelope senders", e.P1),
		envelope("link hosts", defanged(e.URLHosts)),
		envelope("attachment types", e.AttachmentTypes),
		envelope("sending clients", e.ClientFamilies),
		envelope("addresses", e.IPs),
		blockkit.Say("Anything else, and any guard, raises a card again."),
	)
}

func envelope(what string, values []string) blockkit.Text {
	if len(values) == 0 {
		return blockkit.Say("• no " + what)
	}
	var out []blockkit.Text
	for i, s := range values {
		if i == 10 {
			out = append(out, blockkit.Sayf("%d more", len(values)-i))
			break
		}
		out = append(out, blockkit.QuoteOr(blockkit.Cut(s, 80), "none"))
	}
	return blockkit.Say("• " + what + " ").Then(blockkit.Join(", ", out...))
}

func defanged(hosts []string) []string {
	out := make([]string, len(hosts))
	for i, h := range hosts {
		out[i] = blockkit.Defang(h)
	}
	return out
}

// Submission is what a person entered in the approve modal.
type Submission struct {
	Place    Place
	Reason   string
	Remember soar.Duration
}

// ReadSubmission reads a submitted approve modal. Problems are by block id, to
// be shown at the fields.
func ReadSubmission(v slackapi.View) (s Submission, problems map[string]string, err error) {
	if s.Place, err = ParsePlace(v.PrivateMetadata); err != nil {
		return s, nil, err
	}
	problems = map[string]string{}
	s.Reason = readReason(v, "Say why this mail is benign.", problems)
	if s.Place.Once {
		return s, problems, nil
	}
	if s.Remember, err = ParseRemember(chosen(v, BlockRemember, actionRemember)); err != nil {
		problems[BlockRemember] = "Choose once, 7, 30 or 90 days."
	}
	return s, problems, nil
}
