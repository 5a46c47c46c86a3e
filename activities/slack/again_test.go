package slack_test

import (
	"fmt"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

// another is the client of another worker: it knows nothing of what this one did.
func (b *bench) another(t *testing.T) *slack.Client {
	t.Helper()
	client, err := slack.New(slack.Config{
		Token: b.fake.BotToken(), APIURL: b.fake.APIURL(), EscalationChannel: escalation, FallbackChannel: fallback, Now: b.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestANewActivityThatIsToldOfAnEarlierOneFindsItsCard(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	if _, err := b.client.PostCard(t.Context(), request(takenOver())); err == nil {
		t.Fatal("no error for a lost answer")
	}
	b.clock.move(time.Minute)
	again := request(takenOver())
	again.Again = true
	card, err := b.another(t).PostCard(t.Context(), again)
	if all := b.fake.All(triage); err != nil || len(all) != 1 || card.TS != all[0].TS {
		t.Fatalf("%d cards in the channel, %+v, %v", len(all), card, err)
	}
	other := request(heldBack())
	other.Again = true
	if _, err := b.another(t).PostCard(t.Context(), other); err != nil || len(b.fake.All(triage)) != 2 {
		t.Fatalf("a card that was not posted: %v, %d cards", err, len(b.fake.All(triage)))
	}
}

func TestAWorkerDoesNotTakeAnEarlierActivitysAttemptForTheOneBefore(t *testing.T) {
	b := newBench(t, nil)
	other := b.another(t)
	// The first activity ends here, with an attempt that surely posts nothing. The next
	// one's first attempt posts elsewhere unheard, and its second comes here.
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", ErrorCode: "token_revoked"})
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	_, err := retriedOn(t, func(n int) *slack.Client {
		b.clock.move(time.Minute)
		if n == 2 {
			return other
		}
		return b.client
	}, request(takenOver()), request(takenOver()))
	if all := b.fake.All(triage); err != nil || len(all) != 1 {
		t.Errorf("%d cards, %v", len(all), err)
	}
}

func TestADuplicateLosesItsButtonsHoweverBusyTheLaneOfEditsIs(t *testing.T) {
	b := newBench(t, nil)
	first := b.post(t, takenOver())
	for range 3 {
		b.clock.move(time.Minute)
		if _, err := b.another(t).PostCard(t.Context(), request(takenOver())); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.move(time.Minute)
	for n := range 20 {
		busy := takenOver()
		busy.Card = soar.Card{Channel: triage, TS: fmt.Sprintf("1.%06d", n)}
		if _, err := b.client.UpdateCard(t.Context(), request(busy)); err == nil {
			t.Fatal("the lane is not busy")
		}
	}
	again := request(takenOver())
	again.Again = true
	card, err := retriedOn(t, func(n int) *slack.Client {
		switch {
		case n == 2:
			b.clock.move(24 * time.Second)
		case n > 2: // each of the duplicates has a turn of its own
			b.clock.move(1200 * time.Millisecond)
		}
		return b.client
	}, again)
	if err != nil || card.TS != first.TS {
		t.Fatalf("%+v, %v; want the first", card, err)
	}
	all := b.fake.All(triage)
	for i, m := range all {
		if takesDecisions(m) != (i == 0) {
			t.Errorf("card %d of %d takes decisions: %t", i, len(all), takesDecisions(m))
		}
		if i > 0 && m.Edits != 1 {
			t.Errorf("card %d was edited %d times", i, m.Edits)
		}
	}
}

func TestAPostOfAnotherAppIsNotTakenForOurs(t *testing.T) {
	b := newBench(t, nil)
	forged := &slacktest.Metadata{EventType: slack.MetadataCase, EventPayload: map[string]any{"case": takenOver().Ref.String()}}
	planted, err := b.fake.SayAsApp(slacktest.Bot{UserID: "U0OTHER", BotID: "B0OTHER", Name: "other"}, triage, "", "lunch", forged)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.move(time.Second)
	in := request(takenOver())
	in.Again = true
	card, err := b.client.PostCard(t.Context(), in)
	if err != nil || card.TS == planted.TS || len(b.fake.All(triage)) != 2 {
		t.Fatalf("card %+v, %v; %d messages", card, err, len(b.fake.All(triage)))
	}
	key := &slacktest.Metadata{EventType: slack.MetadataNotice, EventPayload: map[string]any{"key": "k"}}
	if _, err := b.fake.SayAsApp(slacktest.Bot{UserID: "U0OTHER", BotID: "B0OTHER"}, triage, "", "lunch", key); err != nil {
		t.Fatal(err)
	}
	b.clock.move(time.Minute)
	if _, err := b.client.PostNotice(t.Context(), soar.Notice{Key: "k", Channel: triage, Text: "not run"}); err != nil || len(b.fake.All(triage)) != 4 {
		t.Errorf("notice: %v; %d messages", err, len(b.fake.All(triage)))
	}
}

func TestWhileSlackDoesNotSayWhoTheAppIsNothingIsPostedTwice(t *testing.T) {
	b := newBench(t, nil)
	b.post(t, takenOver())
	b.clock.move(time.Minute)
	b.fake.Fail(slacktest.Fault{Method: "auth.test", HTTPStatus: 503})
	in := request(takenOver())
	in.Again = true
	if _, err := b.client.PostCard(t.Context(), in); appError(t, err).NonRetryable() {
		t.Errorf("not retried: %v", err)
	}
	b.clock.move(time.Minute)
	if _, err := b.client.PostCard(t.Context(), in); err != nil || len(b.fake.All(triage)) != 1 {
		t.Errorf("%v; %d cards", err, len(b.fake.All(triage)))
	}
}

func TestADuplicateThatIsGoneCostsNoCardAndOneThatSlackDidNotEditDoes(t *testing.T) {
	for code, final := range map[string]bool{"message_not_found": true, "internal_error": false} {
		b := newBench(t, nil)
		first := b.post(t, takenOver())
		b.clock.move(time.Minute)
		if _, err := b.another(t).PostCard(t.Context(), request(takenOver())); err != nil {
			t.Fatal(err)
		}
		b.clock.move(time.Minute)
		b.fake.Fail(slacktest.Fault{Method: "chat.update", ErrorCode: code})
		in := request(takenOver())
		in.Again = true
		card, err := b.client.PostCard(t.Context(), in)
		if final && (err != nil || card.TS != first.TS) {
			t.Errorf("%s: %+v, %v; want the first card", code, card, err)
		}
		if !final && (err == nil || appError(t, err).NonRetryable()) {
			t.Errorf("%s: %+v, %v; want to come back", code, card, err)
		}
	}
}
