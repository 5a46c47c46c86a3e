package lint

import (
	"regexp"
	"slices"
	"strings"

	"harrier/config"
	"harrier/config/kqlscan"
)

// checkNames finds tables and columns that nothing defines. It stands in for
// the parser where that is missing, knows no scopes, and leaves a query alone
// whose columns cannot be known from its text.
func (t *text) checkNames() {
	sources, known := t.sources()
	for _, s := range sources {
		if len(t.schema[s.Text]) == 0 {
			t.unknownTable(s.Offset, s.Text)
		}
	}
	if !known || len(sources) == 0 {
		return
	}
	columns := t.schema.columns(t.tablesRead())
	defined := append(t.defined(), columns...)
	seen := map[string]bool{}
	for i, token := range t.tokens {
		if seen[token.Text] || !t.isReference(i) || isKnown(token.Text, defined) {
			continue
		}
		seen[token.Text] = true
		t.add(Warning, "unknown-name", token.Offset, "neither the tables nor the query define %s%s", token.Text, didYouMean(token.Text, columns))
	}
}

func (t *text) unknownTable(offset int, name string) {
	if near := config.Nearest(name, t.schema.tables()); near != "" {
		t.add(Error, "unknown-table", offset, "there is no table %s; did you mean %s?", name, near)
		return
	}
	t.add(Warning, "unknown-table", offset, "Harrier does not know the table %s; its columns are not checked", name)
}

func didYouMean(name string, known []string) string {
	if near := config.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// sources are the tables that a query names where only a table can stand, and
// whether the columns of all of them are known.
func (t *text) sources() (out []kqlscan.Token, known bool) {
	lets, known := t.lets(), true
	add := func(i int) {
		switch token := t.at(i); {
		case token.Kind != kqlscan.Name || slices.Contains(lets, token.Text):
		case t.at(i+1).Is("(") || t.at(i+1).Is("*"):
			known = known && slices.Contains([]string{"materialize", "view"}, token.Text)
		case isKeyword(token.Text):
			known = known && !slices.Contains(opaque(), token.Text)
		default:
			known = known && len(t.schema[token.Text]) > 0
			out = append(out, token)
		}
	}
	for i, token := range t.tokens {
		switch {
		case token.Kind == kqlscan.Name && t.at(i+1).Is("|") && t.beginsTable(i):
			add(i)
		case token.Is("join") || token.Is("lookup"):
			add(t.afterParameters(i + 1))
		case token.Is("union"):
			t.unioned(i+1, add)
		case token.Is("|") && slices.Contains(opaque(), t.at(i+1).Text), i == 0 && slices.Contains(opaque(), token.Text):
			known = false
		}
	}
	return uniqueTokens(out), known
}

// opaque are operators whose columns cannot be told from the text.
func opaque() []string {
	return []string{"evaluate", "invoke", "getschema", "search", "find", "externaldata", "make-graph", "graph-match", "top-nested", "scan", "top-hitters", "reduce"}
}

func (t *text) beginsTable(i int) bool {
	before := t.at(i - 1)
	return i == 0 || before.Is(";") || before.Is("(") || before.Is("{") || before.Is("=") && t.at(i-3).Is("let")
}

// afterParameters goes past kind=inner hint.strategy=broadcast and brackets.
func (t *text) afterParameters(i int) int {
	for {
		next := i
		for t.at(next + 1).Is(".") {
			next += 2
		}
		switch {
		case t.at(next).Kind == kqlscan.Name && t.at(next+1).Is("="):
			i = next + 3
		case t.at(i).Is("("):
			i++
		default:
			return i
		}
	}
}

func (t *text) unioned(i int, add func(int)) {
	for i = t.afterParameters(i); t.at(i).Kind == kqlscan.Name; i += 2 {
		add(i)
		if !t.at(i + 1).Is(",") {
			return
		}
	}
}

func uniqueTokens(tokens []kqlscan.Token) []kqlscan.Token {
	var out []kqlscan.Token
	for _, token := range tokens {
		if !slices.ContainsFunc(out, func(o kqlscan.Token) bool { return o.Text == token.Text }) {
			out = append(out, token)
		}
	}
	return out
}

func (t *text) lets() []string {
	var out []string
	for i, token := range t.tokens {
		if token.Is("let") || token.Is("as") {
			out = append(out, t.at(i+1).Text)
		}
		if t.at(i + 1).Is(":") { // a parameter, which may be a table
			out = append(out, token.Text)
		}
	}
	return append(out, t.Hunt.Settings.Parameters...)
}

// tablesRead are the known tables that a query names anywhere.
func (t *text) tablesRead() []string {
	var out []string
	for _, token := range t.tokens {
		if token.Kind == kqlscan.Name && len(t.schema[token.Text]) > 0 && !slices.Contains(out, token.Text) {
			out = append(out, token.Text)
		}
	}
	return out
}

// defined are the names that the query itself makes, and the known tables.
func (t *text) defined() []string {
	out := append(t.lets(), t.schema.tables()...)
	inParse := false
	for i, token := range t.tokens {
		inParse = inParse && !token.Is("|") || strings.HasPrefix(token.Text, "parse") && t.at(i-1).Is("|")
		made := t.at(i+1).Is("=") || t.at(i+1).Is(":") || inParse || t.at(i-1).Is("range") || t.isAlternative(i)
		if token.Kind == kqlscan.Name && made {
			out = append(out, token.Text)
		}
	}
	return out
}

// isAlternative says that a name is one of (a, b) = f().
func (t *text) isAlternative(i int) bool {
	for ; t.at(i).Kind == kqlscan.Name || t.at(i).Is(","); i++ {
	}
	return t.at(i).Is(")") && t.at(i+1).Is("=")
}

var madeByAggregation = regexp.MustCompile(`_|^Column\d+$`)

func isKnown(name string, defined []string) bool {
	plain := strings.TrimRight(name, "0123456789") // a join makes Column1 of a second Column
	return slices.Contains(defined, name) || slices.Contains(defined, plain) || madeByAggregation.MatchString(name)
}

// isReference says that a token can only be the name of a column or variable.
func (t *text) isReference(i int) bool {
	token, before, after := t.at(i), t.at(i-1), t.at(i+1)
	switch {
	case token.Kind != kqlscan.Name, isKeyword(token.Text), strings.HasPrefix(token.Text, "$"), strings.HasPrefix(token.Text, "!"),
		token.Is("Timestamp"), isoForm.MatchString(token.Text):
		return false
	case before.Is("."), after.Is("("), after.Is("=") && !before.Is("=="):
		return false
	case before.Is("|"), t.inLiteral(i), t.inBrackets(i), t.inRender(i):
		return false
	}
	return true
}

func (t *text) inBrackets(i int) bool {
	return t.at(i-1).Is("[") || t.at(i-1).Is("{") || t.at(i+1).Is("}")
}

// inLiteral says that a token stands in datetime(…), dynamic(…) and the like.
func (t *text) inLiteral(i int) bool {
	for back := i - 1; back >= 0 && back > i-200; back-- {
		if !t.at(back).Is("(") || t.closing(back) < i {
			continue
		}
		if slices.Contains([]string{"datetime", "date", "time", "timespan", "guid", "dynamic", "bool", "int", "long", "real", "decimal", "double", "typeof"}, t.at(back-1).Text) {
			return true
		}
	}
	return false
}

func (t *text) inRender(i int) bool {
	for ; i >= 0 && !t.at(i).Is("|") && !t.at(i).Is(";"); i-- {
		if t.at(i).Is("render") || t.at(i).Is("declare") || t.at(i).Is("set") {
			return true
		}
	}
	return false
}

// keywords are words of the language that are no name of anything
// (https://learn.microsoft.com/kusto/query/).
const keywords = ` and or not in in~ has has_any has_all has_cs hasprefix hassuffix hasprefix_cs hassuffix_cs between contains contains_cs
 startswith startswith_cs endswith endswith_cs matches regex like by on asc desc nulls first last true false null kind inner outer leftouter
 rightouter fullouter innerunique leftanti rightanti anti leftsemi rightsemi leftantisemi rightantisemi where filter extend project
 project-away project-keep project-rename project-reorder summarize take limit top sort order distinct count union join lookup materialize
 print range from to step let set declare query_parameters mv-expand mv-apply typeof string long int real bool datetime timespan dynamic guid
 decimal double date time isfuzzy withsource render parse parse-where parse-kv with as sample sample-distinct serialize consume fork facet
 partition make-series default evaluate invoke getschema search find externaldata datatable view of simple relaxed flags bagexpansion array
 bag kind hint strategy shuffle broadcast shufflekey remote legacy others `

func isKeyword(name string) bool {
	return strings.Contains(keywords, " "+name+" ") || strings.Contains(keywords, " "+name+"\n")
}
