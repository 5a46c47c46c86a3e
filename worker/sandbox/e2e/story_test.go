package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/story"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

const (
	ours      = "internal-senders"
	published = "top-intra-org-senders"
)

// takenOverRank is where the taken-over mailbox stands by count alone: behind
// thirteen senders of automation, outside the published query's ten.
const takenOverRank = 14

// mostPosts is how many messages of its own a channel takes before people stop reading.
const mostPosts = 12

func (d *told) run(t *testing.T, slug string) story.HuntReport {
	t.Helper()
	for _, h := range d.report.Hunts {
		if h.Slug == slug {
			return h
		}
	}
	t.Fatalf("the report has no run of %s", slug)
	return story.HuntReport{}
}

// holding are the findings of a run that have a message.
func holding(h story.HuntReport, message string) []story.FindingReport {
	var out []story.FindingReport
	for _, f := range h.Findings {
		if slices.Contains(f.Messages, message) {
			out = append(out, f)
		}
	}
	return out
}

func TestBothHuntsOfTheStoryAreComplete(t *testing.T) {
	_, w := harrier(t)
	for _, slug := range []string{ours, published} {
		h := w.told.run(t, slug)
		if h.Coverage != soar.CoverageComplete || h.Reason != "" || len(h.Findings) == 0 {
			t.Errorf("%s: %s %q, %d findings", slug, h.Coverage, h.Reason, len(h.Findings))
		}
		t.Logf("%s over %s took %d ms for %d findings", slug, h.Window, h.WallMS, len(h.Findings))
	}
	t.Logf("the story took %s", w.told.took)
}

func TestAutomationLeftAloneIsHiddenByItsRuleWhereverItIsFound(t *testing.T) {
	_, w := harrier(t)
	found := map[string]int{}
	for _, c := range w.Tenant.LeftAlone() {
		for _, h := range w.told.report.Hunts {
			for _, message := range c.Messages {
				for _, f := range holding(h, message) {
					found[c.Role]++
					if want := c.Role + "-" + c.Tool; f.Verdict != soar.VerdictSuppressed || f.Rule != want || f.Reason == "" {
						t.Errorf("%s, %s: %s by rule %q, want it hidden by %s; guards %v", h.Slug, c.Sender, f.Verdict, f.Rule, want, f.Guards)
					}
				}
			}
		}
	}
	for _, scenario := range []string{"backup", "monitoring", "onboarding", "helpdesk", "health-report"} {
		if found[scenario] == 0 {
			t.Errorf("no message of scenario %s was found at all", scenario)
		}
	}
}

func TestEveryForgeryIsInTriageHeldByAGuardAndHiddenNowhere(t *testing.T) {
	_, w := harrier(t)
	forgeries := 0
	for _, c := range w.Tenant.Cast {
		if c.Kind != tenant.KindLookalike {
			continue
		}
		for _, message := range c.Messages {
			forgeries++
			in := holding(w.told.run(t, ours), message)
			if len(in) == 0 {
				t.Errorf("%s (%s): message %s is in no finding of %s", c.Sender, c.Forgery, message, ours)
			}
			for _, f := range in {
				if f.Verdict != soar.VerdictTriage || len(f.Guards) == 0 || f.Case == "" {
					t.Errorf("%s (%s): %s, guards %v, case %q", c.Sender, c.Forgery, f.Verdict, f.Guards, f.Case)
				}
			}
			for _, f := range holding(w.told.run(t, published), message) {
				if f.Verdict == soar.VerdictSuppressed {
					t.Errorf("%s (%s): %s hides it by %s", c.Sender, c.Forgery, published, f.Rule)
				}
			}
		}
	}
	if forgeries < 20 {
		t.Errorf("%d forged messages; each scenario has several", forgeries)
	}
}

func TestTheTakenOverMailboxHasACardThoughThePublishedTopTenMissesIt(t *testing.T) {
	_, w := harrier(t)
	address := w.sender(t, "compromised")
	top := w.told.run(t, published)
	if slices.ContainsFunc(top.Findings, func(f story.FindingReport) bool { return f.Sender == address }) {
		t.Errorf("%s is among the published hunt's rows", address)
	}
	all := tenant.PublishedHunt(w.Tenant, top.Window)
	if rank := 1 + slices.IndexFunc(all, func(r tenant.PublishedRow) bool { return r.Sender == address }); rank != takenOverRank {
		t.Errorf("it is number %d of %d by count, want %d", rank, len(all), takenOverRank)
	}
	c := w.told.ofSender(t, address)
	cards := w.ownCards(soar.CaseRef{ID: c.ID, Number: c.Number})
	if len(cards) != 1 || cards[0].ThreadTS != "" {
		t.Errorf("%d cards of its own", len(cards))
	}
	if c.Status != soar.CaseEscalated || c.DecidedBy != soar.DeadlineActor.ID || c.Incident == "" {
		t.Errorf("it is %s by %q with incident %q", c.Status, c.DecidedBy, c.Incident)
	}
}

func (d *told) ofSender(t *testing.T, address string) story.CaseReport {
	t.Helper()
	for _, c := range d.report.Cases {
		if c.Sender == address {
			return c
		}
	}
	t.Fatalf("there is no case of %s", address)
	return story.CaseReport{}
}

func TestEveryCaseHasExactlyOneCard(t *testing.T) {
	_, w := harrier(t)
	if len(w.told.report.Cases) == 0 {
		t.Fatal("the story opened no case")
	}
	for _, c := range w.told.report.Cases {
		if c.Cards != 1 {
			t.Errorf("%s of %q has %d cards", c.ID, c.Sender, c.Cards)
		}
	}
}

func TestThreeCasesOfTheStoryAreClosedEachInItsWay(t *testing.T) {
	_, w := harrier(t)
	var ways []string
	for _, c := range w.told.report.Cases {
		if c.Decision == "" {
			continue
		}
		ways = append(ways, c.Decision+" by "+c.DecidedBy)
		if want := c.Decision == string(soar.Escalate); w.told.hasIncident(c.Incident) != want {
			t.Errorf("%s: %s, incident %q is in Sentinel: %t", c.Sender, c.Decision, c.Incident, !want)
		}
		if c.State != "closed" {
			t.Errorf("%s: %s but %s", c.Sender, c.Decision, c.State)
		}
	}
	slices.Sort(ways)
	want := []string{"approve by " + stack.Analyst, "escalate by " + stack.SecondAnalyst, "escalate by " + soar.DeadlineActor.ID}
	if !slices.Equal(ways, want) {
		t.Errorf("decisions are %q, want %q", ways, want)
	}
	if n := len(w.told.incidents); n != 2 {
		t.Errorf("%d incidents in Sentinel, want 2", n)
	}
}

func TestAnIncidentLeadsBackToItsCardAndHasTheEntitiesOfItsAlerts(t *testing.T) {
	_, w := harrier(t)
	related := 0
	for _, i := range w.told.incidents {
		if description := fmt.Sprint(i.Properties["description"]); !strings.Contains(description, "\nCard: https://") {
			t.Errorf("incident %s does not lead to its card: %s", i.ID, description)
		}
		if len(i.Alerts) > 0 {
			related++
			if entities := w.Incidents.Entities(i.ID); !slices.Contains(entities, "j.doe@contoso.com") {
				t.Errorf("entities of the incident are %q", entities)
			}
		}
	}
	if related != 1 {
		t.Errorf("%d incidents have alerts, want that of the mailbox that was taken over", related)
	}
}

func TestAnEscalationReachesThePagerAndTheIncidentThatDefenderHas(t *testing.T) {
	_, w := harrier(t)
	if err := w.noted(w.sender(t, "compromised")); err != nil {
		t.Error(err)
	}
	for _, c := range w.told.report.Cases {
		pages := 0
		for _, page := range w.Pager.Pages() {
			if strings.HasPrefix(page.Key, c.ID+"/") {
				pages++
			}
		}
		// Both cases that the story escalates are HIGH.
		if want := map[string]int{string(soar.Escalate): 1}[c.Decision]; pages != want && c.Decision != "" {
			t.Errorf("%s of %s: %d pages, want %d", c.ID, c.Sender, pages, want)
		}
	}
}

// noted says what is wrong with the comment on the Defender incident of a sender's mail.
func (w *world) noted(sender string) error {
	for i, alert := range w.Tenant.Defender {
		incident := w.Defender.Incident(strconv.Itoa(9301 + i))
		if len(incident.Comments) == 1 && strings.Contains(incident.Comments[0], sender) && strings.Contains(incident.Comments[0], "Card: https://") && slices.Contains(incident.Tags, "harrier") {
			return nil
		}
		if len(incident.Comments) > 0 {
			return fmt.Errorf("the incident of alert %s has %q, tags %q", alert, incident.Comments, incident.Tags)
		}
	}
	return errors.New("no incident in Defender was commented on")
}

func (d *told) hasIncident(id string) bool {
	for _, i := range d.incidents {
		if id != "" && strings.EqualFold(i.ID, id) {
			return true
		}
	}
	return false
}

func TestNoChannelIsFlooded(t *testing.T) {
	_, w := harrier(t)
	for channel, messages := range w.told.channels {
		if len(messages) > mostPosts {
			t.Errorf("%d messages in %s, want at most %d", len(messages), channel, mostPosts)
		}
	}
	if len(w.told.channels[stack.TriageChannel]) == 0 {
		t.Error("the triage channel is empty")
	}
}
