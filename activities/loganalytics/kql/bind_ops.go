package kql

import (
	"math"
	"time"
)

func (c *compiler) comparison(b bound, n *binNode) *expr {
	l, r := c.scalar(b, n.l), c.scalar(b, n.r)
	if !comparableTypes(l.typ, r.typ) {
		c.semantic(b, n.pos, "Cannot compare values of types %s and %s. Try adding explicit casts", l.typ, r.typ)
	}
	if l.typ == TypeString && r.typ == TypeString {
		if e := textEquality(n.op, l, r); e != nil {
			return e
		}
	}
	test := order(n.op)
	switch n.op {
	case "==":
		return derive(TypeBool, func(v *env) Value { return equal(l.eval(v), r.eval(v)) }, l, r)
	case "!=":
		return derive(TypeBool, func(v *env) Value { return negated(equal(l.eval(v), r.eval(v))) }, l, r)
	}
	return derive(TypeBool, func(v *env) Value {
		x, ok := compare(l.eval(v), r.eval(v))
		if !ok {
			return nil
		}
		return test(x)
	}, l, r)
}

func order(op string) func(int) bool {
	switch op {
	case "<":
		return func(c int) bool { return c < 0 }
	case "<=":
		return func(c int) bool { return c <= 0 }
	case ">":
		return func(c int) bool { return c > 0 }
	}
	return func(c int) bool { return c >= 0 }
}

func negated(v Value) Value {
	if v == nil {
		return nil
	}
	return v != true
}

// textEquality is the common case of two strings, without null checks.
func textEquality(op string, l, r *expr) *expr {
	want := op == "=="
	if !want && op != "!=" {
		return nil
	}
	if r.fixed {
		s := r.val.(string)
		return derive(TypeBool, func(v *env) Value {
			x, _ := l.eval(v).(string)
			return (x == s) == want
		}, l, r)
	}
	return derive(TypeBool, func(v *env) Value {
		x, _ := l.eval(v).(string)
		y, _ := r.eval(v).(string)
		return (x == y) == want
	}, l, r)
}

// operation is an arithmetic operator for two operand types. A zero operation means the types do not go together.
type operation struct {
	typ   Type
	apply func(a, b Value) Value
}

func (c *compiler) arithmetic(b bound, n *binNode) *expr {
	l, r := c.scalar(b, n.l), c.scalar(b, n.r)
	lt, rt := untype(l, r), untype(r, l)
	op := arithmetic(n.op, lt, rt)
	if op.apply == nil {
		c.semantic(b, n.pos, "The operator '%s' is not defined for the operand types %s and %s", n.op, l.typ, r.typ)
	}
	l, r = operand(l, lt), operand(r, rt)
	return derive(op.typ, func(v *env) Value {
		x, y := l.eval(v), r.eval(v)
		if x == nil || y == nil {
			return nil
		}
		return op.apply(x, y)
	}, l, r)
}

// untype gives a dynamic operand the type that the other operand asks for.
func untype(e, other *expr) Type {
	switch {
	case e.typ != TypeDynamic:
		return e.typ
	case other.typ == TypeDynamic:
		return TypeReal
	}
	return other.typ
}

func operand(e *expr, typ Type) *expr {
	if e.typ == TypeDynamic {
		return cast(e, typ)
	}
	return e
}

func arithmetic(op string, l, r Type) operation {
	lc, rc := classOf(l), classOf(r)
	switch {
	case lc == classNumber && rc == classNumber:
		return numberOperation(op, l, r)
	case lc == classTime || rc == classTime:
		return timeOperation(op, lc, rc)
	case lc == classSpan || rc == classSpan:
		return spanOperation(op, lc, rc)
	}
	return operation{}
}

func isReal(t Type) bool { return t == TypeReal || t == TypeDecimal }

func numberOperation(op string, l, r Type) operation {
	if isReal(l) || isReal(r) {
		return operation{TypeReal, func(a, b Value) Value {
			x, _ := asFloat(a)
			y, _ := asFloat(b)
			return realMath(op, x, y)
		}}
	}
	return operation{TypeLong, func(a, b Value) Value {
		x, _ := a.(int64)
		y, _ := b.(int64)
		return wholeMath(op, x, y)
	}}
}

func realMath(op string, x, y float64) Value {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	}
	return math.Mod(x, y)
}

// wholeMath divides towards zero; a division by zero is null.
func wholeMath(op string, x, y int64) Value {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	if y == 0 {
		return nil
	}
	if op == "/" {
		return x / y
	}
	m := x % y
	if m < 0 {
		m += max(y, -y)
	}
	return m
}

func timeOperation(op string, l, r class) operation {
	switch {
	case op == "-" && l == classTime && r == classTime:
		return operation{TypeTimespan, func(a, b Value) Value { return a.(time.Time).Sub(b.(time.Time)) }}
	case op == "-" && l == classTime && r == classSpan:
		return operation{TypeDatetime, func(a, b Value) Value { return a.(time.Time).Add(-b.(time.Duration)) }}
	case op == "+" && l == classTime && r == classSpan:
		return operation{TypeDatetime, func(a, b Value) Value { return a.(time.Time).Add(b.(time.Duration)) }}
	case op == "+" && l == classSpan && r == classTime:
		return operation{TypeDatetime, func(a, b Value) Value { return b.(time.Time).Add(a.(time.Duration)) }}
	}
	return operation{}
}

func spanOperation(op string, l, r class) operation {
	if l == classSpan && r == classSpan {
		return twoSpans(op)
	}
	switch {
	case op == "*" && r == classNumber:
		return operation{TypeTimespan, func(a, b Value) Value { return scale(a, b) }}
	case op == "*" && l == classNumber:
		return operation{TypeTimespan, func(a, b Value) Value { return scale(b, a) }}
	case op == "/" && r == classNumber:
		return operation{TypeTimespan, func(a, b Value) Value {
			f, _ := asFloat(b)
			if f == 0 {
				return nil
			}
			return scale(a, 1/f)
		}}
	}
	return operation{}
}

func scale(span, factor Value) Value {
	f, _ := asFloat(factor)
	return time.Duration(math.Round(float64(span.(time.Duration)) * f))
}

func twoSpans(op string) operation {
	switch op {
	case "+":
		return operation{TypeTimespan, func(a, b Value) Value { return a.(time.Duration) + b.(time.Duration) }}
	case "-":
		return operation{TypeTimespan, func(a, b Value) Value { return a.(time.Duration) - b.(time.Duration) }}
	case "/":
		return operation{TypeReal, func(a, b Value) Value { return float64(a.(time.Duration)) / float64(b.(time.Duration)) }}
	case "%":
		return operation{TypeTimespan, func(a, b Value) Value {
			if b.(time.Duration) == 0 {
				return nil
			}
			return a.(time.Duration) % b.(time.Duration)
		}}
	}
	return operation{}
}
