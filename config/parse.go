package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads the one document of a file. An empty file, a second document,
// a tab as indentation and every syntax error are errors with file and line.
func parseYAML(file string, data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && isEmpty(&doc) {
		return nil, fmt.Errorf("%s: the file is empty; write one YAML document", file)
	}
	if err != nil {
		return nil, syntaxError(file, data, err)
	}
	if second, err := nextDocument(dec); err != nil {
		return nil, syntaxError(file, data, err)
	} else if second > 0 {
		return nil, fmt.Errorf("%s:%d: a second document begins after %q; write one document a file", file, second, "---")
	}
	return doc.Content[0], nil
}

// nextDocument is the line of the next document that says something; 0 when
// none does: a file may end in "---".
func nextDocument(dec *yaml.Decoder) (int, error) {
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, err
		case !isEmpty(&doc):
			return doc.Line, nil
		}
	}
}

func isEmpty(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null"
}

var lineOfError = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

func syntaxError(file string, data []byte, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1 // the library leaves the first line out
	if m := lineOfError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	if n := unreadable(data); n > 0 {
		return fmt.Errorf("%s:%d: not valid YAML: %s", file, n, text)
	}
	if n := tabLine(data, line); n > 0 {
		return fmt.Errorf("%s:%d: a tab is used as indentation; YAML takes spaces only", file, n)
	}
	return fmt.Errorf("%s:%d: not valid YAML: %s", file, line, text)
}

// unreadable is the first line with bytes that are not UTF-8 or with a control
// character; 0 when there is none. The library does not say where they are.
func unreadable(data []byte) int {
	for i, line := range bytes.Split(data, []byte("\n")) {
		bad := bytes.ContainsFunc(bytes.TrimRight(line, "\r"), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
		if bad || !utf8.Valid(line) {
			return i + 1
		}
	}
	return 0
}

// tabLine is the line at or just before an error's whose indentation begins with
// a tab; 0 when neither's does. A tab after spaces may be the text of a query.
func tabLine(data []byte, line int) int {
	lines := strings.Split(string(data), "\n")
	for n := max(1, line-1); n <= min(line+1, len(lines)); n++ {
		rest := strings.TrimLeft(lines[n-1], " \t")
		if indent := strings.TrimSuffix(lines[n-1], rest); rest != "" && strings.Contains(indent, "\t") {
			return n
		}
	}
	return 0
}
