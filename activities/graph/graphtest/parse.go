package graphtest

import "strings"

// parseFilter reads the subset of OData filters the fake knows; anything else
// is an error, as it is at the service.
func parseFilter(text string) (filter, error) {
	if strings.TrimSpace(text) == "" {
		return filter{}, nil
	}
	tokens, err := lexFilter(text)
	if err != nil {
		return filter{}, err
	}
	p := &parser{tokens: tokens}
	root, err := p.or()
	if err == nil && p.at < len(p.tokens) {
		err = refuse("Invalid filter clause: unexpected '%s'.", p.tokens[p.at].text)
	}
	return filter{root: root}, err
}

type token struct {
	text    string
	literal bool // a quoted string, its quotes taken away
}

func lexFilter(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			i++
		case c == '\'':
			value, next, err := lexString(text, i)
			if err != nil {
				return nil, err
			}
			out, i = append(out, token{text: value, literal: true}), next
		case strings.ContainsRune("(),:", rune(c)):
			out, i = append(out, token{text: string(c)}), i+1
		default:
			end := i
			for end < len(text) && !strings.ContainsRune(" '(),:", rune(text[end])) {
				end++
			}
			out, i = append(out, token{text: text[i:end]}), end
		}
	}
	return out, nil
}

// lexString reads a literal that begins at i; a doubled quote is one quote.
func lexString(text string, i int) (string, int, error) {
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, refuse("There is an unterminated string literal in the filter.")
}

type parser struct {
	tokens []token
	at     int
}

func (p *parser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	p.at++
	return t
}

func (p *parser) word(s string) bool {
	if t := p.peek(); !t.literal && strings.EqualFold(t.text, s) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if p.word(s) {
		return nil
	}
	return refuse("Invalid filter clause: expected '%s', found '%s'.", s, p.peek().text)
}

func (p *parser) or() (node, error) {
	first, err := p.and()
	terms := []node{first}
	for err == nil && p.word("or") {
		var term node
		term, err = p.and()
		terms = append(terms, term)
	}
	if len(terms) > MaxOrClauses {
		return nil, refuse("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d.", len(terms), MaxOrClauses)
	}
	return joined{or: true, terms: terms}, err
}

func (p *parser) and() (node, error) {
	first, err := p.term()
	terms := []node{first}
	for err == nil && p.word("and") {
		var term node
		term, err = p.term()
		terms = append(terms, term)
	}
	return joined{terms: terms}, err
}

func (p *parser) term() (node, error) {
	switch {
	case p.word("not"):
		term, err := p.term()
		return negated{term}, err
	case p.word("("):
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	for _, function := range []string{"startsWith", "endsWith"} {
		if p.word(function) {
			return p.function(function, "")
		}
	}
	name := p.next()
	if name.literal || name.text == "" {
		return nil, refuse("Invalid filter clause.")
	}
	if collection, ok := strings.CutSuffix(name.text, "/any"); ok {
		return p.lambda(collection)
	}
	return p.comparison(name.text)
}

func (p *parser) comparison(property string) (node, error) {
	switch {
	case p.word("eq"):
		v, err := p.value()
		return test{property: property, op: "eq", values: []any{v}}, err
	case p.word("ne"):
		v, err := p.value()
		return test{property: property, op: "ne", values: []any{v}}, err
	case p.word("in"):
		vs, err := p.values()
		return test{property: property, op: "eq", values: vs}, err
	}
	return nil, refuse("Invalid filter clause: operator '%s' is not supported.", p.peek().text)
}

// function reads (property,'text'); inside a lambda the property is the range variable.
func (p *parser) function(op, variable string) (node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	property := p.next().text
	if variable != "" && property != variable {
		return nil, refuse("Invalid filter clause: '%s' is not the range variable.", property)
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	return test{property: property, op: op, values: []any{v}}, p.expect(")")
}

// lambda reads (p:p eq 'x') or (p:startsWith(p,'x')) after collection/any.
func (p *parser) lambda(collection string) (node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	variable := p.next().text
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	inner, err := p.lambdaBody(variable)
	if err != nil {
		return nil, err
	}
	t := inner.(test)
	t.property, t.any = collection, true
	return t, p.expect(")")
}

func (p *parser) lambdaBody(variable string) (node, error) {
	for _, function := range []string{"startsWith", "endsWith"} {
		if p.word(function) {
			return p.function(function, variable)
		}
	}
	if err := p.expect(variable); err != nil {
		return nil, err
	}
	return p.comparison(variable)
}

func (p *parser) value() (any, error) {
	t := p.next()
	switch {
	case t.literal:
		return t.text, nil
	case t.text == "true" || t.text == "false":
		return t.text == "true", nil
	case t.text == "null":
		return nil, nil
	}
	return nil, refuse("Invalid filter clause: '%s' is not a literal.", t.text)
}

func (p *parser) values() ([]any, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []any
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if !p.word(",") {
			return out, p.expect(")")
		}
	}
}
