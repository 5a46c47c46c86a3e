package lint

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"

	"harrier/config"
)

// check asks the parser about all queries.
func (p *Parser) check(ctx context.Context, texts []*text) error {
	if p == nil || len(texts) == 0 {
		return nil
	}
	plain, defender := split(texts)
	for _, group := range []struct {
		texts     []*text
		timestamp bool
	}{{plain, false}, {defender, true}} {
		if err := p.checkGroup(ctx, group.texts, group.timestamp); err != nil {
			return err
		}
	}
	return nil
}

// split takes the queries apart that read Timestamp: that is said of them
// already, and must not hide what else is wrong.
func split(texts []*text) (plain, defender []*text) {
	for _, t := range texts {
		if len(config.Timestamps(t.Hunt.Query)) > 0 {
			defender = append(defender, t)
		} else {
			plain = append(plain, t)
		}
	}
	return plain, defender
}

func (p *Parser) checkGroup(ctx context.Context, texts []*text, timestamp bool) error {
	if len(texts) == 0 {
		return nil
	}
	in := parserInput{Tables: map[string]string{}}
	for name, columns := range texts[0].schema {
		in.Tables[name] = declaration(columns, timestamp)
	}
	for _, t := range texts {
		in.Queries = append(in.Queries, t.prelude()+filled(t.Hunt.Query))
	}
	answers, err := p.ask(ctx, in)
	if err != nil {
		return err
	}
	for i, t := range texts {
		t.take(answers[i])
	}
	return nil
}

func declaration(columns []column, timestamp bool) string {
	var out []string
	for _, c := range columns {
		out = append(out, c.name+": "+c.kind)
	}
	if timestamp {
		out = append(out, "Timestamp: datetime")
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// prelude defines what Harrier defines in front of the query.
func (t *text) prelude() string {
	front := ""
	for _, p := range t.Hunt.Settings.Parameters {
		front += "let " + p + " = dynamic([\"example.com\"]);\n"
	}
	return front
}

// filled puts times of the same length in the place of the placeholders, so that
// every offset stays.
func filled(query string) string {
	return strings.NewReplacer("{{StartTimeISO}}", "2026-01-01T00:00", "{{EndTimeISO}}", "2026-01-02    ").Replace(query)
}

func (t *text) take(a parserAnswer) {
	front := len(t.prelude())
	broken := false
	offsets := byteOffsets(t.prelude() + t.Hunt.Query)
	for _, d := range a.Diagnostics {
		broken = broken || d.Severity == "Error"
		start, end := offsets(d.Start)-front, offsets(d.Start+d.Length)-front
		t.diagnostic(d, max(0, start), max(0, end))
	}
	if a.Columns != nil && !broken {
		t.returned(a.Columns)
	}
}

// The parser's codes that need another word than its own.
const (
	unknownName     = "KS142"
	unknownTable    = "KS204"
	unknownFunction = "KS211"
)

func (t *text) diagnostic(d diagnostic, start, end int) {
	name := t.Hunt.Query[min(start, len(t.Hunt.Query)):min(end, len(t.Hunt.Query))]
	switch {
	case isoForm.MatchString(name): // said already
	case d.Code == unknownTable:
		t.unknownTable(start, name)
	case d.Code == unknownFunction && strings.HasPrefix(name, "_"):
		t.add(Warning, d.Code, start, "%s is a function of the workspace, if it is there at all; what it returns is not checked", name)
	case d.Severity != "Error":
		t.add(Warning, d.Code, start, "%s", d.Message)
	case d.Code == unknownName:
		t.add(Error, d.Code, start, "%s%s", strings.TrimSuffix(d.Message, "."), didYouMean(name, t.schema.columns(t.tablesRead())))
	default:
		t.add(Error, d.Code, start, "%s", strings.TrimSuffix(d.Message, "."))
	}
}

// byteOffsets turns offsets in UTF-16 units into offsets in bytes.
func byteOffsets(text string) func(int) int {
	var at []int
	for i, r := range text {
		at = append(at, slices.Repeat([]int{i}, max(1, utf16.RuneLen(r)))...)
	}
	return func(unit int) int {
		if unit < 0 || unit >= len(at) {
			return len(text)
		}
		return at[unit]
	}
}
