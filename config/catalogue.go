package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"harrier/workflows/soar"
)

// Catalogue holds the hunts, suppressions and tenant settings in force. Reload
// reads the files again; a file that went bad leaves its last good version in
// force. It is safe for concurrent use.
type Catalogue struct {
	files Files

	reload sync.Mutex // one reload at a time
	mu     sync.RWMutex
	now    contents
}

// contents are one consistent reading of all files.
type contents struct {
	hunts    []soar.Hunt
	rules    []soar.Rule
	ruleFile []ruleFile
	tenant   soar.Tenant
	broken   []string
	problems []error
	warnings []string
}

// NewCatalogue reads the files of a configuration. Without tenant settings
// nothing can be judged, and without a readable folder of hunts nothing hunted:
// these are errors. What else is wrong is in Problems, and does not keep the
// good hunts and rules from being used.
func NewCatalogue(cfg Config) (*Catalogue, error) {
	c := &Catalogue{files: cfg.Files}
	tenant, err := LoadTenant(c.files.Tenant)
	if err != nil {
		return nil, err
	}
	if _, err := readSources(c.files.Hunts); err != nil {
		return nil, err
	}
	c.now.tenant = tenant
	_ = c.Reload() // the same errors are in Problems
	return c, nil
}

// Reload reads all files again and returns what is wrong with them, joined.
func (c *Catalogue) Reload() error {
	c.reload.Lock()
	defer c.reload.Unlock()
	next := c.read(c.snapshot())
	c.mu.Lock()
	c.now = next
	c.mu.Unlock()
	return errors.Join(next.problems...)
}

func (c *Catalogue) snapshot() contents {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now
}

func (c *Catalogue) read(last contents) contents {
	var next contents
	next.readTenant(c.files.Tenant, last)
	next.readRules(c.files.Suppressions, last)
	next.readHunts(c.files, last)
	return next
}

func (n *contents) readTenant(file string, last contents) {
	t, err := LoadTenant(file)
	if err != nil {
		n.problems = append(n.problems, err, stays(file))
		t = last.tenant
	}
	n.tenant = t
}

func stays(file string) error {
	return fmt.Errorf("%s: its last good version stays in force", file)
}

func (n *contents) readRules(dir string, last contents) {
	sources, err := readSources(dir)
	if err != nil {
		n.problems = append(n.problems, err)
		n.ruleFile = last.ruleFile
	}
	for _, s := range sources {
		f := parseRuleFile(s)
		n.problems = append(n.problems, f.errs...)
		if old := goodRules(last.ruleFile, f); len(f.errs) > 0 && old != nil {
			f.entries, f.errs = old.entries, nil
			n.problems = append(n.problems, stays(s.file))
		}
		n.ruleFile = append(n.ruleFile, f)
	}
	rules, twice := expandRules(n.ruleFile, n.tenant)
	n.rules = rules
	n.problems = append(n.problems, twice...)
}

func goodRules(last []ruleFile, f ruleFile) *ruleFile {
	i := slices.IndexFunc(last, func(o ruleFile) bool { return o.file == f.file && len(o.errs) == 0 })
	if i < 0 {
		return nil
	}
	return &last[i]
}

func (n *contents) readHunts(files Files, last contents) {
	loaded, err := LoadHunts(files.Hunts, files.HuntSettings, files.Workspaces...)
	n.hunts, n.broken, n.warnings = loaded.Hunts, loaded.Broken, loaded.Warnings
	if err != nil {
		n.problems = append(n.problems, flatten(err)...)
	}
	if len(loaded.Hunts)+len(loaded.Broken) == 0 && err != nil {
		n.hunts = last.hunts
		return
	}
	for _, old := range last.hunts {
		if slices.Contains(loaded.Broken, old.File) && !n.clashes(old) {
			n.hunts = append(n.hunts, old)
			n.problems = append(n.problems, stays(old.File))
		}
	}
	slices.SortStableFunc(n.hunts, func(a, b soar.Hunt) int { return strings.Compare(a.File, b.File) })
}

func (n *contents) clashes(old soar.Hunt) bool {
	return slices.ContainsFunc(n.hunts, func(h soar.Hunt) bool { return h.ID == old.ID || h.Slug == old.Slug })
}

// flatten takes joined errors apart, so that each is one line of a list.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}

// Hunts are the hunts in force, in the order of their files' names.
func (c *Catalogue) Hunts() []soar.Hunt { return slices.Clone(c.snapshot().hunts) }

// Hunt finds a hunt in force as Resolve does.
func (c *Catalogue) Hunt(name string) (soar.Hunt, error) { return Resolve(c.snapshot().hunts, name) }

// Rules are the suppressions in force, expanded for this tenant.
func (c *Catalogue) Rules() []soar.Rule { return slices.Clone(c.snapshot().rules) }

// Tenant is what the deployment says of itself.
func (c *Catalogue) Tenant() soar.Tenant { return c.snapshot().tenant }

// Broken are the files whose hunt is there, but could not be loaded as it stands.
func (c *Catalogue) Broken() []string { return slices.Clone(c.snapshot().broken) }

// Problems are what is wrong with the files as they stand, one each.
func (c *Catalogue) Problems() []string {
	var out []string
	for _, err := range c.snapshot().problems {
		for _, e := range flatten(err) {
			out = append(out, e.Error())
		}
	}
	return out
}

// Warnings are what deserves a look in the files and keeps nothing from running.
func (c *Catalogue) Warnings() []string { return slices.Clone(c.snapshot().warnings) }
