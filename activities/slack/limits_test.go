package slack_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// The limits as Slack publishes them, written out again so that a wrong constant fails.
// https://docs.slack.dev/reference/block-kit/blocks
type check struct {
	t     *testing.T
	total int
}

func (c *check) text(node any, limit int, where string) {
	c.t.Helper()
	if node == nil {
		return
	}
	text := node.(map[string]any)["text"].(string)
	n := utf8.RuneCountInString(text)
	c.total += n
	if n == 0 || n > limit {
		c.t.Errorf("%s has %d characters, Slack takes 1 to %d", where, n, limit)
	}
	if !utf8.ValidString(text) {
		c.t.Errorf("%s is not valid UTF-8", where)
	}
	if rest := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(text); strings.Contains(rest, "&") {
		c.t.Errorf("%s holds a bare or cut entity: %q", where, text)
	}
	c.tokens(text, where)
}

var token = regexp.MustCompile(`<[^>]*>`)

// ours are the only tokens that Harrier writes.
var ours = regexp.MustCompile(`^<(https://(security\.microsoft\.com|entra\.microsoft\.com|portal\.azure\.com)/[^|<>]*\|[A-Za-z0-9 ()_-]+|@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^-?\d+\^[^|<>]+\|[^|<>]+)>$`)

func (c *check) tokens(text, where string) {
	c.t.Helper()
	for _, tok := range token.FindAllString(text, -1) {
		if !ours.MatchString(tok) || strings.Contains(strings.ToLower(tok), "evil") {
			c.t.Errorf("%s holds a token that is not ours: %s", where, tok)
		}
	}
	if rest := token.ReplaceAllString(text, ""); strings.ContainsAny(rest, "<>") {
		c.t.Errorf("%s holds an unescaped < or >: %q", where, rest)
	}
}

func (c *check) blocks(blocks []slackapi.Block, most int) {
	c.t.Helper()
	if len(blocks) == 0 || len(blocks) > most {
		c.t.Errorf("%d blocks, Slack takes 1 to %d", len(blocks), most)
	}
	raw, err := json.Marshal(blocks)
	if err != nil {
		c.t.Fatal(err)
	}
	var nodes []map[string]any
	if err := json.Unmarshal(raw, &nodes); err != nil {
		c.t.Fatal(err)
	}
	for i, node := range nodes {
		c.block(node, fmt.Sprintf("block %d (%s)", i, node["type"]))
	}
}

func (c *check) block(node map[string]any, where string) {
	c.t.Helper()
	switch node["type"] {
	case "header":
		c.text(node["text"], 150, where)
	case "section":
		c.text(node["text"], 3000, where)
		fields, _ := node["fields"].([]any)
		if len(fields) > 10 {
			c.t.Errorf("%s has %d fields", where, len(fields))
		}
		for _, f := range fields {
			c.text(f, 2000, where)
		}
		if a, ok := node["accessory"].(map[string]any); ok {
			c.button(a, where)
		}
	case "context":
		elements := node["elements"].([]any)
		if len(elements) > 10 {
			c.t.Errorf("%s has %d elements", where, len(elements))
		}
		for _, e := range elements {
			c.text(e, 2000, where)
		}
	case "actions":
		for _, e := range node["elements"].([]any) {
			c.button(e.(map[string]any), where)
		}
	}
}

func (c *check) button(node map[string]any, where string) {
	c.t.Helper()
	c.text(node["text"], 75, where+" button")
	if v, _ := node["value"].(string); len(v) > 2000 {
		c.t.Errorf("%s button value has %d characters", where, len(v))
	}
}

// message checks one post as Slack would.
func checkMessage(t *testing.T, blocks []slackapi.Block, text string) {
	t.Helper()
	c := &check{t: t}
	c.blocks(blocks, 50)
	if c.total > 13_200 {
		t.Errorf("all text together has %d characters, Slack takes 13200", c.total)
	}
	c.tokens(text, "fallback")
	if n := utf8.RuneCountInString(text); n == 0 || n > 4000 {
		t.Errorf("fallback has %d characters", n)
	}
}

func checkView(t *testing.T, v slackapi.ModalViewRequest) {
	t.Helper()
	c := &check{t: t}
	c.blocks(v.Blocks.BlockSet, 100)
	if n := utf8.RuneCountInString(v.Title.Text); n == 0 || n > 24 {
		t.Errorf("title has %d characters", n)
	}
	if len(v.PrivateMetadata) > 3000 {
		t.Errorf("private metadata has %d bytes", len(v.PrivateMetadata))
	}
	raw, err := json.Marshal(v)
	if err != nil || len(raw) > 250_000 {
		t.Errorf("view has %d bytes, error %v", len(raw), err)
	}
}

// scribble fills every string, number and list of a value with what it draws.
func scribble(v reflect.Value, r *rand.Rand, text func() string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(r.Intn(100_000)))
	case reflect.Bool:
		v.SetBool(r.Intn(2) == 0)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.Intn(14), 14))
		for i := range v.Len() {
			scribble(v.Index(i), r, text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		scribble(v.Elem(), r, text)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.Intn(40) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			scribble(key, r, text)
			scribble(value, r, text)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(now.Add(time.Duration(r.Intn(1_000_000)) * time.Second)))
			return
		}
		for i := range v.NumField() {
			scribble(v.Field(i), r, text)
		}
	}
}

var nasty = []string{
	"", "<!channel>", "<@UEVIL>", "<https://evil.test|Approve>", "&", "&amp;", "&am", "`", "*", "\n", "é", "𝔼", "\u202e", "\x00", "\xff",
	"<", ">", "evil.test", "https://evil.test/?a=b&c=d", "|", "^", "\U00016FE4", "\U0001D159", "\uFFFE", "\U0001FFFF", "e\u0301\u0302\u0303\u0304", "@", "a@b.test", strings.Repeat("&", 1000), strings.Repeat("é", 3001), "a", ".",
}

func nastyText(r *rand.Rand) func() string {
	return func() string {
		var b strings.Builder
		for range r.Intn(5) {
			b.WriteString(nasty[r.Intn(len(nasty))])
		}
		return b.String()
	}
}

func checkEverything(t *testing.T, seed int64, text func(*rand.Rand) func() string) {
	t.Helper()
	r := rand.New(rand.NewSource(seed))
	var c soar.Case
	scribble(reflect.ValueOf(&c).Elem(), r, text(r))
	for _, state := range []soar.CaseState{soar.CaseOpen, soar.CaseUnreviewed, soar.CaseApproved, soar.CaseRemembered, soar.CaseEscalated, soar.CaseCancelled} {
		c.State = state
		c.Judgement.Severity = []soar.Severity{soar.SeverityHigh, soar.SeverityMedium, soar.SeverityLow}[r.Intn(3)]
		blocks, fallback := slack.Card(c, options, now)
		checkMessage(t, blocks, fallback)
		place := slack.Place{Case: soar.CaseRef{ID: "case-0123456789abcdef0123", Number: 3}, Channel: "C0TRIAGE", TS: "1.000001"}
		c.Ref = []soar.CaseRef{place.Case, c.Ref}[r.Intn(2)]
		checkView(t, slack.ApproveModal(soar.CaseView{Case: c}, place, now))
		checkView(t, slack.SnoozeModal(soar.CaseView{Case: c}, place, now, nil))
		checkView(t, slack.ReopenModal(soar.CaseView{Case: c}, place, now))
		for place.Page = range 6 {
			checkView(t, slack.EvidencePage(soar.CaseView{Case: c}, place, options, now))
		}
	}
	checkAsked(t, c)
	checkDays(t, r, text(r))
	var s soar.Summary
	scribble(reflect.ValueOf(&s).Elem(), r, text(r))
	checkMessage(t, func() []slackapi.Block { b, _ := slack.SummaryMessage(s, now); return b }(), "x")
}

func TestNoInputBreaksALimitOrLeavesRowDataUnescaped(t *testing.T) {
	for seed := range int64(30) {
		checkEverything(t, seed, nastyText)
	}
}

func FuzzNoTextBreaksALimitOrLeavesRowDataUnescaped(f *testing.F) {
	for i, s := range nasty {
		f.Add(int64(i), s)
	}
	f.Add(int64(99), hostile)
	f.Fuzz(func(t *testing.T, seed int64, s string) {
		checkEverything(t, seed, func(r *rand.Rand) func() string {
			other := nastyText(r)
			return func() string {
				if r.Intn(3) == 0 {
					return other()
				}
				return s
			}
		})
	})
}

// checkAsked checks what people are asked, and their answers.
func checkAsked(t *testing.T, c soar.Case) {
	t.Helper()
	blocks, text, _ := slack.AskReporter(c, place(takenOver()))
	checkMessage(t, blocks, text)
	blocks, text = slack.Answer(c.Finding.Candidate.Sender, c.Finding.Candidate.Sender, now)
	checkMessage(t, blocks, text)
}

// checkDays checks the digest, the home tab and the forms behind their buttons.
func checkDays(t *testing.T, r *rand.Rand, text func() string) {
	t.Helper()
	var d soar.Digest
	scribble(reflect.ValueOf(&d).Elem(), r, text)
	blocks, line := slack.DigestBlocks(d, options)
	checkMessage(t, blocks, line)
	h := slack.Home{AsOf: now}
	scribble(reflect.ValueOf(&h).Elem(), r, text)
	(&check{t: t}).blocks(slack.HomeView(h).Blocks.BlockSet, 100)
	var x soar.Expiring
	scribble(reflect.ValueOf(&x).Elem(), r, text)
	// A rule's id, a hunt's slug and a case come from a button, whose value is bounded.
	x.Rule, x.Case = brief(x.Rule), takenOver().Ref
	checkView(t, slack.ExtendModal(slack.Extension{Ref: slack.ExtendRef{Expiring: x}, Channel: "C0TRIAGE", TS: "1.000001", File: text()}, now))
	x.Rule = ""
	checkView(t, slack.ExtendModal(slack.Extension{Ref: slack.ExtendRef{Expiring: x}}, now))
	checkView(t, slack.WrongModal(slack.Complaint{Ref: slack.WrongRef{CaseID: "case-1", Hunt: brief(text()), Rule: brief(text())}, Channel: "C0TRIAGE", Digest: "1.000001"}))
}

func brief(s string) string {
	return string([]rune(s)[:min(len([]rune(s)), 300)])
}
