package kql

type expandColumn struct {
	e   *expr
	at  int
	typ Type
}

// expansion is a bound mv-expand. https://learn.microsoft.com/kusto/query/mv-expand-operator
type expansion struct {
	in    *plan
	cols  []Column
	items []expandColumn
	index int // column of the item's place, or -1
	array bool
	limit func() int
}

func (c *compiler) expand(b bound, in *plan, o *expandOp) *plan {
	x := &expansion{in: in, cols: append([]Column(nil), in.cols...), index: -1, array: o.kind == "array"}
	if o.kind != "" && o.kind != "bag" && o.kind != "array" {
		c.semantic(b, o.pos, "kind '%s' is not known", o.kind)
	}
	for _, it := range o.items {
		c.expandItem(b, x, it)
	}
	if o.index != "" {
		x.index = len(x.cols)
		x.cols = append(x.cols, Column{o.index, TypeLong})
	}
	c.uniqueNames(b, o.pos, x.cols)
	if o.limit != nil {
		x.limit = c.rowCount(b, o.limit)
	}
	if o.sub != nil {
		return c.apply(b, x, o)
	}
	return &plan{cols: x.cols, run: func(ex *exec) *rel {
		out := &rel{}
		var s slab
		for i, row := range in.run(ex).rows {
			out.rows = x.rows(&env{row: row, number: int64(i)}, &s, out.rows)
			if i%checkEvery == 0 {
				ex.tick(0)
			}
		}
		ex.tick(len(out.rows))
		return out
	}}
}

func (c *compiler) expandItem(b bound, x *expansion, it expandItem) {
	e := c.scalar(b, it.x)
	if e.typ != TypeDynamic {
		c.semantic(b, it.x.at(), "expanded expression must be of type dynamic, not %s", e.typ)
	}
	name := resultName(it.x)
	if len(it.names) > 0 {
		name = it.names[0]
	}
	if name == "" {
		name = "Column" + pad(len(x.items)+1, 1)
	}
	at, ok := b.lookup(name)
	if !ok {
		at, x.cols = len(x.cols), append(x.cols, Column{})
	}
	x.cols[at] = Column{name, it.typ}
	x.items = append(x.items, expandColumn{e, at, it.typ})
}

// rows appends the rows that one row expands to: null is one row of null, an empty array none.
func (x *expansion) rows(v *env, s *slab, out [][]Value) [][]Value {
	lists := make([][]any, len(x.items))
	n := 0
	for i, it := range x.items {
		lists[i] = x.elements(it.e.eval(v))
		n = max(n, len(lists[i]))
	}
	if x.limit != nil {
		n = min(n, x.limit())
	}
	for k := 0; k < n; k++ {
		row := s.row(len(x.cols))
		copy(row, v.row)
		for i, it := range x.items {
			row[it.at] = nil
			if k < len(lists[i]) {
				row[it.at] = castOnly(lists[i][k], it.typ)
			}
		}
		if x.index >= 0 {
			row[x.index] = int64(k)
		}
		out = append(out, row)
	}
	return out
}

func (x *expansion) elements(v Value) []any {
	switch d := plain(v).(type) {
	case []any:
		return d
	case map[string]any:
		var out []any
		for _, k := range sortedKeys(d) {
			if x.array {
				out = append(out, []any{k, d[k]})
			} else {
				out = append(out, map[string]any{k: d[k]})
			}
		}
		return out
	default:
		return []any{d}
	}
}

// castOnly keeps elements of the declared type; strings take anything.
func castOnly(v any, t Type) Value {
	if v == nil {
		return emptyOf(t)
	}
	return convert(Dynamic{v}, t)
}

// apply binds mv-apply: its pipe runs over the expanded rows of each row, and the row's other columns come along.
func (c *compiler) apply(b bound, x *expansion, o *expandOp) *plan {
	current := &rel{}
	sub := &plan{cols: x.cols, run: func(*exec) *rel { return current }}
	inner := bound{sc: b.sc.child()}
	for _, op := range o.sub {
		sub = c.operator(inner, sub, op)
	}
	kept, cols := x.outerColumns()
	have := newColSet(cols)
	var fresh []int
	for i, col := range sub.cols {
		if _, dup := have.index[col.Name]; !dup {
			fresh, cols = append(fresh, i), append(cols, col)
		}
	}
	return &plan{cols: cols, run: func(ex *exec) *rel {
		out := &rel{}
		var s slab
		for i, row := range x.in.run(ex).rows {
			current.rows = x.rows(&env{row: row, number: int64(i)}, &s, nil)
			for _, got := range sub.run(ex).rows {
				joined := s.row(len(cols))
				pick(joined, row, kept)
				pick(joined[len(kept):], got, fresh)
				out.rows = append(out.rows, joined)
			}
		}
		ex.tick(len(out.rows))
		return out
	}}
}

// outerColumns are the input's columns that the expansion did not replace.
func (x *expansion) outerColumns() (kept []int, cols []Column) {
	replaced := map[int]bool{}
	for _, it := range x.items {
		replaced[it.at] = true
	}
	for i, col := range x.in.cols {
		if !replaced[i] {
			kept, cols = append(kept, i), append(cols, col)
		}
	}
	return kept, cols
}

func pick(out, row []Value, from []int) {
	for i, k := range from {
		out[i] = row[k]
	}
}
