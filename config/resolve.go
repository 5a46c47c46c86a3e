package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// minPrefix is the shortest prefix of an id that names a hunt.
const minPrefix = 4

// Resolve finds a hunt by its id, the id of another file with the same query,
// its slug, or a prefix of its id of at least four characters that no other
// hunt's id begins with.
func Resolve(hunts []soar.Hunt, name string) (soar.Hunt, error) {
	wanted := strings.ToLower(strings.TrimSpace(name))
	if wanted == "" {
		return soar.Hunt{}, errors.New("find hunt: no name given; name a hunt by its id, a prefix of its id, or its slug")
	}
	if len(hunts) == 0 {
		return soar.Hunt{}, fmt.Errorf("find hunt %q: no hunt is loaded; look at the start-up log for what is wrong with the hunting files", name)
	}
	for _, h := range hunts {
		if wanted == h.Slug || slices.Contains(idsOf(h), wanted) {
			return h, nil
		}
	}
	var matches []soar.Hunt
	for _, h := range hunts {
		if len(wanted) >= minPrefix && slices.ContainsFunc(idsOf(h), func(id string) bool { return strings.HasPrefix(id, wanted) }) {
			matches = append(matches, h)
		}
	}
	switch {
	case len(matches) == 1:
		return matches[0], nil
	case len(matches) > 1:
		return soar.Hunt{}, fmt.Errorf("find hunt %q: %d ids begin so: %s; write more of the id", name, len(matches), listHunts(matches))
	}
	return soar.Hunt{}, notFound(hunts, name, wanted)
}

func idsOf(h soar.Hunt) []string { return append([]string{h.ID}, h.Aliases...) }

func notFound(hunts []soar.Hunt, name, wanted string) error {
	var names []string
	for _, h := range hunts {
		names = append(names, h.Slug, h.ID)
	}
	if near := Nearest(wanted, names); near != "" {
		return fmt.Errorf("find hunt %q: there is none; did you mean %s? all hunts: %s", name, near, listHunts(hunts))
	}
	return fmt.Errorf("find hunt %q: there is none; the hunts are %s", name, listHunts(hunts))
}

func listHunts(hunts []soar.Hunt) string {
	const most = 10
	var out []string
	for _, h := range hunts {
		if len(out) == most {
			out = append(out, fmt.Sprintf("and %d more", len(hunts)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s (%s)", h.Slug, h.ID))
	}
	return strings.Join(out, ", ")
}
