package soar

// Include says that somebody is on the list himself, or by a group resolved into him.
func (a Approvers) Include(who Actor) bool { return mayAct(a, who) }
