package loganalytics_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
)

// literalEnd is where a double-quoted Kusto string ends, and what it says: an
// independent reading of https://learn.microsoft.com/kusto/query/scalar-data-types/string.
func literalEnd(s string) (value string, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", s, false
			}
			b.WriteByte(s[i])
		case '\n', '\r':
			return "", s, false
		default:
			b.WriteByte(s[i])
		}
	}
	return "", s, false
}

func TestALiteralIsAlwaysOneStringThatSaysItsValue(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(`"\'|;/@ab )([]{}`)))).Draw(rt, "value")
		got, err := loganalytics.KQLString(in)
		if err != nil {
			return
		}
		value, rest, ok := literalEnd(got)
		if !ok || rest != "" || value != in {
			rt.Fatalf("%q is written as %s, which reads as %q with %q left over", in, got, value, rest)
		}
		res, err := kql.Run(t.Context(), kql.Database{}, "print v = "+got, kql.Options{})
		if err != nil || len(res.Columns) != 1 || res.Rows[0][0] != in {
			rt.Fatalf("%s evaluates to %v, %v", got, res, err)
		}
	})
}

func TestAnInjectionStaysAValue(t *testing.T) {
	for _, in := range []string{`x" or 1==1 //@evil.test`, `x\" | union secrets //`, `\`, `a"])); print "`} {
		got, err := loganalytics.KQLStrings([]string{in, "b"})
		if err != nil {
			t.Fatal(err)
		}
		res, err := kql.Run(t.Context(), kql.Database{}, "print n = array_length("+got+"), v = tostring("+got+"[0])", kql.Options{})
		if err != nil || res.Rows[0][0] != int64(2) || res.Rows[0][1] != in {
			t.Errorf("%q: %v, %v", in, res, err)
		}
	}
}

func TestControlCharactersAndBrokenTextAreRefused(t *testing.T) {
	for _, in := range []string{"a\nb", "a\rb", "a\x00b", "a\x7fb", "a\u0085b", "a\u2028b", "a\u2029b", "a\xffb"} {
		if got, err := loganalytics.KQLString(in); err == nil {
			t.Errorf("%q is written as %s", in, got)
		}
	}
}
