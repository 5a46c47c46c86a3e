package commands

import (
	"log/slog"
	"slices"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// sorted lists a map as "key: value" lines in the order of keys.
func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k, v := range m {
		out = append(out, k+": "+v)
	}
	slices.Sort(out)
	return out
}
