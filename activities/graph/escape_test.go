package graph_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strings"
	"testing"
)

// buildsQueries says that text is a part of a filter or an address that a value would end.
func buildsQueries(text string) bool {
	for _, part := range []string{" eq ", " in (", "startsWith(", "endsWith(", "/any(", "{+baseurl}", "/users/", "$filter"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func TestFiltersAndAddressesAreBuiltByTheEscapingHelperAlone(t *testing.T) {
	files := gotoken.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	helper := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var parts []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				parts = []ast.Expr{n.X, n.Y}
			case *ast.CallExpr:
				if selector, ok := n.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(selector.Sel.Name, "Sprint") {
					parts = n.Args
				}
			}
			for _, part := range parts {
				lit, ok := part.(*ast.BasicLit)
				if !ok || lit.Kind != gotoken.STRING || !buildsQueries(lit.Value) {
					continue
				}
				if name != "odata.go" {
					t.Errorf("%s: %s is put together with a value; use literal, or the template of get", files.Position(lit.Pos()), lit.Value)
				}
				helper++
			}
			return true
		})
	}
	if helper < 5 {
		t.Errorf("only %d parts of filters found: this test looks at the wrong place", helper)
	}
}
