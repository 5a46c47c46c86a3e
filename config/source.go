package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// source is a file's name and text, or why it could not be read.
type source struct {
	file string
	data []byte
	err  error
}

func readSource(file string) (source, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		err = fmt.Errorf("read %s: %w", file, err)
		return source{file: file, err: err}, err
	}
	return source{file: file, data: data}, nil
}

// readSources reads the YAML files of a folder in the order of their names;
// what is not YAML, and folders, are left out. A file that cannot be read is
// among them with its error: it is broken, not gone.
func readSources(dir string) ([]source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read folder %s: %w", dir, err)
	}
	var out []source
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		s, _ := readSource(filepath.Join(dir, e.Name())) // the error goes with the source
		out = append(out, s)
	}
	return out, nil
}

// root is the file's one document.
func (s source) root() (*yaml.Node, error) {
	if s.err != nil {
		return nil, s.err
	}
	return parseYAML(s.file, s.data)
}
