package kql

import (
	"math"
	"strings"
)

// in binds in, !in, in~, !in~, has_any and has_all. Their list holds scalars, dynamic arrays and tables.
func (c *compiler) in(b bound, n *inNode) *expr {
	x := c.scalar(b, n.x)
	if x.typ == TypeDynamic {
		x = cast(x, TypeString)
	}
	if strings.HasPrefix(n.op, "has") {
		return c.hasAny(b, n, x)
	}
	fold := strings.HasSuffix(n.op, "~")
	if fold && classOf(x.typ) != classText {
		c.semantic(b, n.pos, "The operator '%s' is not defined for the operand type %s", n.op, x.typ)
	}
	want := !strings.HasPrefix(n.op, "!")
	m := c.members(b, n, x)
	set := m.set(x.typ, fold)
	key := make([]byte, 0, 64)
	e := &expr{typ: TypeBool, row: x.row || m.row(), eval: func(v *env) Value {
		val := x.eval(v)
		if fold {
			val = strings.ToLower(toText(val))
		}
		key = appendKey(key[:0], val)
		return (set(v)[string(key)]) == want
	}}
	return e
}

// members is the right side of in: fixed values, and sources that are read when the query runs.
type members struct {
	exprs  []*expr
	tables []*plan
	x      *exec
}

func (m *members) row() bool {
	for _, e := range m.exprs {
		if e.row {
			return true
		}
	}
	return false
}

func (c *compiler) members(b bound, n *inNode, x *expr) *members {
	m := &members{x: c.x}
	for _, item := range n.list {
		if c.isTabular(b, item) {
			t := c.table(bound{sc: b.sc, op: n.op}, item)
			if len(t.cols) == 0 {
				c.semantic(b, item.at(), "'%s' needs a table with a column", n.op)
			}
			if !comparableTypes(t.cols[0].Type, x.typ) {
				c.semantic(b, item.at(), "Cannot compare values of types %s and %s. Try adding explicit casts", x.typ, t.cols[0].Type)
			}
			m.tables = append(m.tables, t)
			continue
		}
		e := c.scalar(b, item)
		if !comparableTypes(e.typ, x.typ) {
			c.semantic(b, item.at(), "Cannot compare values of types %s and %s. Try adding explicit casts", x.typ, e.typ)
		}
		m.exprs = append(m.exprs, e)
	}
	return m
}

// each passes every member's value to f.
func (m *members) each(v *env, f func(Value)) {
	for _, e := range m.exprs {
		val := e.eval(v)
		if d, ok := val.(Dynamic); ok {
			if items, ok := d.V.([]any); ok {
				for _, it := range items {
					f(it)
				}
				continue
			}
		}
		f(val)
	}
	for _, t := range m.tables {
		for _, row := range t.run(m.x).rows {
			f(row[0])
		}
	}
}

// set builds the lookup once, or for every row when a member depends on the row.
func (m *members) set(typ Type, fold bool) func(*env) map[string]bool {
	build := func(v *env) map[string]bool {
		out := map[string]bool{}
		m.each(v, func(val Value) {
			if f, ok := val.(float64); ok && !isReal(typ) && f != math.Trunc(f) {
				return // tolong would round it to a member it is not
			}
			val = convert(val, typ)
			if fold {
				val = strings.ToLower(toText(val))
			}
			if val != nil {
				out[string(appendKey(nil, val))] = true
			}
		})
		return out
	}
	if m.row() {
		return build
	}
	var cached map[string]bool
	return func(v *env) map[string]bool {
		if cached == nil {
			cached = build(v)
		}
		return cached
	}
}

func (c *compiler) hasAny(b bound, n *inNode, x *expr) *expr {
	if classOf(x.typ) != classText {
		c.semantic(b, n.pos, "The operator '%s' is not defined for the operand type %s", n.op, x.typ)
	}
	m := c.members(b, n, x)
	all := n.op == "has_all"
	var cached []needle
	return &expr{typ: TypeBool, row: x.row || m.row(), eval: func(v *env) Value {
		if cached == nil || m.row() {
			cached = []needle{}
			m.each(v, func(val Value) { cached = append(cached, newNeedle(toText(val))) })
		}
		s := toText(x.eval(v))
		for _, nd := range cached {
			if hasTerm(s, nd, ends{true, true}) != all {
				return !all
			}
		}
		return all
	}}
}
