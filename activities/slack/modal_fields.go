package slack

import (
	"fmt"
	"strings"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
)

// askReason adds the field in which a person says why.
func askReason(b *blockkit.Blocks, label, placeholder string) {
	b.Input(BlockReason, blockkit.Say(label), blockkit.Say("Kept in the audit log."),
		blockkit.TextInput(actionReason, blockkit.Say(placeholder), maxReason))
}

// readReason reads that field; missing is what is said where it is empty.
func readReason(v slackapi.View, missing string, problems map[string]string) string {
	var reason string
	if v.State != nil {
		reason = strings.TrimSpace(v.State.Values[BlockReason][actionReason].Value)
	}
	switch {
	case reason == "":
		problems[BlockReason] = missing
	case len([]rune(reason)) > maxReason:
		problems[BlockReason] = fmt.Sprintf("Use at most %d characters.", maxReason)
	}
	return reason
}

// chosen is the value that a menu stands on, empty when it has none.
func chosen(v slackapi.View, block, action string) string {
	if v.State == nil {
		return ""
	}
	return v.State.Values[block][action].SelectedOption.Value
}
