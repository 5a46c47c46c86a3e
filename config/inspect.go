package config

import (
	"errors"
	"path/filepath"
	"slices"

	"harrier/workflows/soar"
)

// HuntText is a hunting file that has a query, as far as it can be read: what
// keeps the hunt from running does not keep its text from being looked at.
type HuntText struct {
	Hunt   soar.Hunt
	parsed parsedHunt
}

// Place is line and column, from 1, of an offset in the query, in bytes.
func (t HuntText) Place(offset int) (line, column int) {
	return placeOf(t.parsed.query, t.parsed.data, offset)
}

// Inspection is everything that can be said of hunting files without a service.
type Inspection struct {
	Texts []HuntText
	// Errors keep a hunt from being loaded, Warnings do not. Each begins with
	// its file and, where it is known, a line.
	Errors, Warnings []string
	// Files are the files that were looked at, the settings last.
	Files []string
}

// Inspect reads the hunting files of a folder, or the files that are named as
// though they stood in it: a named file takes the place of the folder's file of
// the same name. The error says that there is nothing to look at.
func Inspect(files Files, named []string) (Inspection, error) {
	folder, err := readSources(files.Hunts)
	if err != nil && len(named) == 0 {
		return Inspection{}, err
	}
	var settings source
	if files.HuntSettings != "" {
		settings, _ = readSource(files.HuntSettings) // the error goes with the source
	}
	chosen, others := choose(folder, named)
	l := huntLoader{settingsFile: settings.file, workspaces: files.Workspaces}
	var out Inspection
	if settings.file != "" {
		entries, err := parseSettings(settings)
		l.settings = entries
		out.add(nil, err)
	}
	if len(named) > 0 {
		l.keepSettings(chosen)
	}
	out.load(&l, chosen, idsIn(others))
	if settings.file != "" {
		out.Files = append(out.Files, settings.file)
	}
	return out, nil
}

// choose takes the named files, and of the folder those with other names.
func choose(folder []source, named []string) (chosen, others []source) {
	if len(named) == 0 {
		return folder, nil
	}
	var names []string
	for _, file := range named {
		s, _ := readSource(file) // the error goes with the source
		chosen = append(chosen, s)
		names = append(names, filepath.Base(file))
	}
	others = slices.DeleteFunc(folder, func(s source) bool { return slices.Contains(names, filepath.Base(s.file)) })
	return chosen, others
}

func idsIn(sources []source) map[string]string {
	ids := map[string]string{}
	for _, s := range sources {
		if p, _, _ := parseHuntFile(s); p.hunt.ID != "" {
			ids[p.hunt.ID] = s.file
		}
	}
	return ids
}

// keepSettings leaves out the settings of hunts that are not looked at.
func (l *huntLoader) keepSettings(sources []source) {
	ids := idsIn(sources)
	for id := range l.settings {
		if _, ok := ids[id]; !ok {
			delete(l.settings, id)
		}
	}
}

func (i *Inspection) load(l *huntLoader, sources []source, ids map[string]string) {
	for _, s := range sources {
		i.Files = append(i.Files, s.file)
		l.add(s, ids)
		if p, _, _ := parseHuntFile(s); p.hunt.Query != "" {
			node := l.settings[p.hunt.ID]
			h, _, _ := l.settled(p, &node) // said again by the loader
			i.Texts = append(i.Texts, HuntText{h, p})
		}
	}
	l.mergeTwins()
	l.checkSettingsKeys(ids)
	l.settle()
	i.add(l.out.Warnings, errors.Join(l.errs...))
}

func (i *Inspection) add(warnings []string, err error) {
	i.Warnings = append(i.Warnings, warnings...)
	if err == nil {
		return
	}
	for _, e := range flatten(err) {
		i.Errors = append(i.Errors, e.Error())
	}
}
