package kql

import (
	"encoding/json"
	"errors"
	"math"
	"sort"
	"strconv"
	"strings"
)

const maxJSONDepth = 64

var errJSON = errors.New("malformed JSON")

// jsonReader decodes JSON into the forms Dynamic holds. Lax reading accepts what dynamic(…) literals accept: single
// quotes as well.
type jsonReader struct {
	s     string
	i     int
	depth int
	lax   bool
}

// parseJSON decodes a text; ok is false when it is not JSON.
func parseJSON(s string) (v any, ok bool) {
	r := &jsonReader{s: s}
	v, err := r.document()
	return v, err == nil
}

func parseDynamicLiteral(raw string) (Value, error) {
	r := &jsonReader{s: raw, lax: true}
	v, err := r.document()
	if err != nil || v == nil {
		return nil, err
	}
	return Dynamic{v}, nil
}

func (r *jsonReader) document() (any, error) {
	v, err := r.value()
	r.space()
	if err == nil && r.i != len(r.s) {
		return nil, errJSON
	}
	return v, err
}

func (r *jsonReader) space() {
	for r.i < len(r.s) && strings.IndexByte(" \t\r\n", r.s[r.i]) >= 0 {
		r.i++
	}
}

func (r *jsonReader) at(c byte) bool { return r.i < len(r.s) && r.s[r.i] == c }

func (r *jsonReader) value() (any, error) {
	r.space()
	if r.depth++; r.depth > maxJSONDepth || r.i >= len(r.s) {
		return nil, errJSON
	}
	defer func() { r.depth-- }()
	switch c := r.s[r.i]; {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"' || c == '\'' && r.lax:
		return r.str()
	}
	return r.word()
}

func (r *jsonReader) word() (any, error) {
	start := r.i
	for r.i < len(r.s) && strings.IndexByte(",]} \t\r\n", r.s[r.i]) < 0 {
		r.i++
	}
	w := r.s[start:r.i]
	switch w {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return jsonNumber(w)
}

func jsonNumber(w string) (any, error) {
	if w == "" || w[0] != '-' && !isDigit(w[0]) {
		return nil, errJSON
	}
	if n, err := strconv.ParseInt(w, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(w, 64)
	if err != nil {
		return nil, errJSON
	}
	return f, nil
}

func (r *jsonReader) str() (string, error) {
	start := r.i
	end := skipQuoted(r.s, start)
	if end >= len(r.s) {
		return "", errJSON
	}
	r.i = end + 1
	body := r.s[start+1 : end]
	if strings.IndexByte(body, '\\') < 0 {
		return body, nil
	}
	if r.s[start] == '\'' {
		body = strings.ReplaceAll(strings.ReplaceAll(body, `\'`, `'`), `"`, `\"`)
	}
	var out string
	if json.Unmarshal([]byte(`"`+body+`"`), &out) != nil {
		return "", errJSON
	}
	return out, nil
}

func (r *jsonReader) array() (any, error) {
	r.i++
	out := []any{}
	for r.space(); !r.at(']'); r.space() {
		if len(out) > 0 {
			if !r.at(',') {
				return nil, errJSON
			}
			r.i++
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	r.i++
	return out, nil
}

func (r *jsonReader) object() (any, error) {
	r.i++
	out := map[string]any{}
	for r.space(); !r.at('}'); r.space() {
		if len(out) > 0 {
			if !r.at(',') {
				return nil, errJSON
			}
			r.i++
		}
		if err := r.member(out); err != nil {
			return nil, err
		}
	}
	r.i++
	return out, nil
}

func (r *jsonReader) member(out map[string]any) error {
	r.space()
	if !r.at('"') && !(r.lax && r.at('\'')) {
		return errJSON
	}
	key, err := r.str()
	if err != nil {
		return err
	}
	if r.space(); !r.at(':') {
		return errJSON
	}
	r.i++
	out[key], err = r.value()
	return err
}

// Text encodes a decoded dynamic value as compact JSON with sorted keys; a Dynamic of a bare string is quoted.
func (d Dynamic) Text() string { return string(appendJSON(nil, d.V)) }

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendJSONString(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendReal(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case []any:
		return appendJSONArray(b, v)
	case map[string]any:
		return appendJSONObject(b, v)
	}
	return appendJSONString(b, toText(v))
}

func appendJSONString(b []byte, s string) []byte {
	var sb strings.Builder
	enc := json.NewEncoder(&sb)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return append(b, strings.TrimSuffix(sb.String(), "\n")...)
}

func appendReal(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, `"`+realText(f)+`"`...)
	}
	return append(b, realText(f)...)
}

func appendJSONArray(b []byte, items []any) []byte {
	b = append(b, '[')
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, it)
	}
	return append(b, ']')
}

func appendJSONObject(b []byte, m map[string]any) []byte {
	keys := sortedKeys(m)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendJSONString(b, k), ':')
		b = appendJSON(b, m[k])
	}
	return append(b, '}')
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
