package tenant_test

import (
	"slices"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

const takenOver = "j.doe@contoso.com"

// anchors are a working morning, a night at a weekend, and other hours of the week.
func anchors() []time.Time {
	var out []time.Time
	for i := range 7 {
		out = append(out, anchor().Add(time.Duration(i)*29*time.Hour+17*time.Minute))
	}
	return out
}

func week(at time.Time, lag time.Duration) soar.Window {
	return soar.NewWindow(at.AddDate(0, 0, -7), at.Add(-lag))
}

func TestThePublishedHuntRanksTheTakenOverMailboxFourteenthBehindAutomation(t *testing.T) {
	for i, at := range anchors() {
		tn := small(uint64(i), at)
		for _, lag := range []time.Duration{0, 10 * time.Minute, time.Hour} {
			rows := tenant.PublishedHunt(tn, week(at, lag))
			rank := 1 + slices.IndexFunc(rows, func(r tenant.PublishedRow) bool { return r.Sender == takenOver })
			if rank != 14 || rows[13].Count != 2 {
				t.Fatalf("anchor %s, lag %s: rank %d of %v", at, lag, rank, rows)
			}
			for _, r := range rows[:13] {
				if !slices.ContainsFunc(tn.Cast, func(c tenant.Cast) bool { return c.Kind == tenant.KindScenario && c.Sender == r.Sender }) {
					t.Errorf("%s is ahead and no automation", r.Sender)
				}
			}
		}
	}
}

func TestAWindowWithoutSubmissionsRanksNobody(t *testing.T) {
	tn := small(1, anchor())
	if rows := tenant.PublishedHunt(tn, soar.NewWindow(anchor(), anchor().Add(time.Hour))); len(rows) != 0 {
		t.Errorf("rows %v, want none", rows)
	}
}

func TestThePublishedHuntCountsRepeatedMailRowsAndNotRepeatedReports(t *testing.T) {
	counts := map[string]int{}
	for _, r := range tenant.PublishedHunt(small(1, anchor()), week(anchor(), 0)) {
		counts[r.Sender] = r.Count
	}
	for sender, want := range map[string]int{
		"priya.nair@contoso.com":  2, // one report, the mail was processed twice
		"walter.nagy@contoso.com": 1, // two reports of one person of one mail
		"sofia.marin@contoso.com": 0, // reported by somebody other than the recipient
		"rupert.lang@contoso.com": 0, // the reporter's id is in upper case
		"uma.patel@contoso.com":   1, // the mail row came after the report
	} {
		if counts[sender] != want {
			t.Errorf("%s counts %d, want %d", sender, counts[sender], want)
		}
	}
}

func TestPublishedHuntReadsNumbersAndTextAndKeepsToItsWindow(t *testing.T) {
	at := anchor()
	tn := &tenant.Tenant{Tables: kql.Database{
		"CloudAppEvents": {Columns: columns("ActionType", "AccountObjectId", "RawEventData"), Rows: [][]any{
			{"UserSubmission", "u1", raw("m1", "1", "Mail")},
			{"UserSubmission", "u1", raw("m2", int64(0), "Mail")},
			{"UserSubmission", "u1", raw("m3", "3", "Mail")},
			{"UserSubmission", "u1", raw("m4", "1", "URL")},
			{"CustomSubmission", "u1", raw("m5", "1", "Mail")},
			{"UserSubmission", "u1", raw("m6", "1", "Mail")},
		}, Ingested: []time.Time{at, at, at, at, at, at.Add(time.Hour)}},
		"EmailEvents": {Columns: columns("NetworkMessageId", "RecipientObjectId", "EmailDirection", "SenderMailFromAddress"), Rows: [][]any{
			{"m1", "u1", "Intra-org", "a@contoso.com"}, {"m1", "u1", "Intra-org", "a@contoso.com"}, {"m1", "u2", "Intra-org", "a@contoso.com"},
			{"m2", "u1", "Intra-org", "b@contoso.com"}, {"m3", "u1", "Intra-org", "c@contoso.com"}, {"m4", "u1", "Intra-org", "c@contoso.com"},
			{"m5", "u1", "Intra-org", "c@contoso.com"}, {"m6", "u1", "Intra-org", "c@contoso.com"}, {"m2", "u1", "Inbound", "d@contoso.com"},
		}},
	}}
	got := tenant.PublishedHunt(tn, soar.NewWindow(at, at.Add(time.Hour)))
	want := []tenant.PublishedRow{{Sender: "a@contoso.com", Count: 2}, {Sender: "b@contoso.com", Count: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

func columns(names ...string) []kql.Column {
	var out []kql.Column
	for _, n := range names {
		out = append(out, kql.Column{Name: n, Type: kql.TypeString})
	}
	return out
}

func raw(message string, kind any, content string) kql.Dynamic {
	return kql.Dynamic{V: map[string]any{"ObjectId": message, "SubmissionType": kind, "SubmissionContentType": content}}
}

func TestTheTakenOverMailboxComesNearTheTopOncePhishReportsRank(t *testing.T) {
	tn := small(1, anchor())
	all, w := messagesOf(tn), week(anchor(), 10*time.Minute)
	hidden := map[string]bool{}
	for _, c := range tn.LeftAlone() {
		for _, id := range c.Messages {
			hidden[id] = true
		}
	}
	phish := map[string]int{}
	table := tn.Tables["CloudAppEvents"]
	for i, r := range rowsOf(table) {
		id, _ := r.raw()["ObjectId"].(string)
		m, in := all[id], table.Ingested[i]
		if m == nil || hidden[id] || r.text("ActionType") != "UserSubmission" || in.Before(w.From) || !in.Before(w.To) || !isPhish(r) {
			continue
		}
		if tn.Settings.IsInternal(m.text("SenderFromAddress")) && m.text("SenderFromAddress") != "" {
			phish[m.text("EmailDirection")+" "+m.text("SenderFromAddress")]++
		}
	}
	mine, ahead := phish["Intra-org "+takenOver], 0
	for _, n := range phish {
		ahead += btoi(n > mine)
	}
	if mine != 2 || ahead != 0 {
		t.Errorf("%d phish reports, %d senders have more: %v", mine, ahead, phish)
	}
}

func isPhish(r record) bool {
	kind := r.raw()["SubmissionType"]
	return kind == "1" || kind == int64(1)
}
