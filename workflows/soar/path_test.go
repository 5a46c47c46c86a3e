package soar_test

import (
	"testing"

	"harrier/workflows/soar"
)

func TestThePathOfAMessage(t *testing.T) {
	const pass, fail, none = soar.AuthPass, soar.AuthFail, soar.AuthNotEvaluated
	intra := soar.Message{Direction: soar.DirectionIntraOrg, ObjectID: "o-1", P2: "svc@contoso.com"}
	inbound := soar.Message{Direction: soar.DirectionInbound, ObjectID: "o-1", P2: "help@Contoso.com", Auth: auth(pass, pass, pass, pass)}
	with := func(m soar.Message, change func(*soar.Message)) soar.Message {
		change(&m)
		return m
	}
	for _, c := range []struct {
		name, want string
		m          soar.Message
	}{
		{"a mailbox", "mailbox", intra},
		{"a mailbox, every check none", "mailbox", with(intra, func(m *soar.Message) { m.Auth = soar.ParseAuthentication(`{"SPF":"none","DKIM":"none"}`) })},
		{"Intra-org, checks passed: it came from outside", "direct", with(intra, func(m *soar.Message) { m.Auth = auth(pass, none, pass, pass) })},
		{"Intra-org, one check failed", "direct", with(intra, func(m *soar.Message) { m.Auth.SPF = fail })},
		{"Intra-org, a check begun", "direct", with(intra, func(m *soar.Message) { m.Auth = soar.ParseAuthentication(`{"SPF":"neutral"}`) })},
		{"Intra-org, unreadable details", "direct", with(intra, func(m *soar.Message) { m.Auth = soar.ParseAuthentication("SPF=none") })},
		{"Intra-org without account", "direct", with(intra, func(m *soar.Message) { m.ObjectID = "" })},
		{"a connector, checks passed", "connector:Relay", with(intra, func(m *soar.Message) { m.Connector, m.Auth = "Relay", auth(pass, none, pass, pass) })},
		{"a service", "saas:contoso.com", inbound},
		{"DMARC passed by SPF", "direct", with(inbound, func(m *soar.Message) { m.Auth.DKIM = none })},
		{"DKIM passed, DMARC did not", "direct", with(inbound, func(m *soar.Message) { m.Auth.DMARC = none })},
		{"an orphan", "orphan", with(intra, func(m *soar.Message) { m.Orphan = true })},
	} {
		if got := soar.PathOf(c.m).String(); got != c.want {
			t.Errorf("%s: path is %s; want %s", c.name, got, c.want)
		}
	}
}

func TestWhereSPFCouldHavePassedDMARCASignatureProvesNothing(t *testing.T) {
	const pass, fail, none = soar.AuthPass, soar.AuthFail, soar.AuthNotEvaluated
	for _, c := range []struct {
		p1, p2 string
		auth   soar.Authentication
		want   bool
	}{
		{"bounce@mail.okta.com", "id@contoso.com", auth(pass, pass, pass, pass), true},
		{"id@contoso.com", "id@contoso.com", auth(pass, pass, pass, pass), false},
		{"bounce@mail.contoso.com", "id@contoso.com", auth(pass, pass, pass, pass), false},
		{"x@evil.zendesk.com", "support@contoso.zendesk.com", auth(pass, pass, pass, pass), false},
		{"id@contoso.com", "id@contoso.com", auth(fail, pass, pass, pass), true},
		{"id@contoso.com", "id@contoso.com", auth(none, pass, pass, pass), false},
		{"", "id@contoso.com", auth(pass, pass, pass, pass), false},
		{"bounce@mail.okta.com", "id@contoso.com", auth(pass, none, pass, pass), false},
		{"bounce@mail.okta.com", "id@contoso.com", auth(pass, pass, none, pass), false},
		{"bounce@fabrikam.co.uk", "id@contoso.co.uk", auth(pass, pass, pass, pass), false}, // nobody knows every registry: take it for one organisation
	} {
		if got := (soar.Message{P1: c.p1, P2: c.p2, Auth: c.auth}).ProvenByDKIM(); got != c.want {
			t.Errorf("envelope %q, From %q, %+v: proven by DKIM is %v; want %v", c.p1, c.p2, c.auth, got, c.want)
		}
	}
}
