package kql

// builtin is a function of values. sig has a letter for each parameter: s string, i whole number, n number, r real,
// b bool, d datetime, t timespan, y dynamic, a anything, p regular expression; a ? makes the rest optional and a *
// repeats the last. Except for a, a null argument makes the result null and fn is not called.
type builtin struct {
	sig   string
	ret   Type
	retOf func([]*expr) Type
	fn    function
	// prepare makes a function with a memory of its own, such as a compiled pattern, for one place in the query.
	prepare func() function
}

type function func(a []Value) Value

type signature struct {
	kinds     string
	low, high int
}

func parseSignature(sig string) signature {
	s := signature{low: -1}
	for _, r := range sig {
		switch r {
		case '?':
			s.low = len(s.kinds)
		case '*':
			s.high = anyNumber
		default:
			s.kinds += string(r)
		}
	}
	if s.low < 0 {
		s.low = len(s.kinds)
	}
	s.high = max(s.high, len(s.kinds))
	return s
}

func (s signature) kind(i int) byte { return s.kinds[min(i, len(s.kinds)-1)] }

func (c *compiler) builtin(b bound, n *callNode, f builtin, args []*expr) *expr {
	sig := parseSignature(f.sig)
	c.arity(b, n, sig.low, sig.high)
	typ := f.ret
	if f.retOf != nil {
		typ = f.retOf(args)
	}
	for i := range args {
		if sig.kind(i) == 'p' {
			c.regex(b, n.args[i].at(), args[i])
		}
		arg, ok := coerce(sig.kind(i), args[i])
		if !ok {
			c.semantic(b, n.args[i].at(), "%s(): argument %d has the wrong type", n.name, i+1)
		}
		args[i] = arg
	}
	fn := f.fn
	if f.prepare != nil {
		fn = f.prepare()
	}
	buf := make([]Value, len(args))
	e := derive(typ, func(v *env) Value {
		for i, a := range args {
			val := a.eval(v)
			if val == nil && sig.kind(i) != 'a' {
				return emptyOf(typ)
			}
			buf[i] = val
		}
		if out := fn(buf); out != nil {
			return out
		}
		return emptyOf(typ)
	}, args...)
	return e
}

func emptyOf(t Type) Value {
	if t == TypeString {
		return ""
	}
	return nil
}

// coerce checks an argument's type and converts it to the Go type the function takes; ok is false for a wrong type.
func coerce(kind byte, e *expr) (out *expr, ok bool) {
	cl := classOf(e.typ)
	dyn := cl == classAny
	switch kind {
	case 'i':
		return cast(e, TypeLong), dyn || cl == classNumber || cl == classBool
	case 'r':
		return cast(e, TypeReal), dyn || cl == classNumber
	case 'n':
		return numeric(e), dyn || cl == classNumber
	case 'b':
		return cast(e, TypeBool), dyn || cl == classBool
	case 'd':
		return cast(e, TypeDatetime), dyn || cl == classTime
	case 't':
		return cast(e, TypeTimespan), dyn || cl == classSpan
	case 'y':
		return derive(TypeDynamic, func(v *env) Value { return plain(e.eval(v)) }, e), dyn
	case 'a':
		return e, true
	}
	return cast(e, TypeString), true
}
