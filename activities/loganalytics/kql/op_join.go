package kql

type joinKind struct {
	unique              bool // one left row a key
	left, right         bool // which side's columns come out
	keepLeft, keepRight bool // unmatched rows come out as well
	matches             bool // pairs come out
	semiLeft, semiRight bool // matched rows come out once
	antiLeft, antiRight bool // unmatched rows come out alone
}

// joinKinds are those of https://learn.microsoft.com/kusto/query/join-operator; the empty one is the default.
func joinKinds() map[string]joinKind {
	both := joinKind{left: true, right: true, matches: true}
	unique, leftOuter, rightOuter, full := both, both, both, both
	unique.unique = true
	leftOuter.keepLeft = true
	rightOuter.keepRight = true
	full.keepLeft, full.keepRight = true, true
	leftAnti, rightAnti := joinKind{left: true, antiLeft: true}, joinKind{right: true, antiRight: true}
	return map[string]joinKind{
		"": unique, "innerunique": unique, "inner": both, "leftouter": leftOuter, "rightouter": rightOuter, "fullouter": full,
		"leftanti": leftAnti, "anti": leftAnti, "leftantisemi": leftAnti, "rightanti": rightAnti, "rightantisemi": rightAnti,
		"leftsemi": {left: true, semiLeft: true}, "rightsemi": {right: true, semiRight: true},
	}
}

type joining struct {
	kind         joinKind
	l, r         *plan
	lkeys, rkeys []int
	rcols        []int // right columns that come out
	cols         []Column
}

func (c *compiler) join(b bound, in *plan, o *joinOp) *plan {
	name := o.kind
	if o.name == "lookup" && name == "" {
		name = "leftouter"
	}
	kind, ok := joinKinds()[name]
	if !ok || o.name == "lookup" && name != "leftouter" && name != "inner" {
		c.semantic(b, o.pos, "kind '%s' is not known", name)
	}
	j := &joining{kind: kind, l: in, r: c.table(bound{sc: b.sc, op: b.op}, o.right)}
	right := newColSet(j.r.cols)
	for _, n := range o.on {
		c.joinCondition(b, j, right, n)
	}
	j.rightColumns(o.name == "lookup")
	j.names()
	return &plan{cols: j.cols, run: j.run}
}

// joinCondition binds Key, $left.A == $right.B, and both joined with and.
func (c *compiler) joinCondition(b bound, j *joining, right *colSet, n node) {
	switch n := n.(type) {
	case *nameNode:
		c.joinKey(b, j, right, [2]*nameNode{n, n})
		return
	case *binNode:
		if n.op == "and" {
			c.joinCondition(b, j, right, n.l)
			c.joinCondition(b, j, right, n.r)
			return
		}
		l, lside := sided(n.l)
		r, rside := sided(n.r)
		switch {
		case n.op != "==":
		case lside == "$left" && rside == "$right":
			c.joinKey(b, j, right, [2]*nameNode{l, r})
			return
		case lside == "$right" && rside == "$left":
			c.joinKey(b, j, right, [2]*nameNode{r, l})
			return
		}
	}
	c.semantic(b, n.at(), "a key is a column name or $left.column == $right.column")
}

func sided(n node) (*nameNode, string) {
	m, ok := n.(*memberNode)
	if !ok {
		return nil, ""
	}
	side, ok := m.x.(*nameNode)
	if !ok {
		return nil, ""
	}
	return &nameNode{m.base, m.name}, side.name
}

func (c *compiler) joinKey(b bound, j *joining, right *colSet, names [2]*nameNode) {
	l, ok := b.lookup(names[0].name)
	if !ok {
		c.semantic(b, names[0].pos, "Failed to resolve scalar expression named '%s'", names[0].name)
	}
	r, ok := right.index[names[1].name]
	if !ok {
		c.semantic(b, names[1].pos, "Failed to resolve scalar expression named '%s'", names[1].name)
	}
	lt, rt := j.l.cols[l].Type, j.r.cols[r].Type
	if lt == TypeDynamic || rt == TypeDynamic {
		c.semantic(b, names[0].pos, "join key '%s' is of a 'dynamic' type. Please use an explicit cast", names[0].name)
	}
	if classOf(lt) != classOf(rt) || isReal(lt) != isReal(rt) {
		c.semantic(b, names[0].pos, "Inconsistent data types for join keys: (%s, %s)", lt, rt)
	}
	j.lkeys, j.rkeys = append(j.lkeys, l), append(j.rkeys, r)
}

func (j *joining) rightColumns(dropKeys bool) {
	isKey := map[int]bool{}
	for _, k := range j.rkeys {
		isKey[k] = dropKeys
	}
	for i := range j.r.cols {
		if j.kind.right && !isKey[i] {
			j.rcols = append(j.rcols, i)
		}
	}
}

// names gives right columns that collide a number, as the service does.
func (j *joining) names() {
	taken := map[string]bool{}
	if j.kind.left {
		j.cols = append(j.cols, j.l.cols...)
	}
	for _, col := range j.cols {
		taken[col.Name] = true
	}
	own := newColSet(j.r.cols).index
	for _, i := range j.rcols {
		col := j.r.cols[i]
		if base := col.Name; taken[base] {
			for n := 1; ; n++ {
				col.Name = base + pad(n, 1)
				if _, clash := own[col.Name]; !clash && !taken[col.Name] {
					break
				}
			}
		}
		taken[col.Name] = true
		j.cols = append(j.cols, col)
	}
}

// hashIndex chains the rows of each key in their order.
type hashIndex struct {
	head map[string]int32
	next []int32
}

func buildIndex(rows [][]Value, keys []int, cols []Column) *hashIndex {
	h := &hashIndex{head: make(map[string]int32, len(rows)), next: make([]int32, len(rows))}
	var buf []byte
	for i := len(rows) - 1; i >= 0; i-- {
		key, ok := joinKeyOf(buf[:0], rows[i], keys, cols)
		buf = key
		if !ok {
			continue
		}
		h.next[i] = h.head[string(key)]
		h.head[string(key)] = int32(i + 1)
	}
	return h
}

// joinKeyOf encodes a row's key; a null never joins, an empty string does.
func joinKeyOf(buf []byte, row []Value, keys []int, cols []Column) ([]byte, bool) {
	for _, k := range keys {
		v := row[k]
		if v == nil {
			if cols[k].Type != TypeString {
				return buf, false
			}
			v = ""
		}
		buf = appendKey(buf, v)
	}
	return buf, true
}

func (j *joining) run(x *exec) *rel {
	l, r := j.l.run(x).rows, j.r.run(x).rows
	if j.kind.unique {
		l = uniqueRows(l, j.lkeys, j.l.cols)
	}
	m := &matcher{j: j, x: x, l: l, r: r, lhit: make([]bool, len(l)), rhit: make([]bool, len(r)), out: &rel{}}
	if len(l) <= len(r) {
		m.probe(buildIndex(l, j.lkeys, j.l.cols), r, probeSide{j.rkeys, j.r.cols, func(i, at int) { m.pair(at, i) }})
	} else {
		m.probe(buildIndex(r, j.rkeys, j.r.cols), l, probeSide{j.lkeys, j.l.cols, func(i, at int) { m.pair(i, at) }})
	}
	m.rest()
	return m.out
}

func uniqueRows(rows [][]Value, keys []int, cols []Column) [][]Value {
	seen := map[string]struct{}{}
	out := make([][]Value, 0, len(rows))
	var buf []byte
	for _, row := range rows {
		key, _ := joinKeyOf(buf[:0], row, keys, cols)
		buf = key
		if _, dup := seen[string(key)]; dup {
			continue
		}
		seen[string(key)] = struct{}{}
		out = append(out, row)
	}
	return out
}

type matcher struct {
	j          *joining
	x          *exec
	l, r       [][]Value
	lhit, rhit []bool
	out        *rel
	slab       slab
}

type probeSide struct {
	keys []int
	cols []Column
	pair func(i, at int)
}

func (m *matcher) probe(h *hashIndex, rows [][]Value, side probeSide) {
	var buf []byte
	for i, row := range rows {
		key, ok := joinKeyOf(buf[:0], row, side.keys, side.cols)
		buf = key
		if !ok {
			continue
		}
		for at := h.head[string(key)]; at != 0; at = h.next[at-1] {
			side.pair(i, int(at-1))
		}
	}
}

func (m *matcher) pair(l, r int) {
	m.lhit[l], m.rhit[r] = true, true
	if m.j.kind.matches {
		m.emit(m.l[l], m.r[r])
	}
}

// emit writes a row; a missing side is null.
func (m *matcher) emit(l, r []Value) {
	m.x.tick(1)
	row := m.slab.row(len(m.j.cols))
	n := 0
	if m.j.kind.left {
		n = len(m.j.l.cols)
		copy(row[:n], l)
	}
	for i, k := range m.j.rcols {
		if r != nil {
			row[n+i] = r[k]
		}
	}
	m.out.rows = append(m.out.rows, row)
}

// rest writes what does not come from pairs.
func (m *matcher) rest() {
	k := m.j.kind
	for i, row := range m.l {
		if m.lhit[i] && k.semiLeft || !m.lhit[i] && (k.keepLeft || k.antiLeft) {
			m.emit(row, nil)
		}
	}
	for i, row := range m.r {
		if m.rhit[i] && k.semiRight || !m.rhit[i] && (k.keepRight || k.antiRight) {
			m.emit(nil, row)
		}
	}
}
