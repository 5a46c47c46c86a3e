package soar

import (
	"math"
	"strings"
	"unicode/utf8"
)

// decodeLabel turns an xn-- label of a domain into its characters. ok is false
// when it is no such label or not valid punycode.
func decodeLabel(label string) (string, bool) {
	rest, is := strings.CutPrefix(label, "xn--")
	if !is {
		return "", false
	}
	return decodePunycode(rest)
}

// Parameters of punycode, https://www.rfc-editor.org/rfc/rfc3492#section-5
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 128
)

// maxLabel bounds decoding: a label has at most 63 octets,
// https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const maxLabel = 63

func decodePunycode(s string) (string, bool) {
	if len(s) == 0 || len(s) > maxLabel {
		return "", false
	}
	var out []rune
	if at := strings.LastIndexByte(s, '-'); at > 0 {
		out = []rune(s[:at])
		s = s[at+1:]
	}
	for _, r := range out {
		if r >= utf8.RuneSelf {
			return "", false
		}
	}
	n, i, bias := punyInitialN, 0, punyInitialBias
	for s != "" {
		start := i
		var ok bool
		if i, s, ok = punyInteger(s, i, bias); !ok {
			return "", false
		}
		length := len(out) + 1
		bias = punyAdapt(i-start, length, start == 0)
		n += i / length
		i %= length
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return "", false
		}
		out = append(out, 0)
		copy(out[i+1:], out[i:])
		out[i] = rune(n)
		i++
	}
	return string(out), true
}

// punyInteger reads one variable-length integer and adds it to i.
func punyInteger(s string, i, bias int) (sum int, rest string, ok bool) {
	weight := 1
	for k := punyBase; ; k += punyBase {
		if s == "" {
			return 0, "", false
		}
		digit := punyDigit(s[0])
		s = s[1:]
		if digit < 0 || digit > (math.MaxInt32-i)/weight {
			return 0, "", false
		}
		i += digit * weight
		t := min(max(k-bias, punyTMin), punyTMax)
		if digit < t {
			return i, s, true
		}
		if weight > math.MaxInt32/(punyBase-t) {
			return 0, "", false
		}
		weight *= punyBase - t
	}
}

func punyDigit(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case '0' <= c && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > ((punyBase-punyTMin)*punyTMax)/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
