package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

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
	var second yaml.Node
	err = dec.Decode(&second)
	switch {
	case errors.Is(err, io.EOF):
		return doc.Content[0], nil
	case err != nil:
		return nil, syntaxError(file, data, err)
	}
	return nil, fmt.Errorf("%s:%d: a second document begins after %q; write one document a file", file, second.Line, "---")
}

func isEmpty(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null"
}

var lineOfError = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

func syntaxError(file string, data []byte, err error) error {
	if n := tabLine(data); n > 0 {
		return fmt.Errorf("%s:%d: a tab is used as indentation; YAML takes spaces only", file, n)
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineOfError.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return fmt.Errorf("%s:%d: not valid YAML: %s", file, n, m[2])
	}
	return fmt.Errorf("%s: not valid YAML: %s", file, text)
}

// tabLine is the first line whose indentation holds a tab; 0 when none does.
func tabLine(data []byte) int {
	for i, line := range strings.Split(string(data), "\n") {
		rest := strings.TrimLeft(line, " \t")
		if rest != "" && strings.Contains(line[:len(line)-len(rest)], "\t") {
			return i + 1
		}
	}
	return 0
}
