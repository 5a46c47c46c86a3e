package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// table is a copy of a workspace's table that rows can be added to.
type table struct {
	*kql.Table
	at map[string]int
}

func tableOf(t *kql.Table) *table {
	c := &table{Table: &kql.Table{Name: t.Name, Columns: t.Columns, Rows: slices.Clone(t.Rows), Ingested: slices.Clone(t.Ingested)}, at: map[string]int{}}
	for i, column := range t.Columns {
		c.at[column.Name] = i
	}
	return c
}

func (t *table) text(row int, column string) string {
	s, _ := t.Rows[row][t.at[column]].(string)
	return s
}

// again adds a copy of a row with other values, ingested half a minute later.
func (t *table) again(row int, at time.Time, values map[string]any) {
	copied := slices.Clone(t.Rows[row])
	copied[t.at["TimeGenerated"]] = at
	for column, v := range values {
		copied[t.at[column]] = v
	}
	t.Rows = append(t.Rows, copied)
	t.Ingested = append(t.Ingested, at.Add(30*time.Second))
}

// mailbag is the workspace with more mail; deliver makes it what the worker sees.
type mailbag struct {
	w             *world
	mail, reports *table
}

func (w *world) newMailbag() *mailbag {
	db := w.LogAnalytics.Workspace(stack.WorkspaceID)
	return &mailbag{w, tableOf(db["EmailEvents"]), tableOf(db["CloudAppEvents"])}
}

// letter is another mail like one of the tenant's.
type letter struct {
	like  string // NetworkMessageId of the tenant's
	id    string
	at    time.Time
	from  *soar.SenderProfile // nil keeps the sender
	quiet bool                // nobody reports it
}

// send adds a letter to the same recipients, reported by the same people.
func (b *mailbag) send(t *testing.T, l letter) {
	t.Helper()
	values := map[string]any{"NetworkMessageId": l.id, "ReportId": l.id + "-1"}
	if l.from != nil {
		values["SenderMailFromAddress"], values["SenderFromAddress"] = l.from.Mail, l.from.Mail
		values["SenderObjectId"], values["SenderDisplayName"] = l.from.ObjectID, l.from.DisplayName
	}
	rows := len(b.mail.Rows)
	for i := range rows {
		if b.mail.text(i, "NetworkMessageId") == l.like {
			values["InternetMessageId"] = strings.Replace(b.mail.text(i, "InternetMessageId"), "<", "<"+l.id, 1)
			b.mail.again(i, l.at, values)
		}
	}
	if len(b.mail.Rows) == rows {
		t.Fatalf("the tenant has no mail %s", l.like)
	}
	if !l.quiet {
		b.report(t, l)
	}
}

func (b *mailbag) report(t *testing.T, l letter) {
	t.Helper()
	rows := len(b.reports.Rows)
	for i := range rows {
		raw, _ := b.reports.Rows[i][b.reports.at["RawEventData"]].(kql.Dynamic)
		fields, _ := raw.V.(map[string]any)
		if fields["ObjectId"] != l.like || b.reports.text(i, "ActionType") != "UserSubmission" {
			continue
		}
		fields = maps.Clone(fields)
		id := fmt.Sprintf("%s-report-%d", l.id, i)
		fields["ObjectId"], fields["SubmissionId"], fields["Id"] = l.id, id, id
		b.reports.again(i, l.at.Add(time.Minute), map[string]any{"ReportId": id, "ObjectName": l.id, "RawEventData": kql.Dynamic{V: fields}})
	}
	if len(b.reports.Rows) == rows {
		t.Fatalf("nobody reported %s", l.like)
	}
}

// deliver lets the worker see the mail until the test ends.
func (b *mailbag) deliver(t *testing.T) {
	t.Helper()
	before := b.w.LogAnalytics.Workspace(stack.WorkspaceID)
	after := maps.Clone(before)
	after["EmailEvents"], after["CloudAppEvents"] = b.mail.Table, b.reports.Table
	b.w.LogAnalytics.SetWorkspace(stack.WorkspaceID, after)
	t.Cleanup(func() { b.w.LogAnalytics.SetWorkspace(stack.WorkspaceID, before) })
}

// around is a window that has a letter, its report and nothing much else.
func around(at time.Time) soar.Window {
	return soar.NewWindow(at.Add(-time.Second), at.Add(3*time.Minute))
}

// messageOf is the reported mail of a role of the cast.
func (w *world) messageOf(t *testing.T, role string) string {
	t.Helper()
	for _, c := range w.Tenant.Cast {
		if c.Role == role && len(c.Messages) > 0 {
			return c.Messages[0]
		}
	}
	t.Fatalf("nobody in the cast is %q", role)
	return ""
}

// newSender is one of the tenant's shared mailboxes that nobody reported yet.
func (w *world) newSender(t *testing.T, n int) *soar.SenderProfile {
	t.Helper()
	var free []*soar.SenderProfile
	for _, u := range w.Tenant.Directory.Users {
		unused := !slices.ContainsFunc(w.told.report.Cases, ofSender(u.Mail)) && !slices.ContainsFunc(w.Tenant.Cast, func(c tenant.Cast) bool { return c.Sender == u.Mail })
		if u.MailboxPurpose == "shared" && unused && !u.Deleted {
			free = append(free, &soar.SenderProfile{Mail: u.Mail, ObjectID: u.ID, DisplayName: u.DisplayName})
		}
	}
	if n >= len(free) {
		t.Fatalf("the tenant has %d shared mailboxes to spare, number %d was asked for", len(free), n+1)
	}
	return free[n]
}
