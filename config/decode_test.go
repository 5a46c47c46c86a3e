package config_test

import (
	"testing"

	"harrier/config"
	"harrier/workflows/soar"
)

type sample struct {
	ID       string        `yaml:"id"`
	Suppress []string      `yaml:"suppressions"`
	Lookback soar.Duration `yaml:"lookback"`
	Wait     int           `yaml:"wait"`
	On       bool          `yaml:"on"`
	Inner    struct {
		Triage string `yaml:"triage"`
	} `yaml:"channels"`
}

func TestStrictDecodingSaysWhereWhatAndHow(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a key that stands twice": {"id: a\nid: b\n", `f.yaml:2: key "id" stands twice, first on line 1; keep one`},
		"a typing error":          {"supress: [a]\n", `f.yaml:1: unknown key "supress"; did you mean "suppressions"?`},
		"a key of something else": {"zebra: 1\n", `f.yaml:1: unknown key "zebra"; known here: channels, id, lookback, on, suppressions, wait`},
		"a typing error inside":   {"channels:\n  traige: C1\n", `f.yaml:2: channels: unknown key "traige"; did you mean "triage"?`},
		"a tab":                   {"id: a\nchannels:\n\ttriage: C1\n", `f.yaml:3: a tab is used as indentation; YAML takes spaces only`},
		"an empty file":           {"", `f.yaml:1: the file is empty; write one YAML document`},
		"comments only":           {"# nothing\n", `f.yaml:1: the file is empty; write one YAML document`},
		"two documents":           {"id: a\n---\nid: b\n", `f.yaml:2: a second document begins after "---"; write one document a file`},
		"a list for a mapping":    {"channels: [C1]\n", `f.yaml:1: channels: expected a mapping (key: value), found a list`},
		"a word for a number":     {"wait: ten\n", `f.yaml:1: wait: expected a whole number, found "ten"`},
		"a word for a switch":     {"on: yes\n", `f.yaml:1: on: expected true or false, found "yes"`},
		"months for minutes": {"lookback: P30M\n", `f.yaml:1: lookback: read duration "P30M": write it as 90s, 15m, 36h or 7d; ` +
			`in ISO 8601 P30M is 30 months (minutes are PT30M): write 30m for minutes`},
		"an ISO duration":  {"lookback: PT6H\n", `f.yaml:1: lookback: read duration "PT6H": write it as 90s, 15m, 36h or 7d; write 6h`},
		"an alias":         {"id: &a x\n", `f.yaml:1: id: anchors and aliases are not read; write the value out`},
		"an unclosed list": {"suppressions: [a\n", `f.yaml:1: not valid YAML: did not find expected ',' or ']'`},
	} {
		t.Run(name, func(t *testing.T) {
			var s sample
			reads(t, config.Decode("f.yaml", []byte(c.text), &s), "", c.want)
		})
	}
}

func TestKeysThatAreLeftOutKeepTheirDefaults(t *testing.T) {
	s := sample{Wait: 7, ID: "kept"}
	must(t, config.Decode("f.yaml", []byte("lookback: 36h\nchannels: {triage: C1}\nid:\n"), &s))
	if s.Wait != 7 || s.ID != "kept" || s.Lookback.String() != "36h" || s.Inner.Triage != "C1" {
		t.Errorf("decoded %+v", s)
	}
}

func TestDollarSignsInValuesAreLeftAlone(t *testing.T) {
	var s sample
	t.Setenv("left", "x")
	must(t, config.Decode("f.yaml", []byte("id: join on $left.A == $right.B and ${left}\n"), &s))
	if s.ID != "join on $left.A == $right.B and ${left}" {
		t.Errorf("value became %q", s.ID)
	}
}
