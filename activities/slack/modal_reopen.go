package slack

import (
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// ReopenModal asks why a closed case is opened again.
func ReopenModal(cv soar.CaseView, p Place, now time.Time) slackapi.ModalViewRequest {
	if notice := unopenable(cv, p.Case); notice != "" {
		return NoticeModal(TitleReopen, p, notice)
	}
	v := newView(cv.Case, Options{}, now)
	b := blockkit.ForModal()
	b.Plain(v.headline())
	askReason(b, "Why is it opened again?", "what you know now")
	b.Plain(blockkit.Say(reopening(cv)))
	m := frame(TitleReopen, p)
	m.Submit, m.Close, m.CallbackID = "Reopen", "Cancel", CallbackReopen
	return m.View(b)
}

// reopening says what opening again does and does not do.
func reopening(cv soar.CaseView) string {
	const clock = "A new deadline begins."
	switch {
	case cv.Case.State == soar.CaseEscalated:
		return clock + " The incident stays open in the portal: close it there if it is wrong."
	case cv.Entry != nil:
		return clock + " What was remembered of this sender ends."
	}
	return clock
}

// unopenable says why the asked case cannot be opened again, empty when it can.
func unopenable(cv soar.CaseView, asked soar.CaseRef) string {
	c := cv.Case
	switch {
	case c.Ref != asked:
		return undecidable(cv, asked)
	case c.State.Decidable():
		return "This case is open. Decide on its card."
	case c.Decision == nil:
		return undecidable(cv, asked)
	}
	return ""
}

// Reopening is what a person entered in the reopen modal.
type Reopening struct {
	Place  Place
	Reason string
}

// ReadReopen reads a submitted reopen modal as ReadSubmission does.
func ReadReopen(v slackapi.View) (r Reopening, problems map[string]string, err error) {
	if r.Place, err = ParsePlace(v.PrivateMetadata); err != nil {
		return r, nil, err
	}
	problems = map[string]string{}
	r.Reason = readReason(v, "Say why the case is opened again.", problems)
	return r, problems, nil
}
