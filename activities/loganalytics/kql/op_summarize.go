package kql

// outColumn is a column of summarize's result that is computed from a group's aggregates.
type outColumn struct {
	slot, part int   // an aggregate's part, when e is nil
	e          *expr // an expression over aggregates
}

// grouping is a bound summarize.
type grouping struct {
	in   *plan
	keys []*expr
	list *aggList
	outs []outColumn
	cols []Column
}

func (c *compiler) summarize(b bound, in *plan, o *summarizeOp) *plan {
	g := &grouping{in: in}
	names := newNamer()
	keys := map[string]bool{}
	for _, n := range o.by {
		it := c.item(b, n)
		if it.e.typ == TypeDynamic {
			c.semantic(b, n.at(), "Summarize group key '%s' is of a 'dynamic' type. Please use an explicit cast", it.name)
		}
		name := c.claim(b, n.at(), names, it)
		keys[name] = true
		g.keys, g.cols = append(g.keys, it.e), append(g.cols, Column{name, it.e.typ})
	}
	g.list = &aggList{row: b}
	g.list.row.keys = keys
	for _, n := range o.aggs {
		c.summarizeItem(b, g, names, n)
	}
	return &plan{cols: g.cols, run: g.run}
}

func (c *compiler) summarizeItem(b bound, g *grouping, names *namer, n node) {
	var given []string
	x := n
	if named, ok := n.(*namedNode); ok {
		given, x = named.names, named.x
	}
	if call, ok := x.(*callNode); ok && isAggregate(call.name) && b.sc.lookup(call.name) == nil {
		c.directAggregate(g, names, given, call)
		return
	}
	e := c.scalar(bound{sc: b.sc, op: b.op, aggs: g.list}, x)
	if len(given) > 1 {
		c.semantic(b, n.at(), "several names for one value are not supported here")
	}
	it := item{name: resultName(x), e: e}
	if len(given) == 1 {
		it.name, it.explicit = given[0], true
	}
	g.outs = append(g.outs, outColumn{e: e})
	g.cols = append(g.cols, Column{c.claim(b, n.at(), names, it), e.typ})
}

// directAggregate is the common case of an aggregate by itself, which may yield several columns.
func (c *compiler) directAggregate(g *grouping, names *namer, given []string, call *callNode) {
	a := c.bindAggregate(g.list.row, call)
	if len(given) > len(a.cols) {
		c.semantic(g.list.row, call.pos, "%s() yields %d column(s) but has %d names", call.name, len(a.cols), len(given))
	}
	slot := len(g.list.list)
	g.list.list = append(g.list.list, a)
	for i, col := range a.cols {
		it := item{name: col.Name}
		if i < len(given) {
			it = item{name: given[i], explicit: true}
		}
		g.outs = append(g.outs, outColumn{slot: slot, part: i})
		g.cols = append(g.cols, Column{c.claim(g.list.row, call.pos, names, it), col.Type})
	}
}

type group struct {
	key  []Value
	accs []accumulator
}

func (g *grouping) start(key []Value) *group {
	gr := &group{key: key, accs: make([]accumulator, len(g.list.list))}
	for i, a := range g.list.list {
		gr.accs[i] = a.start()
	}
	return gr
}

func (g *grouping) run(x *exec) *rel {
	src := g.in.run(x)
	var order []*group
	index := map[string]*group{}
	if len(g.keys) == 0 {
		order = append(order, g.start(nil))
		index[""] = order[0]
	}
	var v env
	var buf []byte
	key := make([]Value, len(g.keys))
	for i, row := range src.rows {
		v.row, v.number, v.ing = row, int64(i), src.ingested(i)
		buf = buf[:0]
		for j, k := range g.keys {
			key[j] = k.eval(&v)
			buf = appendKey(buf, key[j])
		}
		gr := index[string(buf)]
		if gr == nil {
			gr = g.start(append([]Value(nil), key...))
			index[string(buf)] = gr
			order = append(order, gr)
			x.tick(1)
		}
		for _, a := range gr.accs {
			a.add(&v)
		}
	}
	return g.finish(x, order)
}

func (g *grouping) finish(x *exec, groups []*group) *rel {
	out := &rel{rows: make([][]Value, len(groups))}
	var s slab
	for i, gr := range groups {
		row := s.row(len(g.cols))
		copy(row, gr.key)
		g.fill(gr, row[len(g.keys):])
		out.rows[i] = row
	}
	return out
}

func (g *grouping) fill(gr *group, out []Value) {
	var v env
	parts := make([][]Value, len(gr.accs))
	v.aggs = make([]Value, len(gr.accs))
	for i, a := range gr.accs {
		if m, ok := a.(interface{ results() []Value }); ok {
			parts[i] = m.results()
		} else {
			parts[i] = []Value{a.result()}
		}
		v.aggs[i] = parts[i][0]
	}
	for i, o := range g.outs {
		if o.e != nil {
			out[i] = o.e.eval(&v)
			continue
		}
		out[i] = parts[o.slot][o.part]
	}
}
