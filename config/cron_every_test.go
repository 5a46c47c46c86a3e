package config_test

import (
	"testing"
	"time"

	"harrier/config"
)

func TestLongestPauseIsTheLongestTimeBetweenTwoRuns(t *testing.T) {
	for cron, want := range map[string]time.Duration{
		"0 6 * * *":       24 * time.Hour,
		"*/15 * * * *":    15 * time.Minute,
		"0 6 * * 1-5":     72 * time.Hour,
		"30 2,14 * * *":   12 * time.Hour,
		"0 8-18 * * *":    14 * time.Hour,
		"0 0 1 * *":       31 * 24 * time.Hour,
		"0 0 * * 0":       7 * 24 * time.Hour,
		"15 6 29 2 *":     366 * 24 * time.Hour,
		"0 6,7 * 3 *":     23 * time.Hour,
		"*/20 9-10 * * *": 22*time.Hour + 20*time.Minute,
	} {
		parsed, err := config.ParseCron(cron)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.LongestPause(); got != want {
			t.Errorf("%s: %s, want %s", cron, got, want)
		}
	}
}
