package kql

func (c *compiler) union(b bound, in *plan, o *unionOp) *plan {
	var plans []*plan
	if in != nil {
		plans = append(plans, in)
	}
	for _, t := range o.tables {
		if name, ok := t.(*nameNode); ok && o.fuzzy && !c.isTabular(bound{sc: b.sc}, name) {
			continue
		}
		plans = append(plans, c.table(bound{sc: b.sc, op: b.op}, t))
	}
	if len(plans) == 0 {
		c.semantic(b, o.pos, "none of the tables could be resolved")
	}
	if o.kind != "" && o.kind != "outer" && o.kind != "inner" {
		c.semantic(b, o.pos, "kind '%s' is not known", o.kind)
	}
	u := &unioning{plans: plans, source: o.source}
	u.columns(o.kind == "inner")
	c.uniqueNames(b, o.pos, u.cols)
	return &plan{cols: u.cols, run: u.run}
}

// unioning maps each input's columns to the result's; same names of different types become two columns.
type unioning struct {
	plans  []*plan
	source string
	cols   []Column
	maps   [][]int
}

func (u *unioning) columns(inner bool) {
	if u.source != "" {
		u.cols = append(u.cols, Column{u.source, TypeString})
	}
	types := map[string]typeCount{}
	for _, p := range u.plans {
		for _, col := range p.cols {
			types[col.Name] = types[col.Name].add(col.Type)
		}
	}
	at := map[string]int{}
	for _, p := range u.plans {
		m := make([]int, len(p.cols))
		for i, col := range p.cols {
			m[i] = u.place(at, col, types[col.Name], inner)
		}
		u.maps = append(u.maps, m)
	}
}

// typeCount counts the types one name has among the inputs, in the order they come.
type typeCount struct {
	order []Type
	count map[Type]int
}

func (t typeCount) add(typ Type) typeCount {
	if t.count == nil {
		t.count = map[Type]int{}
	}
	if t.count[typ] == 0 {
		t.order = append(t.order, typ)
	}
	t.count[typ]++
	return t
}

func (u *unioning) place(at map[string]int, col Column, types typeCount, inner bool) int {
	if inner && types.count[col.Type] < len(u.plans) {
		return -1
	}
	name := func(t Type) string {
		if len(types.order) == 1 || inner {
			return col.Name
		}
		return col.Name + "_" + string(t)
	}
	for _, t := range types.order {
		if _, ok := at[name(t)]; !ok && (!inner || t == col.Type) {
			at[name(t)] = len(u.cols)
			u.cols = append(u.cols, Column{name(t), t})
		}
	}
	return at[name(col.Type)]
}

func (u *unioning) run(x *exec) *rel {
	out := &rel{}
	var s slab
	for n, p := range u.plans {
		src := p.run(x)
		x.tick(len(src.rows))
		for i, row := range src.rows {
			out.rows = append(out.rows, u.row(&s, n, row))
			if src.ing != nil && len(out.ing) == len(out.rows)-1 {
				out.ing = append(out.ing, src.ing[i])
			}
		}
	}
	if len(out.ing) != len(out.rows) {
		out.ing = nil
	}
	return out
}

func (u *unioning) row(s *slab, n int, src []Value) []Value {
	row := s.row(len(u.cols))
	if u.source != "" {
		row[0] = u.plans[n].name
		if u.plans[n].name == "" {
			row[0] = "union_arg" + pad(n, 1)
		}
	}
	for i, at := range u.maps[n] {
		if at >= 0 {
			row[at] = src[i]
		}
	}
	return row
}
