package kql

import (
	"math"
)

// accumulator gathers one group of one aggregate.
type accumulator interface {
	add(*env)
	result() Value
}

// aggregator is a bound aggregate: how to start a group, and the columns it yields. Only arg_max, arg_min, take_any
// and percentiles yield more than one.
type aggregator struct {
	cols  []Column
	start func() accumulator
}

// aggList collects the aggregates of a summarize while its expressions are bound.
type aggList struct {
	list []aggregator
	row  bound // where their arguments are bound
}

func isAggregate(name string) bool {
	switch name {
	case "count", "countif", "dcount", "dcountif", "sum", "sumif", "avg", "avgif", "min", "max", "minif", "maxif", "arg_max", "arg_min",
		"argmax", "argmin", "make_set", "make_set_if", "make_list", "make_list_if", "makeset", "makelist", "make_bag", "take_any", "any",
		"take_anyif", "anyif", "percentile", "percentiles", "stdev", "stdevif", "variance", "varianceif", "count_distinct",
		"count_distinctif":
		return true
	}
	return false
}

// aggregate binds a call inside an aggregate expression to a slot that summarize fills.
func (c *compiler) aggregate(b bound, n *callNode) *expr {
	if b.aggs == nil {
		c.semantic(b, n.pos, "The aggregate function '%s' is not allowed in this context", n.name)
	}
	a := c.bindAggregate(b.aggs.row, n)
	if len(a.cols) != 1 {
		c.semantic(b, n.pos, "%s() yields several columns and cannot stand inside an expression", n.name)
	}
	return b.aggs.slot(a)
}

func (l *aggList) slot(a aggregator) *expr {
	i := len(l.list)
	l.list = append(l.list, a)
	return &expr{typ: a.cols[0].Type, row: true, eval: func(v *env) Value { return v.aggs[i] }}
}

// aggArgs are an aggregate's bound arguments.
type aggArgs struct {
	x     *expr
	where func(*env) bool // of …if
	limit int
}

func (a aggArgs) takes(v *env) bool { return a.where == nil || a.where(v) }

func (c *compiler) bindAggregate(b bound, n *callNode) aggregator {
	name, conditional := aggregateBase(n.name)
	switch name {
	case "count":
		return c.bindCount(b, n, conditional)
	case "arg_max", "arg_min":
		return c.bindArg(b, n, name)
	case "take_any":
		if !conditional {
			return c.bindAny(b, n)
		}
	case "percentile", "percentiles":
		return c.bindPercentiles(b, n)
	}
	low := 1
	if conditional {
		low = 2
	}
	c.arity(b, n, low, low+1)
	args := aggArgs{x: c.scalar(b, n.args[0]), limit: maxSetItems}
	if conditional {
		args.where = c.predicate(b, n.args[1])
	}
	if len(n.args) > low {
		args.limit = c.constantInt(b, n.args[low])
	}
	typ, start := c.simpleAggregate(b, n, name, args)
	return aggregator{[]Column{{aggregateName(n), typ}}, start}
}

// aggregateBase maps aliases to one name and cuts the condition off.
func aggregateBase(name string) (string, bool) {
	switch name {
	case "countif", "dcountif", "sumif", "avgif", "minif", "maxif", "stdevif", "varianceif":
		return name[:len(name)-2], true
	case "make_set_if", "make_list_if":
		return name[:len(name)-3], true
	case "take_anyif", "anyif":
		return "take_any", true
	case "count_distinctif":
		return "dcount", true
	case "any":
		return "take_any", false
	case "argmax":
		return "arg_max", false
	case "argmin":
		return "arg_min", false
	case "makeset":
		return "make_set", false
	case "makelist":
		return "make_list", false
	case "count_distinct":
		return "dcount", false
	}
	return name, false
}

// aggregateName is the column name the service gives an aggregate.
func aggregateName(n *callNode) string {
	base, conditional := aggregateBase(n.name)
	first := ""
	if len(n.args) > 0 {
		first = resultName(n.args[0])
	}
	switch base {
	case "make_set":
		return "set_" + first
	case "make_list":
		return "list_" + first
	case "make_bag":
		return "bag_" + first
	case "take_any":
		if n.name == "any" {
			return "any_" + first
		}
		return first
	case "dcount":
		return n.name + "_" + first
	}
	if conditional || base != n.name {
		return n.name + "_" + first
	}
	return base + "_" + first
}

func (c *compiler) constantInt(b bound, n node) int {
	e := c.scalar(b, n)
	v, ok := e.val.(int64)
	if !e.fixed || !ok || v < 0 || v > math.MaxInt32 {
		c.semantic(b, n.at(), "a constant whole number is expected here")
	}
	return int(v)
}

const maxSetItems = 1_048_576 // https://learn.microsoft.com/kusto/query/make-set-aggregation-function

func (c *compiler) simpleAggregate(b bound, n *callNode, name string, a aggArgs) (Type, func() accumulator) {
	typ := a.x.typ
	switch name {
	case "dcount":
		return TypeLong, func() accumulator { return &distinctAcc{aggArgs: a, seen: map[string]struct{}{}} }
	case "min", "max":
		sign := map[string]int{"min": -1, "max": 1}[name]
		return typ, func() accumulator { return &extremeAcc{aggArgs: a, sign: sign} }
	case "make_set":
		return TypeDynamic, func() accumulator { return &listAcc{aggArgs: a, seen: map[string]struct{}{}} }
	case "make_list":
		return TypeDynamic, func() accumulator { return &listAcc{aggArgs: a} }
	case "make_bag":
		c.needDynamic(b, n.pos, a.x)
		return TypeDynamic, func() accumulator { return &bagAcc{aggArgs: a, bag: map[string]any{}} }
	case "take_any":
		return typ, func() accumulator { return &anyAcc{aggArgs: a} }
	}
	if cl := classOf(typ); cl != classNumber && cl != classAny && !(cl == classSpan && name != "stdev" && name != "variance") {
		c.semantic(b, n.args[0].at(), "%s(): argument must be numeric, not %s", n.name, typ)
	}
	a.x = numeric(a.x)
	return momentType(name, typ), func() accumulator { return &momentAcc{aggArgs: a, name: name, typ: momentType(name, typ)} }
}

func momentType(name string, arg Type) Type {
	switch {
	case name == "sum" && (arg == TypeLong || arg == TypeInt):
		return TypeLong
	case arg == TypeTimespan:
		return TypeTimespan
	}
	return TypeReal
}

func (c *compiler) bindCount(b bound, n *callNode, conditional bool) aggregator {
	args, name := aggArgs{}, "count_"
	if conditional {
		c.arity(b, n, 1, 1)
		args.where = c.predicate(b, n.args[0])
		name = "countif_" + resultName(n.args[0])
	} else {
		c.arity(b, n, 0, 0)
	}
	return aggregator{[]Column{{name, TypeLong}}, func() accumulator { return &countAcc{aggArgs: args} }}
}

func (c *compiler) bindPercentiles(b bound, n *callNode) aggregator {
	c.arity(b, n, 2, 64)
	x := c.scalar(b, n.args[0])
	if cl := classOf(x.typ); cl != classNumber && cl != classSpan && cl != classTime {
		c.semantic(b, n.args[0].at(), "%s(): argument must be numeric, datetime or timespan, not %s", n.name, x.typ)
	}
	a := aggregator{}
	var ranks []float64
	for _, arg := range n.args[1:] {
		e := c.scalar(b, arg)
		r, ok := asFloat(e.val)
		if !e.fixed || !ok || r < 0 || r > 100 {
			c.semantic(b, arg.at(), "%s(): a percentile must be a constant between 0 and 100", n.name)
		}
		ranks = append(ranks, r)
		a.cols = append(a.cols, Column{"percentile_" + resultName(n.args[0]) + "_" + toText(e.val), x.typ})
	}
	a.start = func() accumulator { return &percentileAcc{x: x, ranks: ranks} }
	return a
}
