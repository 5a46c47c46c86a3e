package load_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"harrier/activities/cases"
	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

const (
	posts        = 1_000
	postChannels = 20
	postKills    = 5
	postLimit    = 9 * time.Minute
)

func channelIDs() []string {
	var out []string
	for n := range postChannels {
		out = append(out, fmt.Sprintf("C0LOAD%02d", n))
	}
	return out
}

func TestAThousandPostsThroughFaultsAndKillsAreAThousandCards(t *testing.T) {
	o := quiet(time.Now())
	o.Rows, o.Channels = 2_000, channelIDs()
	s := up(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), postLimit)
	defer cancel()
	began := time.Now()
	armFaults(s.Slack)
	var background sync.WaitGroup
	background.Go(func() { openCases(ctx, t, s) })
	for range postKills {
		pause(ctx, 8*time.Second)
		s.KillWorker()
		if err := s.StartWorker(ctx); err != nil {
			t.Fatal(err)
		}
	}
	awaitCards(ctx, t, s)
	background.Wait()
	checkCards(ctx, t, s)
	t.Logf("%d cases, %d posts in %s", posts, len(s.Slack.Calls("chat.postMessage")), time.Since(began).Round(time.Second))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// armFaults lets every eighth post go wrong at random, in every way there is.
func armFaults(slack *slacktest.Server) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	kinds := []slacktest.Fault{
		{AcceptThenCut: true}, {HTTPStatus: http.StatusInternalServerError}, {HTTPStatus: http.StatusTooManyRequests, RetryAfter: "2"},
		{HTTPStatus: http.StatusTooManyRequests}, {HTTPStatus: http.StatusTooManyRequests, RetryAfter: "0.5"}, {ErrorCode: "internal_error"},
	}
	for range posts / 8 {
		fault := kinds[random.IntN(len(kinds))]
		fault.Method, fault.Skip = "chat.postMessage", random.IntN(posts)
		slack.Fail(fault)
	}
}

// openCases tells a thousand senders' cases what was found, as a hunt does.
func openCases(ctx context.Context, t *testing.T, s *stack.Stack) {
	teller, err := cases.New(cases.Config{Temporal: s.Temporal, TaskQueue: soar.TaskQueue, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Error(err)
		return
	}
	numbers := make(chan int)
	var tellers sync.WaitGroup
	for range 8 {
		tellers.Go(func() {
			for n := range numbers {
				tell(ctx, t, teller, n)
			}
		})
	}
	for n := range posts {
		numbers <- n
	}
	close(numbers)
	tellers.Wait()
}

// tell repeats until the case answers, as Temporal repeats the activity.
func tell(ctx context.Context, t *testing.T, teller *cases.Client, n int) {
	request := sighting(n)
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := teller.SeeCase(try, request)
		cancel()
		if err == nil {
			return
		}
	}
	t.Errorf("case %d was never told", n)
}

func sighting(n int) soar.SeeRequest {
	sender := fmt.Sprintf("sender%04d@contoso.com", n)
	now := time.Now()
	finding := soar.Finding{
		Hunt: "load", Window: soar.NewWindow(now.Add(-time.Hour), now),
		Candidate: soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Counts: soar.Counts{Submissions: 1, Phish: 1, Reporters: 1, Messages: 1}},
		Evidence:  soar.Evidence{Total: 1, Messages: []soar.Message{{NetworkMessageID: fmt.Sprintf("message-%d", n), P1: sender, P2: sender, Time: now, Phish: 1}}},
	}
	key := soar.CaseKey(finding)
	return soar.SeeRequest{CaseID: soar.CaseID(key), Key: key, See: soar.See{
		Hunt: "load", HuntName: "Load", RunID: "run-1", Window: finding.Window, At: now, Finding: finding,
		Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Headline: "Reported mail", Reason: "No rule applies."},
		Channel:   channelIDs()[n%postChannels], Operations: stack.OperationsChannel, Deadline: soar.Duration(12 * time.Hour),
	}}
}

// awaitCards waits until every case knows its card.
func awaitCards(ctx context.Context, t *testing.T, s *stack.Stack) {
	t.Helper()
	for known := 0; known < posts; {
		pause(ctx, 2*time.Second)
		if ctx.Err() != nil {
			t.Fatalf("%d of %d cards were posted", known, posts)
		}
		known = 0
		for _, n := range standing(s.Slack) {
			known += min(n, 1)
		}
	}
}

// standing counts the cards with buttons, by case.
func standing(slack *slacktest.Server) map[string]int {
	out := map[string]int{}
	for _, channel := range channelIDs() {
		for _, m := range slack.All(channel) {
			if m.Metadata != nil && m.Metadata.EventType == "harrier_case" && decidable(m) {
				ref, _ := m.Metadata.EventPayload["case"].(string)
				out[ref]++
			}
		}
	}
	return out
}

// decidable says that a message has the button that decides its case.
func decidable(m slacktest.Message) bool {
	return slices.ContainsFunc(m.Buttons(), func(b slacktest.Button) bool { return b.ActionID == "escalate" })
}

// checkCards lets every case come to rest and counts.
func checkCards(ctx context.Context, t *testing.T, s *stack.Stack) {
	t.Helper()
	views, err := s.Cases(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(views) != posts {
		t.Errorf("%d cases, want %d", len(views), posts)
	}
	for id := range views {
		if err := s.AwaitRest(ctx, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	cards := standing(s.Slack)
	if len(cards) != posts {
		t.Errorf("%d cases have a card, want %d", len(cards), posts)
	}
	for ref, n := range cards {
		if n != 1 {
			t.Errorf("case %s has %d live cards", ref, n)
		}
	}
}
