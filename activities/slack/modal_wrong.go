package slack

import (
	"encoding/json"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
)

// Complaint is what somebody says against a hidden finding: which, where the
// digest stands, and, once submitted, why.
type Complaint struct {
	Ref             WrongRef
	Channel, Digest string // the channel and the timestamp of the digest
	Reason          string
}

// complaint is a Complaint as private metadata.
type complaint struct {
	Ref     string `json:"ref"`
	Channel string `json:"channel"`
	Digest  string `json:"digest"`
}

// WrongModal asks why a finding should not have been hidden, and says what the
// answer does. Reason is not looked at.
func WrongModal(c Complaint) slackapi.ModalViewRequest {
	b := blockkit.ForModal()
	b.Plain(blockkit.Sayf("Hidden by %s, found by the hunt %s.", blockkit.Cut(c.Ref.Rule, 120), blockkit.Cut(c.Ref.Hunt, 80)))
	askReason(b, "Why should this not have been hidden?", "what in this mail is not the usual automation")
	b.Plain(blockkit.Say("This opens a case for the sender, and the rule hides this sender no more. The rule still hides its other senders."))
	m := blockkit.Modal{Title: TitleWrong, Submit: "Open a case", Close: "Cancel", CallbackID: CallbackWrong, PrivateMetadata: compact(complaint{c.Ref.String(), c.Channel, c.Digest})}
	return m.View(b)
}

// ReadWrong reads a submitted "This was wrong" as ReadSubmission does.
func ReadWrong(v slackapi.View) (c Complaint, problems map[string]string, err error) {
	var m complaint
	if err := json.Unmarshal([]byte(v.PrivateMetadata), &m); err != nil {
		return c, nil, fmt.Errorf("read modal metadata: %w", err)
	}
	c = Complaint{Channel: m.Channel, Digest: m.Digest}
	if c.Ref, err = ParseWrongRef(m.Ref); err != nil {
		return c, nil, fmt.Errorf("read modal metadata: %w", err)
	}
	problems = map[string]string{}
	c.Reason = readReason(v, "Say what was wrong.", problems)
	return c, problems, nil
}
