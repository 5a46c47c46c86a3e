package kql

// rowAcc keeps one row of the group, for arg_max, arg_min, and take_any of several columns. The columns are read from
// the kept row at the end, so that a wide row is not copied each time a better one comes.
type rowAcc struct {
	by   *expr // nil: the first row
	sign int
	out  []*expr
	best Value
	kept env
}

func (a *rowAcc) add(v *env) {
	if a.by == nil {
		if a.kept.row == nil {
			a.kept = *v
		}
		return
	}
	val := a.by.eval(v)
	if a.kept.row != nil && !a.better(val) {
		return
	}
	a.best, a.kept = val, *v
}

func (a *rowAcc) better(val Value) bool {
	if val == nil || a.best == nil {
		return val != nil
	}
	c, ok := compare(val, a.best)
	return ok && c*a.sign > 0
}

func (a *rowAcc) result() Value { return a.results()[0] }

func (a *rowAcc) results() []Value {
	vals := make([]Value, len(a.out))
	if a.kept.row == nil {
		return vals
	}
	for i, e := range a.out {
		vals[i] = e.eval(&a.kept)
	}
	return vals
}

// bindArg binds arg_max and arg_min. The first column is the extreme value itself.
func (c *compiler) bindArg(b bound, n *callNode, name string) aggregator {
	c.arity(b, n, 1, anyNumber)
	by := c.scalar(b, n.args[0])
	if by.typ == TypeDynamic {
		c.semantic(b, n.args[0].at(), "%s(): the value to compare must not be dynamic", n.name)
	}
	first := resultName(n.args[0])
	if first == "" {
		first = name[len("arg_"):] + "_"
	}
	a := aggregator{cols: []Column{{first, by.typ}}}
	out := []*expr{by}
	for _, arg := range n.args[1:] {
		cols, exprs := c.carried(b, arg, first)
		a.cols, out = append(a.cols, cols...), append(out, exprs...)
	}
	sign := 1
	if name == "arg_min" {
		sign = -1
	}
	a.start = func() accumulator { return &rowAcc{by: by, sign: sign, out: out} }
	return a
}

// carried binds a column to take along; * is every column but the keys and the one compared.
func (c *compiler) carried(b bound, arg node, compared string) ([]Column, []*expr) {
	if _, ok := arg.(*starNode); !ok {
		e := c.scalar(b, arg)
		return []Column{{resultName(arg), e.typ}}, []*expr{e}
	}
	var cols []Column
	var exprs []*expr
	for i, col := range b.cols.cols {
		if col.Name != compared && !b.keys[col.Name] {
			cols, exprs = append(cols, col), append(exprs, column(i, col.Type))
		}
	}
	return cols, exprs
}

func (c *compiler) bindAny(b bound, n *callNode) aggregator {
	c.arity(b, n, 1, anyNumber)
	a := aggregator{}
	if _, star := n.args[0].(*starNode); len(n.args) == 1 && !star {
		e := c.scalar(b, n.args[0])
		a.cols = []Column{{aggregateName(n), e.typ}}
		a.start = func() accumulator { return &anyAcc{aggArgs: aggArgs{x: e}} }
		return a
	}
	var out []*expr
	for _, arg := range n.args {
		cols, exprs := c.carried(b, arg, "")
		a.cols, out = append(a.cols, cols...), append(out, exprs...)
	}
	a.start = func() accumulator { return &rowAcc{out: out} }
	return a
}
