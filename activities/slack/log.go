package slack

import (
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// done says in the past tense what somebody did to a case.
var done = map[soar.ChangeKind]string{
	soar.ChangeUndo: "Approval undone", soar.ChangeReopen: "Reopened", soar.ChangeSnooze: "Snoozed", soar.ChangeWake: "Woken",
	soar.ChangeConfirm: "Approval confirmed", soar.ChangeDecline: "Approval declined", soar.ChangeRetry: "Escalation tried again",
	soar.ChangeForget: "Forgotten", soar.ChangeExtend: "Extended", soar.ChangeDistrust: "Said to be wrong", soar.ChangeLapse: "Ended",
}

// logged is one line of a case's log.
func logged(e soar.LogEntry) blockkit.Text {
	t := blockkit.Say(orNamed(done[e.Kind], upperFirst(string(e.Kind)))+" by ").Then(person(soar.Actor{ID: e.By}), blockkit.Say(" "), blockkit.Moment(e.At))
	if e.Reason != "" {
		t = t.Then(blockkit.Say(": "), quotation(e.Reason, 200))
	}
	return t
}

// lastChange is the newest log entry of one of the kinds, nil when there is none.
func lastChange(log []soar.LogEntry, kinds ...soar.ChangeKind) *soar.LogEntry {
	for i := len(log) - 1; i >= 0; i-- {
		for _, k := range kinds {
			if log[i].Kind == k {
				return &log[i]
			}
		}
	}
	return nil
}

// undoable says until when an approval may be undone.
func undoable(c soar.Case) (until time.Time, ok bool) {
	until = c.UndoUntil()
	return until, !until.IsZero()
}
