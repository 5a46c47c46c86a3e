package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Decode reads a YAML file strictly into a struct: unknown and duplicate keys,
// a second document, an empty file and values of another kind are errors with
// file and line. All errors are reported, joined; keys that are left out keep
// what into holds.
func Decode(file string, data []byte, into any) error {
	root, err := parseYAML(file, data)
	if err != nil {
		return err
	}
	d := newDecoder(file)
	d.decode(root, into)
	return d.err()
}

// decoder lays a YAML tree over Go values and remembers where each key stands.
type decoder struct {
	file string
	// lenient makes unknown keys warnings, and takes a scalar for a list of one.
	lenient  bool
	lines    map[string]int
	errs     []error
	warnings []string
}

func newDecoder(file string) *decoder {
	return &decoder{file: file, lines: map[string]int{}}
}

func (d *decoder) err() error { return errors.Join(d.errs...) }

func (d *decoder) decode(n *yaml.Node, into any) {
	d.value(n, reflect.ValueOf(into).Elem(), "")
}

func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	d.errs = append(d.errs, fmt.Errorf("%s:%d: %s", d.file, n.Line, text))
}

var nodeType = reflect.TypeFor[yaml.Node]()

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	d.lines[path] = n.Line
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.fail(n, path, "anchors and aliases are not read; write the value out")
		return
	}
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(*n))
		return
	}
	if n.ShortTag() == "!!null" {
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, u, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Map:
		d.entries(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// keyed reads the value of a key, which stands where the key does.
func (d *decoder) keyed(key, value *yaml.Node, v reflect.Value, path string) {
	at := join(path, key.Value)
	d.value(value, v, at)
	d.lines[at] = key.Line
}

func (d *decoder) text(n *yaml.Node, u encoding.TextUnmarshaler, path string) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, path, "expected a single value, found %s", kindName(n))
		return
	}
	if err := u.UnmarshalText([]byte(n.Value)); err != nil {
		d.fail(n, path, "%v%s", err, isoHint(n.Value))
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, path, "expected a single value, found %s", kindName(n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		if n.ShortTag() != "!!bool" {
			d.fail(n, path, "expected true or false, found %q", n.Value)
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil {
			d.fail(n, path, "expected a whole number, found %q", n.Value)
			return
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			d.fail(n, path, "expected a number, found %q", n.Value)
			return
		}
		v.SetFloat(f)
	default:
		d.fail(n, path, "cannot read a value of type %s", v.Type())
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	items := n.Content
	if d.lenient && n.Kind == yaml.ScalarNode {
		items = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		d.fail(n, path, "expected a list, found %s", kindName(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(out)
}

func (d *decoder) entries(n *yaml.Node, v reflect.Value, path string) {
	out := reflect.MakeMap(v.Type())
	d.pairs(n, path, func(key *yaml.Node, value *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.keyed(key, value, elem, path)
		out.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), elem)
	})
	v.Set(out)
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	fields := fieldsOf(v)
	d.pairs(n, path, func(key *yaml.Node, value *yaml.Node) {
		if f, ok := fields[key.Value]; ok {
			d.keyed(key, value, f, path)
			return
		}
		d.unknown(key, path, keysOf(fields))
	})
}

// pairs walks a mapping and refuses keys that are given twice.
func (d *decoder) pairs(n *yaml.Node, path string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, path, "expected a mapping (key: value), found %s", kindName(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.fail(key, path, "expected a plain key, found %s", kindName(key))
			continue
		}
		if first, twice := seen[key.Value]; twice {
			d.fail(key, path, "key %q stands twice, first on line %d; keep one", key.Value, first)
			continue
		}
		seen[key.Value] = key.Line
		each(key, value)
	}
}

func (d *decoder) unknown(key *yaml.Node, path string, known []string) {
	text := fmt.Sprintf("unknown key %q; ", key.Value)
	if near := Nearest(key.Value, known); near != "" {
		text += fmt.Sprintf("did you mean %q?", near)
	} else {
		text += "known here: " + strings.Join(known, ", ")
	}
	if d.lenient {
		d.warnings = append(d.warnings, fmt.Sprintf("%s:%d: %s", d.file, key.Line, text))
		return
	}
	d.fail(key, path, "%s", text)
}

// fieldsOf gives a struct's fields by YAML key, those of inline structs with them.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			for k, f := range fieldsOf(v.Field(i)) {
				out[k] = f
			}
		case name != "" && name != "-":
			out[name] = v.Field(i)
		}
	}
	return out
}

func keysOf(fields map[string]reflect.Value) []string {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return fmt.Sprintf("%q", n.Value)
}
