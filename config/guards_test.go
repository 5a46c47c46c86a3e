package config_test

import (
	"strings"
	"testing"

	"harrier/config"
)

func TestAGuardIsMadeStricterAndNeverLooser(t *testing.T) {
	for text, want := range map[string]string{
		"guards: {volume_factor: 2, reporters: 1, min_past_mails: 20, interactive_within: 30d, report_rate: 0.05, volume_floor: 3}": "",
		"guards: {volume_factor: 5}":       "guards.volume_factor",
		"guards: {reporters: 10}":          "guards.reporters",
		"guards: {min_past_days: 1}":       "guards.min_past_days",
		"guards: {interactive_within: 1h}": "guards.interactive_within",
		"guards: {report_rate: 1}":         "guards.report_rate",
		"guards: {off: true}":              "off",
	} {
		file, _ := example(t, "# guards: ", text+" # ")
		_, err := config.Load(file, slackVars().get)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v does not name %s", text, err, want)
		}
	}
}
