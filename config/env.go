package config

import (
	"reflect"
	"slices"
)

// EnvNames are the environment variables that Load reads, in order.
func EnvNames() []string {
	c := Default()
	var names []string
	leaves(reflect.ValueOf(&c).Elem(), "", func(path string, _ reflect.Value) { names = append(names, EnvName(path)) })
	slices.Sort(names)
	return names
}
