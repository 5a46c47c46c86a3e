package kql

import (
	"time"
)

// table binds a tabular expression.
func (c *compiler) table(b bound, n node) *plan {
	c.enter(n.at())
	defer func() { c.depth-- }()
	switch n := n.(type) {
	case *nameNode:
		return c.namedTable(b, n)
	case *pipeNode:
		return c.pipe(b, n)
	case *datatableNode:
		return c.datatable(b, n)
	case *rangeNode:
		return c.rangeTable(b, n)
	case *printNode:
		return c.print(b, n)
	case *callNode:
		return c.tableCall(b, n)
	case *litNode:
		c.semantic(b, n.pos, "a table is expected here, not a %s", n.typ)
	}
	c.semantic(b, n.at(), "a table is expected here")
	return nil
}

func (c *compiler) namedTable(b bound, n *nameNode) *plan {
	if v := b.sc.lookup(n.name); v != nil {
		if v.table != nil {
			return v.table
		}
		if v.fn != nil {
			p, _ := c.call(b, v, &callNode{base: n.base, name: n.name})
			if p != nil {
				return p
			}
		}
	} else if t, ok := c.x.db[n.name]; ok {
		return c.baseTable(n.name, t)
	}
	c.semantic(b, n.pos, "Failed to resolve table or column expression named '%s'", n.name)
	return nil
}

func (c *compiler) baseTable(name string, t *Table) *plan {
	return &plan{name: name, cols: t.Columns, run: func(x *exec) *rel {
		if r, ok := x.bases[t]; ok {
			return r
		}
		r := x.scan(t)
		x.bases[t] = r
		return r
	}}
}

// scan reads a base table through the API's timespan.
func (x *exec) scan(t *Table) *rel {
	when := -1
	for i, col := range t.Columns {
		if col.Name == "TimeGenerated" && col.Type == TypeDatetime {
			when = i
		}
	}
	out := &rel{rows: t.Rows, ing: t.Ingested}
	if when >= 0 && (!x.from.IsZero() || !x.to.IsZero()) {
		out = x.cut(t, when)
	}
	if out.ing == nil && when >= 0 {
		out.ing = timesOf(out.rows, when)
	}
	x.scanned += len(out.rows)
	x.tick(len(out.rows))
	return out
}

func (x *exec) cut(t *Table, when int) *rel {
	out := &rel{rows: make([][]Value, 0, len(t.Rows))}
	for i, row := range t.Rows {
		at, ok := row[when].(time.Time)
		if !ok || at.Before(x.from) || !x.to.IsZero() && !at.Before(x.to) {
			continue
		}
		out.rows = append(out.rows, row)
		if t.Ingested != nil {
			out.ing = append(out.ing, t.Ingested[i])
		}
	}
	return out
}

func timesOf(rows [][]Value, col int) []time.Time {
	out := make([]time.Time, len(rows))
	for i, row := range rows {
		out[i], _ = row[col].(time.Time)
	}
	return out
}

func (c *compiler) pipe(b bound, n *pipeNode) *plan {
	var p *plan
	sc := b.sc.child()
	inner := bound{sc: sc}
	if n.src != nil {
		src := inner
		if len(n.ops) > 0 {
			src.op = n.ops[0].label()
		}
		p = c.table(src, n.src)
	}
	for _, op := range n.ops {
		p = c.operator(inner, p, op)
	}
	return p
}

func (c *compiler) tableCall(b bound, n *callNode) *plan {
	switch {
	case n.name == "materialize" && len(n.args) == 1:
		p := *c.table(b, n.args[0])
		return memoize(&p)
	case n.name == "table" && len(n.args) == 1:
		if lit, ok := n.args[0].(*litNode); ok && lit.typ == TypeString {
			return c.namedTable(b, &nameNode{n.base, lit.val.(string)})
		}
	}
	if v := b.sc.lookup(n.name); v != nil && v.fn != nil {
		if p, _ := c.call(b, v, n); p != nil {
			return p
		}
		c.semantic(b, n.pos, "function '%s' does not return a table", n.name)
	}
	c.semantic(b, n.pos, "Unknown function: '%s'", n.name)
	return nil
}

func (c *compiler) datatable(b bound, n *datatableNode) *plan {
	var rows [][]Value
	c.uniqueNames(b, n.pos, n.cols)
	for i := 0; i < len(n.vals); i += len(n.cols) {
		row := make([]Value, len(n.cols))
		for j, col := range n.cols {
			e := c.scalar(b, n.vals[i+j])
			if !e.fixed {
				c.semantic(b, n.vals[i+j].at(), "datatable needs constant values")
			}
			row[j] = convert(e.val, col.Type)
		}
		rows = append(rows, row)
	}
	return &plan{name: "datatable", cols: n.cols, run: func(x *exec) *rel {
		x.tick(len(rows))
		return &rel{rows: rows}
	}}
}

func (c *compiler) uniqueNames(b bound, at int, cols []Column) {
	seen := map[string]bool{}
	for _, col := range cols {
		if seen[col.Name] {
			c.semantic(b, at, "A column with the name '%s' is already declared", col.Name)
		}
		seen[col.Name] = true
	}
}

func (c *compiler) rangeTable(b bound, n *rangeNode) *plan {
	from, to, step := c.scalar(b, n.from), c.scalar(b, n.to), c.scalar(b, n.step)
	add := arithmetic("+", from.typ, step.typ)
	if add.apply == nil || !comparableTypes(from.typ, to.typ) {
		c.semantic(b, n.pos, "range: types %s, %s and %s do not go together", from.typ, to.typ, step.typ)
	}
	return &plan{name: "range", cols: []Column{{n.name, add.typ}}, run: func(x *exec) *rel {
		out := &rel{}
		limit, by := to.eval(&env{}), step.eval(&env{})
		down := isNegative(by)
		for v := from.eval(&env{}); v != nil; v = add.apply(v, by) {
			order, ok := compare(v, limit)
			if !ok || down && order < 0 || !down && order > 0 || isZero(by) {
				break
			}
			x.tick(1)
			out.rows = append(out.rows, []Value{v})
		}
		return out
	}}
}

func isNegative(v Value) bool {
	if d, ok := v.(time.Duration); ok {
		return d < 0
	}
	f, _ := asFloat(v)
	return f < 0
}

func isZero(v Value) bool {
	if d, ok := v.(time.Duration); ok {
		return d == 0
	}
	f, ok := asFloat(v)
	return !ok || f == 0
}

func (c *compiler) print(b bound, n *printNode) *plan {
	b.op = "print"
	var cols []Column
	var exprs []*expr
	for i, item := range n.items {
		name := "print_" + pad(i, 1)
		x := item
		if named, ok := item.(*namedNode); ok {
			name, x = named.names[0], named.x
		}
		e := c.scalar(b, x)
		cols, exprs = append(cols, Column{name, e.typ}), append(exprs, e)
	}
	c.uniqueNames(b, n.pos, cols)
	return &plan{name: "print", cols: cols, run: func(x *exec) *rel {
		x.tick(1)
		row := make([]Value, len(exprs))
		for i, e := range exprs {
			row[i] = e.eval(&env{})
		}
		return &rel{rows: [][]Value{row}}
	}}
}
