// Package lint says what is wrong, or likely to go wrong, in hunting files,
// before a run does: what the loader refuses, what Log Analytics would refuse,
// and what would silently find too little.
package lint

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"harrier/config"
	"harrier/config/kqlscan"
)

// Severity says whether a finding keeps a hunt from working.
type Severity string

const (
	// Error keeps a hunt from being loaded or its query from being run.
	Error Severity = "error"
	// Warning deserves a look.
	Warning Severity = "warning"
)

// Finding is one thing to look at, and where it stands.
type Finding struct {
	File string `json:"file"`
	// Line and Column count from 1, in characters.
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Severity Severity `json:"severity"`
	// Rule names the check, or the parser's own code.
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// String is the finding as compilers write it.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", f.File, f.Line, f.Column, f.Severity, f.Message, f.Rule)
}

// Options say what to look at.
type Options struct {
	// Files are the configured folder of hunts and the settings.
	Files config.Files
	// Named are the files to look at instead of the whole folder.
	Named []string
	// Parser is Microsoft's parser; nil leaves syntax and types unchecked.
	Parser *Parser
}

// Report is what was found.
type Report struct {
	Findings []Finding `json:"findings"`
	// Files were looked at.
	Files []string `json:"files"`
	// Parser is the parser's name and version; empty when syntax was not checked.
	Parser string `json:"parser"`
}

// Count is the number of findings of a severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Run looks at hunting files. It fails when there is nothing to look at, and
// when a given parser cannot be run.
func Run(ctx context.Context, o Options) (Report, error) {
	inspection, err := config.Inspect(o.Files, o.Named)
	if err != nil {
		return Report{}, fmt.Errorf("lint hunts: %w", err)
	}
	r := Report{Findings: []Finding{}, Files: inspection.Files}
	schema := shippedSchema()
	texts := make([]*text, len(inspection.Texts))
	for i, t := range inspection.Texts {
		texts[i] = &text{HuntText: t, tokens: kqlscan.Scan(t.Hunt.Query), schema: schema}
		texts[i].check()
	}
	if err := o.Parser.check(ctx, texts); err != nil {
		return Report{}, fmt.Errorf("lint hunts: %w", err)
	}
	for _, t := range texts {
		if o.Parser == nil {
			t.checkNames()
		}
		r.Findings = append(r.Findings, t.findings...)
	}
	if o.Parser != nil {
		r.Parser = o.Parser.Name()
	}
	r.loaded(inspection)
	r.sort()
	return r, nil
}

// loaded adds what the loader says, unless a check has said it with its column.
func (r *Report) loaded(i config.Inspection) {
	said := map[string]bool{}
	for _, f := range r.Findings {
		said[fmt.Sprintf("%s:%d:%s", f.File, f.Line, f.Message)] = true
	}
	add := func(s Severity, message string) {
		f := place(message, i.Files)
		f.Severity = s
		if !said[fmt.Sprintf("%s:%d:%s", f.File, f.Line, f.Message)] {
			r.Findings = append(r.Findings, f)
		}
	}
	for _, e := range i.Errors {
		add(Error, e)
	}
	for _, w := range i.Warnings {
		add(Warning, w)
	}
}

var lineForm = regexp.MustCompile(`^:(\d+)(?::(\d+))?: `)

// place takes a message of the loader apart: file, line where it is known, text.
func place(message string, files []string) Finding {
	f := Finding{Line: 1, Column: 1, Rule: "load", Message: message}
	for _, file := range files {
		rest, ok := strings.CutPrefix(message, file)
		if !ok || !strings.HasPrefix(rest, ":") || len(file) < len(f.File) {
			continue
		}
		f.File, f.Message = file, strings.TrimPrefix(rest, ": ")
		if m := lineForm.FindStringSubmatch(rest); m != nil {
			f.Line, _ = strconv.Atoi(m[1])
			f.Message = rest[len(m[0]):]
		}
	}
	if f.File == "" && len(files) > 0 {
		f.File = files[0]
		for _, file := range files {
			if strings.Contains(message, file) {
				f.File = file
				break
			}
		}
	}
	return f
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// text is one query while it is looked at.
type text struct {
	config.HuntText
	tokens   []kqlscan.Token
	schema   schema
	findings []Finding
}

func (t *text) add(s Severity, rule string, offset int, format string, args ...any) {
	line, column := t.Place(offset)
	t.findings = append(t.findings, Finding{t.Hunt.File, line, column, s, rule, fmt.Sprintf(format, args...)})
}

// at is a token, or none beyond the ends.
func (t *text) at(i int) kqlscan.Token {
	if i < 0 || i >= len(t.tokens) {
		return kqlscan.Token{Kind: kqlscan.Op}
	}
	return t.tokens[i]
}

// Strict is the report with every warning an error.
func (r Report) Strict() Report {
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		r.Findings[i].Severity = Error
	}
	return r
}
