package loganalytics_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
)

// day0 is the first day of the tests' time; hunts run days later.
var day0 = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// at is a moment of the tests' time, hours after day0.
func at(hours float64) time.Time { return day0.Add(time.Duration(hours * float64(time.Hour))) }

// mail is one row of EmailEvents, with defaults for what a test does not say.
type mail struct {
	id, p1, p2, objectID, name, subject  string
	direction, connector, auth, internet string
	recipient, recipientID, ip           string
	threat, action, location, latest     string
	urls, attachments                    int
	time                                 time.Time
	delay                                time.Duration // until the row arrives
	ingested                             time.Time     // overrides delay
}

// report is one row of CloudAppEvents about a message.
type report struct {
	reporter, name, message, action string
	user                            string // UserId; the reporter's address when empty
	kind                            any    // SubmissionType, as number or text
	content                         string
	p1, p2, ip, submission, subject string
	time                            time.Time
	delay                           time.Duration
}

// world is a workspace of hand-made rows.
type world struct {
	t  testing.TB
	db kql.Database
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, db: kql.Database{}}
	for _, s := range schemas {
		name, columns, _ := strings.Cut(s, ":")
		table := &kql.Table{Name: name}
		for c := range strings.FieldsSeq(columns) {
			column, kind, typed := strings.Cut(c, "=")
			if !typed {
				kind = "string"
			}
			table.Columns = append(table.Columns, kql.Column{Name: column, Type: kql.Type(kind)})
		}
		w.db[name] = table
	}
	return w
}

// schemas are the columns the queries read, strings unless said otherwise.
var schemas = []string{
	`CloudAppEvents: TimeGenerated=datetime ActionType AccountObjectId AccountDisplayName AccountId ReportId RawEventData=dynamic CountryCode ISP`,
	`EmailEvents: TimeGenerated=datetime NetworkMessageId InternetMessageId SenderMailFromAddress SenderFromAddress SenderDisplayName
		SenderObjectId SenderIPv4 SenderIPv6 RecipientEmailAddress RecipientObjectId Subject EmailDirection DeliveryAction DeliveryLocation
		LatestDeliveryLocation ThreatTypes AuthenticationDetails Connectors AttachmentCount=int UrlCount=int`,
	`EmailUrlInfo: TimeGenerated=datetime NetworkMessageId Url UrlDomain`,
	`EmailAttachmentInfo: TimeGenerated=datetime NetworkMessageId FileName FileExtension SHA256`,
	`EmailPostDeliveryEvents: TimeGenerated=datetime NetworkMessageId RecipientEmailAddress Action ActionType ActionResult DeliveryLocation
		ThreatTypes`,
	`UrlClickEvents: TimeGenerated=datetime NetworkMessageId AccountUpn ActionType IsClickedThrough=bool`,
	`AlertEvidence: TimeGenerated=datetime AlertId NetworkMessageId Title`,
	`SecurityAlert: TimeGenerated=datetime SystemAlertId AlertName Tactics Entities`,
}

// drop takes a table out of the workspace, as if its connector were off.
func (w *world) drop(table string) *world {
	delete(w.db, table)
	return w
}

// row adds a row by column name; what is not named is empty.
func (w *world) row(table string, ingested time.Time, cells map[string]kql.Value) *world {
	w.t.Helper()
	t := w.db[table]
	row := make([]kql.Value, len(t.Columns))
	for i, c := range t.Columns {
		if c.Type == kql.TypeString {
			row[i] = ""
		}
		if v, ok := cells[c.Name]; ok {
			row[i] = v
			delete(cells, c.Name)
		}
	}
	for name := range cells {
		w.t.Fatalf("table %s has no column %s", table, name)
	}
	t.Rows, t.Ingested = append(t.Rows, row), append(t.Ingested, ingested)
	return w
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (w *world) mail(m mail) *world {
	arrived := m.time.Add(m.delay)
	if !m.ingested.IsZero() {
		arrived = m.ingested
	}
	return w.row("EmailEvents", arrived, map[string]kql.Value{
		"TimeGenerated": m.time, "NetworkMessageId": m.id, "InternetMessageId": m.internet,
		"SenderMailFromAddress": m.p1, "SenderFromAddress": m.p2, "SenderDisplayName": m.name, "SenderObjectId": m.objectID,
		"SenderIPv4": m.ip, "RecipientEmailAddress": m.recipient, "RecipientObjectId": m.recipientID, "Subject": m.subject,
		"EmailDirection": or(m.direction, "Intra-org"), "DeliveryAction": or(m.action, "Delivered"),
		"DeliveryLocation": or(m.location, "Inbox/folder"), "LatestDeliveryLocation": m.latest, "ThreatTypes": m.threat,
		"AuthenticationDetails": m.auth, "Connectors": m.connector, "AttachmentCount": int64(m.attachments), "UrlCount": int64(m.urls),
	})
}

func (w *world) report(r report) *world {
	w.t.Helper()
	if r.kind == nil {
		r.kind = "1"
	}
	raw := map[string]any{
		"ObjectId": r.message, "SubmissionId": or(r.submission, "sub-"+r.message+r.reporter), "SubmissionType": r.kind,
		"SubmissionContentType": or(r.content, "Mail"), "P1Sender": r.p1, "P2Sender": r.p2, "SenderIP": r.ip, "Subject": r.subject,
		"UserId": or(r.user, r.reporter+"@contoso.com"),
	}
	return w.row("CloudAppEvents", r.time.Add(r.delay), map[string]kql.Value{
		"TimeGenerated": r.time, "ActionType": or(r.action, "UserSubmission"), "AccountObjectId": r.reporter,
		"AccountDisplayName": r.name, "ReportId": "report-" + r.message + r.reporter, "RawEventData": dynamic(w.t, raw),
	})
}

// dynamic makes a cell as the evaluator holds it: whole numbers are int64.
func dynamic(t testing.TB, v any) kql.Dynamic {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for k, v := range out {
		if f, ok := v.(float64); ok {
			out[k] = int64(f)
		}
	}
	return kql.Dynamic{V: out}
}
