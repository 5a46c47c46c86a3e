package kql

import "strings"

// namedExpr reads x, name = x or (a, b) = x.
func (p *parser) namedExpr() node {
	start := p.i
	at := p.peek().pos
	if names, ok := p.targets(); ok {
		return &namedNode{base{at}, names, p.expr()}
	}
	p.i = start
	return p.expr()
}

func (p *parser) targets() ([]string, bool) {
	if p.peek().kind == tkIdent && p.peekAt(1).is("=") {
		n := p.next().text
		p.next()
		return []string{n}, true
	}
	if s, ok := p.bracketed(); ok {
		return []string{s}, p.accept("=")
	}
	if !p.peek().is("(") {
		return nil, false
	}
	var names []string
	for p.i++; p.peek().kind == tkIdent; {
		names = append(names, p.next().text)
		if !p.accept(",") {
			break
		}
	}
	return names, len(names) > 0 && p.accept(")") && p.accept("=")
}

func (p *parser) expr() node {
	p.enter()
	defer p.leave()
	l := p.and()
	for p.peek().is("or") {
		at := p.next().pos
		l = &binNode{base{at}, "or", l, p.and()}
	}
	return l
}

func (p *parser) and() node {
	l := p.comparison()
	for p.peek().is("and") {
		at := p.next().pos
		l = &binNode{base{at}, "and", l, p.comparison()}
	}
	return l
}

func isComparison(op string) bool {
	switch op {
	case "==", "!=", "<>", "=~", "!~", "<", ">", "<=", ">=", "has", "!has", "has_cs", "!has_cs", "hasprefix", "!hasprefix",
		"hassuffix", "!hassuffix", "hasprefix_cs", "!hasprefix_cs", "hassuffix_cs", "!hassuffix_cs",
		"contains", "!contains", "contains_cs", "!contains_cs", "startswith", "!startswith", "startswith_cs", "!startswith_cs",
		"endswith", "!endswith", "endswith_cs", "!endswith_cs":
		return true
	}
	return false
}

func (p *parser) comparison() node {
	l := p.additive()
	for {
		t := p.peek()
		if t.kind != tkIdent && t.kind != tkPunct {
			return l
		}
		switch {
		case isComparison(t.text):
			p.next()
			op := t.text
			if op == "<>" {
				op = "!="
			}
			l = &binNode{base{t.pos}, op, l, p.additive()}
		case t.is("matches"):
			p.next()
			p.expect("regex")
			l = &binNode{base{t.pos}, "matches regex", l, p.additive()}
		case t.is("in") || t.is("!in") || t.is("in~") || t.is("!in~") || t.is("has_any") || t.is("has_all"):
			p.next()
			l = &inNode{base{t.pos}, t.text, l, p.inList()}
		case t.is("between") || t.is("!between"):
			l = p.between(l)
		default:
			return l
		}
	}
}

func (p *parser) between(x node) node {
	t := p.next()
	b := &betweenNode{base: base{t.pos}, not: t.text == "!between", x: x}
	p.expect("(")
	b.lo = p.expr()
	p.expect("..")
	b.hi = p.expr()
	p.expect(")")
	return b
}

func (p *parser) inList() []node {
	p.expect("(")
	if p.accept(")") {
		return nil
	}
	list := p.list(p.pipe)
	p.expect(")")
	return list
}

func (p *parser) additive() node {
	l := p.multiplicative()
	for p.peek().is("+") || p.peek().is("-") {
		t := p.next()
		l = &binNode{base{t.pos}, t.text, l, p.multiplicative()}
	}
	return l
}

func (p *parser) multiplicative() node {
	l := p.unary()
	for p.peek().is("*") || p.peek().is("/") || p.peek().is("%") {
		t := p.next()
		l = &binNode{base{t.pos}, t.text, l, p.unary()}
	}
	return l
}

func (p *parser) unary() node {
	p.enter()
	defer p.leave()
	t := p.peek()
	switch {
	case t.is("-"):
		p.next()
		return &negNode{base{t.pos}, p.unary()}
	case t.is("+"):
		p.next()
		return p.unary()
	}
	return p.postfix(p.primary())
}

func (p *parser) postfix(x node) node {
	for {
		t := p.peek()
		switch {
		case t.is("."):
			p.next()
			x = &memberNode{base{t.pos}, x, p.name()}
		case t.is("["):
			p.next()
			idx := p.expr()
			p.expect("]")
			x = &indexNode{base{t.pos}, x, idx}
		default:
			return x
		}
	}
}

func (p *parser) primary() node {
	t := p.peek()
	switch {
	case t.kind == tkLiteral:
		return p.literal()
	case t.is("("):
		p.next()
		x := p.pipe()
		p.expect(")")
		return x
	case t.is("["):
		return &nameNode{base{t.pos}, p.name()}
	case t.is("*"):
		p.next()
		return &starNode{base{t.pos}, "*"}
	case t.is("typeof"):
		p.next()
		return p.typeof(t.pos)
	case t.kind == tkIdent && p.peekAt(1).is("("):
		return p.call()
	case t.kind == tkIdent && isReserved(t.text):
		p.unexpected()
	}
	return &nameNode{base{t.pos}, p.name()}
}

// isReserved names words that cannot start an operand, so that a missing operand is reported where it is missing.
func isReserved(w string) bool {
	switch w {
	case "and", "or", "by", "in", "has", "contains", "between", "matches":
		return true
	}
	return strings.HasPrefix(w, "!")
}

// literal reads a literal; adjacent string literals are one.
func (p *parser) literal() node {
	t := p.next()
	lit := &litNode{base{t.pos}, t.val, t.typ}
	if t.typ != TypeString {
		return lit
	}
	s := t.val.(string)
	for p.peek().kind == tkLiteral && p.peek().typ == TypeString {
		s += p.next().val.(string)
	}
	lit.val = s
	return lit
}

func (p *parser) typeof(at int) node {
	p.expect("(")
	typ := p.typeName()
	p.expect(")")
	return &typeofNode{base{at}, typ}
}

func (p *parser) call() node {
	t := p.next()
	c := &callNode{base: base{t.pos}, name: t.text}
	p.expect("(")
	if !p.peek().is(")") {
		c.args = p.list(p.argument)
	}
	p.expect(")")
	return c
}

// argument reads one argument; toscalar and materialize take whole pipes.
func (p *parser) argument() node {
	start := p.i
	if p.peek().kind == tkIdent && p.peekAt(1).is("=") {
		at := p.peek().pos
		names, _ := p.targets()
		return &namedNode{base{at}, names, p.pipe()}
	}
	p.i = start
	return p.pipe()
}
