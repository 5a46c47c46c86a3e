package config

import "go.yaml.in/yaml/v3"

// DecodeNode reads one value of a YAML file into a struct as strictly as Decode does;
// keys that are left out keep what into holds.
func DecodeNode(file string, n *yaml.Node, into any) error {
	d := newDecoder(file)
	d.decode(n, into)
	return d.err()
}
