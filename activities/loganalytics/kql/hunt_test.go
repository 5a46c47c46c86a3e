package kql_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
)

// publishedHunt is "User Email Submissions (FN) - Top Intra-Org P2 Senders" as Microsoft publishes it.
const publishedHunt = `CloudAppEvents
| where ActionType == "UserSubmission"
| extend SubmissionType = tostring((parse_json(RawEventData)).SubmissionType),SubmissionContentType=tostring((parse_json(RawEventData)).SubmissionContentType), RecipientObjectId=AccountObjectId
| extend User_SubmissionType=
iff(SubmissionType == "1" and ActionType == "UserSubmission" and SubmissionContentType=="Mail","User_Phish_FN",
iff(SubmissionType == "0" and ActionType == "UserSubmission" and SubmissionContentType=="Mail","User_Spam_FN","Other")),
NetworkMessageId=tostring((parse_json(RawEventData).ObjectId))
| where SubmissionContentType == "Mail" and SubmissionType in ("1","0")
| join EmailEvents on NetworkMessageId, RecipientObjectId
| where EmailDirection == "Intra-org"
| summarize count() by SenderMailFromAddress
| project SenderMailFromAddress,UserSubmissions = count_
| top 10 by UserSubmissions desc`

var noon = time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)

type submission struct {
	action, reporter, message, kind, content string
	at                                       time.Time
}

type mail struct {
	message, recipient, sender, direction string
	at                                    time.Time
}

func submissionsTable(list []submission) *kql.Table {
	t := &kql.Table{Name: "CloudAppEvents", Columns: []kql.Column{
		{Name: "TimeGenerated", Type: kql.TypeDatetime}, {Name: "ActionType", Type: kql.TypeString},
		{Name: "AccountObjectId", Type: kql.TypeString}, {Name: "RawEventData", Type: kql.TypeDynamic},
	}}
	for i, s := range list {
		raw := map[string]any{"ObjectId": s.message, "SubmissionContentType": s.content, "SubmissionType": s.kind}
		if i%2 == 1 && len(s.kind) == 1 {
			raw["SubmissionType"] = int64(s.kind[0] - '0') // the audit log has both forms
		}
		t.Rows = append(t.Rows, []kql.Value{s.at, s.action, s.reporter, kql.Dynamic{V: raw}})
	}
	return t
}

func mailTable(list []mail, width int) *kql.Table {
	t := &kql.Table{Name: "EmailEvents", Columns: []kql.Column{
		{Name: "TimeGenerated", Type: kql.TypeDatetime}, {Name: "NetworkMessageId", Type: kql.TypeString},
		{Name: "RecipientObjectId", Type: kql.TypeString}, {Name: "SenderMailFromAddress", Type: kql.TypeString},
		{Name: "EmailDirection", Type: kql.TypeString},
	}}
	for len(t.Columns) < width {
		t.Columns = append(t.Columns, kql.Column{Name: fmt.Sprintf("Filler%d", len(t.Columns)), Type: kql.TypeString})
	}
	for _, m := range list {
		row := make([]kql.Value, len(t.Columns))
		row[0], row[1], row[2], row[3], row[4] = m.at, m.message, m.recipient, m.sender, m.direction
		for i := 5; i < len(row); i++ {
			row[i] = "filler"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// expectedCounts is the hunt in plain Go: reports are de-duplicated by message and reporter, mail rows are not.
func expectedCounts(subs []submission, mails []mail) map[string]int64 {
	reported := map[[2]string]bool{}
	for _, s := range subs {
		if s.action == "UserSubmission" && s.content == "Mail" && (s.kind == "0" || s.kind == "1") {
			reported[[2]string{s.message, s.reporter}] = true
		}
	}
	counts := map[string]int64{}
	for _, m := range mails {
		if m.direction == "Intra-org" && reported[[2]string{m.message, m.recipient}] {
			counts[m.sender]++
		}
	}
	return counts
}

func tenant(rnd *rand.Rand, nSubs, nMails int) ([]submission, []mail) {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	var mails []mail
	for range nMails {
		mails = append(mails, mail{
			message: fmt.Sprintf("m%d", rnd.IntN(max(nMails/2, 1))), recipient: fmt.Sprintf("u%d", rnd.IntN(20)),
			sender: fmt.Sprintf("s%d@contoso.com", rnd.IntN(8)), direction: pick("Intra-org", "Intra-org", "Inbound"),
			at: noon.Add(-time.Duration(rnd.IntN(30*24*60)) * time.Minute),
		})
	}
	var subs []submission
	for range nSubs {
		m := mails[rnd.IntN(len(mails))]
		subs = append(subs, submission{
			action: pick("UserSubmission", "UserSubmission", "AdminSubmission"), reporter: m.recipient, message: m.message,
			kind: pick("0", "1", "1", "2", "3"), content: pick("Mail", "Mail", "URL"), at: noon.Add(-time.Hour),
		})
	}
	return subs, mails
}

func TestPublishedHuntEqualsAPlainComputation(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		subs, mails := tenant(rnd, 60, 80)
		db := kql.Database{"CloudAppEvents": submissionsTable(subs), "EmailEvents": mailTable(mails, 5)}
		res := run(t, db, publishedHunt)
		want := expectedCounts(subs, mails)
		got := map[string]int64{}
		var order []int64
		for _, row := range res.Rows {
			got[row[0].(string)] = row[1].(int64)
			order = append(order, row[1].(int64))
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
		if !sort.SliceIsSorted(order, func(i, j int) bool { return order[i] > order[j] }) {
			t.Fatalf("seed %d: not in descending order: %v", seed, order)
		}
	}
}

func TestPublishedHuntYieldsItsTwoColumns(t *testing.T) {
	db := kql.Database{"CloudAppEvents": submissionsTable(nil), "EmailEvents": mailTable(nil, 5)}
	res := run(t, db, publishedHunt)
	want := []kql.Column{{Name: "SenderMailFromAddress", Type: kql.TypeString}, {Name: "UserSubmissions", Type: kql.TypeLong}}
	if !slices.Equal(res.Columns, want) || len(res.Rows) != 0 {
		t.Fatalf("got %v with %d rows", res.Columns, len(res.Rows))
	}
}

func TestAPreludeWindowsTheSubmissionsAlone(t *testing.T) {
	db := kql.Database{
		"CloudAppEvents": submissionsTable([]submission{
			{"UserSubmission", "u1", "m1", "1", "Mail", noon.Add(-time.Hour)},
			{"UserSubmission", "u1", "m2", "1", "Mail", noon.Add(-48 * time.Hour)},
		}),
		"EmailEvents": mailTable([]mail{
			{"m1", "u1", "a@contoso.com", "Intra-org", noon.Add(-72 * time.Hour)},
			{"m2", "u1", "b@contoso.com", "Intra-org", noon.Add(-72 * time.Hour)},
		}, 5),
	}
	prelude := "let CloudAppEvents = CloudAppEvents | where TimeGenerated > datetime(2025-06-02);\n"
	res := run(t, db, prelude+publishedHunt)
	if len(res.Rows) != 1 || res.Rows[0][0] != "a@contoso.com" {
		t.Fatalf("got %v, want the sender of the message reported today", res.Rows)
	}
}

func TestTheTimespanCutsBothSidesOfTheHunt(t *testing.T) {
	db := kql.Database{
		"CloudAppEvents": submissionsTable([]submission{{"UserSubmission", "u1", "m1", "1", "Mail", noon.Add(-time.Hour)}}),
		"EmailEvents":    mailTable([]mail{{"m1", "u1", "a@contoso.com", "Intra-org", noon.Add(-72 * time.Hour)}}, 5),
	}
	res, err := kql.Run(context.Background(), db, publishedHunt, kql.Options{Now: noon, From: noon.Add(-24 * time.Hour), To: noon})
	if err != nil || len(res.Rows) != 0 {
		t.Fatalf("got %v, %v: mail from three days ago must be out of a one-day timespan", res, err)
	}
	res, err = kql.Run(context.Background(), db, publishedHunt, kql.Options{Now: noon, From: noon.Add(-96 * time.Hour), To: noon})
	if err != nil || len(res.Rows) != 1 {
		t.Fatalf("got %v, %v: want one sender over four days", res, err)
	}
}

// evidenceQuery is the shape of the evidence behind a finding: latest row a message and recipient, wide.
const evidenceQuery = `let EmailEvents = EmailEvents | where TimeGenerated > ago(30d);
let Reported = CloudAppEvents
| where ActionType in ("UserSubmission", "CustomSubmission")
| extend Raw = parse_json(RawEventData)
| project NetworkMessageId = tolower(tostring(Raw.ObjectId)), Reporter = AccountObjectId, Kind = tostring(Raw.SubmissionType);
EmailEvents
| where EmailDirection == "Intra-org"
| summarize arg_max(TimeGenerated, *) by NetworkMessageId, RecipientObjectId
| join kind=inner Reported on NetworkMessageId
| summarize Reports = dcount(strcat(Reporter, "/", NetworkMessageId)), Phish = countif(Kind == "1"), Recipients = make_set(RecipientObjectId, 50), arg_max(TimeGenerated, Filler7) by SenderMailFromAddress
| order by Phish desc`

func largeTenant() kql.Database {
	rnd := rand.New(rand.NewPCG(1, 2))
	subs, mails := tenant(rnd, 2000, 100_000)
	return kql.Database{"CloudAppEvents": submissionsTable(subs), "EmailEvents": mailTable(mails, 50)}
}

func benchmarkQuery(b *testing.B, query string) {
	db := largeTenant()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kql.Run(context.Background(), db, query, kql.Options{Now: noon}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublishedHunt(b *testing.B) { benchmarkQuery(b, publishedHunt) }
func BenchmarkEvidence(b *testing.B)      { benchmarkQuery(b, evidenceQuery) }
func BenchmarkExtendEveryRow(b *testing.B) {
	benchmarkQuery(b, "let EmailEvents = EmailEvents | extend Timestamp = TimeGenerated;\n"+publishedHunt)
}
