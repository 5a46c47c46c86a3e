package kql

import "strings"

// opName reads the name of an operator, hyphens included.
func (p *parser) opName() opBase {
	t := p.next()
	if t.kind != tkIdent {
		p.i--
		p.unexpected()
	}
	name, end := t.text, t.end
	for p.peek().is("-") && p.peek().pos == end && p.peekAt(1).kind == tkIdent && p.peekAt(1).pos == end+1 {
		p.next()
		w := p.next()
		name, end = name+"-"+w.text, w.end
	}
	return opBase{base{t.pos}, name}
}

func (p *parser) operator() opNode {
	o := p.opName()
	switch o.name {
	case "where", "filter":
		return &whereOp{o, p.expr()}
	case "extend", "project", "project-rename":
		return &listOp{o, p.list(p.namedExpr)}
	case "project-away", "project-keep", "project-reorder":
		return &listOp{o, p.list(p.columnPattern)}
	case "distinct":
		return &listOp{o, p.list(p.namedExpr)}
	case "serialize":
		return p.serialize(o)
	case "summarize":
		return p.summarize(o)
	case "join", "lookup":
		return p.join(o)
	case "union":
		return p.union(o)
	case "sort", "order", "top":
		return p.sort(o)
	case "take", "limit":
		return &takeOp{o, p.expr()}
	case "count":
		return p.count(o)
	}
	return p.rareOperator(o)
}

func (p *parser) rareOperator(o opBase) opNode {
	switch o.name {
	case "mv-expand", "mvexpand", "mv-apply":
		return p.expand(o)
	case "parse", "parse-where":
		return p.parse(o)
	case "as":
		p.params("hint")
		return &asOp{o, p.name()}
	case "getschema":
		return &plainOp{o}
	case "render":
		p.skipRender()
		return &plainOp{o}
	case "invoke":
		return p.invoke(o)
	case "make-series", "evaluate", "scan", "partition", "top-nested", "top-hitters", "facet", "search", "find", "reduce", "sample",
		"sample-distinct", "fork", "consume", "parse-kv", "project-by-names", "graph-match", "make-graph", "externaldata":
		p.fail(o.pos, CodeUnsupported, "operator '%s' is not supported", o.name)
	}
	p.fail(o.pos, CodeSyntax, "'%s' is not a query operator", o.name)
	return nil
}

// params reads name=value settings. Settings named hint.… are accepted and change nothing here.
func (p *parser) params(known ...string) map[string]string {
	out := map[string]string{}
	for {
		t := p.peek()
		n := 1
		if t.is("hint") && p.peekAt(1).is(".") {
			n = 3
		}
		if t.kind != tkIdent || !p.peekAt(n).is("=") || n == 1 && !contains(known, t.text) {
			return out
		}
		p.i += n + 1
		v := p.next()
		if v.kind == tkEOF || v.kind == tkPunct {
			p.i--
			p.unexpected()
		}
		out[t.text] = v.text
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func (p *parser) serialize(o opBase) opNode {
	if t := p.peek(); t.kind == tkEOF || t.kind == tkPunct && !t.is("[") && !t.is("(") {
		return &listOp{opBase: o}
	}
	return &listOp{o, p.list(p.namedExpr)}
}

// columnPattern reads a column name, or a pattern such as Sender*.
func (p *parser) columnPattern() node {
	at := p.peek().pos
	var b strings.Builder
	end := -1
	for {
		t := p.peek()
		wild := t.is("*")
		if !wild && t.kind != tkIdent && !(t.kind == tkLiteral && end >= 0 && t.typ == TypeLong) || end >= 0 && t.pos != end {
			break
		}
		if !wild && end >= 0 && (t.is("asc") || t.is("desc")) && t.pos != end {
			break
		}
		b.WriteString(t.text)
		end = t.end
		p.next()
	}
	if b.Len() == 0 {
		return &nameNode{base{at}, p.name()}
	}
	if !strings.Contains(b.String(), "*") {
		return &nameNode{base{at}, b.String()}
	}
	return &starNode{base{at}, b.String()}
}

func (p *parser) summarize(o opBase) opNode {
	p.params("hint")
	s := &summarizeOp{opBase: o}
	if !p.peek().is("by") {
		s.aggs = p.list(p.namedExpr)
	}
	if p.accept("by") {
		s.by = p.list(p.namedExpr)
	}
	if len(s.aggs)+len(s.by) == 0 {
		p.unexpected()
	}
	return s
}

func (p *parser) join(o opBase) opNode {
	j := &joinOp{opBase: o}
	j.kind = p.params("kind")["kind"]
	at := p.peek().pos
	j.right = p.postfix(p.primary())
	if lit, ok := j.right.(*litNode); ok {
		p.fail(lit.pos, CodeSyntax, "%s needs a table on its right side", o.name)
	}
	if !p.peek().is("on") {
		p.fail(at, CodeSyntax, "%s needs 'on' and its keys", o.name)
	}
	p.next()
	j.on = p.list(p.expr)
	return j
}

func (p *parser) union(o opBase) *unionOp {
	u := &unionOp{opBase: o}
	ps := p.params("kind", "withsource", "isfuzzy", "with_source")
	u.kind, u.source = ps["kind"], ps["withsource"]+ps["with_source"]
	u.fuzzy = ps["isfuzzy"] == "true"
	u.tables = p.list(func() node {
		t := p.primary()
		if p.peek().is("*") {
			p.fail(p.peek().pos, CodeUnsupported, "table name patterns in union are not supported")
		}
		return t
	})
	return u
}

func (p *parser) sort(o opBase) opNode {
	s := &sortOp{opBase: o}
	if o.name == "top" {
		s.n = p.expr()
	}
	p.params("hint")
	p.expect("by")
	s.keys = []sortKey{p.sortKey()}
	for p.accept(",") {
		s.keys = append(s.keys, p.sortKey())
	}
	return s
}

func (p *parser) sortKey() sortKey {
	k := sortKey{x: p.namedExpr()}
	switch {
	case p.accept("asc"):
		k.asc = true
	case p.accept("desc"):
	}
	k.nullsFirst = k.asc
	if p.accept("nulls") {
		if k.nullsFirst = p.peek().is("first"); !k.nullsFirst && !p.peek().is("last") {
			p.unexpected()
		}
		p.next()
	}
	return k
}

func (p *parser) count(o opBase) opNode {
	c := &countOp{opBase: o, as: "Count"}
	if p.accept("as") {
		c.as = p.name()
	}
	return c
}

func (p *parser) expand(o opBase) opNode {
	e := &expandOp{opBase: o}
	ps := p.params("kind", "bagexpansion", "with_itemindex")
	e.kind, e.index = ps["kind"]+ps["bagexpansion"], ps["with_itemindex"]
	e.items = []expandItem{p.expandItem()}
	for p.accept(",") {
		e.items = append(e.items, p.expandItem())
	}
	if p.accept("limit") {
		e.limit = p.expr()
	}
	if o.name != "mv-apply" {
		return e
	}
	p.expect("on")
	p.expect("(")
	e.sub = []opNode{p.operator()}
	for p.accept("|") {
		e.sub = append(e.sub, p.operator())
	}
	p.expect(")")
	return e
}

func (p *parser) expandItem() expandItem {
	it := expandItem{x: p.namedExpr(), typ: TypeDynamic}
	if n, ok := it.x.(*namedNode); ok {
		it.names, it.x = n.names, n.x
	}
	if p.accept("to") {
		p.expect("typeof")
		p.expect("(")
		it.typ = p.typeName()
		p.expect(")")
	}
	return it
}

func (p *parser) parse(o opBase) opNode {
	ps := &parseOp{opBase: o, kind: p.params("kind", "flags")["kind"], where: o.name == "parse-where"}
	ps.x = p.expr()
	p.expect("with")
	for t := p.peek(); t.kind != tkEOF && !t.is("|") && !t.is(")") && !t.is(";"); t = p.peek() {
		ps.parts = append(ps.parts, p.parsePart())
	}
	if len(ps.parts) == 0 {
		p.unexpected()
	}
	return ps
}

func (p *parser) parsePart() parsePart {
	t := p.peek()
	switch {
	case p.accept("*"):
		return parsePart{skip: true}
	case t.kind == tkLiteral && t.typ == TypeString:
		p.next()
		return parsePart{text: t.val.(string)}
	}
	part := parsePart{col: p.name(), typ: TypeString}
	if p.accept(":") {
		part.typ = p.typeName()
	}
	return part
}

func (p *parser) skipRender() {
	p.name()
	if p.accept("with") {
		for p.expect("("); !p.peek().is(")"); {
			if p.next().kind == tkEOF {
				p.unexpected()
			}
		}
		p.next()
	}
}

func (p *parser) invoke(o opBase) opNode {
	if !p.peekAt(1).is("(") {
		p.unexpected()
	}
	return &invokeOp{o, p.call().(*callNode)}
}
