package soar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"harrier/workflows/soar"
)

func TestHuntInputIsReadStrictly(t *testing.T) {
	for input, want := range map[string]string{
		`{"hunt":"internal-senders"}`:         "",
		`{"hunt":"x","top":5,"dry_run":true}`: "",
		`{"hunt":"x","tpo":5}`:                `unknown field "tpo"`,
		`{}`:                                  `"hunt" is missing`,
		`{"hunt":"x","top":-1}`:               "top is -1",
		`"internal-senders"`:                  "it takes one JSON object",
		`{"hunt":"x","window":{"from":"2026-03-02T00:00:00Z"}}`:                             "needs both from and to",
		`{"hunt":"x","window":{"from":"yesterday","to":"now"}}`:                             "it takes one JSON object",
		`{"hunt":"x","window":{"from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z"}}`: "ends before it begins",
	} {
		var in soar.HuntInput
		err := json.Unmarshal([]byte(input), &in)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", input, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want one with %q", input, err, want)
		}
	}
}

func TestDurationsAreWrittenForPeople(t *testing.T) {
	var d soar.Duration
	if err := d.UnmarshalText([]byte("7d")); err != nil || d.Std().Hours() != 168 {
		t.Fatalf("7d is %s, %v", d, err)
	}
	for _, bad := range []string{"P30M", "30", "d", "7days"} {
		if err := d.UnmarshalText([]byte(bad)); err == nil || !strings.Contains(err.Error(), "15m") {
			t.Errorf("%q: error %v, want one that says what to write", bad, err)
		}
	}
}
