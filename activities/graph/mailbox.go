package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"harrier/workflows/soar"
)

// mailboxBody is what is kept of a mailbox's settings.
type mailboxBody struct {
	Purpose string `json:"userPurpose"`
	Replies struct {
		Status string `json:"status"`
	} `json:"automaticRepliesSetting"`
}

func trimMailbox(body []byte) []byte {
	var kept mailboxBody
	if json.Unmarshal(body, &kept) != nil {
		return nil
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return nil
	}
	return out
}

// rulesBody is what is kept of a mailbox's rules.
type rulesBody struct {
	Value *[]inboxRule `json:"value"`
	Next  string       `json:"@odata.nextLink,omitempty"`
}

type inboxRule struct {
	Name    string `json:"displayName"`
	Enabled *bool  `json:"isEnabled"`
	Actions struct {
		ForwardTo    []recipient `json:"forwardTo,omitempty"`
		AsAttachment []recipient `json:"forwardAsAttachmentTo,omitempty"`
		RedirectTo   []recipient `json:"redirectTo,omitempty"`
		Delete       bool        `json:"delete,omitempty"`
		Permanent    bool        `json:"permanentDelete,omitempty"`
		MarkAsRead   bool        `json:"markAsRead,omitempty"`
		MoveToFolder string      `json:"moveToFolder,omitempty"`
	} `json:"actions"`
}

type recipient struct {
	EmailAddress struct {
		Address string `json:"address"`
	} `json:"emailAddress"`
}

func trimRules(body []byte) []byte {
	var kept rulesBody
	if json.Unmarshal(body, &kept) != nil {
		return nil
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return nil
	}
	return out
}

// readMailbox tells "there is none in the cloud" from "we may not look".
func (c *Client) readMailbox(l *lookup, a answer) {
	p := &l.profile
	switch a.status {
	case http.StatusOK:
		var body mailboxBody
		if json.Unmarshal(a.body, &body) != nil || body.Purpose == "" {
			p.MailboxPurpose = "unknown(empty answer)"
		} else {
			p.MailboxPurpose = strings.ToLower(body.Purpose)
		}
		p.AutomaticReplies = body.Replies.Status
	default:
		p.MailboxPurpose = "unknown(" + mailboxReason(a) + ")"
	}
	l.refuse(refusedMailbox, a)
}

// mailboxReason says why a mailbox could not be looked into.
func mailboxReason(a answer) string {
	switch a.status {
	case http.StatusNotFound:
		return "no cloud mailbox: " + a.code()
	case http.StatusForbidden:
		return "no permission: " + a.code()
	}
	return a.code()
}

// readRules reads the rules that the mailbox's owner can see.
func (c *Client) readRules(l *lookup, a answer) {
	p := &l.profile
	if !a.ok() {
		l.why[factRules] = mailboxReason(a)
		return
	}
	var body rulesBody
	if json.Unmarshal(a.body, &body) != nil || body.Value == nil {
		l.why[factRules] = "the answer could not be read"
		return
	}
	p.InboxRulesKnown, l.rules = soar.Yes, len(*body.Value)
	for _, r := range *body.Value {
		if does := r.does(); does != "" && len(p.InboxRules) < soar.MaxInboxRules {
			p.InboxRules = append(p.InboxRules, fmt.Sprintf("“%s” %s", cut(r.Name, 40), does))
		}
	}
	if body.Next != "" {
		l.why[factRules] = "only the first of many were read"
	}
}

// does says what a rule does that an intruder's would; empty for other rules and
// for those that are switched off.
func (r inboxRule) does() string {
	a := r.Actions
	to := func(verb string, recipients []recipient) string {
		if len(recipients) == 0 {
			return ""
		}
		return verb + " to " + cut(strings.ToLower(recipients[0].EmailAddress.Address), 100)
	}
	var did []string
	for _, s := range []string{to("forwards", a.ForwardTo), to("forwards", a.AsAttachment), to("redirects", a.RedirectTo)} {
		if s != "" {
			did = append(did, s)
		}
	}
	switch {
	case a.Delete || a.Permanent:
		did = append(did, "deletes")
	case a.MoveToFolder != "" && a.MarkAsRead:
		did = append(did, "moves away and marks as read")
	}
	if r.Enabled != nil && !*r.Enabled {
		return ""
	}
	return strings.Join(did, " and ")
}

// cut shortens text to a number of characters.
func cut(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
