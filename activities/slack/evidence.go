package slack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// EvidenceModal is the first page of the evidence.
func EvidenceModal(cv soar.CaseView, p Place, links Links, now time.Time) slackapi.ModalViewRequest {
	return EvidencePage(cv, p, Options{Links: links}, now)
}

// maxGuardLine is as long as a guard with its cure may be.
const maxGuardLine = 1200

func (v view) guards(b *blockkit.Blocks) {
	var lines []blockkit.Text
	for _, g := range v.c.Judgement.Guards {
		line := string(g.Guard) + ": " + g.Detail
		if g.Guard == soar.GuardCompromise && len(v.signs()) > 0 {
			line = string(g.Guard) + ": all of them stand below, under \"" + signsTitle + "\"" // the detail names two at the most
		}
		if cure := cureOf(v.c.Judgement, g); cure != "" {
			line = strings.TrimSuffix(line, ".") + ". Cure: " + cure
		}
		lines = append(lines, v.judged("• "+blockkit.Cut(line, maxGuardLine)))
	}
	list(b, "Guards that held", lines)
	v.alerts(b)
}

// list adds a titled list in as many blocks as it takes, or nothing when it is empty.
// What finds no room is counted.
func list(b *blockkit.Blocks, title string, lines []blockkit.Text) {
	if len(lines) == 0 {
		return
	}
	b.Section(blockkit.Bold(title))
	inBlocks(b, lines)
}

// blocksKept and textKept are left for what stands below a list.
const (
	blocksKept = 8
	textKept   = 10_000
)

// inBlocks adds lines, as many to a block as fit it whole.
func inBlocks(b *blockkit.Blocks, lines []blockkit.Text) {
	var block []blockkit.Text
	flush := func() {
		b.Section(blockkit.Lines(block...))
		block = nil
	}
	used := 0
	for i, line := range lines {
		size := len(line.Markdown(blockkit.MaxSectionText)) + 1
		if len(block) > 0 && used+size > blockkit.MaxSectionText {
			flush()
			used = 0
		}
		if b.Room() <= blocksKept || b.TextRoom() < used+size+textKept {
			b.Section(blockkit.Lines(append(block, blockkit.Sayf("and %d more, in the case itself: worker cases show", len(lines)-i))...))
			return
		}
		block, used = append(block, line), used+size
	}
	flush()
}

// profile shows the directory's facts, "not known" among them.
func (v view) profile(b *blockkit.Blocks) {
	p := v.c.Finding.Profile
	if p.Kind == "" {
		return
	}
	title := "Directory"
	if fromOutside(v.c) {
		title = "Directory: the real account of this address"
	}
	b.Section(blockkit.Bold(title))
	b.Fields(
		fact("Kind", string(p.Kind)), fact("Why", p.Why), fact("Found by", p.MatchedBy),
		fact("Object id", p.ObjectID), fact("UPN", p.UPN), fact("Mail", p.Mail), fact("Name", p.DisplayName),
		fact("Enabled", known(p.Enabled)), fact("Licensed", known(p.Licensed)), fact("User type", p.UserType),
		fact("Mailbox", p.MailboxPurpose), fact("Title", p.JobTitle), fact("Department", p.Department), fact("Manager", p.Manager),
		fact("Created", day(p.Created)), fact("Interactive sign-in", signIn(p, p.LastInteractive)),
		fact("Other sign-in", signIn(p, p.LastNonInteractive)), fact("Privileged", p.PrivilegedWhy),
		fact("Groups", some(p.Groups, p.Truncated)), fact("Used by a program", strings.Join(p.ServiceEvidence, "; ")),
		fact("As of", minute(p.AsOf)),
	)
	var checked []blockkit.Text
	for _, line := range v.c.Finding.SenderEvidence() {
		line = blockkit.Cut(line, maxFieldValue) + v.unseenRule(line)
		checked = append(checked, blockkit.Say("• "+blockkit.DefangIn(line, nil)))
	}
	list(b, "What was checked", checked)
}

// unseenRule follows the directory's word that no inbox rule of the mailbox is dangerous
// where the audit log has one all the same.
func (v view) unseenRule(line string) string {
	if len(v.c.Finding.Profile.InboxRules) > 0 || !strings.HasPrefix(line, "Visible inbox rules: ") {
		return ""
	}
	if !slices.ContainsFunc(v.signs(), func(s sign) bool { return s.kind == soar.CompromiseInboxRule }) {
		return ""
	}
	return " (the audit log has a rule: removed since, or hidden)"
}

const maxFieldValue = 300

// fact is a named value in plain text; an empty one is left out.
func fact(name, value string) blockkit.Text {
	if value == "" {
		return blockkit.Text{}
	}
	return blockkit.Say(name + ": " + blockkit.DefangIn(blockkit.Cut(value, maxFieldValue), nil))
}

// quoted is a named value that came from a mail, in code style.
func quoted(name, value string) blockkit.Text {
	if value == "" {
		return blockkit.Text{}
	}
	return blockkit.Say(name + ": ").Then(blockkit.Quote(blockkit.Cut(value, maxFieldValue)))
}

func known(k soar.Known) string {
	if k == soar.NotKnown {
		return "not known"
	}
	return string(k)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

func signIn(p soar.SenderProfile, t time.Time) string {
	switch {
	case p.SignInKnown != soar.Yes && p.SignInWhy != "":
		return "not known: " + p.SignInWhy
	case p.SignInKnown != soar.Yes:
		return "not known"
	case t.IsZero():
		return "no data"
	}
	return minute(t)
}

// maxSome values of a list are written out.
const maxSome = 10

func some(values []string, truncated bool) string {
	if len(values) == 0 {
		return ""
	}
	s := strings.Join(values[:min(len(values), maxSome)], ", ")
	switch {
	case len(values) > maxSome:
		return fmt.Sprintf("%s and %d more", s, len(values)-maxSome)
	case truncated:
		return s + " and more"
	}
	return s
}

// past shows the sender's own earlier mail.
func (v view) past(b *blockkit.Blocks) {
	p := v.c.Finding.Past
	b.Section(blockkit.Bold("Its own past"))
	if !p.Known {
		b.Plain(blockkit.Say("Not known: nothing may be concluded from it."))
		return
	}
	changes := "not known"
	if p.AuditKnown {
		changes = orNone(some(p.InboxRuleChanges, false))
	}
	b.Fields(
		fact("Since", day(p.Since)), fact("First seen", day(p.FirstSeen)), fact("Mails", fmt.Sprint(p.Mails)),
		fact("Active days", fmt.Sprint(p.ActiveDays)), fact("Recipients", fmt.Sprint(p.Recipients)),
		fact("Connectors", some(namedConnectors(p.Connectors), p.Truncated)), quoted("IPs", some(p.IPs, p.Truncated)),
		quoted("Clients", some(p.ClientFamilies, p.Truncated)), seenParts("Link hosts", defanged(p.URLHosts), p.Truncated),
		seenParts("Attachments", p.AttachmentTypes, p.Truncated), fact("Mailbox changes", changes),
	)
	b.Plain(reportsADay(p))
}

// seenParts are parts of the sender's earlier mail; of a past that was cut, that there is
// none is not known.
func seenParts(name string, values []string, truncated bool) blockkit.Text {
	values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return strings.TrimSpace(s) == "" })
	switch {
	case len(values) > 0:
		return quoted(name, some(values, truncated))
	case truncated:
		return fact(name, "not known")
	}
	return fact(name, "none")
}

func orNone(s string) string {
	if s == "" {
		return "none seen"
	}
	return s
}

func namedConnectors(connectors []string) []string {
	out := make([]string, len(connectors))
	for i, c := range connectors {
		if out[i] = c; c == "" {
			out[i] = "no connector"
		}
	}
	return out
}

// wayIn reads the labels of paths in a rule's condition as words.
var wayIn = strings.NewReplacer(
	"path: mail came by direct", "it came from outside without a connector", "path: direct", "it came from outside without a connector",
	"path: mail came by mailbox", "it came from the mailbox itself", "path: mail came by orphan", "its path is not known",
	"path: mail came by connector:", "it came through connector ", "path: mail came by saas:", "it came through a service that signs for ",
	"the rule trusts connector:", "the rule trusts connector ", "the rule trusts mailbox", "the rule trusts the mailbox itself",
	"the rule trusts saas:", "the rule trusts a service that signs for ",
)

// maxTrace rules are listed, near misses first as the judge ordered them.
const maxTrace = 15

func (v view) trace(b *blockkit.Blocks) {
	var lines []blockkit.Text
	for i, t := range v.c.Judgement.Trace {
		if i == maxTrace {
			lines = append(lines, blockkit.Sayf("• %d more rules", len(v.c.Judgement.Trace)-i))
			break
		}
		line := fmt.Sprintf("• %s %s", t.Rule, t.Outcome)
		if t.Condition != "" {
			line += ": " + wayIn.Replace(t.Condition)
		}
		lines = append(lines, v.judged(blockkit.Cut(line, 300)))
	}
	list(b, "Rules", lines)
}

// alerts leads to the alerts of Defender that name a mail of the case.
func (v view) alerts(b *blockkit.Blocks) {
	var out []blockkit.Text
	for n, id := range v.c.Finding.Exposure.Alerts {
		out = append(out, v.links.alert(id, fmt.Sprintf("Alert %d", n+1)))
	}
	if len(out) > 0 {
		b.Section(blockkit.Bold("Alerts in Defender:").Then(blockkit.Say(" "), blockkit.Join(" · ", out...)))
	}
}
