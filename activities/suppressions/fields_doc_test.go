package suppressions_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"harrier/activities/suppressions"
)

// inDocs are the names of fields that the documentation gives as code.
var inDocs = regexp.MustCompile("`(mail\\.[a-z0-9_.]+)`")

func TestTheDocumentationNamesExactlyTheFieldsThatARuleCanRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/suppressions.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, known []string
	for _, m := range inDocs.FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1])
	}
	for _, f := range suppressions.Fields() {
		known = append(known, f.Name)
		if !slices.Contains(documented, f.Name) {
			t.Errorf("%s (%s: %s) is not in docs/suppressions.md", f.Name, f.Type, f.Doc)
		}
	}
	for _, name := range documented {
		if !slices.Contains(known, name) {
			t.Errorf("docs/suppressions.md names %s, which no rule can read", name)
		}
	}
}
