package kql

import (
	"time"
)

func fixed(typ Type, v Value) *expr {
	if v == nil && typ == TypeString {
		v = ""
	}
	return &expr{typ: typ, fixed: true, val: v, eval: func(*env) Value { return v }}
}

// derive makes an expression of operands; one whose operands are all fixed is evaluated now.
func derive(typ Type, eval func(*env) Value, operands ...*expr) *expr {
	e := &expr{typ: typ, eval: eval}
	allFixed := true
	for _, o := range operands {
		e.row = e.row || o.row
		allFixed = allFixed && o.fixed
	}
	if allFixed {
		return fixed(typ, eval(&env{}))
	}
	return e
}

// cast converts an expression to a type; a dynamic value that does not fit becomes null.
func cast(e *expr, to Type) *expr {
	if e.typ == to {
		return e
	}
	return derive(to, func(v *env) Value { return convert(e.eval(v), to) }, e)
}

// scalar binds a scalar expression.
func (c *compiler) scalar(b bound, n node) *expr {
	c.enter(n.at())
	defer func() { c.depth-- }()
	switch n := n.(type) {
	case *litNode:
		return fixed(n.typ, n.val)
	case *nameNode:
		return c.variable(b, n)
	case *memberNode:
		return c.member(b, n)
	case *indexNode:
		return c.index(b, n)
	case *callNode:
		return c.scalarCall(b, n)
	case *binNode:
		return c.binary(b, n)
	case *negNode:
		return c.negate(b, n)
	case *inNode:
		return c.in(b, n)
	case *betweenNode:
		return c.between(b, n)
	case *namedNode:
		c.semantic(b, n.pos, "an assignment is not allowed here")
	case *starNode:
		c.semantic(b, n.pos, "'*' is not allowed here")
	}
	c.semantic(b, n.at(), "a scalar expression is expected here")
	return nil
}

func (c *compiler) variable(b bound, n *nameNode) *expr {
	if i, ok := b.lookup(n.name); ok {
		return column(i, b.cols.cols[i].Type)
	}
	v := b.sc.lookup(n.name)
	switch {
	case v == nil:
	case v.scalar != nil && v.scalar.row && v.rowOf != b.rowOf():
		c.semantic(b, n.pos, "'%s' depends on a row and cannot be used inside another table", n.name)
	case v.scalar != nil:
		return v.scalar
	case v.fn != nil:
		if _, e := c.call(b, v, &callNode{base: n.base, name: n.name}); e != nil {
			return e
		}
	}
	c.semantic(b, n.pos, "Failed to resolve scalar expression named '%s'", n.name)
	return nil
}

// column reads a cell. Strings are never null.
func column(i int, typ Type) *expr {
	e := &expr{typ: typ, row: true, eval: func(v *env) Value { return v.row[i] }}
	if typ == TypeString {
		e.eval = func(v *env) Value {
			if s := v.row[i]; s != nil {
				return s
			}
			return ""
		}
	}
	return e
}

func (c *compiler) needDynamic(b bound, at int, e *expr) {
	if e.typ != TypeDynamic {
		c.semantic(b, at, "a path needs a dynamic value, not a %s", e.typ)
	}
}

func (c *compiler) member(b bound, n *memberNode) *expr {
	e := c.scalar(b, n.x)
	c.needDynamic(b, n.pos, e)
	name := n.name
	return derive(TypeDynamic, func(v *env) Value { return property(e.eval(v), name) }, e)
}

func property(v Value, name string) Value {
	d, _ := v.(Dynamic)
	if m, ok := d.V.(map[string]any); ok && m[name] != nil {
		return Dynamic{m[name]}
	}
	return nil
}

func (c *compiler) index(b bound, n *indexNode) *expr {
	e, idx := c.scalar(b, n.x), c.scalar(b, n.idx)
	c.needDynamic(b, n.pos, e)
	if cl := classOf(idx.typ); cl != classText && cl != classNumber && cl != classAny {
		c.semantic(b, n.idx.at(), "an index must be a string or a number, not a %s", idx.typ)
	}
	return derive(TypeDynamic, func(v *env) Value { return element(e.eval(v), plain(idx.eval(v))) }, e, idx)
}

func element(v, idx Value) Value {
	if name, ok := idx.(string); ok {
		return property(v, name)
	}
	d, _ := v.(Dynamic)
	items, _ := d.V.([]any)
	i, ok := idx.(int64)
	if ok && i < 0 {
		i += int64(len(items))
	}
	if !ok || i < 0 || i >= int64(len(items)) || items[i] == nil {
		return nil
	}
	return Dynamic{items[i]}
}

func (c *compiler) negate(b bound, n *negNode) *expr {
	e := c.scalar(b, n.x)
	typ := e.typ
	switch {
	case classOf(typ) == classAny:
		e, typ = numeric(e), TypeDynamic
	case classOf(typ) != classNumber && classOf(typ) != classSpan:
		c.semantic(b, n.pos, "The operator '-' is not defined for the operand type %s", typ)
	}
	return derive(typ, func(v *env) Value {
		switch x := e.eval(v).(type) {
		case int64:
			return -x
		case float64:
			return -x
		case time.Duration:
			return -x
		}
		return nil
	}, e)
}

// numeric takes the number out of a dynamic value.
func numeric(e *expr) *expr {
	if e.typ != TypeDynamic {
		return e
	}
	return derive(TypeReal, func(v *env) Value {
		switch x := plain(e.eval(v)).(type) {
		case int64, float64:
			return x
		}
		return nil
	}, e)
}

// predicate binds a condition and returns it as a Go test; null is false.
func (c *compiler) predicate(b bound, n node) func(*env) bool {
	e := c.condition(b, n)
	return func(v *env) bool {
		ok, _ := e.eval(v).(bool)
		return ok
	}
}

func (c *compiler) condition(b bound, n node) *expr {
	e := c.scalar(b, n)
	if e.typ != TypeBool {
		c.semantic(b, n.at(), "The expression must have the type bool, not %s", e.typ)
	}
	return e
}

func (c *compiler) binary(b bound, n *binNode) *expr {
	switch n.op {
	case "and", "or":
		return c.logical(b, n)
	case "==", "!=", "<", ">", "<=", ">=":
		return c.comparison(b, n)
	case "+", "-", "*", "/", "%":
		return c.arithmetic(b, n)
	case "matches regex":
		return c.matches(b, n)
	}
	return c.textTest(b, n)
}

// logical is three-valued: false and null is false, true or null is true.
func (c *compiler) logical(b bound, n *binNode) *expr {
	l, r := c.condition(b, n.l), c.condition(b, n.r)
	decides := n.op == "or"
	return derive(TypeBool, func(v *env) Value {
		x := l.eval(v)
		if x == decides {
			return decides
		}
		y := r.eval(v)
		if y == decides {
			return decides
		}
		if x == nil || y == nil {
			return nil
		}
		return !decides
	}, l, r)
}

func (c *compiler) between(b bound, n *betweenNode) *expr {
	x, lo, hi := c.scalar(b, n.x), c.scalar(b, n.lo), c.scalar(b, n.hi)
	if x.typ == TypeDatetime && hi.typ == TypeTimespan {
		add := arithmetic("+", lo.typ, hi.typ)
		low, span := lo, hi
		hi = derive(TypeDatetime, func(v *env) Value { return add.apply(low.eval(v), span.eval(v)) }, lo, hi)
	}
	if !comparableTypes(x.typ, lo.typ) || !comparableTypes(x.typ, hi.typ) || classOf(x.typ) == classText {
		c.semantic(b, n.pos, "The operator 'between' is not defined for the operand types %s, %s and %s", x.typ, lo.typ, hi.typ)
	}
	return derive(TypeBool, func(v *env) Value {
		val, low, high := x.eval(v), lo.eval(v), hi.eval(v)
		above, ok1 := compare(val, low)
		below, ok2 := compare(val, high)
		if !ok1 || !ok2 {
			return nil
		}
		return (above >= 0 && below <= 0) != n.not
	}, x, lo, hi)
}
