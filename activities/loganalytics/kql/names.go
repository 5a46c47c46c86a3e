package kql

import "strings"

// resultName is the column name of an expression that has none: a path joined with underscores, or that of the first
// argument of a conversion; "" when the service would say Column1, Column2 and so on.
func resultName(n node) string {
	switch n := n.(type) {
	case *nameNode:
		return n.name
	case *memberNode:
		return joinPath(resultName(n.x), n.name)
	case *indexNode:
		if lit, ok := n.idx.(*litNode); ok {
			return joinPath(resultName(n.x), toText(lit.val))
		}
	case *callNode:
		return callName(n)
	}
	return ""
}

func joinPath(head, tail string) string {
	if head == "" {
		return ""
	}
	return head + "_" + tail
}

func callName(n *callNode) string {
	first := ""
	if len(n.args) > 0 {
		first = resultName(n.args[0])
	}
	if isAggregate(n.name) {
		return aggregateName(n)
	}
	switch n.name {
	case "tostring", "tolong", "toint", "toreal", "todouble", "tobool", "todatetime", "totimespan", "toguid", "todecimal", "parse_json",
		"todynamic", "bin", "floor", "round", "abs", "ceiling", "startofday", "startofhour", "startofweek", "startofmonth", "startofyear",
		"endofday", "split", "format_datetime":
		return first
	case "strlen", "gettype":
		if first != "" {
			return joinPath(strings.TrimPrefix(n.name, "get"), first)
		}
	}
	return ""
}
