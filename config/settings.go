package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"harrier/config/kqlscan"
	"harrier/workflows/soar"
)

// Defaults of a hunt's settings.
const (
	DefaultLookback    = 7 * 24 * time.Hour
	DefaultFirstWindow = 24 * time.Hour
	DefaultMaxWindow   = 7 * 24 * time.Hour
	DefaultLag         = 10 * time.Minute
	DefaultHold        = 48 * time.Hour
	DefaultCards       = 10
	DefaultJitter      = time.Minute
	DefaultCatchUp     = 24 * time.Hour
)

// MaxCards is how many cards of their own a run may post: chat.postMessage takes
// about one message a second and channel
// (https://docs.slack.dev/apis/web-api/rate-limits).
const MaxCards = 50

// MaxLookback bounds how far a query reads back: interactive retention in Log
// Analytics ends after 90 days where Microsoft Sentinel is on
// (https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure).
const MaxLookback = 90 * 24 * time.Hour

// huntSettings are a hunt's entry in the settings file.
type huntSettings struct {
	Slug              string `yaml:"slug"`
	soar.HuntSettings `yaml:",inline"`
}

// parseSettings reads hunts: {<id>: {…}}; the entries are decoded one by one, so
// that a bad one costs one hunt.
func parseSettings(s source) (map[string]yaml.Node, error) {
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	var file struct {
		Hunts map[string]yaml.Node `yaml:"hunts"`
	}
	d := newDecoder(s.file)
	d.decode(root, &file)
	lower := map[string]yaml.Node{}
	for id, n := range file.Hunts {
		lower[strings.ToLower(id)] = n
	}
	return lower, d.err()
}

// settled lays a hunt's settings over the defaults that its query suggests.
func (l *huntLoader) settled(p parsedHunt, n *yaml.Node) (soar.Hunt, []string, error) {
	h := p.hunt
	s := huntSettings{Slug: Slug(h.Name), HuntSettings: defaultSettings(h.Query)}
	line, _ := placeOf(p.query, p.data, 0)
	c := checker{file: h.File, lines: map[string]int{}, around: line}
	if n.Kind != 0 {
		d := newDecoder(l.settingsFile)
		d.decode(n, &s)
		if d.err() != nil {
			return h, nil, d.err()
		}
		c = checker{file: l.settingsFile, lines: d.lines, around: n.Line}
	}
	fillColumns(&s.Columns, h.Query)
	fillSchedule(&s.Schedule)
	s.Shim = shimmed(h.Query, s.Subject)
	h.Slug, h.Settings = s.Slug, s.HuntSettings
	c.name("slug", h.Slug)
	c.settings(h)
	c.huntWorkspaces(h.Settings.Workspaces, l.workspaces)
	c.placeholders(p)
	c.timestamps(p)
	c.swallowed(p)
	return h, c.warnings, errors.Join(c.errs...)
}

func defaultSettings(query string) soar.HuntSettings {
	s := soar.HuntSettings{
		WindowBy: soar.ByIngestion, Lookback: soar.Duration(max(DefaultLookback, longestAgo(query))),
		FirstWindow: soar.Duration(DefaultFirstWindow), MaxWindow: soar.Duration(DefaultMaxWindow), Lag: soar.Duration(DefaultLag), Hold: soar.Duration(DefaultHold),
		Cards: DefaultCards, QueryTop: queryTop(query), Parameters: usedParameters(query),
	}
	if strings.Contains(query, startPlaceholder) {
		s.WindowBy = soar.ByQuery
	}
	for _, table := range []string{"CloudAppEvents", "EmailEvents"} {
		if s.Subject == "" && mentions(query, table) {
			s.Subject = table
		}
	}
	return s
}

func fillSchedule(s *soar.Schedule) {
	if s.TimeZone == "" && s.Interval == 0 {
		s.TimeZone = "UTC"
	}
	if s.OnDemand() {
		return
	}
	if s.Jitter == 0 {
		s.Jitter = soar.Duration(DefaultJitter)
		if s.Interval > 0 {
			s.Jitter = min(s.Jitter, s.Interval/4)
		}
	}
	if s.CatchUp == 0 {
		s.CatchUp = soar.Duration(DefaultCatchUp)
	}
	if s.OverlapPolicy == "" {
		s.OverlapPolicy = soar.OverlapBufferOne
	}
}

// The tables' sender columns.
const (
	columnP1 = "SenderMailFromAddress"
	columnP2 = "SenderFromAddress"
)

// fillColumns takes the sender column from the last line of the query that
// names one, and the kind of a well-known column from its name.
func fillColumns(c *soar.Columns, query string) {
	if c.Sender == "" {
		lines := strings.Split(query, "\n")
		for _, line := range slices.Backward(lines) {
			if mentions(line, columnP2) {
				c.Sender = columnP2
				break
			}
			if mentions(line, columnP1) {
				c.Sender = columnP1
				break
			}
		}
	}
	if kind, ok := map[string]soar.AddressKind{columnP1: soar.P1, columnP2: soar.P2}[c.Sender]; ok && c.SenderIs == "" {
		c.SenderIs = kind
	}
}

func mentions(text, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(text)
}

var topClause = regexp.MustCompile(`\|\s*top\s+(\d+)\s+by\b`)

// queryTop is the cut inside a query: its last "top N by".
func queryTop(query string) int {
	all := topClause.FindAllStringSubmatch(query, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1][1])
	return n
}

// longestAgo is the longest look-back that a query's own text asks for, by
// ago(14d), or by ago(Span) after let Span = 14d: the service reads no row from
// before the timespan it is given.
func longestAgo(query string) time.Duration {
	tokens := kqlscan.Scan(query)
	spans := map[string]time.Duration{}
	var longest time.Duration
	for i := range tokens {
		switch rest := tokens[i:]; {
		case len(rest) > 3 && rest[0].Is("let") && rest[2].Is("="):
			spans[rest[1].Text] = span(rest[3], nil)
		case len(rest) > 3 && rest[0].Is("ago") && rest[1].Is("(") && rest[3].Is(")"):
			longest = max(longest, span(rest[2], spans))
		}
	}
	return longest
}

var spanForm = regexp.MustCompile(`^(\d{1,4}(?:\.\d{1,3})?)(d|h|m|s)$`)

// span is a literal as 14d, or a name that stands for one; 0 is neither.
func span(t kqlscan.Token, named map[string]time.Duration) time.Duration {
	m := spanForm.FindStringSubmatch(t.Text)
	if m == nil {
		return named[t.Text]
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	unit := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[m[2]]
	return time.Duration(n * float64(unit))
}

func parameters() []string { return []string{"AcceptedDomains", "LookalikeDomains"} }

// usedParameters are the parameters that a query reads and does not define.
func usedParameters(query string) []string {
	var out []string
	for _, p := range parameters() {
		defined := regexp.MustCompile(`\blet\s+` + p + `\b`).MatchString(query)
		if mentions(query, p) && !defined {
			out = append(out, p)
		}
	}
	return out
}

const (
	startPlaceholder = "{{StartTimeISO}}"
	endPlaceholder   = "{{EndTimeISO}}"
)

var placeholder = regexp.MustCompile(`\{\{[^{}\n]*\}\}`)

// placeholders refuses every placeholder that nothing would fill in.
func (c *checker) placeholders(p parsedHunt) {
	query := p.hunt.Query
	for _, at := range placeholder.FindAllStringIndex(query, -1) {
		found := query[at[0]:at[1]]
		if found == startPlaceholder || found == endPlaceholder {
			continue
		}
		c.errs = append(c.errs, fmt.Errorf("%s: query: nothing fills in %s; only %s and %s are known",
			p.place(at[0]), found, startPlaceholder, endPlaceholder))
	}
}
