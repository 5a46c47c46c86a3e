package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// checker gathers what is wrong with decoded values, each with file and line.
type checker struct {
	file  string
	lines map[string]int
	// around is the line of what is checked, where a key is not given; 0 when not known.
	around int
	// place overrides file and lines.
	place    func(path string) string
	errs     []error
	warnings []string
}

func (c *checker) err() error { return errors.Join(c.errs...) }

func (c *checker) warn(path, format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf("%s: %s: %s", c.at(path), path, fmt.Sprintf(format, args...)))
}

func (c *checker) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s: %s", c.at(path), path, fmt.Sprintf(format, args...)))
}

// at is file and line of a key, or of the nearest key around it that is given.
func (c *checker) at(path string) string {
	if c.place != nil {
		return c.place(path)
	}
	for p := path; p != ""; p = parent(p) {
		if n := c.lines[p]; n > 0 {
			return fmt.Sprintf("%s:%d", c.file, n)
		}
	}
	if c.around > 0 {
		return fmt.Sprintf("%s:%d", c.file, c.around)
	}
	return c.file
}

func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

func (c *checker) each(path string, values []string, check func(string) error) {
	seen := map[string]bool{}
	for i, v := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if err := check(v); err != nil {
			c.fail(at, "%v", err)
		} else if seen[v] {
			c.fail(at, "%q is listed twice; keep one", v)
		}
		seen[v] = true
	}
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// MaxSlug keeps ids that are made of a slug, and cards that show it, short.
const MaxSlug = 60

func (c *checker) name(path, name string) {
	if !slugForm.MatchString(name) || len(name) > MaxSlug {
		c.fail(path, "%q is not a short name; write lower-case letters, digits and single hyphens, at most %d characters%s", name, MaxSlug, slugHint(name))
	}
}

func slugHint(name string) string {
	if s := Slug(name); s != "" {
		return ", as " + s
	}
	return ""
}

// Slug makes a short name out of a title: lower-case letters and digits with
// single hyphens, at most MaxSlug characters, cut between words.
func Slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	out := ""
	for _, w := range words {
		if len(out)+len(w) >= MaxSlug {
			break
		}
		out = strings.TrimPrefix(out+"-"+w, "-")
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
