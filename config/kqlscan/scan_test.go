package kqlscan_test

import (
	"strings"
	"testing"

	"harrier/config/kqlscan"
)

func words(query string) string {
	var out []string
	for _, token := range kqlscan.Scan(query) {
		out = append(out, token.Text)
	}
	return strings.Join(out, "·")
}

func TestCommentsAndTextsAreNoPartOfTheQuery(t *testing.T) {
	for query, want := range map[string]string{
		"A // B | C\n| where x": "A·|·where·x",
		`x == "a // b" // c`:    `x·==·"a // b"`,
		`x == "a\"b|" | y`:      `x·==·"a\"b|"·|·y`,
		`x == @"c:\" | y`:       `x·==·@"c:\"·|·y`,
		`x == @'a''b' | y`:      `x·==·@'a''b'·|·y`,
		"x == h'secret' | y":    "x·==·h'secret'·|·y",
		"x == ```a\n| b``` | y": "x·==·```a\n| b```·|·y",
		"x == 'open\n| y":       "x·==·'open·|·y",
	} {
		if got := words(query); got != want {
			t.Errorf("%q is %s, want %s", query, got, want)
		}
	}
}

func TestWordsWithSignsInThemAreOneWord(t *testing.T) {
	for query, want := range map[string]string{
		"a in~ (b) and c !in~ (d)":       "a·in~·(·b·)·and·c·!in~·(·d·)",
		"a !has 'x' or b !contains 'y'":  "a·!has·'x'·or·b·!contains·'y'",
		"| mv-expand a | project-away b": "|·mv-expand·a·|·project-away·b",
		"x - y-1 > 1.5d and z!=2":        "x·-·y·-·1·>·1.5d·and·z·!=·2",
		"$left.A == $right.B":            "$left·.·A·==·$right·.·B",
		"(a .. b)":                       "(·a·..·b·)",
	} {
		if got := words(query); got != want {
			t.Errorf("%q is %s, want %s", query, got, want)
		}
	}
}

func TestCommentsHaveTheirEnds(t *testing.T) {
	query := "A // one  \n| where s == '// no' // two"
	var got []string
	for _, c := range kqlscan.Comments(query) {
		got = append(got, query[c[0]:c[1]])
	}
	if strings.Join(got, ",") != "// one,// two" {
		t.Errorf("comments %q", got)
	}
}

func FuzzScan(f *testing.F) {
	f.Add("EmailEvents | where a == 'x' // y\n| join kind=inner (B) on $left.A == $right.B")
	f.Add("h@\"``` ~~~ {{x}} é !")
	f.Fuzz(func(t *testing.T, query string) {
		end := 0
		for _, token := range kqlscan.Scan(query) {
			if token.Offset < end || token.Text == "" || query[token.Offset:token.Offset+len(token.Text)] != token.Text {
				t.Fatalf("token %q at %d of %q", token.Text, token.Offset, query)
			}
			end = token.Offset + len(token.Text)
			_ = token.Value()
		}
		for _, c := range kqlscan.Comments(query) {
			if !strings.HasPrefix(query[c[0]:c[1]], "//") {
				t.Fatalf("comment %v of %q", c, query)
			}
		}
	})
}
