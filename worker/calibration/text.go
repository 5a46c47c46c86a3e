package calibration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"harrier/activities/loganalytics"
	"harrier/workflows/soar"
)

// quoted writes a text as YAML reads it: in double quotes, as JSON.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSpace(b.String())
}

func list(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quoted(v)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// comment keeps what others wrote inside one line of a comment.
func comment(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}

func tenantText(t soar.Tenant, tools map[string][]soar.ToolSender) string {
	var b strings.Builder
	b.WriteString("# Drafted by worker calibrate. Merge into config/tenant.yaml what you know to be yours.\n")
	fmt.Fprintf(&b, "accepted_domains: %s\n", list(t.AcceptedDomains))
	if len(t.Connectors) == 0 {
		b.WriteString("connectors: {}\n")
	} else {
		b.WriteString("# Addresses as they were seen: widen them to the relay's own range, and leave out what is not yours.\nconnectors:\n")
	}
	for _, name := range slices.Sorted(maps.Keys(t.Connectors)) {
		fmt.Fprintf(&b, "  %s: {cidrs: %s}\n", quoted(name), list(t.Connectors[name].CIDRs))
	}
	if len(tools) == 0 {
		b.WriteString("tools: {}\n")
		return b.String()
	}
	b.WriteString("tools:\n")
	for _, tool := range slices.Sorted(maps.Keys(tools)) {
		fmt.Fprintf(&b, "  %s:\n", tool)
		for _, s := range tools[tool] {
			fmt.Fprintf(&b, "    - path: %s\n", quoted(s.Path))
			declared(&b, "      ", s)
		}
	}
	return b.String()
}

// declared writes a sender and its envelope, what is left to the past left out.
func declared(b *strings.Builder, indent string, s soar.ToolSender) {
	for _, f := range []struct {
		key    string
		values []string
	}{
		{"senders", s.Senders}, {"envelopes", s.Envelopes}, {"recipients", s.Recipients}, {"url_hosts", s.URLHosts},
		{"attachment_types", s.AttachmentTypes}, {"client_hosts", s.ClientHosts},
	} {
		if len(f.values) > 0 || f.key == "url_hosts" && f.values != nil {
			fmt.Fprintf(b, "%s%s: %s\n", indent, f.key, list(f.values))
		}
	}
}

func rulesText(rules []drafted) string {
	var b strings.Builder
	b.WriteString("# Drafted by worker calibrate, in shadow mode: cards say what each would have hidden. Review each,\n")
	b.WriteString("# name its scenario, owner, ticket and reason, preview it, and then enforce it.\n")
	if len(rules) == 0 {
		b.WriteString("suppressions: []\n")
		return b.String()
	}
	b.WriteString("suppressions:\n")
	for _, d := range rules {
		notes := d.notes
		if words := ruleWords(d.rule.When); words != "" {
			notes = append(notes, words)
		}
		for _, n := range notes {
			fmt.Fprintf(&b, "  # %s\n", comment(n))
		}
		ruleText(&b, d.rule)
	}
	return b.String()
}

func ruleText(b *strings.Builder, r soar.Rule) {
	fmt.Fprintf(b, "  - id: %s\n    scenario: %s\n    path: %s\n", r.ID, r.Scenario, quoted(r.Path.String()))
	declared(b, "    ", soar.ToolSender{
		Senders: r.Senders, Envelopes: r.Envelopes, Recipients: r.Recipients, URLHosts: r.URLHosts, AttachmentTypes: r.AttachmentTypes, ClientHosts: r.ClientHosts,
	})
	fmt.Fprintf(b, "    when: %s\n    reason: %s\n    owner: %s\n    ticket: %s\n", quoted(r.When), quoted(r.Reason), r.Owner, r.Ticket)
	fmt.Fprintf(b, "    created: %s\n    expires: %s\n    mode: %s\n    ceiling: %d\n", r.Created.Format(time.DateOnly), r.Expires.Format(time.DateOnly), r.Mode, r.Ceiling)
}

// PrintWays prints how mail arrives, most mails first.
func PrintWays(w io.Writer, c loganalytics.Calibration) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "DIRECTION\tCONNECTOR\tOWN DOMAIN\tP1 = P2\tSPF\tDKIM\tDMARC\tMAILS\tSENDERS")
	for _, m := range c.Totals {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", m.Direction, orDash(comment(m.Connector)), yes(m.OwnDomain), yes(m.SameSender),
			orDash(m.SPF), orDash(m.DKIM), orDash(m.DMARC), m.Mails, m.Senders)
	}
	return t.Flush()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
