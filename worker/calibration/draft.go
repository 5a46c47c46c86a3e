package calibration

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// Input is what a draft is made of.
type Input struct {
	Measured loganalytics.Calibration
	// Tenant are the settings in force.
	Tenant soar.Tenant
	// Load reads the rules in force as they would be under other tenant settings.
	Load  func(soar.Tenant) ([]soar.Rule, error)
	Today time.Time
}

// Draft is a proposal. Tenant and Rules are files that the loader takes.
type Draft struct {
	Tenant string
	Rules  string
	// Covered are senders whose mail a rule in force knows already.
	Covered []string
	// Left are senders that get no rule, and why.
	Left []string
}

// draftDays is how long a drafted rule lasts: long enough to be reviewed once.
const draftDays = 90

// drafter sorts senders into what is covered, what a shipped rule fits, and the rest.
type drafter struct {
	in     Input
	tenant soar.Tenant
	tools  map[string][]soar.ToolSender
	// toolOfRule is the tool of each rule in force that names one.
	toolOfRule map[string]string
	rules      []drafted
	out        Draft
}

// drafted is a rule with what its reader should know.
type drafted struct {
	rule  soar.Rule
	notes []string
}

// New drafts settings and rules. An error means that the rules in force do not load.
func New(in Input) (Draft, error) {
	d := drafter{in: in, tools: map[string][]soar.ToolSender{}, toolOfRule: map[string]string{}}
	d.tenant = soar.Tenant{AcceptedDomains: in.Tenant.AcceptedDomains, KnownDomains: in.Tenant.KnownDomains, Connectors: connectors(in)}
	senders := slices.Concat(in.Measured.Own, in.Measured.Services)
	inForce, err := in.Load(in.Tenant)
	if err != nil {
		return Draft{}, fmt.Errorf("draft rules: %w", err)
	}
	shipped, err := d.probes(inForce, senders)
	if err != nil {
		return Draft{}, fmt.Errorf("draft rules: %w", err)
	}
	covering := judgeWith(inForce, in.Tenant)
	proposing := judgeWith(shipped, d.tenant)
	for _, s := range senders {
		d.sort(s, covering, proposing)
	}
	d.out.Tenant, d.out.Rules = tenantText(d.tenant, d.tools), rulesText(d.rules)
	return d.out, nil
}

func (d *drafter) sort(s loganalytics.CalibratedSender, covering, proposing func(loganalytics.CalibratedSender) []string) {
	if !trusted(s.Path) {
		d.out.Left = append(d.out.Left, fmt.Sprintf("%q came by %s, which no rule can trust: %s", s.Sender, s.Path, cure(s)))
		return
	}
	if fits := covering(s); len(fits) > 0 {
		d.out.Covered = append(d.out.Covered, fmt.Sprintf("%q by rule %s", s.Sender, fits[0]))
		return
	}
	if tool := d.toolOf(s, proposing(s)); tool != "" {
		d.tools[tool] = append(d.tools[tool], entryOf(s))
		return
	}
	rule := d.ruleOf(s)
	if rule.When == "" {
		d.out.Left = append(d.out.Left, fmt.Sprintf("%q on %s: its %d kinds of subjects have no form in common; a person is never hidden, and for a program write the rule by hand",
			s.Sender, s.Path, s.SubjectShapes))
		return
	}
	if _, err := suppressions.Compile([]soar.Rule{rule}, d.tenant); err != nil {
		d.out.Left = append(d.out.Left, fmt.Sprintf("%q: %s", s.Sender, strings.ReplaceAll(err.Error(), "\n", "; ")))
		return
	}
	d.rules = append(d.rules, drafted{rule, notesOn(s)})
}

func trusted(p soar.Path) bool {
	return p.Kind == soar.PathMailbox || p.Kind == soar.PathConnector || p.Kind == soar.PathSaaS
}

func cure(s loganalytics.CalibratedSender) string {
	if s.Direction == soar.DirectionIntraOrg {
		return "give it a mailbox of its own, or a connector"
	}
	return "let it sign with DKIM aligned to its From, or come through a connector"
}

// probes are the rules in force as if every sender were one of every tool's.
func (d *drafter) probes(inForce []soar.Rule, senders []loganalytics.CalibratedSender) ([]soar.Rule, error) {
	probe := d.tenant
	probe.Tools = map[string][]soar.ToolSender{}
	for _, r := range inForce {
		d.toolOfRule[r.ID] = r.Tool
		if r.Tool == "" || probe.Tools[r.Tool] != nil {
			continue
		}
		for _, s := range senders {
			if trusted(s.Path) {
				probe.Tools[r.Tool] = append(probe.Tools[r.Tool], entryOf(s))
			}
		}
	}
	return d.in.Load(probe)
}

// judgeWith gives the rules whose conditions all hold for a sender's usual mail.
func judgeWith(rules []soar.Rule, tenant soar.Tenant) func(loganalytics.CalibratedSender) []string {
	set, _ := suppressions.Compile(rules, tenant) // what is refused fits nobody
	return func(s loganalytics.CalibratedSender) []string {
		f := findingOf(s)
		var out []string
		for _, t := range suppressions.Judge(set, tenant, []soar.Finding{f}, f.Window.To)[0].Trace {
			if t.Outcome != soar.TraceFailed && !slices.Contains(out, t.Rule) {
				out = append(out, t.Rule)
			}
		}
		return out
	}
}

// findingOf is a sender's usual mail, one of each subject.
func findingOf(s loganalytics.CalibratedSender) soar.Finding {
	e := entryOf(s)
	m := soar.Message{
		NetworkMessageID: "usual", Time: s.Last, P1: s.Sender, P2: s.Sender, Direction: s.Direction, Connector: s.Connector, Auth: s.Auth,
		Recipients: s.Recipients, RecipientCount: s.RecipientCount, URLHosts: e.URLHosts, URLCount: len(e.URLHosts),
		AttachmentTypes: e.AttachmentTypes, AttachmentCount: len(e.AttachmentTypes),
	}
	if !s.SameSender && len(s.Envelopes) > 0 {
		m.P1 = s.Envelopes[0]
	}
	if s.ObjectID {
		m.ObjectID = "known"
	}
	if len(s.IPs) > 0 {
		m.IP = s.IPs[0]
	}
	if len(s.ClientFamilies) > 0 {
		m.InternetMessageID = "<1@" + s.ClientFamilies[0] + ">"
	}
	if len(s.Names) > 0 {
		m.DisplayName = s.Names[0]
	}
	f := soar.Finding{Window: soar.NewWindow(s.First, s.Last.Add(time.Second)), Candidate: soar.Candidate{Sender: s.Sender, SenderIs: soar.P2, Scope: soar.ScopeOther}}
	for _, subject := range s.Subjects {
		m.Subject = subject
		f.Evidence.Messages = append(f.Evidence.Messages, m)
	}
	f.Evidence.Total = len(f.Evidence.Messages)
	return f
}

// toolOf is the tool of the rule that fits: the one that the mail names, else the first.
func (d *drafter) toolOf(s loganalytics.CalibratedSender, fits []string) string {
	named := strings.ToLower(strings.Join(slices.Concat([]string{s.Sender}, s.Names, s.Subjects), " "))
	first := ""
	for _, id := range fits {
		switch tool := d.toolOfRule[id]; {
		case tool == "":
		case strings.Contains(named, tool):
			return tool
		case first == "":
			first = tool
		}
	}
	return first
}

// ruleOf drafts a rule in shadow mode for a sender that no shipped rule fits.
func (d *drafter) ruleOf(s loganalytics.CalibratedSender) soar.Rule {
	e := entryOf(s)
	perDay := s.Mails/max(s.ActiveDays, 1) + 1
	return soar.Rule{
		ID: d.freeID(s), Scenario: soar.ScenarioMonitoring, Path: s.Path, Senders: e.Senders, Envelopes: e.Envelopes, Recipients: e.Recipients,
		URLHosts: given(e.URLHosts), AttachmentTypes: e.AttachmentTypes, ClientHosts: e.ClientHosts, When: when(s.Subjects, s.SubjectShapes),
		Reason: "drafted by calibrate: say why this mail is benign", Owner: "name-the-owner", Ticket: "name-the-ticket",
		Created: d.in.Today, Expires: d.in.Today.AddDate(0, 0, draftDays), Mode: soar.RuleShadow, Ceiling: max(10, 3*perDay),
	}
}

func (d *drafter) freeID(s loganalytics.CalibratedSender) string {
	local, domain, _ := strings.Cut(s.Sender, "@")
	base := config.Slug("auto " + local + " " + domain)
	id := base
	for n := 2; slices.ContainsFunc(d.rules, func(o drafted) bool { return o.rule.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}
