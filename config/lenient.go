package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What follows reads the parts of a public hunting file that are written in
// many ways. They describe a hunt and never decide what it finds, so a form
// that cannot be read is a warning and is left out.

func (d *decoder) warn(n *yaml.Node, path, format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf("%s:%d: %s: %s", d.file, n.Line, path, fmt.Sprintf(format, args...)))
}

// prose is a description: a text, or a list of texts.
func (d *decoder) prose(n *yaml.Node, path string) string {
	if n.Kind == 0 || n.ShortTag() == "!!null" {
		return ""
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return strings.TrimSpace(n.Value)
	case yaml.SequenceNode:
		return strings.Join(d.names(n, path), "\n")
	}
	d.warn(n, path, "expected a text, found %s; it is left out", kindName(n))
	return ""
}

// names is a list of names, one name, or several with commas between them.
func (d *decoder) names(n *yaml.Node, path string) []string {
	if n.Kind == 0 || n.ShortTag() == "!!null" {
		return nil
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return splitNames(n.Value, path)
	case yaml.SequenceNode:
		return d.listed(n, path)
	}
	d.warn(n, path, "expected a list of names, found %s; it is left out", kindName(n))
	return nil
}

func splitNames(text, path string) []string {
	if path == "description" {
		return []string{text}
	}
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", ;[]\t\n", r) })
}

func (d *decoder) listed(n *yaml.Node, path string) []string {
	var out []string
	for i, item := range n.Content {
		switch {
		case item.ShortTag() == "!!null":
		case item.Kind == yaml.ScalarNode:
			out = append(out, splitNames(item.Value, path)...)
		default:
			d.warn(item, fmt.Sprintf("%s[%d]", path, i), "expected a name, found %s; it is left out", kindName(item))
		}
	}
	return out
}

// isText refuses a value that is a list or a mapping, and takes null as empty.
func (d *decoder) isText(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode:
		d.fail(n, path, "expected a text, found %s; write the KQL under %s: |", kindName(n), path)
		return false
	case n.Kind != 0 && n.ShortTag() == "!!null":
		n.Value = ""
	}
	return true
}

// given refuses an empty value, unless something else is wrong with it.
func (d *decoder) given(root *yaml.Node, key, value, want string) {
	said := slices.ContainsFunc(d.errs, func(err error) bool { return strings.Contains(err.Error(), ": "+key+": ") })
	if strings.TrimSpace(value) == "" && !said {
		d.fail(root, "", "%s is missing; %s", key, want)
	}
}
