package kql

import (
	"math"
	"slices"
	"time"
)

type countAcc struct {
	aggArgs
	n int64
}

func (a *countAcc) add(v *env) {
	if a.takes(v) {
		a.n++
	}
}
func (a *countAcc) result() Value { return a.n }

type distinctAcc struct {
	aggArgs
	seen map[string]struct{}
	buf  []byte
}

func (a *distinctAcc) add(v *env) {
	if !a.takes(v) {
		return
	}
	val := a.x.eval(v)
	if val == nil {
		return
	}
	a.buf = appendKey(a.buf[:0], val)
	if _, ok := a.seen[string(a.buf)]; !ok {
		a.seen[string(a.buf)] = struct{}{}
	}
}
func (a *distinctAcc) result() Value { return int64(len(a.seen)) }

type extremeAcc struct {
	aggArgs
	sign int
	best Value
}

func (a *extremeAcc) add(v *env) {
	if !a.takes(v) {
		return
	}
	val := a.x.eval(v)
	if val == nil {
		return
	}
	if c, ok := compare(val, a.best); a.best == nil || ok && c*a.sign > 0 {
		a.best = val
	}
}
func (a *extremeAcc) result() Value { return a.best }

// listAcc is make_list, and make_set when seen is set. Both leave nulls out.
type listAcc struct {
	aggArgs
	seen  map[string]struct{}
	items []any
}

func (a *listAcc) add(v *env) {
	if !a.takes(v) {
		return
	}
	val := inner(a.x.eval(v))
	if list, ok := val.([]any); ok && a.seen != nil {
		for _, it := range list {
			a.put(it)
		}
		return
	}
	a.put(val)
}

func (a *listAcc) put(val any) {
	if val == nil || len(a.items) >= a.limit {
		return
	}
	if a.seen != nil {
		k := keyOf(val)
		if _, ok := a.seen[k]; ok {
			return
		}
		a.seen[k] = struct{}{}
	}
	a.items = append(a.items, val)
}

func (a *listAcc) result() Value {
	if a.items == nil {
		return Dynamic{[]any{}}
	}
	return Dynamic{a.items}
}

type bagAcc struct {
	aggArgs
	bag map[string]any
}

func (a *bagAcc) add(v *env) {
	if a.takes(v) {
		mergeInto(a.bag, a.x.eval(v))
	}
}
func (a *bagAcc) result() Value { return Dynamic{a.bag} }

// anyAcc takes the first value that is not empty.
type anyAcc struct {
	aggArgs
	val Value
}

func (a *anyAcc) add(v *env) {
	if isEmpty(a.val) && a.takes(v) {
		a.val = a.x.eval(v)
	}
}
func (a *anyAcc) result() Value { return a.val }

// momentAcc is sum, avg, stdev and variance (of a sample).
type momentAcc struct {
	aggArgs
	name      string
	typ       Type
	n         int64
	whole     int64
	sum, mean float64
	m2        float64
}

func (a *momentAcc) add(v *env) {
	if !a.takes(v) {
		return
	}
	val := a.x.eval(v)
	if d, ok := val.(time.Duration); ok {
		val = int64(d)
	}
	f, ok := asFloat(val)
	if !ok {
		return
	}
	if n, ok := val.(int64); ok {
		a.whole += n
	}
	a.n++
	a.sum += f
	delta := f - a.mean
	a.mean += delta / float64(a.n)
	a.m2 += delta * (f - a.mean)
}

func (a *momentAcc) result() Value {
	switch {
	case a.name == "sum" && a.typ == TypeTimespan:
		return time.Duration(a.whole)
	case a.name == "sum" && a.typ == TypeLong:
		return a.whole
	case a.name == "sum":
		return a.sum
	case a.n == 0:
		return math.NaN()
	case a.name == "avg" && a.typ == TypeTimespan:
		return time.Duration(a.sum / float64(a.n))
	case a.name == "avg":
		return a.sum / float64(a.n)
	}
	variance := 0.0
	if a.n > 1 {
		variance = a.m2 / float64(a.n-1)
	}
	if a.name == "stdev" {
		return math.Sqrt(variance)
	}
	return variance
}

// percentileAcc keeps every value; one summarize holds one of these for each group.
type percentileAcc struct {
	x      *expr
	ranks  []float64
	values []Value
}

func (a *percentileAcc) add(v *env) {
	if val := a.x.eval(v); val != nil {
		a.values = append(a.values, val)
	}
}

func (a *percentileAcc) result() Value { return a.results()[0] }

func (a *percentileAcc) results() []Value {
	slices.SortStableFunc(a.values, func(x, y Value) int { c, _ := compare(x, y); return c })
	out := make([]Value, len(a.ranks))
	for i, r := range a.ranks {
		if n := len(a.values); n > 0 {
			out[i] = a.values[min(max(int(math.Ceil(r/100*float64(n)))-1, 0), n-1)]
		}
	}
	return out
}
