package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Action ids of buttons. They come back with clicks on cards that may be weeks
// old: they never change. A button's value is CaseRef.String(), except where said.
const (
	ActionEscalate = "escalate"
	ActionApprove  = "approve" // opens the modal "Benign: hide…"
	ActionEvidence = "evidence"
	ActionShow     = "show" // in a summary, a digest and the home tab

	ActionUndo    = "undo"
	ActionReopen  = "reopen" // opens the modal "Reopen"
	ActionSnooze  = "snooze" // opens the modal "Snooze"
	ActionWake    = "wake"
	ActionConfirm = "confirm"
	ActionDecline = "decline"
	ActionRetry   = "retry"

	ActionWrong  = "wrong"  // in a digest, opens the modal "This was wrong"; value WrongRef
	ActionExtend = "extend" // in a digest and the home tab, opens the modal "Extend"; value ExtendRef

	ActionAskReporter = "ask_reporter" // in the evidence
	ActionAskSender   = "ask_sender"   // in the evidence, where MayAskSender

	// ActionPage and ActionPageBack turn the pages of the evidence: two ids, because one
	// row of buttons takes each id once. The value is a page's number, read by ParsePage.
	ActionPage     = "page"
	ActionPageBack = "page_back"
)

// Callback ids of modals that are submitted.
const (
	CallbackApprove = "approve"
	CallbackSnooze  = "snooze"
	CallbackReopen  = "reopen"
	CallbackExtend  = "extend"
	CallbackWrong   = "wrong"
)

// WrongRef names a suppressed finding of a digest's sample: the value of its button.
type WrongRef struct {
	CaseID string
	Hunt   string // slug
	Window soar.Window
	Rule   string
}

// String writes <case id>|<hunt slug>|<window>|<rule>.
func (r WrongRef) String() string {
	return strings.Join([]string{r.CaseID, r.Hunt, r.Window.String(), r.Rule}, "|")
}

// ParseWrongRef reads the form of String.
func ParseWrongRef(s string) (WrongRef, error) {
	parts := strings.SplitN(s, "|", 4)
	if len(parts) != 4 || !strings.HasPrefix(parts[0], "case-") || parts[1] == "" || parts[3] == "" {
		return WrongRef{}, fmt.Errorf("read hidden finding %q: write it as case-<id>|<hunt>|<from>/<to>|<rule>", blockkit.Cut(s, 120))
	}
	from, to, _ := strings.Cut(parts[2], "/")
	var w soar.Window
	err := errors.Join(w.From.UnmarshalText([]byte(from)), w.To.UnmarshalText([]byte(to)))
	if err == nil {
		err = w.Validate()
	}
	if err != nil {
		return WrongRef{}, fmt.Errorf("read window of hidden finding: %w", err)
	}
	return WrongRef{CaseID: parts[0], Hunt: parts[1], Window: w, Rule: parts[3]}, nil
}

// ExtendRef is a rule or a learned entry with what the form shows of it: the value
// of its button, so that the form needs nobody to be asked.
type ExtendRef struct{ soar.Expiring }

// String is compact JSON, far under the limit of a button's value: what is from
// outside is cut.
func (r ExtendRef) String() string {
	r.Sender, r.Owner = blockkit.CutAddress(r.Sender, maxAddress), blockkit.CutAddress(r.Owner, maxAddress)
	return compact(r.Expiring)
}

// compact is JSON as short as it can be. What it is given always marshals.
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return strings.TrimSpace(b.String())
}

// ParseExtendRef reads the form of String. It names a rule or a case, never both.
func ParseExtendRef(s string) (ExtendRef, error) {
	var r ExtendRef
	if err := json.Unmarshal([]byte(s), &r.Expiring); err != nil {
		return ExtendRef{}, fmt.Errorf("read what ends: %w", err)
	}
	_, err := soar.ParseCaseRef(r.Case.String())
	if isEntry := err == nil; isEntry == (r.Rule != "") || r.Until.IsZero() {
		return ExtendRef{}, errors.New("read what ends: it needs until, and either a rule or a case")
	}
	return r, nil
}

// MaxPage bounds a page number that comes back with a click.
const maxPage = 1000

// ParsePage reads the value of the buttons that turn pages; pages count from 0.
func ParsePage(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > maxPage {
		return 0, fmt.Errorf("read page %q: it is no page of the evidence", blockkit.Cut(value, 20))
	}
	return n, nil
}
