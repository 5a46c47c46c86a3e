package tenant_test

import (
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// record is one row read by column names.
type record struct {
	index map[string]int
	cells []any
}

func rowsOf(t *kql.Table) []record {
	index := map[string]int{}
	for i, c := range t.Columns {
		index[c.Name] = i
	}
	out := make([]record, len(t.Rows))
	for i, cells := range t.Rows {
		out[i] = record{index, cells}
	}
	return out
}

func (r record) text(column string) string    { return r.cells[r.index[column]].(string) }
func (r record) number(column string) int64   { return r.cells[r.index[column]].(int64) }
func (r record) time(column string) time.Time { return r.cells[r.index[column]].(time.Time) }
func (r record) raw() map[string]any {
	return r.cells[r.index["RawEventData"]].(kql.Dynamic).V.(map[string]any)
}

// message is one mail gathered from its rows.
type message struct {
	record
	to    map[string]bool
	hosts []string
}

// messagesOf gathers every mail of the tenant by NetworkMessageId.
func messagesOf(tn *tenant.Tenant) map[string]*message {
	out := map[string]*message{}
	for _, r := range rowsOf(tn.Tables["EmailEvents"]) {
		id := r.text("NetworkMessageId")
		if out[id] == nil {
			out[id] = &message{record: r, to: map[string]bool{}}
		}
		out[id].to[r.text("RecipientEmailAddress")] = true
	}
	for _, r := range rowsOf(tn.Tables["EmailUrlInfo"]) {
		m := out[r.text("NetworkMessageId")]
		m.hosts = append(m.hosts, r.text("UrlDomain"))
	}
	return out
}

func (m *message) auth() soar.Authentication {
	return soar.ParseAuthentication(m.text("AuthenticationDetails"))
}

func (m *message) path() string {
	return soar.PathOf(soar.Message{Direction: m.text("EmailDirection"), Connector: m.text("Connectors"),
		ObjectID: m.text("SenderObjectId"), Auth: m.auth(), P2: m.text("SenderFromAddress")}).String()
}

func (m *message) family() string {
	return soar.ClientFamily(soar.Message{InternetMessageID: m.text("InternetMessageId")}.ClientHost())
}

// past is what a sender's earlier mail of one direction shows.
type past struct {
	mails                    int
	to, hosts, ips, families map[string]bool
	paths                    map[string]bool
}

// pastOf reads a sender's unreported mail of a direction before a time.
func pastOf(all map[string]*message, reported map[string]bool, m *message, before time.Time) past {
	p := past{to: map[string]bool{}, hosts: map[string]bool{}, ips: map[string]bool{}, families: map[string]bool{}, paths: map[string]bool{}}
	for id, o := range all {
		if reported[id] || !o.time("TimeGenerated").Before(before) || o.text("SenderFromAddress") != m.text("SenderFromAddress") || o.text("EmailDirection") != m.text("EmailDirection") {
			continue
		}
		p.mails++
		p.ips[o.text("SenderIPv4")], p.families[o.family()], p.paths[o.path()] = true, true, true
		for a := range o.to {
			p.to[a] = true
		}
		for _, h := range o.hosts {
			p.hosts[h] = true
		}
	}
	return p
}

// reportedIn are the messages that users reported.
func reportedIn(tn *tenant.Tenant) map[string]bool {
	out := map[string]bool{}
	for _, r := range rowsOf(tn.Tables["CloudAppEvents"]) {
		if id, ok := r.raw()["SubmissionId"]; ok && id != "" {
			out[r.raw()["ObjectId"].(string)] = true
		}
	}
	return out
}

func mustFind(t *testing.T, all map[string]*message, id string) *message {
	t.Helper()
	m := all[id]
	if m == nil {
		t.Fatalf("message %s has no mail row", id)
	}
	return m
}
