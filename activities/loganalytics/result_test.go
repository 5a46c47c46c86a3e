package loganalytics_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// answered runs the internal-senders hunt against one given response body.
func answered(t *testing.T, body string) (soar.HuntRows, error) {
	t.Helper()
	h := shipped(t, "internal-senders")
	h.Settings.Parameters = nil // one query, one body
	return failing(t, loganalyticstest.Fault{Body: body}).client().QueryHunt(t.Context(), over(h, 0, 24))
}

// tableOf is a response of one table with the hunt's columns and one row; cells override by column.
func tableOf(t *testing.T, cells map[string]any, without string) string {
	t.Helper()
	var columns []map[string]string
	var row []any
	for _, name := range []string{"UserSubmissions", "NetworkMessageIds", "SenderFromAddress", "Scope", "PhishReports", "SpamReports", "Reporters",
		"Simulations", "SenderMailFromAddresses", "SenderObjectIds"} {
		if name == without {
			continue
		}
		columns = append(columns, map[string]string{"name": name, "type": "string"})
		v, ok := cells[name]
		if !ok {
			v = map[string]any{"Scope": "intra-org", "SenderFromAddress": "boss@contoso.com"}[name]
		}
		row = append(row, v)
	}
	data, err := json.Marshal(map[string]any{"tables": []any{map[string]any{"name": "PrimaryResult", "columns": columns, "rows": []any{row}}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSetsAreReadFromTextArraysAndPlainText(t *testing.T) {
	for _, c := range []struct {
		cell any
		want []string
	}{
		{`["b","a"]`, []string{"a", "b"}}, {[]any{"b", "a", nil, ""}, []string{"a", "b"}}, {"plain", []string{"plain"}},
		{"null", nil}, {"", nil}, {nil, nil}, {`{"Spam":["x"]}`, []string{`{"Spam":["x"]}`}}, {map[string]any{"a": 1}, []string{`{"a":1}`}},
		{`[broken`, []string{"[broken"}}, {7, []string{"7"}},
	} {
		got, err := answered(t, tableOf(t, map[string]any{"SenderMailFromAddresses": c.cell}, ""))
		if err != nil || !slices.Equal(got.Candidates[0].P1, c.want) {
			t.Errorf("%v: %q, %v", c.cell, got.Candidates[0].P1, err)
		}
	}
}

func TestCountsAreReadFromNumbersAndText(t *testing.T) {
	for _, c := range []struct {
		cell any
		want int
	}{{7, 7}, {"7", 7}, {7.0, 7}, {nil, 0}, {"", 0}, {"null", 0}, {"x", 0}} {
		got, err := answered(t, tableOf(t, map[string]any{"PhishReports": c.cell}, ""))
		if err != nil || got.Candidates[0].Counts.Phish != c.want {
			t.Errorf("%v: %+v, %v", c.cell, got, err)
		}
	}
}

func TestAMissingRequiredColumnNamesHuntAndColumn(t *testing.T) {
	for _, column := range []string{"SenderFromAddress", "UserSubmissions", "Scope"} {
		_, err := answered(t, tableOf(t, nil, column))
		expectFinal(t, err, loganalytics.ErrTypeHuntSettings, "internal-senders", column)
	}
}

func TestAMissingOptionalColumnIsBlank(t *testing.T) {
	got, err := answered(t, tableOf(t, nil, "SenderObjectIds"))
	if err != nil || got.Candidates[0].ObjectIDs != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnUnknownScopeIsAnError(t *testing.T) {
	_, err := answered(t, tableOf(t, map[string]any{"Scope": "everything"}, ""))
	expectFinal(t, err, loganalytics.ErrTypeHuntSettings, "everything")
}

func TestZeroTablesAreAMalformedResponseAndNotNoFindings(t *testing.T) {
	for _, body := range []string{`{"tables":[]}`, `{}`, `{"tables":[null]}`} {
		_, err := answered(t, body)
		expectRetryable(t, err, loganalytics.ErrTypeMalformed)
	}
	if _, err := answered(t, `not json`); err == nil {
		t.Error("text that is not JSON is taken")
	}
}

// The size error of a result that the service cut, as users have reported it.
const partialError = `"error":{"code":"PartialError","message":"There were some errors when processing your query.","details":[{"code":"EngineError",` +
	`"message":"Something went wrong processing your query on the server.","innererror":{"code":"-2133196797","message":"Query result set has exceeded the internal data size limit 64000000 bytes"}}]}`

func TestAPartialResultKeepsItsRowsAndTheWholeError(t *testing.T) {
	body := strings.TrimSuffix(tableOf(t, nil, ""), "}") + "," + partialError + "}"
	got, err := answered(t, body)
	if err != nil || len(got.Candidates) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, part := range []string{"PartialError", "-2133196797", "64000000"} {
		if !strings.Contains(got.Partial, part) {
			t.Errorf("partial is %s, without %s", got.Partial, part)
		}
	}
}

func TestAPartialListOfLookalikesMakesTheHuntPartial(t *testing.T) {
	s := newService(t, newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(2)}))
	s.Fail(loganalyticstest.Fault{Match: "distinct FromText\n| sort", Partial: "too large"})
	got, err := s.client().QueryHunt(t.Context(), over(shipped(t, "internal-senders"), 0, 24))
	if err != nil || !strings.Contains(got.Partial, "too large") || len(got.Candidates) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnAddressThatIsCutAtTheEdgeOfARuneSaysSo(t *testing.T) {
	got, err := answered(t, tableOf(t, map[string]any{"SenderFromAddress": strings.Repeat("é", 5000) + "@x"}, ""))
	if err != nil || got.Candidates[0].Sender != strings.Repeat("é", 198)+"…" {
		t.Errorf("%d bytes, %v", len(got.Candidates[0].Sender), err)
	}
}

func TestAResultThatCannotBeReturnedIsAnErrorThatNamesTheHunt(t *testing.T) {
	w := newWorld(t)
	var candidates []soar.Candidate
	for i := range 400 {
		sender := fmt.Sprintf("s%d@contoso.com", i)
		m := mail{id: fmt.Sprintf("m%d", i), p1: sender, p2: sender, recipientID: "r1", time: at(1), urls: 100}
		m.subject, m.connector, m.internet = strings.Repeat("s", 600), strings.Repeat("c", 600), strings.Repeat("i", 600)
		w.mail(m).report(report{reporter: "r1", message: m.id, time: at(2)})
		for u := range 100 {
			w.url(m.id, fmt.Sprintf("%d.%s.test", u, strings.Repeat("h", 30)))
		}
		candidates = append(candidates, soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg})
	}
	c := newService(t, w).client()
	_, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: over(shipped(t, "internal-senders"), 0, 24), Candidates: candidates})
	expectFinal(t, err, loganalytics.ErrTypeTooLarge, "internal-senders")
}

func TestEvidenceThatIsLargeKeepsFewerMessagesAndItsTotals(t *testing.T) {
	w := newWorld(t)
	var candidates []soar.Candidate
	for i := range 60 {
		sender := fmt.Sprintf("s%d@contoso.com", i)
		candidates = append(candidates, soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg})
		for k := range 25 {
			m := mail{id: fmt.Sprintf("m%d-%d", i, k), p1: sender, p2: sender, recipientID: "r1", time: at(1)}
			m.subject, m.connector = strings.Repeat("s", 500), strings.Repeat("c", 500)
			w.mail(m).report(report{reporter: "r1", message: m.id, time: at(2)})
		}
	}
	c := newService(t, w).client()
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: over(shipped(t, "internal-senders"), 0, 24), Candidates: candidates})
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Evidence[0]; e.Total != 25 || len(e.Messages) != 10 || e.Whole() {
		t.Errorf("total %d, %d messages, whole %v", e.Total, len(e.Messages), e.Whole())
	}
}
