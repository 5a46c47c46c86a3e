package kql

import "path"

func (c *compiler) rename(b bound, in *plan, o *listOp) *plan {
	cols := append([]Column(nil), in.cols...)
	for _, n := range o.items {
		named, ok := n.(*namedNode)
		if !ok || len(named.names) != 1 {
			c.semantic(b, n.at(), "a new name is expected, as in New = Old")
		}
		old, ok := named.x.(*nameNode)
		if !ok {
			c.semantic(b, n.at(), "only a column can be renamed")
		}
		i, ok := b.lookup(old.name)
		if !ok {
			c.semantic(b, old.pos, "Failed to resolve scalar expression named '%s'", old.name)
		}
		cols[i].Name = named.names[0]
	}
	c.uniqueNames(b, o.pos, cols)
	return &plan{name: in.name, cols: cols, run: in.run}
}

// selectColumns is project-away, project-keep and project-reorder.
func (c *compiler) selectColumns(b bound, in *plan, o *listOp) *plan {
	var named []int
	hit := map[int]bool{}
	for _, n := range o.items {
		for _, i := range c.matching(b, n) {
			if !hit[i] {
				hit[i] = true
				named = append(named, i)
			}
		}
	}
	var keep []int
	if o.name == "project-reorder" {
		keep = named
	}
	for i := range in.cols {
		if hit[i] == (o.name == "project-keep") {
			keep = append(keep, i)
		}
	}
	cols := make([]Column, len(keep))
	for i, k := range keep {
		cols[i] = in.cols[k]
	}
	return perRow(in, cols, func(v *env, out []Value) {
		for i, k := range keep {
			out[i] = v.row[k]
		}
	})
}

func (c *compiler) matching(b bound, n node) []int {
	switch n := n.(type) {
	case *nameNode:
		i, ok := b.lookup(n.name)
		if !ok {
			c.semantic(b, n.pos, "Failed to resolve scalar expression named '%s'", n.name)
		}
		return []int{i}
	case *starNode:
		var out []int
		for i, col := range b.cols.cols {
			if ok, _ := path.Match(n.pattern, col.Name); ok || n.pattern == "*" {
				out = append(out, i)
			}
		}
		return out
	}
	return nil
}
