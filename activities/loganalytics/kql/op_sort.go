package kql

import (
	"slices"
)

type boundKey struct {
	e               *expr
	asc, nullsFirst bool
}

// sort binds sort, order and top. Ties keep the order of the input.
func (c *compiler) sort(b bound, in *plan, o *sortOp) *plan {
	limit := func() int { return -1 }
	if o.n != nil {
		limit = c.rowCount(b, o.n)
	}
	keys := make([]boundKey, len(o.keys))
	for i, k := range o.keys {
		x := k.x
		if named, ok := x.(*namedNode); ok {
			x = named.x
		}
		keys[i] = boundKey{c.scalar(b, x), k.asc, k.nullsFirst}
		if keys[i].e.typ == TypeDynamic {
			c.semantic(b, k.x.at(), "a key of type dynamic cannot be sorted by; cast it")
		}
	}
	return &plan{name: in.name, cols: in.cols, run: func(x *exec) *rel {
		out := sorted(in.run(x), keys)
		x.tick(len(out.rows))
		if n := limit(); n >= 0 {
			return out.head(n)
		}
		return out
	}}
}

func sorted(src *rel, keys []boundKey) *rel {
	values := make([]Value, len(src.rows)*len(keys))
	order := make([]int, len(src.rows))
	var v env
	for i, row := range src.rows {
		order[i] = i
		v.row, v.number, v.ing = row, int64(i), src.ingested(i)
		for j, k := range keys {
			values[i*len(keys)+j] = k.e.eval(&v)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int {
		for j, k := range keys {
			if c := k.compare(values[x*len(keys)+j], values[y*len(keys)+j]); c != 0 {
				return c
			}
		}
		return 0
	})
	out := &rel{rows: make([][]Value, len(order))}
	for i, at := range order {
		out.rows[i] = src.rows[at]
		if src.ing != nil {
			out.ing = append(out.ing, src.ing[at])
		}
	}
	return out
}

func (k boundKey) compare(x, y Value) int {
	if x == nil || y == nil {
		return k.compareNulls(x == nil, y == nil)
	}
	c, _ := compare(x, y)
	if !k.asc {
		c = -c
	}
	return c
}

func (k boundKey) compareNulls(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x == k.nullsFirst:
		return -1
	}
	return 1
}
