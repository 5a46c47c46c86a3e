package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"harrier/workflows/soar"
)

// Hunts are the hunts of a folder with their settings.
type Hunts struct {
	// Hunts are the good ones, in the order of their files' names.
	Hunts []soar.Hunt
	// Warnings do not keep a hunt from running; each begins with file and line.
	Warnings []string
	// Broken are the files whose hunt could not be loaded. Such a hunt is
	// broken, not gone: whoever acts on its absence must leave it alone.
	Broken []string
	// Unsettled says that the settings file as a whole could not be read: no
	// hunt is loaded then, none may run without its own settings.
	Unsettled bool
}

// LoadHunts reads the hunting queries of a folder, in the public Microsoft
// Sentinel format, and Harrier's settings of them. Good hunts and the joined
// errors of the others come back together. Two files with one query are one
// hunt. An empty settingsFile gives every hunt the defaults. Workspaces are the
// names that settings may give.
func LoadHunts(dir, settingsFile string, workspaces ...string) (Hunts, error) {
	sources, err := readSources(dir)
	if err != nil {
		return Hunts{}, err
	}
	var settings source
	if settingsFile != "" {
		settings, _ = readSource(settingsFile) // the error goes with the source
	}
	hunts, bad := parseHunts(sources, settings, workspaces)
	return hunts, errors.Join(bad...)
}

func allBroken(sources []source) Hunts {
	h := Hunts{Unsettled: true}
	for _, s := range sources {
		h.Broken = append(h.Broken, s.file)
	}
	return h
}

// huntFile is the public hunting format (Azure-Sentinel "Query Style Guide").
// What Harrier has no use for is read and let be.
type huntFile struct {
	ID                     string    `yaml:"id"`
	Name                   string    `yaml:"name"`
	Description            yaml.Node `yaml:"description"`
	DescriptionDetailed    yaml.Node `yaml:"description-detailed"`
	Severity               yaml.Node `yaml:"severity"`
	RequiredDataConnectors yaml.Node `yaml:"requiredDataConnectors"`
	Tactics                yaml.Node `yaml:"tactics"`
	RelevantTechniques     yaml.Node `yaml:"relevantTechniques"`
	Query                  yaml.Node `yaml:"query"`
	Version                yaml.Node `yaml:"version"`
	EntityMappings         yaml.Node `yaml:"entityMappings"`
	CustomDetails          yaml.Node `yaml:"customDetails"`
	Tags                   yaml.Node `yaml:"tags"`
	Metadata               yaml.Node `yaml:"metadata"`
	Kind                   yaml.Node `yaml:"kind"`
	Status                 yaml.Node `yaml:"status"`
}

// parsedHunt is a hunt with where its parts stand, for errors.
type parsedHunt struct {
	hunt   soar.Hunt
	idLine int
	query  yaml.Node
	data   []byte
}

// place is "file:line" of an offset in the query.
func (p parsedHunt) place(offset int) string {
	line, _ := placeOf(p.query, p.data, offset)
	return fmt.Sprintf("%s:%d", p.hunt.File, line)
}

func parseHuntFile(s source) (parsedHunt, []string, error) {
	root, err := s.root()
	if err != nil {
		return parsedHunt{hunt: soar.Hunt{File: s.file}}, nil, err
	}
	d := newDecoder(s.file)
	d.lenient = true
	if root.Kind != yaml.MappingNode {
		d.fail(root, "", "expected a mapping (key: value), found %s", kindName(root))
		return parsedHunt{hunt: soar.Hunt{File: s.file}}, nil, d.err()
	}
	var f huntFile
	d.decode(root, &f)
	d.given(root, "id", f.ID, "a hunt is known by its id, write a new UUID")
	d.given(root, "name", f.Name, "cards and summaries show it")
	if d.isText(&f.Query, "query") {
		d.given(root, "query", f.Query.Value, "a file without one is a stub, write the KQL under query: |")
	}
	h := soar.Hunt{
		ID: strings.ToLower(strings.TrimSpace(f.ID)), Name: strings.TrimSpace(f.Name), Description: d.prose(&f.Description, "description"),
		Tactics: d.names(&f.Tactics, "tactics"), Techniques: d.names(&f.RelevantTechniques, "relevantTechniques"),
		Query: f.Query.Value, File: s.file,
	}
	return parsedHunt{hunt: h, idLine: max(1, d.lines["id"]), query: f.Query, data: utf8Text(s.data)}, d.warnings, d.err()
}

// huntLoader gathers hunts while it goes through their files.
type huntLoader struct {
	out   Hunts
	errs  []error
	found []parsedHunt
	// settings by hunt id, and where they stand.
	settings     map[string]yaml.Node
	settingsFile string
	// workspaces are the names that settings may give.
	workspaces []string
}

func parseHunts(sources []source, settings source, workspaces []string) (Hunts, []error) {
	l := huntLoader{settingsFile: settings.file, workspaces: workspaces}
	if settings.file != "" {
		entries, err := parseSettings(settings)
		if err != nil {
			return allBroken(sources), []error{err}
		}
		l.settings = entries
	}
	ids := map[string]string{}
	for _, s := range sources {
		l.add(s, ids)
	}
	l.mergeTwins()
	l.checkSettingsKeys(ids)
	l.settle()
	return l.out, l.errs
}

func (l *huntLoader) broken(file string, err error) {
	l.errs = append(l.errs, err)
	if !slices.Contains(l.out.Broken, file) {
		l.out.Broken = append(l.out.Broken, file)
	}
}

func (l *huntLoader) add(s source, ids map[string]string) {
	p, warnings, err := parseHuntFile(s)
	l.out.Warnings = append(l.out.Warnings, warnings...)
	other, taken := ids[p.hunt.ID]
	switch {
	case err != nil:
		l.broken(s.file, err)
	case taken:
		l.broken(s.file, fmt.Errorf("%s:%d: id %s is taken by %s; give this hunt an id of its own", s.file, p.idLine, p.hunt.ID, other))
		return
	default:
		l.found = append(l.found, p)
	}
	if p.hunt.ID != "" {
		ids[p.hunt.ID] = s.file
	}
}

// mergeTwins makes two files with one query one hunt: the one with settings,
// else the first. It keeps the other's id as an alias.
func (l *huntLoader) mergeTwins() {
	at := map[string]int{}
	var kept []parsedHunt
	for _, p := range l.found {
		key := queryText(p.hunt.Query)
		i, twin := at[key]
		if !twin {
			at[key] = len(kept)
			kept = append(kept, p)
			continue
		}
		main, alias := kept[i], p
		if l.hasSettings(alias.hunt.ID) && !l.hasSettings(main.hunt.ID) {
			main, alias = alias, main
		}
		main.hunt.Aliases = append(append(main.hunt.Aliases, alias.hunt.Aliases...), alias.hunt.ID)
		kept[i] = main
		l.out.Warnings = append(l.out.Warnings, fmt.Sprintf("%s: has the same query as %s; they are one hunt, %s, and this id an alias of it",
			alias.place(0), main.hunt.File, main.hunt.ID))
	}
	l.found = kept
}

func (l *huntLoader) hasSettings(id string) bool {
	_, ok := l.settings[id]
	return ok
}

// queryText is a query without what cannot change its meaning: white space at
// the ends of lines and of the text.
func queryText(query string) string {
	lines := strings.Split(strings.TrimSpace(query), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Join(lines, "\n")
}

func (l *huntLoader) checkSettingsKeys(ids map[string]string) {
	known := slices.Sorted(maps.Keys(ids))
	for _, id := range slices.Sorted(maps.Keys(l.settings)) {
		if _, ok := ids[id]; !ok {
			n := l.settings[id]
			l.errs = append(l.errs, fmt.Errorf("%s:%d: no hunting file has the id %s%s", l.settingsFile, n.Line, id, nearestID(id, known)))
		}
	}
}

func nearestID(id string, known []string) string {
	if near := didYouMean(id, known); near != "" || len(known) == 0 {
		return near
	}
	return "; known ids: " + strings.Join(known, ", ")
}

// settle gives every hunt its settings and keeps the ones that are whole.
func (l *huntLoader) settle() {
	slugs := map[string]string{}
	for _, p := range l.found {
		node := l.settings[p.hunt.ID]
		h, warnings, err := l.settled(p, &node)
		l.out.Warnings = append(l.out.Warnings, warnings...)
		if other, taken := slugs[h.Slug]; err == nil && taken {
			err = fmt.Errorf("%s:%d: the short name %s is taken by %s; give one of them a slug of its own in the hunt settings", h.File, p.idLine, h.Slug, other)
		}
		if err != nil {
			l.broken(h.File, err)
			continue
		}
		slugs[h.Slug] = h.File
		l.out.Hunts = append(l.out.Hunts, h)
	}
}
