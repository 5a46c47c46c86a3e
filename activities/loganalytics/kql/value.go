package kql

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"
)

// class groups types whose values compare with each other.
type class int

const (
	classAny class = iota // dynamic compares with everything
	classText
	classNumber
	classBool
	classTime
	classSpan
)

func classOf(t Type) class {
	switch t {
	case TypeString, TypeGUID:
		return classText
	case TypeLong, TypeInt, TypeReal, TypeDecimal:
		return classNumber
	case TypeBool:
		return classBool
	case TypeDatetime:
		return classTime
	case TypeTimespan:
		return classSpan
	}
	return classAny
}

// comparable tells whether the service compares the two types without a cast.
func comparableTypes(a, b Type) bool {
	ca, cb := classOf(a), classOf(b)
	return ca == cb || ca == classAny || cb == classAny || ca == classBool && cb == classNumber || ca == classNumber && cb == classBool
}

// plain takes a dynamic's inner value when it is a scalar, so that it compares with typed values.
func plain(v Value) Value {
	if d, ok := v.(Dynamic); ok {
		return d.V
	}
	return v
}

func asFloat(v Value) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case Dynamic:
		return asFloat(v.V)
	}
	return 0, false
}

// compare orders two non-null values; ok is false when they do not compare.
func compare(a, b Value) (c int, ok bool) {
	a, b = plain(a), plain(b)
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), true
		}
	case int64:
		if y, ok := b.(int64); ok {
			return cmpOrdered(x, y), true
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), true
		}
	case time.Duration:
		if y, ok := b.(time.Duration); ok {
			return cmpOrdered(x, y), true
		}
	}
	x, okx := asFloat(a)
	y, oky := asFloat(b)
	if !okx || !oky {
		return 0, false
	}
	return cmpOrdered(x, y), true
}

func cmpOrdered[T int64 | float64 | time.Duration](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// equal follows https://learn.microsoft.com/kusto/query/scalar-data-types/null-values: two nulls are neither equal nor
// unequal (nil), a null and a value are unequal.
func equal(a, b Value) Value {
	a, b = plain(a), plain(b)
	if a == nil || b == nil {
		if a == nil && b == nil {
			return nil
		}
		return false
	}
	if c, ok := compare(a, b); ok {
		return c == 0
	}
	if isContainer(a) && isContainer(b) {
		return string(appendJSON(nil, a)) == string(appendJSON(nil, b))
	}
	return false
}

func isContainer(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// appendKey encodes a value so that equal values, and only they, have equal bytes.
func appendKey(b []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 0)
	case string:
		b = binary.AppendUvarint(append(b, 's'), uint64(len(v)))
		return append(b, v...)
	case int64:
		return binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(v))
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'f'), math.Float64bits(v))
	case bool:
		if v {
			return append(b, 'T')
		}
		return append(b, 'F')
	case time.Time:
		b = binary.LittleEndian.AppendUint64(append(b, 't'), uint64(v.Unix()))
		return binary.LittleEndian.AppendUint32(b, uint32(v.Nanosecond()))
	case time.Duration:
		return binary.LittleEndian.AppendUint64(append(b, 'd'), uint64(v))
	case Dynamic:
		return appendKey(b, v.V)
	}
	return appendKey(append(b, 'j'), string(appendJSON(nil, v)))
}

// toText is tostring(): null is empty, a dynamic string loses its quotes.
func toText(v Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return realText(v)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.0000000Z")
	case time.Duration:
		return TimespanText(v)
	case Dynamic:
		return toText(v.V)
	}
	return string(appendJSON(nil, v))
}

func realText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if a := math.Abs(f); a < 1e15 && a > 1e-5 || f == 0 {
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if strings.Trim(s, "-0123456789") == "" {
		s += ".0"
	}
	return s
}

// convert is a cast such as tolong() or a dynamic cell's way into a typed function; nil when it does not fit.
func convert(v Value, to Type) Value {
	v = plain(v)
	switch to {
	case TypeString:
		return toText(v)
	case TypeDynamic:
		return toDynamic(v)
	}
	if s, ok := v.(string); ok {
		return convertText(s, to)
	}
	switch to {
	case TypeLong, TypeInt:
		return toWhole(v, to)
	case TypeReal, TypeDecimal:
		if f, ok := asFloat(v); ok {
			return f
		}
	case TypeBool:
		return toTruth(v)
	case TypeDatetime:
		if t, ok := v.(time.Time); ok {
			return t
		}
	case TypeTimespan:
		if d, ok := v.(time.Duration); ok {
			return d
		}
	}
	return nil
}

func toTruth(v Value) Value {
	if f, ok := asFloat(v); ok {
		return f != 0
	}
	return nil
}

func toWhole(v Value, to Type) Value {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case float64:
		if math.IsNaN(v) || math.Abs(v) >= math.MaxInt64 {
			return nil
		}
		n = int64(v)
	case bool:
		if v {
			n = 1
		}
	case time.Duration:
		n = int64(v / 100)
	case time.Time:
		n = ticks(v)
	default:
		return nil
	}
	if to == TypeInt && (n > math.MaxInt32 || n < math.MinInt32) {
		return nil
	}
	return n
}

// ticks counts 100 ns since year 1, as .NET does.
func ticks(t time.Time) int64 {
	const unixEpochTicks = 621355968000000000
	return unixEpochTicks + t.Unix()*10_000_000 + int64(t.Nanosecond())/100
}

// toDynamic wraps a typed value; datetimes and timespans keep their text form inside.
func toDynamic(v Value) Value {
	switch v := v.(type) {
	case nil:
		return nil
	case Dynamic:
		return v
	case time.Time, time.Duration:
		return Dynamic{toText(v)}
	}
	return Dynamic{v}
}

// Text writes a value for people: null is <null>, a dynamic its JSON, everything else its tostring().
func Text(v Value) string {
	switch v := v.(type) {
	case nil:
		return "<null>"
	case Dynamic:
		return v.Text()
	}
	return toText(v)
}
