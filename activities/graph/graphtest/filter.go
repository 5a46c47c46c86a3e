package graphtest

import (
	"fmt"
	"strings"
)

// MaxOrClauses is how many clauses one $filter may join with or.
// https://learn.microsoft.com/en-us/graph/filter-query-parameter
const MaxOrClauses = 15

// refusal is an error in the service's own words.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, values ...any) error { return refusal(fmt.Sprintf(format, values...)) }

// filter is a parsed $filter; nil matches everything.
type filter struct{ root node }

// node is a part of a filter. match says whether a row has it; operator names
// an operator of the advanced queries below it, if there is one.
type node interface {
	match(row object) (bool, error)
	operator() string
}

func (f filter) match(row object) (bool, error) {
	if f.root == nil {
		return true, nil
	}
	return f.root.match(row)
}

func (f filter) advanced() string {
	if f.root == nil {
		return ""
	}
	return f.root.operator()
}

// joined is a list of terms joined by and, or by or.
type joined struct {
	or    bool
	terms []node
}

func (j joined) match(row object) (bool, error) {
	for _, term := range j.terms {
		ok, err := term.match(row)
		if err != nil {
			return false, err
		}
		if ok == j.or {
			return j.or, nil
		}
	}
	return !j.or, nil
}

func (j joined) operator() string {
	for _, term := range j.terms {
		if o := term.operator(); o != "" {
			return o
		}
	}
	return ""
}

// negated is not(term).
type negated struct{ term node }

func (n negated) match(row object) (bool, error) {
	ok, err := n.term.match(row)
	return !ok, err
}

func (n negated) operator() string { return "not" }

// test compares one property, or each element of a collection when any is set.
type test struct {
	property string
	any      bool
	op       string // eq, ne, startsWith, endsWith
	values   []any
}

func (t test) operator() string {
	if t.op == "ne" || t.op == "endsWith" {
		return t.op
	}
	return ""
}

func (t test) match(row object) (bool, error) {
	value, known := row[t.property]
	if !known || t.property == "signInActivity" || t.property == "assignedLicenses" {
		return false, refuse("Unsupported or invalid query filter clause specified for property '%s' of resource 'User'.", t.property)
	}
	list, isList := value.([]string)
	if isList != t.any {
		return false, refuse("Invalid filter clause: '%s' does not fit the use of any.", t.property)
	}
	if !isList {
		return t.holds(value), nil
	}
	for _, element := range list {
		if t.holds(element) {
			return true, nil
		}
	}
	return false, nil
}

// holds compares text in any case, as the directory does.
func (t test) holds(value any) bool {
	for _, wanted := range t.values {
		w, isText := wanted.(string)
		v, hasText := value.(string)
		switch {
		case !isText || !hasText:
			if (value == wanted) != (t.op == "ne") {
				return true
			}
		case t.op == "eq" && strings.EqualFold(v, w),
			t.op == "ne" && !strings.EqualFold(v, w),
			t.op == "startsWith" && strings.HasPrefix(strings.ToLower(v), strings.ToLower(w)),
			t.op == "endsWith" && strings.HasSuffix(strings.ToLower(v), strings.ToLower(w)):
			return true
		}
	}
	return false
}
