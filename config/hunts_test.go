package config_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/config"
	"harrier/workflows/soar"
)

const idA, idB = "2adae71b-42b9-47b8-9cb7-ccea9fece3e2", "b78eddd9-ebe5-42ab-95b4-928a782b52b5"

// hunt is a public hunting file with a query of these lines.
func hunt(id, name string, query ...string) string {
	return "id: " + id + "\nname: " + name + "\nquery: |\n  " + strings.Join(query, "\n  ") + "\n"
}

const plain = "CloudAppEvents | join EmailEvents on $left.A == $right.B | summarize count() by SenderFromAddress"

// settings loads one hunt with these lines of settings.
func settings(t *testing.T, query string, lines ...string) (config.Hunts, string, error) {
	t.Helper()
	dir := folder(t, map[string]string{
		"hunts/a.yaml": hunt(idA, "Senders", query),
		"hunts.yaml":   "hunts:\n  " + idA + ":\n    " + strings.Join(lines, "\n    ") + "\n",
	})
	h, err := config.LoadHunts(filepath.Join(dir, "hunts"), filepath.Join(dir, "hunts.yaml"))
	return h, dir, err
}

func TestShippedHuntsLoadWithoutAWarning(t *testing.T) {
	h, err := config.LoadHunts("hunts", "hunts.yaml")
	must(t, err)
	if len(h.Hunts) == 0 || len(h.Broken) != 0 || len(h.Warnings) != 0 {
		t.Errorf("hunts %d, broken %v, warnings %v", len(h.Hunts), h.Broken, h.Warnings)
	}
	if _, err := config.Resolve(h.Hunts, idA); err != nil {
		t.Error(err)
	}
}

func TestAPublicFileKeepsItsQueryByteForByteAndItsUnknownKeysAreWarnings(t *testing.T) {
	query := "let x = '${HOME} {{StartTimeISO}} {{EndTimeISO}}';\nCloudAppEvents\n| join EmailEvents on $left.A == $right.B\n\t| summarize count() by SenderMailFromAddress"
	dir := folder(t, map[string]string{"a.yaml": "id: " + strings.ToUpper(idA) + "\nname: N\nseverity: Medium\ntactics: InitialAccess\n" +
		"relevantTechniques: [T1566]\nversion: 1.0\ntags: [x]\nmetadata: {source: {kind: Community}}\nentityMappings: []\nqueryFrequency: 1h\n" +
		"requiredDataConnectors: []\nquery: |\n  " + strings.ReplaceAll(query, "\n", "\n  ") + "\n"})
	h, err := config.LoadHunts(dir, "")
	must(t, err)
	got := h.Hunts[0]
	if got.Query != query+"\n" || got.ID != idA || !slices.Equal(got.Tactics, []string{"InitialAccess"}) || got.Settings.WindowBy != soar.ByQuery {
		t.Errorf("loaded %+v", got)
	}
	want := dir + `/a.yaml:10: unknown key "queryFrequency"; known here: `
	if len(h.Warnings) != 1 || !strings.HasPrefix(h.Warnings[0], want) {
		t.Errorf("warnings %q, want one that begins %q", h.Warnings, want)
	}
}

func TestAHuntWithoutSettingsIsOnDemandWithDefaultsReadFromItsQuery(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.yaml": hunt(idA, "Top (FN) - Intra-Org P2 Senders", "CloudAppEvents | where T > ago(14d)", "| summarize count() by SenderMailFromAddress", "| top 10 by count_ desc"),
		"b.yaml": hunt(idB, "Mails", "EmailEvents | where SenderMailFromAddress != '' and SenderFromDomain in (AcceptedDomains)", "| project SenderFromAddress"),
	})
	h, err := config.LoadHunts(dir, "")
	must(t, err)
	a, b := h.Hunts[0], h.Hunts[1]
	if a.Slug != "top-fn-intra-org-p2-senders" || a.Settings.Schedule.Cron != "" || a.Settings.Subject != "CloudAppEvents" ||
		a.Settings.Columns.SenderIs != soar.P1 || a.Settings.QueryTop != 10 || a.Settings.Lookback.Std() != 14*24*time.Hour {
		t.Errorf("first hunt is %+v", a)
	}
	if s := b.Settings; s.Subject != "EmailEvents" || s.Columns.Sender != "SenderFromAddress" || s.Columns.SenderIs != soar.P2 ||
		!slices.Equal(s.Parameters, []string{"AcceptedDomains"}) || s.Lookback.Std() != config.DefaultLookback ||
		s.FirstWindow.Std() != 24*time.Hour || s.Lag.Std() != 10*time.Minute || s.Hold.Std() != 48*time.Hour || s.Cards != 10 {
		t.Errorf("second hunt is %+v", b)
	}
}

func TestOneBadHuntNeverStopsTheRest(t *testing.T) {
	dir := folder(t, map[string]string{
		"a-stub.yaml":  "id: " + idB + "\nname: Stub\n",
		"b-tab.yaml":   "id: x\n\tname: y\n",
		"c-good.yaml":  hunt(idA, "Good", plain),
		"d-twice.yaml": hunt(idA, "Twice", plain+" | take 5"),
		"e-noid.yaml":  "name: N\nquery: " + plain + "\n",
		"f-else.yaml":  hunt("11111111-0000-0000-0000-000000000000", "Else", "SigninLogs | take 1"),
		"g-slug.yaml":  hunt("22222222-0000-0000-0000-000000000000", "Good!", plain+" | take 6"),
		"notes.md":     "# not a hunt",
	})
	h, err := config.LoadHunts(dir, "")
	if len(h.Hunts) != 1 || h.Hunts[0].ID != idA || len(h.Broken) != 6 {
		t.Errorf("hunts %v broken %v", h.Hunts, h.Broken)
	}
	reads(t, err, dir,
		"a-stub.yaml:1: query is missing; a file without one is a stub, write the KQL under query: |",
		"b-tab.yaml:2: a tab is used as indentation; YAML takes spaces only",
		"d-twice.yaml:1: id "+idA+" is taken by c-good.yaml; give this hunt an id of its own",
		"e-noid.yaml:1: id is missing; a hunt is known by its id, write a new UUID",
		"f-else.yaml:4: subject: the query reads neither CloudAppEvents nor EmailEvents; name the table that is cut to the window",
		"f-else.yaml:4: columns.sender: is missing, and the query names neither SenderFromAddress nor SenderMailFromAddress; name the result column that holds the sender",
		"g-slug.yaml:1: the short name good is taken by c-good.yaml; give one of them a slug of its own in the hunt settings",
	)
}

func TestTwoFilesWithOneQueryAreOneHuntThatBothIdsName(t *testing.T) {
	dir := folder(t, map[string]string{
		"hunts/a.yaml": hunt(idB, "First", plain+"  "), "hunts/b.yaml": hunt(idA, "Second", plain),
		"hunts.yaml": "hunts:\n  " + idA + ": {slug: second}\n",
	})
	h, err := config.LoadHunts(filepath.Join(dir, "hunts"), filepath.Join(dir, "hunts.yaml"))
	must(t, err)
	if len(h.Hunts) != 1 || h.Hunts[0].ID != idA || len(h.Warnings) != 1 ||
		!strings.Contains(h.Warnings[0], "a.yaml:4: has the same query as") || !strings.Contains(h.Warnings[0], "b.yaml") {
		t.Fatalf("hunts %+v, warnings %q", h.Hunts, h.Warnings)
	}
	for _, name := range []string{idA, idB, "b78e", "second"} {
		if got, err := config.Resolve(h.Hunts, name); err != nil || got.ID != idA {
			t.Errorf("Resolve(%q) = %s, %v", name, got.ID, err)
		}
	}
}

func TestSettingsAreCheckedWithFileLineAndWhatToWrite(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"months":           {[]string{"lag: 10m", "lookback: P30M"}, `hunts.yaml:4: lookback: read duration "P30M": write it as 90s, 15m, 36h or 7d; in ISO 8601 P30M is 30 months (minutes are PT30M): write 30m for minutes`},
		"typing error":     {[]string{"lookbak: 7d"}, `hunts.yaml:3: unknown key "lookbak"; did you mean "lookback"?`},
		"no look-back":     {[]string{"lookback: 0s"}, `hunts.yaml:3: lookback: is 0s; write 1h to 90d`},
		"slug":             {[]string{"slug: My Hunt"}, `hunts.yaml:3: slug: "My Hunt" is not a short name; write lower-case letters, digits and single hyphens, at most 60 characters, as my-hunt`},
		"cron fields":      {[]string{"schedule:", "  cron: '0 * * *'"}, `hunts.yaml:4: schedule.cron: read cron "0 * * *": it has 4 fields; write five, minute hour day-of-month month day-of-week, as 0 * * * *`},
		"zone":             {[]string{"schedule:", "  time_zone: Europe/Berln"}, `hunts.yaml:4: schedule.time_zone: time zone "Europe/Berln" is not known; write UTC or a name as Europe/Berlin`},
		"own zone":         {[]string{"schedule:", "  time_zone: Local"}, `hunts.yaml:4: schedule.time_zone: time zone "Local" depends on the machine; write UTC or a name as Europe/Berlin`},
		"subject":          {[]string{"subject: EmailEvent"}, `hunts.yaml:3: subject: the query does not read EmailEvent; name a table it reads`},
		"window":           {[]string{"window_by: query"}, `hunts.yaml:3: window_by: is query, but the query does not read {{StartTimeISO}}; write ingestion`},
		"unknown window":   {[]string{"window_by: time"}, `hunts.yaml:3: window_by: window_by is "time"; write one of ingestion, time_generated, query`},
		"sender kind":      {[]string{"columns: {sender: Sender}"}, `hunts.yaml:3: columns.sender_is: is missing; say whether Sender is the envelope sender (p1) or the visible From (p2)`},
		"parameter":        {[]string{"parameters: [Domains]"}, `hunts.yaml:3: parameters: "Domains" is not known; write AcceptedDomains or LookalikeDomains`},
		"unread parameter": {[]string{"parameters: [AcceptedDomains]"}, `hunts.yaml:3: parameters: the query does not read AcceptedDomains; leave it out`},
		"cards":            {[]string{"cards: 1000"}, `hunts.yaml:3: cards: is 1000; write 0 to 50`},
	} {
		t.Run(name, func(t *testing.T) {
			h, dir, err := settings(t, plain, c.lines...)
			reads(t, err, dir, c.want)
			if len(h.Hunts) != 0 || len(h.Broken) != 1 {
				t.Errorf("hunts %v, broken %v", h.Hunts, h.Broken)
			}
		})
	}
}

func TestALookbackShorterThanTheQuerysOwnIsRefused(t *testing.T) {
	_, dir, err := settings(t, plain+" | where T > ago(14d)", "lookback: 7d")
	reads(t, err, dir, "hunts.yaml:3: lookback: is 7d, but the query reads 14d back with ago(); write 14d or more, the service gives it no older row")
}

func TestPlaceholdersThatNothingFillsInAreRefusedWithTheirLine(t *testing.T) {
	dir := folder(t, map[string]string{"a.yaml": hunt(idA, "N", "let a = todatetime('{{StartTimeISO}}');", "let b = todatetime('{{EndTimeISO}}');", "let c = '{{Tenant}}';", plain)})
	_, err := config.LoadHunts(dir, "")
	reads(t, err, dir, "a.yaml:6: query: nothing fills in {{Tenant}}; only {{StartTimeISO}} and {{EndTimeISO}} are known")
}

func TestSettingsOfAnUnknownHuntNameTheNearestId(t *testing.T) {
	dir := folder(t, map[string]string{"h/a.yaml": hunt(idA, "N", plain), "s.yaml": "hunts:\n  2adae71b-42b9-47b8-9cb7-ccea9fece3e3:\n    cards: 3\n"})
	h, err := config.LoadHunts(filepath.Join(dir, "h"), filepath.Join(dir, "s.yaml"))
	reads(t, err, dir, "s.yaml:3: no hunting file has the id 2adae71b-42b9-47b8-9cb7-ccea9fece3e3; did you mean "+idA+"?")
	if len(h.Hunts) != 1 {
		t.Error("the hunt itself is good and must load")
	}
}

func TestWithoutReadableSettingsNoHuntRunsAndNoneIsGone(t *testing.T) {
	dir := folder(t, map[string]string{"h/a.yaml": hunt(idA, "N", plain), "s.yaml": "hunts:\n  - x\n"})
	h, err := config.LoadHunts(filepath.Join(dir, "h"), filepath.Join(dir, "s.yaml"))
	reads(t, err, dir, "s.yaml:2: hunts: expected a mapping (key: value), found a list")
	if len(h.Hunts) != 0 || !h.Unsettled || len(h.Broken) != 1 {
		t.Errorf("loaded %+v", h)
	}
}

func TestANightlyHourInAZoneWithSummerTimeIsAWarning(t *testing.T) {
	h, dir, err := settings(t, plain, "schedule: {cron: 30 2 * * *, time_zone: Europe/Berlin}")
	must(t, err)
	want := `hunts.yaml:3: schedule.cron: "30 2 * * *" in Europe/Berlin falls where summer time skips or repeats hours: ` +
		`a run may be missing or come twice on those days (windows stay whole); UTC or an hour from 4 on avoids it`
	if got := strings.ReplaceAll(strings.Join(h.Warnings, "\n"), dir+"/", ""); got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
	for _, quiet := range []string{"{cron: 30 2 * * *}", "{cron: 30 6 * * *, time_zone: Europe/Berlin}", "{cron: 0 * * * *, time_zone: Europe/Berlin}"} {
		if h, _, err := settings(t, plain, "schedule: "+quiet); err != nil || len(h.Warnings) > 0 {
			t.Errorf("%s: warnings %q, error %v", quiet, h.Warnings, err)
		}
	}
}

func TestResolveNamesTheNearestHunt(t *testing.T) {
	hunts := []soar.Hunt{{ID: idA, Slug: "intra-org"}, {ID: "2adaffff-0000-0000-0000-000000000000", Slug: "claims"}}
	for name, want := range map[string]string{
		"2ada":      `find hunt "2ada": 2 ids begin so: intra-org (` + idA + `), claims (2adaffff-0000-0000-0000-000000000000); write more of the id`,
		"2ad":       `find hunt "2ad": there is none; the hunts are intra-org (` + idA + `), claims (2adaffff-0000-0000-0000-000000000000)`,
		"intra-og":  `find hunt "intra-og": there is none; did you mean intra-org? all hunts: intra-org (` + idA + `), claims (2adaffff-0000-0000-0000-000000000000)`,
		"  ":        `find hunt: no name given; name a hunt by its id, a prefix of its id, or its slug`,
		"INTRA-ORG": "", "2adae": "", "2ADAE71B": "",
	} {
		got, err := config.Resolve(hunts, name)
		if want == "" {
			if err != nil || got.Slug != "intra-org" {
				t.Errorf("Resolve(%q) = %v, %v", name, got.Slug, err)
			}
			continue
		}
		reads(t, err, "", want)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(hunt(idA, "N", plain), "hunts:\n  "+idA+": {slug: a}\n")
	f.Add("id: a\n---\nid: b", "hunts: {a: {schedule: {cron: '*/5 1-3 * jan sun'}}}")
	f.Add("? [a]\n: b\n", "&a [*a]")
	f.Add("query: >\n  {{x}}\nid: {}\n", "hunts: []")
	f.Fuzz(func(t *testing.T, hunting, settings string) {
		dir := folder(t, map[string]string{"h/a.yaml": hunting, "s.yaml": settings})
		h, err := config.LoadHunts(filepath.Join(dir, "h"), filepath.Join(dir, "s.yaml"))
		if len(h.Hunts) == 0 && err == nil {
			t.Errorf("neither a hunt nor an error came of %q", hunting)
		}
		for _, got := range h.Hunts {
			must(t, config.ValidateHunt(got))
		}
	})
}

func TestAHuntNamesWorkspacesThatTheConfigurationKnows(t *testing.T) {
	dir := folder(t, map[string]string{
		"hunts/a.yaml": hunt(idA, "Senders", plain), "hunts.yaml": "hunts:\n  " + idA + ":\n    workspaces: [emea, apac]\n",
		"wrong.yaml": "hunts:\n  " + idA + ":\n    workspaces: [emea2, emea2]\n",
	})
	h, err := config.LoadHunts(filepath.Join(dir, "hunts"), filepath.Join(dir, "hunts.yaml"), "apac", "emea")
	must(t, err)
	if got := h.Hunts[0].Settings.WorkspaceNames(); !slices.Equal(got, []string{"emea", "apac"}) {
		t.Errorf("workspaces %v", got)
	}
	_, err = config.LoadHunts(filepath.Join(dir, "hunts"), filepath.Join(dir, "wrong.yaml"), "apac", "emea")
	reads(t, err, dir,
		`wrong.yaml:3: workspaces[0]: "emea2" is not known; log_analytics.workspaces names apac, emea; did you mean emea?`,
		`wrong.yaml:3: workspaces[1]: "emea2" is not known; log_analytics.workspaces names apac, emea; did you mean emea?`)
	_, err = config.LoadHunts(filepath.Join(dir, "hunts"), filepath.Join(dir, "hunts.yaml"))
	reads(t, err, dir,
		`hunts.yaml:3: workspaces[0]: "emea" is not known; name the workspaces under log_analytics.workspaces in the configuration`,
		`hunts.yaml:3: workspaces[1]: "apac" is not known; name the workspaces under log_analytics.workspaces in the configuration`)
}

func TestTheConfigurationsWorkspacesAreThoseThatHuntsMayName(t *testing.T) {
	file, _ := example(t, "# workspaces: ", "workspaces: {emea: 55555555-5555-5555-5555-555555555555, apac: 66666666-5555-5555-5555-555555555555} ")
	c, err := config.Load(file, slackVars().get)
	must(t, err)
	files, err := config.LoadFiles(file, vars{}.get)
	must(t, err)
	if want := []string{"apac", "emea"}; !slices.Equal(c.Files.Workspaces, want) || !slices.Equal(files.Workspaces, want) {
		t.Errorf("hunts may name %v, linted %v", c.Files.Workspaces, files.Workspaces)
	}
}

func TestAWindowByTimeGeneratedNeedsItsOverlapAndNoOtherTakesOne(t *testing.T) {
	h, _, err := settings(t, plain, "window_by: time_generated", "overlap: 48h")
	must(t, err)
	if s := h.Hunts[0].Settings; s.WindowBy != soar.ByTimeGenerated || s.Overlap.Std() != 48*time.Hour {
		t.Errorf("settings %+v", s)
	}
	for want, lines := range map[string][]string{
		`hunts.yaml:3: overlap: is missing; say how late a row may arrive and still be taken, as 48h, with window_by: time_generated`: {"window_by: time_generated"},
		`hunts.yaml:3: overlap: goes with window_by: time_generated alone; leave it out, or write that`:                               {"overlap: 48h"},
		`hunts.yaml:4: overlap: is 31d; write 1m to 30d`:                                                                              {"window_by: time_generated", "overlap: 31d"},
	} {
		_, dir, err := settings(t, plain, lines...)
		reads(t, err, dir, want)
	}
	_, dir, err := settings(t, "let a = '{{StartTimeISO}} {{EndTimeISO}}'; "+plain, "window_by: time_generated", "overlap: 48h")
	reads(t, err, dir, "hunts.yaml:3: window_by: is time_generated, but the query cuts its own window with {{StartTimeISO}}; write query")
}

func TestAnIntervalStandsForACron(t *testing.T) {
	h, _, err := settings(t, plain, "schedule: {interval: 15m, overlap_policy: skip}")
	must(t, err)
	s := h.Hunts[0].Settings.Schedule
	if s.OnDemand() || s.String() != "every 15m" || s.Jitter.Std() != time.Minute || s.CatchUp.Std() != 24*time.Hour || s.OverlapPolicy != soar.OverlapSkip || config.LongestPause(s) != 15*time.Minute {
		t.Errorf("schedule %+v", s)
	}
	h, _, err = settings(t, plain, "schedule: {cron: 0 6 * * *}")
	must(t, err)
	if s := h.Hunts[0].Settings.Schedule; s.OverlapPolicy != soar.OverlapBufferOne || s.String() != "cron 0 6 * * * UTC" {
		t.Errorf("schedule %+v", s)
	}
	for want, lines := range map[string][]string{
		`hunts.yaml:3: schedule.interval: is given beside a cron; keep one of them`:                                                                                        {"schedule: {interval: 15m, cron: 0 6 * * *}"},
		`hunts.yaml:3: schedule.interval: read duration "P30M": write it as 90s, 15m, 36h or 7d; in ISO 8601 P30M is 30 months (minutes are PT30M): write 30m for minutes`: {"schedule: {interval: P30M}"},
		`hunts.yaml:3: schedule.interval: is 10s; write 1m to 30d`:                                                                                                         {"schedule: {interval: 10s}"},
		`hunts.yaml:3: schedule.time_zone: is Europe/Berlin, but an interval knows no clock times; leave it out, or write a cron`:                                          {"schedule: {interval: 24h, time_zone: Europe/Berlin}"},
		`hunts.yaml:3: schedule.jitter: is 20m, as long as the interval; write less than 15m`:                                                                              {"schedule: {interval: 15m, jitter: 20m}"},
		`hunts.yaml:3: schedule.overlap_policy: overlap_policy is "all"; write one of buffer_one, skip`:                                                                    {"schedule: {interval: 15m, overlap_policy: all}"},
	} {
		_, dir, err := settings(t, plain, lines...)
		reads(t, err, dir, want)
	}
}

func TestAQueryThatReadsTimestampLoadsAndNamesTheTablesThatNeedOne(t *testing.T) {
	for query, want := range map[string][]string{
		"EmailEvents | where Timestamp > ago(1d) | project SenderFromAddress":                                                         {"EmailEvents"},
		"CloudAppEvents | where Timestamp > ago(1d) | join kind=inner (EmailEvents) on $left.A == $right.B | take 1":                  {"CloudAppEvents", "EmailEvents"},
		"let EmailUrlInfo = EmailEvents; EmailUrlInfo | where Timestamp > ago(1d) | project SenderFromAddress":                        {"EmailEvents"},
		"EmailEvents | extend Timestamp = TimeGenerated | where Timestamp > ago(1d) | project SenderFromAddress":                      nil,
		"EmailEvents | where TimeGenerated > ago(1d) // not Timestamp\n  | where Subject has 'Timestamp' | project SenderFromAddress": nil,
	} {
		h, dir, err := settings(t, query, "columns: {sender: SenderFromAddress}")
		must(t, err)
		if got := h.Hunts[0].Settings.Shim; !slices.Equal(got, want) {
			t.Errorf("%s\nneeds Timestamp in %v, want %v", query, got, want)
		}
		warned := strings.Contains(strings.Join(h.Warnings, "\n"), dir+"/hunts/a.yaml:4: query: Timestamp exists in Defender's advanced hunting alone; on Log Analytics TimeGenerated stands for it")
		if warned != (want != nil) {
			t.Errorf("%s\nwarnings %q", query, h.Warnings)
		}
	}
}

func TestTheSpanAQueryReadsBackIsNeverEmptyAndNeverInMonths(t *testing.T) {
	for want, line := range map[string]string{
		"hunts.yaml:3: lookback: is 0s; write 1h to 90d":     "lookback: 0s",
		"hunts.yaml:3: first_window: is 0s; write 1m to 90d": "first_window: 0s",
		"hunts.yaml:3: max_window: is 30m; write 1h to 90d":  "max_window: 30m",
		"hunts.yaml:3: max_window: is 91d; write 1h to 90d":  "max_window: 91d",
		"hunts.yaml:3: lag: is 25h; write 0s to 1d":          "lag: 25h",
		"hunts.yaml:3: hold: is 15d; write 0s to 14d":        "hold: 15d",
		"hunts.yaml:3: lookback: is -1h; write 1h to 90d":    "lookback: -1h",
		`hunts.yaml:3: max_window: read duration "P1M": write it as 90s, 15m, 36h or 7d; in ISO 8601 P1M is 1 months (minutes are PT1M): write 1m for minutes`: "max_window: P1M",
	} {
		_, dir, err := settings(t, plain, line)
		reads(t, err, dir, want)
	}
}
