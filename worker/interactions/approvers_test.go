package interactions_test

import (
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

func TestPeopleFromOutsideDecideOnlyWhereTheyAreNamed(t *testing.T) {
	for _, user := range []string{guest, stranger} {
		b := newBench(t, setup{list: &soar.Approvers{Users: []string{user}}})
		b.click(user, slack.ActionEscalate)
		b.drain()
		if got := b.cases.decisions(); len(got) != 1 || got[0].By.ID != user {
			t.Errorf("%s is named, yet the decisions are %+v, refused %+v", user, got, b.audit.all())
		}
	}
}

func TestAnApproverListCanBeNarrowedByDecisionAndSeverity(t *testing.T) {
	everybody := soar.Approvers{Users: []string{analyst, second}, Groups: []string{approver}}
	rule := func(k soar.Button, s soar.Severity) soar.Approvers {
		list := everybody
		list.Only = []soar.ApproverRule{{Decision: k, Severity: s, Groups: []string{leads}}}
		return list
	}
	for name, c := range map[string]struct {
		list  soar.Approvers
		user  string
		taken bool
	}{
		"on the narrower list by group":    {rule("escalate", ""), second, true},
		"not on the narrower list":         {rule("escalate", ""), analyst, false},
		"in the first group alone":         {rule("", soar.SeverityLow), grouped, false},
		"a rule of another severity":       {rule("", soar.SeverityHigh), grouped, true},
		"a rule of another decision":       {rule("approve", ""), analyst, true},
		"on the narrower list, not on all": {soar.Approvers{Users: []string{analyst}, Only: rule("", "").Only}, second, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, setup{list: &c.list})
			b.click(c.user, slack.ActionEscalate)
			b.drain()
			if taken := len(b.cases.decisions()) == 1; taken != c.taken {
				t.Errorf("taken %v, refused %+v", taken, b.audit.all())
			}
		})
	}
}

// Somebody who is named needs no group, unless a narrower rule asks for one: then
// nobody decides while Slack cannot say who is in it.
func TestANarrowerGroupThatCannotBeReadLetsNobodyDecide(t *testing.T) {
	list := soar.Approvers{Users: []string{second}, Groups: []string{approver}}
	b := newBench(t, setup{list: &list})
	b.fake.Fail(slacktest.Fault{Method: "usergroups.users.list", HTTPStatus: 503, Times: -1})
	b.click(second, slack.ActionEscalate)
	b.drain()
	if len(b.cases.decisions()) != 1 {
		t.Error("a person who is named waits for a group")
	}
	list.Only = []soar.ApproverRule{{Severity: soar.SeverityLow, Groups: []string{leads}}}
	closed := newBench(t, shortly(setup{list: &list}))
	closed.fake.Fail(slacktest.Fault{Method: "usergroups.users.list", HTTPStatus: 503, Times: -1})
	closed.click(second, slack.ActionEscalate)
	closed.expectNote(second, "was not sent")
	closed.drain()
	if len(closed.cases.decisions()) != 0 {
		t.Error("decided without knowing the group")
	}
}

// Whoever may not approve takes no approval back either, nor opens a form to; the
// narrower list's groups are resolved at a change as at a decision.
func TestANarrowerListHoldsForTheButtonsOfAChange(t *testing.T) {
	list := soar.Approvers{Users: []string{analyst, second}, Only: []soar.ApproverRule{{Decision: "approve", Severity: soar.SeverityMedium, Groups: []string{leads}}}}
	asleep := func(c *soar.Case) {
		c.Snooze = &soar.Snooze{By: soar.Actor{ID: second}, Since: time.Now(), Until: time.Now().Add(time.Hour)}
	}
	for action, c := range map[string]struct {
		stands func(*soar.Case)
		held   bool
	}{
		slack.ActionUndo: {approved, true}, slack.ActionDecline: {proposed, true}, slack.ActionWake: {asleep, false},
	} {
		b := newBench(t, setup{list: &list})
		b.as(c.stands)
		b.click(analyst, action)
		if c.held {
			b.expectNote(analyst, "is not among the approvers for \""+action+"\" on a MEDIUM case")
			b.click(second, action)
		}
		b.drain()
		if got := b.cases.changed; len(got) != 1 || (got[0].By.ID == analyst) == c.held {
			t.Errorf("%s: changes %+v, refused %+v", action, got, b.audit.all())
		}
	}
	b := newBench(t, setup{list: &list})
	b.as(approved)
	b.cases.set(func(v *soar.CaseView) { v.Case.UndoOver = true; v.Case.Decision.At = time.Now().Add(-time.Hour) })
	b.card = b.post()
	b.click(analyst, slack.ActionReopen)
	b.expectView(analyst, "is not among the approvers for")
	b.click(second, slack.ActionReopen)
	b.expectView(second, "Why is it opened again?")
}

func TestTheListInForceIsReadAtEachClick(t *testing.T) {
	b := newBench(t, setup{})
	b.setList(soar.Approvers{})
	b.click(analyst, slack.ActionEscalate)
	b.expectNote(analyst, "is not an approver")
	b.setList(soar.Approvers{Users: []string{analyst}})
	b.click(analyst, slack.ActionEscalate)
	b.expectDecisions(1)
}

func TestWhenSlackDoesNotAnswerForEachClickerTheDirectoryIsRead(t *testing.T) {
	b := newBench(t, setup{})
	b.fake.Fail(slacktest.Fault{Method: "users.info", HTTPStatus: 429, RetryAfter: "30", Times: -1})
	b.click(analyst, slack.ActionEscalate)
	b.expectDecisions(1)
	b.click(guest, slack.ActionApprove)
	b.expectView(guest, "is a guest")
	b.drain()
	if n := len(b.fake.Calls("users.list")); n != 1 {
		t.Errorf("the directory was read %d times", n)
	}
}
