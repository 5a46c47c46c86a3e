package graphtest

import "net/http"

// mailbox answers for what is asked of a user's mailbox.
func (v view) mailbox(c call, u User, what string) reply {
	if u.MailboxPurpose == "" {
		return failed(http.StatusNotFound, "MailboxNotEnabledForRESTAPI",
			"The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
	}
	switch what {
	case "mailboxsettings/userpurpose":
		return found(object{"value": u.MailboxPurpose})
	case "mailfolders/inbox/messagerules":
		return v.page(c, renderRules(u.Rules))
	}
	status := u.AutomaticReplies
	if status == "" {
		status = "disabled"
	}
	return found(object{
		"userPurpose": u.MailboxPurpose, "timeZone": "UTC",
		"automaticRepliesSetting": object{"status": status, "externalAudience": "all", "internalReplyMessage": "I am at the clinic until Monday."},
	})
}

// renderRules writes rules as the service does: actions that are not set are not there.
// https://learn.microsoft.com/en-us/graph/api/resources/messageruleactions
func renderRules(rules []Rule) []object {
	var out []object
	for i, r := range rules {
		actions := object{"stopProcessingRules": true}
		for name, to := range map[string][]string{"forwardTo": r.ForwardTo, "redirectTo": r.RedirectTo} {
			if len(to) > 0 {
				actions[name] = recipients(to)
			}
		}
		if r.Delete {
			actions["delete"] = true
		}
		if r.MarkAsRead {
			actions["markAsRead"] = true
		}
		if r.MoveToFolder != "" {
			actions["moveToFolder"] = r.MoveToFolder
		}
		out = append(out, object{"id": idOf(r.Name), "displayName": r.Name, "sequence": i + 1, "isEnabled": !r.Disabled, "hasError": false, "actions": actions})
	}
	return out
}

func recipients(addresses []string) []object {
	var out []object
	for _, a := range addresses {
		out = append(out, object{"emailAddress": object{"name": a, "address": a}})
	}
	return out
}
