package kql

import (
	"time"
)

func (c *compiler) scalarCall(b bound, n *callNode) *expr {
	if v := b.sc.lookup(n.name); v != nil && v.fn != nil {
		_, e := c.call(b, v, n)
		if e == nil {
			c.semantic(b, n.pos, "function '%s' returns a table where a scalar is expected", n.name)
		}
		return e
	}
	if e := c.special(b, n); e != nil {
		return e
	}
	if isAggregate(n.name) {
		return c.aggregate(b, n)
	}
	f, ok := builtins()[n.name]
	if !ok {
		c.unknownFunction(b, n)
	}
	args := make([]*expr, len(n.args))
	for i, a := range n.args {
		args[i] = c.scalar(b, a)
	}
	return c.builtin(b, n, f, args)
}

func (c *compiler) unknownFunction(b bound, n *callNode) {
	switch n.name {
	case "rand", "new_guid", "hash", "cluster", "database", "workspace", "app", "externaldata", "geo_info_from_ip_address",
		"row_cumsum", "row_rank_dense", "row_rank_min", "series_stats", "parse_user_agent", "parse_xml", "parse_path", "current_principal":
		c.fail(n.pos, CodeUnsupported, "function '%s' is not supported", n.name)
	}
	c.semantic(b, n.pos, "Unknown function: '%s'", n.name)
}

func (c *compiler) arity(b bound, n *callNode, low, high int) {
	if len(n.args) < low || len(n.args) > high {
		c.semantic(b, n.pos, "%s(): function expects %s", n.name, argumentCount(low, high))
	}
}

func argumentCount(low, high int) string {
	switch {
	case low == high:
		return pad(low, 1) + " argument(s)"
	case high > 64:
		return "at least " + pad(low, 1) + " argument(s)"
	}
	return pad(low, 1) + " to " + pad(high, 1) + " argument(s)"
}

const anyNumber = 1 << 20

// special binds the functions that are not plain functions of values; nil when the name is none of them.
func (c *compiler) special(b bound, n *callNode) *expr {
	switch n.name {
	case "iff", "iif":
		c.arity(b, n, 3, 3)
		return c.cases(b, n)
	case "case":
		c.arity(b, n, 3, anyNumber)
		if len(n.args)%2 == 0 {
			c.semantic(b, n.pos, "case(): function expects an odd number of arguments")
		}
		return c.cases(b, n)
	case "coalesce":
		c.arity(b, n, 2, 64)
		return c.coalesce(b, n)
	case "now", "ago":
		return c.clock(b, n)
	case "ingestion_time":
		c.arity(b, n, 0, 0)
		return &expr{typ: TypeDatetime, row: true, eval: func(v *env) Value { return v.ing }}
	case "column_ifexists", "columnifexists":
		c.arity(b, n, 2, 2)
		return c.columnIfExists(b, n)
	case "toscalar":
		c.arity(b, n, 1, 1)
		return c.toscalar(b, n)
	case "row_number":
		return c.rowNumber(b, n)
	case "pack_all":
		c.arity(b, n, 0, 1)
		return c.packAll(b, n)
	case "parse_json", "todynamic", "toobject":
		c.arity(b, n, 1, 1)
		return c.parseJSON(b, n)
	case "extract":
		c.arity(b, n, 3, 4)
		return c.extract(b, n)
	}
	return nil
}

// cases binds iff and case: conditions and results in turn, the last a default.
func (c *compiler) cases(b bound, n *callNode) *expr {
	var conds, results []*expr
	for i := 0; i+1 < len(n.args); i += 2 {
		conds = append(conds, c.condition(b, n.args[i]))
		results = append(results, c.scalar(b, n.args[i+1]))
	}
	results = append(results, c.scalar(b, n.args[len(n.args)-1]))
	typ := commonType(results)
	for i := range results {
		results[i] = cast(results[i], typ)
	}
	return derive(typ, func(v *env) Value {
		for i, cond := range conds {
			if cond.eval(v) == true {
				return results[i].eval(v)
			}
		}
		return results[len(conds)].eval(v)
	}, append(conds, results...)...)
}

// commonType is the type all results widen to; types that do not go together make a dynamic.
func commonType(list []*expr) Type {
	typ := list[0].typ
	for _, e := range list[1:] {
		typ = widen(typ, e.typ)
	}
	return typ
}

func widen(a, b Type) Type {
	switch {
	case a == b:
		return a
	case a == TypeDynamic:
		return b
	case b == TypeDynamic:
		return a
	case classOf(a) == classNumber && classOf(b) == classNumber:
		if isReal(a) || isReal(b) {
			return TypeReal
		}
		return TypeLong
	}
	return TypeDynamic
}

func (c *compiler) coalesce(b bound, n *callNode) *expr {
	args := make([]*expr, len(n.args))
	for i, a := range n.args {
		args[i] = c.scalar(b, a)
	}
	typ := args[0].typ
	for _, a := range args {
		if classOf(a.typ) == classNumber && classOf(typ) == classNumber {
			typ = widen(typ, a.typ)
		}
	}
	for i := range args {
		if classOf(args[i].typ) != classOf(typ) {
			c.semantic(b, n.args[i].at(), "coalesce(): arguments must have one type, not %s and %s", typ, args[i].typ)
		}
		args[i] = cast(args[i], typ)
	}
	return derive(typ, func(v *env) Value {
		var val Value
		for _, a := range args {
			if val = a.eval(v); val != nil && val != "" {
				return val
			}
		}
		return val
	}, args...)
}

func (c *compiler) clock(b bound, n *callNode) *expr {
	low := 0
	if n.name == "ago" {
		low = 1
	}
	c.arity(b, n, low, 1)
	if len(n.args) == 0 {
		return fixed(TypeDatetime, c.x.now)
	}
	e := c.scalar(b, n.args[0])
	if e.typ != TypeTimespan {
		c.semantic(b, n.args[0].at(), "%s(): argument must be a timespan, not a %s", n.name, e.typ)
	}
	return derive(TypeDatetime, func(v *env) Value {
		d, ok := e.eval(v).(time.Duration)
		if !ok {
			return nil
		}
		if n.name == "ago" {
			d = -d
		}
		return c.x.now.Add(d)
	}, e)
}

func (c *compiler) columnIfExists(b bound, n *callNode) *expr {
	name, ok := n.args[0].(*litNode)
	if !ok || name.typ != TypeString {
		c.semantic(b, n.args[0].at(), "column_ifexists(): the column's name must be a string literal")
	}
	if i, ok := b.lookup(name.val.(string)); ok {
		return column(i, b.cols.cols[i].Type)
	}
	return c.scalar(b, n.args[1])
}

// toscalar evaluates its table once, when a row first asks for it.
func (c *compiler) toscalar(b bound, n *callNode) *expr {
	if !c.isTabular(b, n.args[0]) {
		return c.scalar(b, n.args[0])
	}
	t := c.table(bound{sc: b.sc}, n.args[0])
	if len(t.cols) == 0 {
		c.semantic(b, n.pos, "toscalar(): the table has no column")
	}
	return once(&expr{typ: t.cols[0].Type, eval: func(*env) Value {
		rows := t.run(c.x).rows
		if len(rows) > 0 && rows[0][0] != nil {
			return rows[0][0]
		}
		if t.cols[0].Type == TypeString {
			return ""
		}
		return nil
	}})
}

func (c *compiler) rowNumber(b bound, n *callNode) *expr {
	c.arity(b, n, 0, 1)
	start := int64(1)
	if len(n.args) == 1 {
		e := c.scalar(b, n.args[0])
		s, ok := e.val.(int64)
		if !e.fixed || !ok {
			c.semantic(b, n.args[0].at(), "row_number(): the start must be a constant whole number")
		}
		start = s
	}
	return &expr{typ: TypeLong, row: true, eval: func(v *env) Value { return start + v.number }}
}

func (c *compiler) packAll(b bound, n *callNode) *expr {
	if b.cols == nil {
		c.semantic(b, n.pos, "pack_all() needs a row")
	}
	ignoreNull := len(n.args) == 1 && c.scalar(b, n.args[0]).val == true
	cols := b.cols.cols
	return &expr{typ: TypeDynamic, row: true, eval: func(v *env) Value {
		m := make(map[string]any, len(cols))
		for i, col := range cols {
			val := convert(v.row[i], col.Type)
			if ignoreNull && (val == nil || val == "") {
				continue
			}
			m[col.Name] = inner(val)
		}
		return Dynamic{m}
	}}
}

// inner turns a value into what stands inside a dynamic.
func inner(v Value) any { return plain(toDynamic(v)) }

// parseJSON keeps the last document: hunts read several properties of one cell in a row.
func (c *compiler) parseJSON(b bound, n *callNode) *expr {
	e := c.scalar(b, n.args[0])
	if e.typ != TypeString {
		return cast(e, TypeDynamic)
	}
	x := c.x
	return derive(TypeDynamic, func(v *env) Value {
		s, _ := e.eval(v).(string)
		if s == "" {
			return nil
		}
		if s != x.lastJSON {
			x.lastJSON, x.lastDoc = s, decodeDynamic(s)
		}
		return x.lastDoc
	}, e)
}

// decodeDynamic keeps a text that is not JSON as a dynamic string, as the service does.
func decodeDynamic(s string) Value {
	v, ok := parseJSON(s)
	switch {
	case !ok:
		return Dynamic{s}
	case v == nil:
		return nil
	}
	return Dynamic{v}
}

func (c *compiler) extract(b bound, n *callNode) *expr {
	pattern, group, src := c.scalar(b, n.args[0]), c.scalar(b, n.args[1]), cast(c.scalar(b, n.args[2]), TypeString)
	typ := TypeString
	if len(n.args) == 4 {
		t, ok := n.args[3].(*typeofNode)
		if !ok {
			c.semantic(b, n.args[3].at(), "extract(): the fourth argument must be typeof(…)")
		}
		typ = t.typ
	}
	re := c.regex(b, n.args[0].at(), pattern)
	return derive(typ, func(v *env) Value {
		g, _ := group.eval(v).(int64)
		p := re(v)
		if p == nil {
			return convert("", typ)
		}
		m := p.FindStringSubmatch(toText(src.eval(v)))
		if g < 0 || g >= int64(len(m)) {
			return convert("", typ)
		}
		return convert(m[g], typ)
	}, pattern, group, src)
}
