package kql

// operator binds one step of a pipe.
func (c *compiler) operator(b bound, in *plan, o opNode) *plan {
	b.op = o.label()
	if in != nil {
		b.cols = newColSet(in.cols)
	}
	switch o := o.(type) {
	case *whereOp:
		return c.where(b, in, o)
	case *listOp:
		return c.listOperator(b, in, o)
	case *summarizeOp:
		return c.summarize(b, in, o)
	case *joinOp:
		return c.join(b, in, o)
	case *unionOp:
		return c.union(b, in, o)
	case *sortOp:
		return c.sort(b, in, o)
	case *takeOp:
		return c.take(b, in, o)
	case *countOp:
		return &plan{cols: []Column{{o.as, TypeLong}}, run: func(x *exec) *rel {
			return &rel{rows: [][]Value{{int64(len(in.run(x).rows))}}}
		}}
	case *expandOp:
		return c.expand(b, in, o)
	case *parseOp:
		return c.parse(b, in, o)
	case *asOp:
		p := *in
		b.sc.vars[o.as] = &binding{table: memoize(&p)}
		return &p
	case *invokeOp:
		return c.invoke(b, in, o)
	}
	if o.label() == "getschema" {
		return getschema(in)
	}
	return in // render
}

func (c *compiler) listOperator(b bound, in *plan, o *listOp) *plan {
	switch o.name {
	case "extend", "serialize":
		return c.extend(b, in, o)
	case "project":
		return c.project(b, in, o)
	case "distinct":
		return c.distinct(b, in, o)
	case "project-rename":
		return c.rename(b, in, o)
	}
	return c.selectColumns(b, in, o)
}

func (c *compiler) where(b bound, in *plan, o *whereOp) *plan {
	test := c.predicate(b, o.x)
	return &plan{name: in.name, cols: in.cols, run: func(x *exec) *rel {
		src := in.run(x)
		out := &rel{}
		var v env
		for i, row := range src.rows {
			v.row, v.number = row, int64(i)
			if src.ing != nil {
				v.ing = src.ing[i]
			}
			if !test(&v) {
				continue
			}
			out.rows = append(out.rows, row)
			if src.ing != nil {
				out.ing = append(out.ing, src.ing[i])
			}
		}
		x.tick(len(out.rows))
		return out
	}}
}

// slab hands out rows cut from large blocks, which is cheaper than one allocation a row.
type slab struct{ free []Value }

func (s *slab) row(n int) []Value {
	if len(s.free) < n {
		s.free = make([]Value, max(n, 4096))
	}
	r := s.free[:n:n]
	s.free = s.free[n:]
	return r
}

// perRow makes a new row of every row.
func perRow(in *plan, cols []Column, fill func(v *env, out []Value)) *plan {
	return &plan{name: in.name, cols: cols, run: func(x *exec) *rel {
		src := in.run(x)
		out := &rel{rows: make([][]Value, len(src.rows)), ing: src.ing}
		var s slab
		var v env
		for i, row := range src.rows {
			v.row, v.number, v.ing = row, int64(i), src.ingested(i)
			out.rows[i] = s.row(len(cols))
			fill(&v, out.rows[i])
			if i%checkEvery == 0 {
				x.tick(0)
			}
		}
		x.tick(len(out.rows))
		return out
	}}
}

// item is a bound name = expression; the name is explicit or the service's own.
type item struct {
	name     string
	explicit bool
	e        *expr
}

func (c *compiler) items(b bound, list []node) []item {
	out := make([]item, len(list))
	for i, n := range list {
		out[i] = c.item(b, n)
	}
	return out
}

func (c *compiler) item(b bound, n node) item {
	if named, ok := n.(*namedNode); ok {
		if len(named.names) != 1 {
			c.semantic(b, n.at(), "several names for one value are not supported here")
		}
		return item{named.names[0], true, c.scalar(b, named.x)}
	}
	_, plainName := n.(*nameNode)
	return item{resultName(n), plainName, c.scalar(b, n)}
}

// namer makes column names unique the way the service does.
type namer struct {
	used    map[string]bool
	columns int
}

func newNamer() *namer { return &namer{used: map[string]bool{}} }

func (n *namer) implicit(name string) string {
	if name == "" {
		for name = ""; name == "" || n.used[name]; {
			n.columns++
			name = "Column" + pad(n.columns, 1)
		}
	}
	base := name
	for i := 1; n.used[name]; i++ {
		name = base + pad(i, 1)
	}
	n.used[name] = true
	return name
}

func (c *compiler) claim(b bound, at int, n *namer, it item) string {
	if !it.explicit {
		return n.implicit(it.name)
	}
	if n.used[it.name] {
		c.semantic(b, at, "A column with the name '%s' is already declared", it.name)
	}
	n.used[it.name] = true
	return it.name
}

func (c *compiler) extend(b bound, in *plan, o *listOp) *plan {
	cols := append([]Column(nil), in.cols...)
	names := newNamer()
	list := c.items(b, o.items)
	places := make([]int, len(list))
	for i, it := range list {
		name := it.name
		if at, ok := b.lookup(name); !ok || it.explicit || names.used[name] || name == "" {
			name = c.claim(b, o.items[i].at(), names, it)
			at, ok = b.lookup(name)
			if !ok {
				at, cols = len(cols), append(cols, Column{})
			}
			places[i] = at
		} else {
			names.used[name] = true
			places[i] = at
		}
		cols[places[i]] = Column{name, it.e.typ}
	}
	width := len(in.cols)
	return perRow(in, cols, func(v *env, out []Value) {
		copy(out, v.row[:width])
		for i, it := range list {
			out[places[i]] = it.e.eval(v)
		}
	})
}

func (c *compiler) project(b bound, in *plan, o *listOp) *plan {
	names := newNamer()
	list := c.items(b, o.items)
	cols := make([]Column, len(list))
	for i, it := range list {
		cols[i] = Column{c.claim(b, o.items[i].at(), names, it), it.e.typ}
	}
	return perRow(in, cols, func(v *env, out []Value) {
		for i, it := range list {
			out[i] = it.e.eval(v)
		}
	})
}

func (c *compiler) distinct(b bound, in *plan, o *listOp) *plan {
	items := o.items
	if _, star := items[0].(*starNode); star && len(items) == 1 {
		items = nil
		for _, col := range in.cols {
			items = append(items, &nameNode{o.base, col.Name})
		}
	}
	p := c.project(b, in, &listOp{o.opBase, items})
	for i, col := range p.cols {
		if col.Type == TypeDynamic {
			c.semantic(b, items[i].at(), "Column '%s' is dynamic; cast it to use it with distinct", col.Name)
		}
	}
	return &plan{cols: p.cols, run: func(x *exec) *rel {
		out := &rel{}
		seen := map[string]struct{}{}
		var key []byte
		for _, row := range p.run(x).rows {
			key = key[:0]
			for _, v := range row {
				key = appendKey(key, v)
			}
			if _, ok := seen[string(key)]; !ok {
				seen[string(key)] = struct{}{}
				out.rows = append(out.rows, row)
			}
		}
		x.tick(len(out.rows))
		return out
	}}
}

func (c *compiler) take(b bound, in *plan, o *takeOp) *plan {
	n := c.rowCount(b, o.n)
	return &plan{name: in.name, cols: in.cols, run: func(x *exec) *rel { return in.run(x).head(n()) }}
}

// rowCount binds the number of rows of take and top.
func (c *compiler) rowCount(b bound, n node) func() int {
	e := c.scalar(bound{sc: b.sc, op: b.op}, n)
	if classOf(e.typ) != classNumber {
		c.semantic(b, n.at(), "the number of rows must be a whole number, not a %s", e.typ)
	}
	return func() int {
		f, _ := asFloat(e.eval(&env{}))
		return int(max(f, 0))
	}
}

func (r *rel) head(n int) *rel {
	if n >= len(r.rows) {
		return r
	}
	out := &rel{rows: r.rows[:n:n]}
	if r.ing != nil {
		out.ing = r.ing[:n:n]
	}
	return out
}

func getschema(in *plan) *plan {
	cols := []Column{{"ColumnName", TypeString}, {"ColumnOrdinal", TypeLong}, {"DataType", TypeString}, {"ColumnType", TypeString}}
	return &plan{cols: cols, run: func(x *exec) *rel {
		out := &rel{}
		for i, col := range in.cols {
			out.rows = append(out.rows, []Value{col.Name, int64(i), dotNetType(col.Type), string(col.Type)})
		}
		return out
	}}
}

func dotNetType(t Type) string {
	names := map[Type]string{
		TypeString: "String", TypeLong: "Int64", TypeInt: "Int32", TypeReal: "Double", TypeBool: "SByte", TypeDatetime: "DateTime",
		TypeTimespan: "TimeSpan", TypeDynamic: "Object", TypeGUID: "Guid", TypeDecimal: "Data.SqlTypes.SqlDecimal",
	}
	return "System." + names[t]
}

func (c *compiler) invoke(b bound, in *plan, o *invokeOp) *plan {
	fn := b.sc.lookup(o.call.name)
	if fn == nil || fn.fn == nil {
		c.semantic(b, o.call.pos, "Unknown function: '%s'", o.call.name)
	}
	const input = "$input" // no query can spell this name
	b.sc = b.sc.child()
	b.sc.vars[input] = &binding{table: in}
	b.cols = nil
	call := &callNode{o.call.base, o.call.name, append([]node{&nameNode{o.call.base, input}}, o.call.args...)}
	return c.tableCall(b, call)
}
