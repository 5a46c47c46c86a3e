package suppressions

import (
	"sort"

	"cel.dev/cel-go/cel"

	"harrier/workflows/soar"
)

// field is one value of a message that a rule's expression may read.
type field struct {
	kind *cel.Type
	doc  string
	read func(*soar.Message) any
}

// fields is the typed view of one message. What was not evaluated is "not
// evaluated", never a pass; addresses are in the form of soar.NormalAddress.
var fields = map[string]field{
	"mail.subject":          {cel.StringType, "subject as the author wrote it", func(m *soar.Message) any { return m.Subject }},
	"mail.display_name":     {cel.StringType, "display name as the author wrote it", func(m *soar.Message) any { return m.DisplayName }},
	"mail.p1":               {cel.StringType, "envelope sender", func(m *soar.Message) any { return soar.NormalAddress(m.P1) }},
	"mail.p2":               {cel.StringType, "visible From", func(m *soar.Message) any { return soar.NormalAddress(m.P2) }},
	"mail.direction":        {cel.StringType, "Inbound, Outbound or Intra-org", func(m *soar.Message) any { return m.Direction }},
	"mail.connector":        {cel.StringType, "inbound connector, empty for none", func(m *soar.Message) any { return m.Connector }},
	"mail.ip":               {cel.StringType, "address of the sending host", func(m *soar.Message) any { return m.IP }},
	"mail.client_host":      {cel.StringType, "host of the Internet message id", func(m *soar.Message) any { return m.ClientHost() }},
	"mail.client_family":    {cel.StringType, "the same, Outlook's hosts as one", func(m *soar.Message) any { return soar.ClientFamily(m.ClientHost()) }},
	"mail.url_hosts":        {cel.ListType(cel.StringType), "hosts of all links", func(m *soar.Message) any { return m.URLHosts }},
	"mail.attachment_types": {cel.ListType(cel.StringType), "file extensions", func(m *soar.Message) any { return m.AttachmentTypes }},
	"mail.recipients":       {cel.ListType(cel.StringType), "at most 20 recipients", func(m *soar.Message) any { return m.Recipients }},
	"mail.recipient_count":  {cel.IntType, "number of recipients", func(m *soar.Message) any { return m.RecipientCount }},
	"mail.url_count":        {cel.IntType, "number of links", func(m *soar.Message) any { return m.URLCount }},
	"mail.attachment_count": {cel.IntType, "number of attachments", func(m *soar.Message) any { return m.AttachmentCount }},
	"mail.auth.spf":         {cel.StringType, "pass, fail or not evaluated", func(m *soar.Message) any { return authWord(m.Auth.SPF) }},
	"mail.auth.dkim":        {cel.StringType, "pass, fail or not evaluated", func(m *soar.Message) any { return authWord(m.Auth.DKIM) }},
	"mail.auth.dmarc":       {cel.StringType, "pass, fail or not evaluated", func(m *soar.Message) any { return authWord(m.Auth.DMARC) }},
	"mail.auth.compauth":    {cel.StringType, "pass, fail or not evaluated", func(m *soar.Message) any { return authWord(m.Auth.CompAuth) }},
	"mail.hour":             {cel.IntType, "hour of the day in UTC", func(m *soar.Message) any { return m.Time.UTC().Hour() }},
	"mail.weekday":          {cel.IntType, "0 is Sunday, in UTC", func(m *soar.Message) any { return int(m.Time.UTC().Weekday()) }},
}

// Field describes one value that a rule's expression may read.
type Field struct{ Name, Type, Doc string }

// Fields lists what a rule's expression may read, by name.
func Fields() []Field {
	out := make([]Field, 0, len(fields))
	for name, f := range fields {
		out = append(out, Field{name, f.kind.String(), f.doc})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func authWord(r soar.AuthResult) string {
	if r == soar.AuthNotEvaluated {
		return "not evaluated"
	}
	return string(r)
}

// view resolves the names of an expression from one message; only what the
// expression reads is computed.
type view struct{ m *soar.Message }

// ResolveName reads one value by its full name.
func (v view) ResolveName(name string) (any, bool) {
	f, ok := fields[name]
	if !ok {
		return nil, false
	}
	return f.read(v.m), true
}

// Parent is none.
func (view) Parent() cel.Activation { return nil }
