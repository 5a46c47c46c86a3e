package suppressions

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// fit is how one rule fared with one finding.
type fit struct {
	rule *rule
	// passed counts the conditions that held before the first that failed.
	passed int
	// failed is the name of that condition and why, empty when all hold.
	failed, why string
	// shape says that the rule's expression holds for a message, whatever its path.
	shape bool
	// named says that From or display name names the rule's tool.
	named bool
}

func (f fit) fits() bool { return f.failed == "" }

// condition is one thing that must hold for every message.
type condition struct {
	name string
	// fails says why a message does not meet it, empty when it does.
	fails func(*rule, *soar.Message) string
}

// provenSender is how many conditions say who sent a mail: From, path, envelope
// sender and relay address.
const provenSender = 4

// conditions in the order in which they are looked at: who sent it, then what it
// carries, then what it says.
var conditions = []condition{
	{"sender", failsSender},
	{"path", failsPath},
	{"envelope sender", failsEnvelope},
	{"relay address", failsAddress},
	{"sending client", failsClient},
	{"recipients", failsRecipients},
	{"url_hosts", failsURLHosts},
	{"attachment_types", failsAttachments},
	{"when", failsWhen},
}

// try lays one rule over a finding. A finding without messages fits nothing.
func try(r *rule, f *soar.Finding, now time.Time) fit {
	out := fit{rule: r, named: namesTool(r, f)}
	messages := f.Evidence.Messages
	if len(messages) == 0 {
		out.failed, out.why = "evidence", "no message to judge"
		return out
	}
	for _, c := range conditions {
		for i := range messages {
			if why := c.fails(r, &messages[i]); why != "" {
				out.failed, out.why = c.name, why
				out.shape = c.name != "when" && hasShape(r, f)
				return out
			}
		}
		out.passed++
	}
	out.shape = true
	if !now.Before(r.Expires.AddDate(0, 0, 1)) {
		out.failed, out.why = "expires", "expired on "+r.Expires.Format(time.DateOnly)
	}
	return out
}

// shapeMessages bounds how many messages are looked at for a rule's shape.
const shapeMessages = 3

func hasShape(r *rule, f *soar.Finding) bool {
	messages := f.Evidence.Messages
	for i := range messages[:min(len(messages), shapeMessages)] {
		if ok, err := holds(r.program, &messages[i]); err == nil && ok {
			return true
		}
	}
	return false
}

func namesTool(r *rule, f *soar.Finding) bool {
	return r.Tool != "" && slices.ContainsFunc(f.Evidence.Messages, func(m soar.Message) bool {
		return strings.Contains(soar.FoldASCII(m.P2+" "+m.DisplayName), r.Tool)
	})
}

func failsSender(r *rule, m *soar.Message) string {
	if r.senders[soar.NormalAddress(m.P2)] {
		return ""
	}
	return "From is not one of the rule's senders"
}

func failsPath(r *rule, m *soar.Message) string {
	if got := soar.PathOf(*m).String(); got != r.path {
		return fmt.Sprintf("mail came by %s, the rule trusts %s", got, r.path)
	}
	return ""
}

// failsEnvelope: on a saas path that declares envelope senders, P1 = P2 is none of
// them: SPF of the own domain passes DMARC for everybody it lets send.
func failsEnvelope(r *rule, m *soar.Message) string {
	p1 := soar.NormalAddress(m.P1)
	saas := r.Path.Kind == soar.PathSaaS
	switch {
	case p1 == "":
		return "envelope sender is null"
	case r.envelopes[p1], saas && r.envelopes[atDomain(p1)]:
		return ""
	case saas && len(r.envelopes) > 0:
		return "envelope sender is not declared"
	case p1 == soar.NormalAddress(m.P2):
		return ""
	}
	return "envelope sender is neither From nor declared"
}

// atDomain is "@" and the domain of an address as it stands.
func atDomain(address string) string {
	return address[max(0, strings.LastIndexByte(address, '@')):]
}

func failsAddress(r *rule, m *soar.Message) string {
	if r.Path.Kind != soar.PathConnector {
		return ""
	}
	ip, err := netip.ParseAddr(m.IP)
	if err != nil {
		return "address of the sending host is not known"
	}
	ip = ip.Unmap()
	if slices.ContainsFunc(r.prefixes, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return ""
	}
	return fmt.Sprintf("%s is not an address of connector %q", ip, r.Path.Name)
}

func failsClient(r *rule, m *soar.Message) string {
	family := soar.ClientFamily(m.ClientHost())
	if len(r.clientFamilies) == 0 || r.clientFamilies[family] || r.anyClient() {
		return ""
	}
	return fmt.Sprintf("written by %s, which is not declared", orNothing(family))
}

// anyClient says that the sender's programs write ever other message ids.
func (r *rule) anyClient() bool {
	return r.Path.Kind == soar.PathConnector && r.clientFamilies[soar.AnyClient]
}

func failsRecipients(r *rule, m *soar.Message) string {
	if len(r.recipients) == 0 {
		return ""
	}
	if m.RecipientCount > len(m.Recipients) {
		return fmt.Sprintf("only %d of %d recipients are known", len(m.Recipients), m.RecipientCount)
	}
	if n := countOutside(r.recipients, m.Recipients, soar.NormalAddress); n > 0 {
		return fmt.Sprintf("%s not declared", plural(n, "recipient is", "recipients are"))
	}
	return ""
}

func failsURLHosts(r *rule, m *soar.Message) string {
	if h := firstOutside(r.urlHosts, m.URLHosts, foldHost); h != "" {
		return linkHost(h) + " is not declared"
	}
	if len(m.URLHosts) == 0 && m.URLCount > 0 {
		return fmt.Sprintf("hosts of %s are not known", plural(m.URLCount, "link", "links"))
	}
	return ""
}

func failsAttachments(r *rule, m *soar.Message) string {
	if t := firstOutside(r.attachmentTypes, m.AttachmentTypes, foldType); t != "" {
		return t + " is not declared"
	}
	if len(m.AttachmentTypes) == 0 && m.AttachmentCount > 0 {
		return fmt.Sprintf("types of %s are not known", plural(m.AttachmentCount, "attachment", "attachments"))
	}
	return ""
}

func failsWhen(r *rule, m *soar.Message) string {
	ok, err := holds(r.program, m)
	switch {
	case err != nil:
		return "could not be evaluated: " + err.Error()
	case !ok:
		return "does not hold for a message"
	}
	return ""
}

func firstOutside(set map[string]bool, values []string, fold func(string) string) string {
	for _, v := range values {
		if f := fold(v); !set[f] {
			return f
		}
	}
	return ""
}

func countOutside(set map[string]bool, values []string, fold func(string) string) int {
	n := 0
	for _, v := range values {
		if !set[fold(v)] {
			n++
		}
	}
	return n
}
