package kql_test

import (
	"fmt"
	"slices"
	"testing"

	"harrier/activities/loganalytics/kql"

	"pgregory.net/rapid"
)

// joinRow is one row; the key "null" stands for a missing one.
type joinRow struct {
	key string
	id  int64
}

func drawSide(t *rapid.T, label string) []joinRow {
	keys := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "", "null"}), 0, 12).Draw(t, label)
	rows := make([]joinRow, len(keys))
	for i, k := range keys {
		rows[i] = joinRow{k, int64(i)}
	}
	return rows
}

func sideTable(rows []joinRow) *kql.Table {
	t := &kql.Table{Columns: []kql.Column{{Name: "k", Type: kql.TypeGUID}, {Name: "id", Type: kql.TypeLong}}}
	for _, r := range rows {
		var key kql.Value = r.key
		if r.key == "null" {
			key = nil
		}
		t.Rows = append(t.Rows, []kql.Value{key, r.id})
	}
	return t
}

// nestedLoops joins the slow and obvious way. -1 stands for a missing side.
func nestedLoops(kind string, left, right []joinRow) []string {
	if kind == "innerunique" {
		seen := map[string]bool{}
		left = slices.DeleteFunc(slices.Clone(left), func(r joinRow) bool { dup := seen[r.key]; seen[r.key] = true; return dup })
	}
	var out []string
	rightHit := map[int]bool{}
	for _, l := range left {
		hit := false
		for j, r := range right {
			if l.key == r.key && l.key != "null" {
				hit, rightHit[j] = true, true
				if kind == "inner" || kind == "innerunique" || kind == "leftouter" || kind == "rightouter" || kind == "fullouter" {
					out = append(out, fmt.Sprint(l.id, r.id))
				}
			}
		}
		if hit && kind == "leftsemi" || !hit && (kind == "leftouter" || kind == "fullouter" || kind == "leftanti") {
			out = append(out, fmt.Sprint(l.id, -1))
		}
	}
	for j, r := range right {
		if rightHit[j] && kind == "rightsemi" || !rightHit[j] && (kind == "rightouter" || kind == "fullouter" || kind == "rightanti") {
			out = append(out, fmt.Sprint(-1, r.id))
		}
	}
	slices.Sort(out)
	return out
}

func idOr(res *kql.Result, row []kql.Value, name string) int64 {
	for i, c := range res.Columns {
		if c.Name == name && row[i] != nil {
			return row[i].(int64)
		}
	}
	return -1
}

func TestEveryJoinKindEqualsNestedLoops(t *testing.T) {
	kinds := []string{"innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti"}
	rapid.Check(t, func(rt *rapid.T) {
		left, right := drawSide(rt, "left"), drawSide(rt, "right")
		kind := rapid.SampledFrom(kinds).Draw(rt, "kind")
		db := kql.Database{"L": sideTable(left), "R": sideTable(right)}
		res := run(t, db, "L | project-rename l = id | join kind="+kind+" (R | project-rename r = id) on k")
		var got []string
		for _, row := range res.Rows {
			got = append(got, fmt.Sprint(idOr(res, row, "l"), idOr(res, row, "r")))
		}
		slices.Sort(got)
		if want := nestedLoops(kind, left, right); !slices.Equal(got, want) {
			rt.Fatalf("%s of %v and %v: got %v, want %v", kind, left, right, got, want)
		}
	})
}
