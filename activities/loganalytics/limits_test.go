package loganalytics_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// asked is what every query activity does with a run, by its name.
func asked(c *loganalytics.Client) map[string]func(context.Context, soar.HuntRun) (soar.QueryStats, error) {
	sender := soar.Candidate{Sender: "boss@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Messages: []string{"m1"}}
	return map[string]func(context.Context, soar.HuntRun) (soar.QueryStats, error){
		"CheckSource": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.CheckSource(ctx, in)
			return out.Stats, err
		},
		"QueryHunt": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.QueryHunt(ctx, in)
			return out.Stats, err
		},
		"QueryEvidence": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.QueryEvidence(ctx, soar.EvidenceRequest{Run: in, Candidates: []soar.Candidate{sender}})
			return out.Stats, err
		},
		"QueryExposure": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.QueryExposure(ctx, soar.ExposureRequest{Run: in, Messages: [][]string{{"m1"}}})
			return out.Stats, err
		},
		"QueryPast": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.QueryPast(ctx, soar.PastRequest{Run: in, Senders: []soar.PastSender{
				{Address: sender.Sender, AddressIs: soar.P2, Scope: sender.Scope, Before: in.Window.From},
			}})
			return out.Stats, err
		},
		"Calibrate": func(ctx context.Context, in soar.HuntRun) (soar.QueryStats, error) {
			out, err := c.Calibrate(ctx, loganalytics.CalibrateRequest{Workspace: in.Workspace})
			return out.Stats, err
		},
	}
}

func TestNoActivityMakesMoreRequestsThanItsShareAndEachTellsItsCost(t *testing.T) {
	w := fresh(t).report(report{reporter: "r1", message: "m1", time: at(9*24 + 1)})
	s := newService(t, w)
	for name, ask := range asked(s.client()) {
		before := len(s.Requests())
		cost, err := ask(t.Context(), over(shipped(t, "internal-senders"), 9*24, 10*24))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made := len(s.Requests()) - before
		if made < 1 || made > loganalytics.MaxRequestsPerActivity {
			t.Errorf("%s makes %d requests", name, made)
		}
		if cost.Queries != made || cost.Scanned == 0 || name != "CheckSource" && cost.Rows == 0 && name != "Calibrate" {
			t.Errorf("%s made %d requests and tells %+v", name, made, cost)
		}
	}
}

func TestStatisticsAreReadAsTheServiceWritesThem(t *testing.T) {
	const rows = `{"tables":[{"name":"PrimaryResult","columns":[{"name":"SenderMailFromAddress","type":"string"},{"name":"UserSubmissions","type":"long"}],"rows":[["a@contoso.com",1]]}]`
	for _, c := range []struct {
		name, statistics string
		want             soar.QueryStats
	}{
		{"whole", `{"query":{"executionTime":0.5937856,"resourceUsage":{"cache":{},"cpu":{"kernel":"00:00:00","totalCpu":"00:01:02.0468750","user":"00:00:00"}},` +
			`"inputDatasetStatistics":{"rows":{"scanned":36656,"total":40000}},"datasetStatistics":[{"tableRowCount":1,"tableSize":9}]}}`,
			soar.QueryStats{Queries: 1, CPUMillis: 62046, Millis: 593, Scanned: 36656, Rows: 1}},
		{"in the words of the engine", `{"query":{"resourceUsage":{"cpu":{"total cpu":"1.00:00:01"}}}}`, soar.QueryStats{Queries: 1, CPUMillis: 86401000, Rows: 1}},
		{"none", `null`, soar.QueryStats{Queries: 1, Rows: 1}},
		{"another type", `[1]`, soar.QueryStats{Queries: 1, Rows: 1}},
		{"odd values", `{"query":{"executionTime":"x","resourceUsage":{"cpu":{"totalCpu":7}},"inputDatasetStatistics":{"rows":{"scanned":-1}}}}`, soar.QueryStats{Queries: 1, Rows: 1}},
		{"odd spans", `{"query":{"executionTime":1,"resourceUsage":{"cpu":{"totalCpu":"1:2"}},"inputDatasetStatistics":[]}}`, soar.QueryStats{Queries: 1, Millis: 1000, Rows: 1}},
		{"odd parts", `{"query":{"executionTime":"2.5","resourceUsage":{"cpu":{"totalCpu":"00:xx:01"}}}}`, soar.QueryStats{Queries: 1, Millis: 2500, Rows: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := failing(t, loganalyticstest.Fault{Body: rows + `,"statistics":` + c.statistics + `}`}).client().QueryHunt(t.Context(), published1(t))
			if err != nil || got.Stats != c.want {
				t.Errorf("got %+v, %v", got.Stats, err)
			}
		})
	}
}

func TestEveryActivityAsksTheWorkspaceOfItsRun(t *testing.T) {
	const second = "00000000-0000-0000-0000-000000000002"
	s := newService(t, fresh(t))
	s.SetWorkspace(second, fresh(t).db)
	cfg := s.config()
	cfg.Workspaces = map[string]string{"emea": second, "apac": "00000000-0000-0000-0000-000000000003"}
	c, err := loganalytics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	run := over(shipped(t, "internal-senders"), 9*24, 10*24)
	for name, ask := range asked(c) {
		for _, w := range []struct{ name, id string }{{"emea", second}, {"", workspace}} {
			before := len(s.Requests())
			run.Workspace = w.name
			if _, err := ask(t.Context(), run); err != nil {
				t.Fatalf("%s in %q: %v", name, w.name, err)
			}
			for _, r := range s.Requests()[before:] {
				if r.Workspace != w.id {
					t.Errorf("%s in %q asked workspace %s", name, w.name, r.Workspace)
				}
			}
		}
		run.Workspace = "amer"
		_, err := ask(t.Context(), run)
		expectFinal(t, err, loganalytics.ErrTypeNoWorkspace, `workspace "amer" is not configured`, "apac, emea")
	}
	expectFinal(t, c.Ping(t.Context()), loganalytics.ErrTypeNoWorkspace, "ping workspace apac")
}

func TestRowsOfOneWorkspaceAreNotThoseOfAnother(t *testing.T) {
	s := newService(t, newWorld(t))
	s.SetWorkspace("second", newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(2)}).db)
	cfg := s.config()
	cfg.Workspaces = map[string]string{"emea": "second"}
	c, err := loganalytics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	run := published1(t)
	here, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	run.Workspace = "emea"
	there, err := c.QueryHunt(t.Context(), run)
	if err != nil || len(here.Candidates) != 0 || len(there.Candidates) != 1 {
		t.Errorf("%d here, %d there, %v", len(here.Candidates), len(there.Candidates), err)
	}
}

// Ten runs of five activities each, five at a time, in a scaled limit: none is
// answered 429 when no more activities are started than their share allows.
func TestActivitiesPacedByTheirShareAreNeverThrottled(t *testing.T) {
	const perWindow = 60
	w := fresh(t).report(report{reporter: "r1", message: "m1", time: at(9*24 + 1)})
	s := &service{Server: loganalyticstest.New(loganalyticstest.Config{
		Workspaces: map[string]kql.Database{workspace: w.db}, Limits: loganalyticstest.Limits{Requests: perWindow, Per: time.Hour},
		Identity: func(string) string { return "harrier" },
	}), t: t}
	s.Running = s.Start()
	t.Cleanup(s.Close)
	activities := asked(s.client())
	work := make(chan func(), perWindow)
	for i := range perWindow / loganalytics.MaxRequestsPerActivity {
		name := []string{"CheckSource", "QueryHunt", "QueryEvidence", "QueryExposure", "QueryPast"}[i%5]
		work <- func() {
			if _, err := activities[name](t.Context(), over(shipped(t, "internal-senders"), 9*24, 10*24)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	close(work)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	wg.Wait()
	if s.Throttled() != 0 || s.PeakConcurrent() > 5 {
		t.Errorf("%d throttled, a peak of %d", s.Throttled(), s.PeakConcurrent())
	}
}

func TestTheServicesThrottlingReachesTemporalFromEveryActivity(t *testing.T) {
	s := failing(t, loganalyticstest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "120"})
	for name, ask := range asked(s.client()) {
		before := len(s.Requests())
		_, err := ask(t.Context(), over(shipped(t, "internal-senders"), 9*24, 10*24))
		expectRetryable(t, err, loganalytics.ErrTypeThrottled)
		if d := application(t, err).NextRetryDelay(); d != 2*time.Minute || len(s.Requests()) != before+1 {
			t.Errorf("%s: next try in %s after %d requests", name, d, len(s.Requests())-before)
		}
	}
}

func TestAWorkspaceWithoutNameOrIDIsRefused(t *testing.T) {
	for name, id := range map[string]string{"": "x", "emea": ""} {
		cfg := newService(t, newWorld(t)).config()
		cfg.Workspaces = map[string]string{name: id}
		if _, err := loganalytics.New(cfg); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("workspace %q", name)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
