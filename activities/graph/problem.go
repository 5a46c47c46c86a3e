package graph

import "fmt"

// problemOf is a notice for the operations channel when every look-up of one
// sort was refused: one refusal may be a policy's scope, all of them are a
// missing permission.
func problemOf(lookups []*lookup) string {
	if code := allRefused(lookups, refusedFind, (*lookup).asks); code != "" {
		return fmt.Sprintf("Graph refuses every look-up of users (403 %s): grant the application User.Read.All and consent to it. Until then no sender is identified.", code)
	}
	if code := allRefused(lookups, refusedMailbox, func(l *lookup) bool { return l.user }); code != "" {
		return fmt.Sprintf("Graph refuses every look-up of mailbox settings (403 %s): grant the application MailboxSettings.Read, or widen its scope in Exchange; a change takes hours to apply. Until then no mailbox is known to be shared.", code)
	}
	return ""
}

func allRefused(lookups []*lookup, what string, concerned func(*lookup) bool) string {
	code := ""
	for _, l := range lookups {
		if !concerned(l) {
			continue
		}
		c, refused := l.refused[what]
		if !refused {
			return ""
		}
		code = c
	}
	return code
}
