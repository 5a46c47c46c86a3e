package kql

import (
	"regexp"
	"strings"
)

// parse binds the parse operator by turning its pattern into one regular expression.
// https://learn.microsoft.com/kusto/query/parse-operator
func (c *compiler) parse(b bound, in *plan, o *parseOp) *plan {
	e := c.scalar(b, o.x)
	if cl := classOf(e.typ); cl != classText && cl != classAny {
		c.semantic(b, o.x.at(), "a string is expected here, not a %s", e.typ)
	}
	e = cast(e, TypeString)
	re := c.regex(b, o.pos, fixed(TypeString, parsePattern(o)))(nil)
	cols := append([]Column(nil), in.cols...)
	var places []int
	var types []Type
	for _, p := range o.parts {
		if p.col == "" {
			continue
		}
		at, ok := b.lookup(p.col)
		if !ok {
			at, cols = len(cols), append(cols, Column{})
		}
		cols[at] = Column{p.col, p.typ}
		places, types = append(places, at), append(types, p.typ)
	}
	c.uniqueNames(b, o.pos, cols)
	parsed := perRow(in, cols, func(v *env, out []Value) {
		copy(out, v.row)
		m := re.FindStringSubmatch(toText(e.eval(v)))
		for i, at := range places {
			out[at] = emptyOf(types[i])
			if m != nil {
				out[at] = convert(m[i+1], types[i])
			}
		}
	})
	if !o.where {
		return parsed
	}
	w := c.where(b, in, &whereOp{o.opBase, &binNode{o.base, "matches regex", o.x, &litNode{o.base, re.String(), TypeString}}})
	return c.parse(b, w, &parseOp{o.opBase, o.kind, o.x, o.parts, false})
}

func parsePattern(o *parseOp) string {
	var b strings.Builder
	b.WriteString("(?s)^")
	for i, p := range o.parts {
		last := i == len(o.parts)-1
		switch {
		case p.skip:
			b.WriteString(lazy(".*", last))
		case p.col != "":
			b.WriteString("(" + lazy(columnPattern(p.typ), last) + ")")
		case o.kind == "regex":
			b.WriteString("(?:" + p.text + ")")
		default:
			b.WriteString(regexp.QuoteMeta(p.text))
		}
	}
	b.WriteString("$")
	return b.String()
}

func lazy(p string, last bool) string {
	if last {
		return p
	}
	return p + "?"
}

func columnPattern(t Type) string {
	switch classOf(t) {
	case classNumber:
		return `[-+]?[0-9.]+`
	}
	return ".*"
}
