package soar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DecisionKind is what a person, or a deadline, decided.
type DecisionKind string

const (
	// Approve says the finding is benign.
	Approve DecisionKind = "approve"
	// Escalate opens an incident.
	Escalate DecisionKind = "escalate"
)

// Validate refuses an unknown decision.
func (k DecisionKind) Validate() error { return oneOf("decision", k, Approve, Escalate) }

// Actor is who acts, as Slack's server-side payload or the command line says.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Groups are the ids of the approver groups the actor is a member of, resolved at the click.
	Groups []string `json:"groups,omitempty"`
}

// DeadlineActor acts when nobody did.
var DeadlineActor = Actor{ID: "deadline", Name: "deadline"}

// Label is the actor for audit and cards.
func (a Actor) Label() string {
	if a.ID == "" {
		return a.Name
	}
	return a.ID
}

// Approvers are who may decide: user ids and user group ids. Empty means nobody.
type Approvers struct {
	Users  []string `json:"users,omitempty" yaml:"users"`
	Groups []string `json:"groups,omitempty" yaml:"groups"`
	// Only narrow who may use a button, or act on a severity: who acts has to be on this
	// list and on every narrower one that fits.
	Only []ApproverRule `json:"only,omitempty" yaml:"only"`
}

// ApproverRule narrows approvers to fewer people for a button, a severity, or both.
type ApproverRule struct {
	Decision Button   `json:"decision,omitempty" yaml:"decision"`
	Severity Severity `json:"severity,omitempty" yaml:"severity"`
	Users    []string `json:"users,omitempty" yaml:"users"`
	Groups   []string `json:"groups,omitempty" yaml:"groups"`
}

// Button names what a narrower list speaks of: a decision, or a change that people make.
type Button string

// Validate refuses what is no button.
func (b Button) Validate() error {
	return oneOf("decision", b, Button(Approve), Button(Escalate), Button(ChangeUndo), Button(ChangeReopen), Button(ChangeSnooze),
		Button(ChangeWake), Button(ChangeConfirm), Button(ChangeDecline), Button(ChangeRetry), Button(ChangeForget), Button(ChangeExtend))
}

// Fits says that the rule speaks of a case of a severity and of any of the buttons.
func (r ApproverRule) Fits(s Severity, as ...Button) bool {
	return (r.Decision == "" || slices.Contains(as, r.Decision)) && (r.Severity == "" || r.Severity == s)
}

// May says that somebody may do to a case of a severity what the buttons name.
func (a Approvers) May(who Actor, s Severity, as ...Button) bool {
	if !a.Include(who) {
		return false
	}
	for _, r := range a.Only {
		if r.Fits(s, as...) && !(Approvers{Users: r.Users, Groups: r.Groups}).Include(who) {
			return false
		}
	}
	return true
}

// judge refuses who May does not name. The first button is the one that is used.
func (a Approvers) judge(who Actor, s Severity, as ...Button) error {
	switch {
	case !a.Include(who):
		return &Refusal{RefusedActor, who.Label() + " is not an approver; ask someone who is"}
	case !a.May(who, s, as...):
		return &Refusal{RefusedActor, fmt.Sprintf("%s is not among the approvers for %q on a %s case; ask someone who is", who.Label(), as[0], s)}
	}
	return nil
}

// AllGroups are the groups whose members have to be known to judge what somebody does.
func (a Approvers) AllGroups() []string {
	out := slices.Clone(a.Groups)
	for _, r := range a.Only {
		out = append(out, r.Groups...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Empty says that nobody may decide.
func (a Approvers) Empty() bool { return len(a.Users)+len(a.Groups) == 0 }

// Include says that somebody is on the list, alone or by a group resolved into the actor.
func (a Approvers) Include(who Actor) bool {
	return slices.Contains(a.Users, who.ID) ||
		slices.ContainsFunc(who.Groups, func(g string) bool { return slices.Contains(a.Groups, g) })
}

// Decide is the update by which somebody decides a case.
type Decide struct {
	Case     CaseRef      `json:"case"`
	Decision DecisionKind `json:"decision"`
	By       Actor        `json:"by"`
	// Approvers is the list in force at the click, read on the server's side.
	Approvers Approvers `json:"approvers"`
	Reason    string    `json:"reason,omitempty"`
	// Remember is how long an approval hides the sender; 0 approves once.
	Remember Duration `json:"remember,omitempty"`
	// Click is the stable id of the click; the same click is applied once.
	Click string `json:"click"`
	// Revision is what the case showed when the approver looked; empty is not checked.
	Revision string    `json:"revision,omitempty"`
	At       time.Time `json:"at"`
}

// Decision is a decision that was taken.
type Decision struct {
	Kind     DecisionKind `json:"kind"`
	By       Actor        `json:"by"`
	At       time.Time    `json:"at"`
	Reason   string       `json:"reason,omitempty"`
	Remember Duration     `json:"remember,omitempty"`
	Click    string       `json:"click"`
	// Second is who confirmed an approval that needs two.
	Second *Actor `json:"second,omitempty"`
}

// String tells a later clicker who decided and when.
func (d Decision) String() string {
	verb := map[DecisionKind]string{Approve: "approved", Escalate: "escalated"}[d.Kind]
	by := d.By.Label()
	if d.Second != nil {
		by += " and " + d.Second.Label()
	}
	return fmt.Sprintf("%s by %s at %s", verb, by, d.At.UTC().Format("2006-01-02 15:04 MST"))
}

// MaxRemember is the longest time an approval may be remembered.
const MaxRemember = 90 * 24 * time.Hour

// RefusalKind says why a decision was refused; it is the type of the update's error.
type RefusalKind string

const (
	// RefusedActor: not an approver.
	RefusedActor RefusalKind = "NotAnApprover"
	// RefusedDecided: somebody, or the deadline, decided before.
	RefusedDecided RefusalKind = "AlreadyDecided"
	// RefusedOldCase: the card belongs to an earlier case of the sender.
	RefusedOldCase RefusalKind = "OldCase"
	// RefusedInput: the decision itself is not valid.
	RefusedInput RefusalKind = "InvalidDecision"
	// RefusedChanged: the case has grown since the approver looked.
	RefusedChanged RefusalKind = "CaseChanged"
	// RefusedClosing: the case is being cancelled and takes nothing more; the sender's next
	// sighting opens another.
	RefusedClosing RefusalKind = "Closing"
	// RefusedGuard: a card held by a guard cannot be remembered.
	RefusedGuard RefusalKind = "NotRemembered"
)

// Validate refuses what is no kind of refusal.
func (k RefusalKind) Validate() error {
	return oneOf("refusal", k, RefusedActor, RefusedDecided, RefusedOldCase, RefusedInput, RefusedChanged, RefusedGuard, RefusedClosing)
}

// Refusal is why a decision is not taken. Nothing is recorded by it.
type Refusal struct {
	Kind    RefusalKind `json:"kind"`
	Message string      `json:"message"`
}

// Error is the message for the clicker.
func (r *Refusal) Error() string { return r.Message }

// MayDecide judges a decision against the sender's newest case. It returns nil
// or a *Refusal. An empty approver list means nobody.
func MayDecide(view CaseView, d Decide) error {
	if err := d.validate(); err != nil {
		return &Refusal{RefusedInput, err.Error()}
	}
	if err := d.Approvers.judge(d.By, view.Case.Judgement.Severity, Button(d.Decision)); err != nil {
		return &Refusal{RefusedActor, err.Error() + ", the card stays open"}
	}
	c := view.Case
	if d.Case != c.Ref {
		return &Refusal{RefusedOldCase, oldCase(view, d.Case)}
	}
	if !c.State.Decidable() {
		return &Refusal{RefusedDecided, alreadyDecided(c)}
	}
	if d.Decision == Approve && d.Revision != "" && d.Revision != c.Revision() {
		return &Refusal{RefusedChanged, "the case has grown since you looked: read the card again and decide on what it shows now"}
	}
	return mayRemember(c, d)
}

func (d Decide) validate() error {
	if err := d.Decision.Validate(); err != nil {
		return err
	}
	switch {
	case d.Click == "":
		return errors.New("click is missing; every decision carries the id of its click")
	case d.By.ID == "":
		return errors.New("by is missing; a decision names who takes it")
	case d.Decision == Approve && strings.TrimSpace(d.Reason) == "":
		return errors.New("reason is missing; an approval says why the mail is benign")
	case d.Remember < 0 || d.Remember.Std() > MaxRemember:
		return fmt.Errorf("remember is %s; give 0 to %s", d.Remember, Duration(MaxRemember))
	case d.Decision == Escalate && d.Remember != 0:
		return errors.New("remember goes with approve; leave it out of an escalation")
	}
	return nil
}

func oldCase(view CaseView, asked CaseRef) string {
	for _, o := range view.Case.Earlier {
		if o.Number == asked.Number {
			return fmt.Sprintf("this card is of case %d, which was %s by %s at %s; the sender's open card is case %d",
				asked.Number, o.State, o.By, o.At.UTC().Format("2006-01-02 15:04 MST"), view.Case.Ref.Number)
		}
	}
	return fmt.Sprintf("this card is of case %d; the sender's newest case is %d", asked.Number, view.Case.Ref.Number)
}

func alreadyDecided(c Case) string {
	if c.Decision == nil {
		return "case closed: " + string(c.State)
	}
	return "already " + c.Decision.String()
}

// Decided answers an accepted decision.
type Decided struct {
	Case  CaseRef   `json:"case"`
	State CaseState `json:"state"`
	// Until is set when an approval is remembered.
	Until time.Time `json:"until,omitzero"`
	// Proposed says that the approval waits for a second person.
	Proposed bool `json:"proposed,omitempty"`
}

// Forget ends a learned suppression early; Extend moves its end.
type Forget struct {
	By        Actor     `json:"by"`
	Approvers Approvers `json:"approvers"`
	Reason    string    `json:"reason"`
	At        time.Time `json:"at"`
}

// Extend moves the end of a learned suppression.
type Extend struct {
	By        Actor     `json:"by"`
	Approvers Approvers `json:"approvers"`
	Until     time.Time `json:"until"`
	At        time.Time `json:"at"`
}

// MayForgetEntry judges who may end a learned suppression.
func MayForgetEntry(view CaseView, by Actor, list Approvers) error {
	return mayChangeEntry(view, ChangeForget, by, list)
}

// mayChangeEntry asks for the right to approve such a case: an approval is taken back,
// or lasts longer.
func mayChangeEntry(view CaseView, kind ChangeKind, by Actor, list Approvers) error {
	if err := list.judge(by, view.Case.Judgement.Severity, Button(kind), Button(Approve)); err != nil {
		return err
	}
	if view.Entry == nil {
		return &Refusal{RefusedInput, "nothing is remembered of this sender"}
	}
	return nil
}

// MayExtendEntry judges who may extend a learned suppression: an approver who did not
// approve it. What is remembered of a person ends when it ends.
func MayExtendEntry(view CaseView, by Actor, list Approvers) error {
	if err := mayChangeEntry(view, ChangeExtend, by, list); err != nil {
		return err
	}
	switch e := view.Entry; {
	case e.By == by.Label() || e.Second == by.Label():
		return &Refusal{RefusedActor, by.Label() + " approved this; another approver has to extend it"}
	case e.ShapeOnly:
		return &Refusal{RefusedInput, "mail of a person or a privileged account is remembered for at most 7 days; decide on it anew when it comes again"}
	}
	return nil
}
