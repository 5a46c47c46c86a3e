package config

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
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
		return nil, fmt.Errorf("%s:1: the file is empty; write one YAML document", file)
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
	data = utf8Text(data)
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1 // the library leaves the first line out
	if m := lineOfError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	if ofParser.MatchString(text) && line < bytes.Count(data, []byte("\n")) {
		line++
	}
	if n := unreadable(data); n > 0 {
		return fmt.Errorf("%s:%d: not valid YAML: %s", file, n, text)
	}
	if n := tabLine(data, line, strings.Contains(text, "tab character")); n > 0 {
		return fmt.Errorf("%s:%d: a tab is used as indentation; YAML takes spaces only", file, n)
	}
	return fmt.Errorf("%s:%d: not valid YAML: %s%s", file, line, text, colonHint(text))
}

// ofParser are the messages whose line the library counts from 0.
var ofParser = regexp.MustCompile(`^did not find expected (key|node content|'|<)`)

func colonHint(text string) string {
	if strings.HasPrefix(text, "mapping values are not allowed") {
		return `; write a value that holds ": " in quotes, and a query under query: |`
	}
	return ""
}

// utf8Text is a text in UTF-16, as its byte order mark says, in UTF-8.
func utf8Text(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data
	}
	var units []uint16
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
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

// tabLine is the line of an error when its indentation holds a tab, and where
// the error is about a tab the first such line from there on; 0 when none does.
// Elsewhere a tab after spaces may be the text of a query.
func tabLine(data []byte, line int, search bool) int {
	lines := strings.Split(string(data), "\n")
	for n := line; n <= len(lines) && (n == line || search); n++ {
		rest := strings.TrimLeft(lines[n-1], " \t")
		if indent := strings.TrimSuffix(lines[n-1], rest); rest != "" && strings.Contains(indent, "\t") {
			return n
		}
	}
	return 0
}
