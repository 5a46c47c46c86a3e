package soar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// RuleDraft is what several people approved one after the other: one path, one
// envelope, these shapes.
type RuleDraft struct {
	Envelope Entry
	Shapes   []Shape
	// By are the people, Case is the newest of the cases, and Near the rule that came
	// nearest, if any.
	By   []string
	Case CaseRef
	Near string
	// Daily is the most mails of one day that a case showed.
	Daily int
	At    time.Time
}

// draftDays is how long a drafted rule lives before it is looked at again.
const draftDays = 180

// minCeiling is the least ceiling of a drafted rule, in mails a day.
const minCeiling = 20

// riskyTypes are files that deliver phish without a link; no rule is drafted that
// would let them in.
var riskyTypes = []string{"htm", "html", "shtml", "xhtml", "mht", "svg", "iso", "img", "lnk", "js", "vbs", "exe", "hta", "one", "zip"}

// DraftRule is a rule in shadow mode as YAML, ready for a file of suppressions. It is
// empty where no rule should be proposed: no path that can be trusted, an address or
// a host that cannot be written exactly, or a file type that delivers phish.
func DraftRule(d RuleDraft) string {
	e := d.Envelope
	if _, err := ParsePath(e.Path); err != nil || !draftable(e) {
		return ""
	}
	envelopes := slices.DeleteFunc(slices.Clone(e.P1), func(a string) bool { return a == e.P2[0] })
	lines := []string{
		"suppressions:",
		"  # Drafted by Harrier: " + fmt.Sprintf("%d people approved such mail one after the other.", len(d.By)),
		"  # Check scenario and ceiling, say what sends the mail, and leave it in shadow until you have seen it match.",
		"  - id: " + draftID(e.P2[0]),
		"    scenario: " + string(nearScenario(d.Near)),
		"    path: " + fmt.Sprintf("%q", e.Path),
		"    senders: " + flowList(e.P2),
	}
	if len(envelopes) > 0 {
		lines = append(lines, "    envelopes: "+flowList(envelopes))
	}
	lines = append(lines,
		"    url_hosts: "+flowList(given(e.URLHosts)),
		"    attachment_types: "+flowList(given(e.AttachmentTypes)),
	)
	if !slices.ContainsFunc(e.ClientFamilies, not(hostForm)) {
		lines = append(lines, "    client_hosts: "+flowList(e.ClientFamilies))
	}
	lines = append(lines,
		"    when: >-",
		"      "+draftWhen(e.P2[0], d.Shapes),
		"    reason: "+fmt.Sprintf("%q", "approved by "+strings.Join(d.By, ", ")),
		"    owner: "+fmt.Sprintf("%q", d.By[0]),
		"    ticket: "+fmt.Sprintf("%q", d.Case.String()),
		"    created: "+d.At.UTC().Format(time.DateOnly),
		"    expires: "+d.At.UTC().AddDate(0, 0, draftDays).Format(time.DateOnly),
		"    mode: "+string(RuleShadow),
		"    ceiling: "+fmt.Sprint(max(minCeiling, 2*d.Daily)),
	)
	return strings.Join(lines, "\n") + "\n"
}

// The forms that a rule's file takes.
var (
	addressForm = regexp.MustCompile(`^[a-z0-9._+=-]{1,64}@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	hostForm    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	typeForm    = regexp.MustCompile(`^[a-z0-9]{1,16}$`)
)

func not(form *regexp.Regexp) func(string) bool {
	return func(s string) bool { return !form.MatchString(s) }
}

// draftable says that an envelope is of one sender and can be written exactly.
func draftable(e Entry) bool {
	switch {
	case len(e.P2) != 1, slices.ContainsFunc(e.P2, not(addressForm)), slices.ContainsFunc(e.P1, not(addressForm)):
		return false
	case slices.ContainsFunc(given(e.URLHosts), not(hostForm)), slices.ContainsFunc(given(e.AttachmentTypes), not(typeForm)):
		return false
	}
	return !slices.ContainsFunc(e.AttachmentTypes, func(t string) bool { return slices.Contains(riskyTypes, t) })
}

// given leaves out the empty value, which stands for mail that has none.
func given(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

func flowList(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprintf("%q", v)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// maxDraftID keeps a drafted id within what a rule's id may have.
const maxDraftID = 60

func draftID(sender string) string {
	id := "learned"
	for _, word := range strings.FieldsFunc(sender, func(r rune) bool { return !alphanumeric(r) }) {
		if next := id + "-" + word; len(next) <= maxDraftID {
			id = next
		}
	}
	return id
}

// nearScenario is the scenario of the rule that came nearest.
func nearScenario(rule string) Scenario {
	for _, s := range []Scenario{ScenarioBackup, ScenarioMonitoring, ScenarioOnboarding, ScenarioHelpdesk, ScenarioHealth} {
		if strings.HasPrefix(rule, string(s)+"-") {
			return s
		}
	}
	return ScenarioMonitoring
}

// maxDraftWhen bounds a drafted condition, far under what compiles and what it may cost.
const maxDraftWhen = 1500

// draftWhen is a condition that holds for subjects of these shapes; for too many of
// them, for every mail of the sender, whose path and content the rule still binds.
func draftWhen(sender string, shapes []Shape) string {
	var forms []string
	for _, s := range shapes {
		form := "mail.subject.matches(r'" + subjectForm(s.Subject) + "')"
		if !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	when := strings.Join(forms, " || ")
	if when == "" || len(when) > maxDraftWhen {
		return "mail.p2 == '" + sender + "'"
	}
	return when
}

// gap is white space as strings.Fields has it.
const gap = `[\s\x0b\x{85}\pZ]`

// subjectForm is a regular expression for subjects of one shape, of plain ASCII.
func subjectForm(shape string) string {
	var b strings.Builder
	literal := false
	for _, r := range shape {
		switch {
		case r == '\\' && !literal:
			literal = true
			continue
		case r == ' ':
			b.WriteString(gap + "+")
		case string(r) == Fold && !literal:
			b.WriteString(`[0-9a-f]{1,64}`)
		case r < ' ' || r == '\'' || r >= utf8.RuneSelf || r == 0x7f:
			b.WriteString(`\x{` + strconv.FormatInt(int64(r), 16) + `}`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
		literal = false
	}
	return "(?i)^" + gap + "*" + b.String() + gap + "*$"
}
