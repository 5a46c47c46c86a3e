package tenant

import (
	"cmp"
	"fmt"
	"slices"

	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// PublishedRow is one row of the published hunt "Top Intra-Org P2 Senders": an
// envelope sender and its count, before the hunt's own cut to ten.
type PublishedRow struct {
	Sender string
	Count  int
}

// PublishedHunt computes the published hunt over the submissions that were
// ingested in w, straight from the rows and without a query engine: the yardstick
// for one. All senders, by count downwards and then by address. Its join has no
// kind, so it is innerunique: of submissions with one key any single one joins,
// which of them makes no difference to the result; repeated mail rows all count.
func PublishedHunt(t *Tenant, w soar.Window) []PublishedRow {
	keys := publishedKeys(t.Tables["CloudAppEvents"], w)
	mail := t.Tables["EmailEvents"]
	id, recipient := column(mail, "NetworkMessageId"), column(mail, "RecipientObjectId")
	direction, sender := column(mail, "EmailDirection"), column(mail, "SenderMailFromAddress")
	counts := map[string]int{}
	for _, r := range mail.Rows {
		if keys[[2]string{text(r[id]), text(r[recipient])}] && text(r[direction]) == "Intra-org" {
			counts[text(r[sender])]++
		}
	}
	out := make([]PublishedRow, 0, len(counts))
	for s, n := range counts {
		out = append(out, PublishedRow{s, n})
	}
	slices.SortFunc(out, func(a, b PublishedRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Sender, b.Sender))
	})
	return out
}

// publishedKeys are message and reporter of each phish or spam report of a mail.
func publishedKeys(reports *kql.Table, w soar.Window) map[[2]string]bool {
	action, account, raw := column(reports, "ActionType"), column(reports, "AccountObjectId"), column(reports, "RawEventData")
	keys := map[[2]string]bool{}
	for i, r := range reports.Rows {
		at := reports.Ingested[i]
		if at.Before(w.From) || !at.Before(w.To) || text(r[action]) != userSubmission {
			continue
		}
		data, _ := r[raw].(kql.Dynamic).V.(map[string]any)
		kind := text(data["SubmissionType"])
		if text(data["SubmissionContentType"]) == "Mail" && (kind == phish || kind == spam) {
			keys[[2]string{text(data["ObjectId"]), text(r[account])}] = true
		}
	}
	return keys
}

func column(t *kql.Table, name string) int {
	i := slices.IndexFunc(t.Columns, func(c kql.Column) bool { return c.Name == name })
	if i < 0 {
		panic("tenant: table " + t.Name + " has no column " + name)
	}
	return i
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
