package ruletest_test

import (
	"testing"

	"harrier/worker/ruletest"
)

const shippedDir = "../../config/suppressions"

func shipped(t *testing.T) ruletest.Suite {
	t.Helper()
	s, err := ruletest.Load(shippedDir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheShippedRulesDoWhatTheirTestsSay(t *testing.T) {
	results, err := shipped(t).Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
}

func TestEveryShippedRuleHasAHitANearMissAndItsForgeries(t *testing.T) {
	s := shipped(t)
	for _, missing := range s.Missing() {
		t.Error(missing)
	}
	for _, r := range s.Rules {
		if r.Inactive != "" {
			t.Errorf("rule %s is inactive in the tests: %s", r.ID, r.Inactive)
		}
	}
	if len(s.Rules) != 15 {
		t.Errorf("%d rules; want one of each of the 15 tools", len(s.Rules))
	}
}
