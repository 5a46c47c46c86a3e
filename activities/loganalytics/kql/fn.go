package kql

import (
	"math"
	"strings"
	"sync"
	"time"
)

// builtins is the table of plain scalar functions, built once and never changed.
// https://learn.microsoft.com/kusto/query/scalar-functions
var builtins = sync.OnceValue(func() map[string]builtin {
	all := map[string]builtin{}
	for _, group := range []map[string]builtin{
		castFunctions(), testFunctions(), mathFunctions(), textFunctions(), patternFunctions(), codeFunctions(),
		timeFunctions(), calendarFunctions(), arrayFunctions(), bagFunctions(), netFunctions(),
	} {
		for name, f := range group {
			all[name] = f
		}
	}
	return all
})

func castTo(t Type) builtin {
	return builtin{sig: "a", ret: t, fn: func(a []Value) Value { return convert(a[0], t) }}
}

func castFunctions() map[string]builtin {
	return map[string]builtin{
		"tostring": castTo(TypeString), "tolong": castTo(TypeLong), "toint": castTo(TypeInt), "toreal": castTo(TypeReal),
		"todouble": castTo(TypeReal), "todecimal": castTo(TypeDecimal), "tobool": castTo(TypeBool), "toboolean": castTo(TypeBool),
		"todatetime": castTo(TypeDatetime), "totimespan": castTo(TypeTimespan), "toguid": castTo(TypeGUID),
		"gettype": {sig: "a", ret: TypeString, fn: func(a []Value) Value { return typeName(a[0]) }},
	}
}

func typeName(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case int64:
		return "long"
	case float64:
		return "double"
	case bool:
		return "bool"
	case time.Time:
		return "datetime"
	case time.Duration:
		return "timespan"
	case []any:
		return "array"
	case map[string]any:
		return "dictionary"
	case Dynamic:
		return typeName(v.V)
	}
	return "dynamic"
}

func isEmpty(v Value) bool {
	v = plain(v)
	return v == nil || v == ""
}

func testFunctions() map[string]builtin {
	return map[string]builtin{
		"isempty":    {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return isEmpty(a[0]) }},
		"isnotempty": {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return !isEmpty(a[0]) }},
		"notempty":   {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return !isEmpty(a[0]) }},
		"isnull":     {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return plain(a[0]) == nil }},
		"isnotnull":  {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return plain(a[0]) != nil }},
		"notnull":    {sig: "a", ret: TypeBool, fn: func(a []Value) Value { return plain(a[0]) != nil }},
		"not":        {sig: "b", ret: TypeBool, fn: func(a []Value) Value { return a[0] != true }},
		"isnan": {sig: "n", ret: TypeBool, fn: func(a []Value) Value {
			f, _ := asFloat(a[0])
			return math.IsNaN(f)
		}},
		"isinf": {sig: "n", ret: TypeBool, fn: func(a []Value) Value {
			f, _ := asFloat(a[0])
			return math.IsInf(f, 0)
		}},
		"strcmp": {sig: "ss", ret: TypeLong, fn: func(a []Value) Value {
			return int64(strings.Compare(a[0].(string), a[1].(string)))
		}},
	}
}

func firstType(args []*expr) Type {
	if len(args) == 0 {
		return TypeReal
	}
	switch t := args[0].typ; t {
	case TypeInt:
		return TypeLong
	case TypeDynamic:
		return TypeReal
	default:
		return t
	}
}

func real1(f func(float64) float64) builtin {
	return builtin{sig: "n", ret: TypeReal, fn: func(a []Value) Value {
		x, _ := asFloat(a[0])
		return f(x)
	}}
}

func mathFunctions() map[string]builtin {
	return map[string]builtin{
		"sqrt": real1(math.Sqrt), "exp": real1(math.Exp), "exp2": real1(math.Exp2), "log": real1(math.Log), "log2": real1(math.Log2),
		"log10": real1(math.Log10), "ceiling": {sig: "n", retOf: firstType, fn: func(a []Value) Value { return wholeOr(a[0], math.Ceil) }},
		"abs": {sig: "n", retOf: firstType, fn: absolute},
		"sign": {sig: "n", ret: TypeLong, fn: func(a []Value) Value {
			x, _ := asFloat(a[0])
			return int64(cmpOrdered(x, 0))
		}},
		"pow": {sig: "nn", ret: TypeReal, fn: func(a []Value) Value {
			x, _ := asFloat(a[0])
			y, _ := asFloat(a[1])
			return math.Pow(x, y)
		}},
		"round":  {sig: "n?i", ret: TypeReal, fn: roundTo},
		"bin":    {sig: "aa", retOf: binType, fn: bin},
		"floor":  {sig: "aa", retOf: binType, fn: bin},
		"min_of": {sig: "aa*", retOf: commonType, fn: func(a []Value) Value { return extreme(a, -1) }},
		"max_of": {sig: "aa*", retOf: commonType, fn: func(a []Value) Value { return extreme(a, 1) }},
	}
}

func wholeOr(v Value, f func(float64) float64) Value {
	if x, ok := v.(float64); ok {
		return f(x)
	}
	return v
}

func absolute(a []Value) Value {
	if n, ok := a[0].(int64); ok {
		return max(n, -n)
	}
	return math.Abs(a[0].(float64))
}

func roundTo(a []Value) Value {
	x, _ := asFloat(a[0])
	digits := int64(0)
	if len(a) == 2 {
		digits = a[1].(int64)
	}
	p := math.Pow(10, float64(digits))
	return math.Round(x*p) / p
}

func binType(args []*expr) Type {
	if len(args) == 2 && isReal(args[1].typ) {
		return TypeReal
	}
	return firstType(args)
}

// bin rounds down to a multiple; datetimes count from year 1, which is also the zero of time.Time.
func bin(a []Value) Value {
	v, size := plain(a[0]), plain(a[1])
	switch x := v.(type) {
	case time.Time:
		if d, ok := size.(time.Duration); ok && d > 0 {
			return x.Truncate(d)
		}
		return nil
	case time.Duration:
		if d, ok := size.(time.Duration); ok && d > 0 {
			return time.Duration(floorDiv(int64(x), int64(d))) * d
		}
		return nil
	case int64:
		if n, ok := size.(int64); ok && n > 0 {
			return floorDiv(x, n) * n
		}
	}
	x, ok1 := asFloat(v)
	s, ok2 := asFloat(size)
	if !ok1 || !ok2 || s <= 0 {
		return nil
	}
	return math.Floor(x/s) * s
}

func floorDiv(x, n int64) int64 {
	q := x / n
	if x%n < 0 {
		q--
	}
	return q
}

func extreme(a []Value, sign int) Value {
	var best Value
	for _, v := range a {
		if v = plain(v); v == nil {
			continue
		}
		if c, ok := compare(v, best); best == nil || ok && c*sign > 0 {
			best = v
		}
	}
	return best
}
