package soar

import (
	"fmt"
	"time"
)

// ShapeKept is the longest time that the shape of a person's or a privileged
// account's mail is remembered.
const ShapeKept = 7 * 24 * time.Hour

// maxShapes is how many forms of mail one approval of a person may remember.
const maxShapes = 5

// RememberFor is the longest time that an approval of the case may be remembered, and
// where that is less than MaxRemember, why. Of a person or a privileged account it
// remembers the shape of the mail and never the sender.
func (c Case) RememberFor() (most Duration, why string) {
	switch {
	case c.Judgement.Rememberable && !c.Finding.Profile.IsPerson():
		return Duration(MaxRemember), ""
	case c.Policy.Version == 0 || !c.Finding.Profile.IsPerson():
		return 0, c.Judgement.Unrememberable
	}
	if why := unshapely(c.Finding, c.Judgement); why != "" {
		return 0, why
	}
	return Duration(ShapeKept), "The sender is a person or a privileged account: mail of the same subject, links and files to the same people is remembered for at most 7 days, the sender never."
}

// unshapely says why not even the shape of a person's mail may be remembered; empty
// when it may.
func unshapely(f Finding, j Judgement) string {
	guard, held := Entry{ShapeOnly: true}.heldBy(j.Guards)
	_, pathErr := ParsePath(j.Path)
	shapes := shapesOf(f.Evidence.Messages)
	switch {
	case held:
		return fmt.Sprintf("Guard %q holds the mail of a person; it will come again.", guard)
	case j.Severity == SeverityHigh:
		return "A HIGH case of a person is approved once; such mail will come again."
	case !f.Evidence.Whole():
		return "Not all reported messages could be read; it will come again."
	case pathErr != nil:
		return "The mail came by no path that can be trusted; it will come again."
	case len(recipientsOf(f.Evidence.Messages)) == 0:
		return "Not everybody the mail of this person reached is known by name; it will come again."
	case len(shapes) > maxShapes:
		return fmt.Sprintf("The mails of this person have %d different shapes; they will come again.", len(shapes))
	}
	for _, s := range shapes {
		if !s.Telling() {
			return "The subject of this person's mail says nothing that could be recognised; it will come again."
		}
	}
	return ""
}

// mayRemember refuses an approval that would be remembered for longer than its case allows.
func mayRemember(c Case, d Decide) error {
	if d.Decision != Approve || d.Remember <= 0 {
		return nil
	}
	switch most, why := c.RememberFor(); {
	case most == 0:
		return &Refusal{RefusedGuard, "this case can be approved once, not remembered: " + why}
	case d.Remember > most:
		return &Refusal{RefusedGuard, "choose once or 7 days. " + why}
	}
	return nil
}
