package kql

import (
	"fmt"
	"time"
)

// expr is a bound scalar expression.
type expr struct {
	typ   Type
	eval  func(*env) Value
	fixed bool  // the value is known before any row is read
	val   Value // of a fixed expression
	row   bool  // the value depends on the row
}

// env is what an expression sees of the row at hand.
type env struct {
	row    []Value
	ing    Value // ingestion time or nil
	aggs   []Value
	number int64 // rows before this one
}

// rel is a table at run time. ing runs parallel to rows, or is nil once an operator has lost it.
type rel struct {
	rows [][]Value
	ing  []time.Time
}

func (r *rel) ingested(i int) Value {
	if r.ing == nil {
		return nil
	}
	return r.ing[i]
}

// plan is a bound tabular expression.
type plan struct {
	name string
	cols []Column
	run  func(*exec) *rel
}

// memoize makes every use of a tabular variable share one evaluation; data does not change within a run.
func memoize(p *plan) *plan {
	inner := p.run
	p.run = func(x *exec) *rel {
		if r, ok := x.memo[p]; ok {
			return r
		}
		r := inner(x)
		x.memo[p] = r
		return r
	}
	return p
}

type binding struct {
	scalar *expr
	table  *plan
	fn     *funcNode
	home   *scope  // where a function was declared
	rowOf  *colSet // the row a scalar argument depends on
}

type scope struct {
	parent *scope
	vars   map[string]*binding
}

func (s *scope) lookup(name string) *binding {
	for ; s != nil; s = s.parent {
		if b, ok := s.vars[name]; ok {
			return b
		}
	}
	return nil
}

func (s *scope) child() *scope { return &scope{parent: s, vars: map[string]*binding{}} }

// colSet resolves column names of the row at hand.
type colSet struct {
	cols  []Column
	index map[string]int
}

func newColSet(cols []Column) *colSet {
	c := &colSet{cols: cols, index: make(map[string]int, len(cols))}
	for i, col := range cols {
		c.index[col.Name] = i
	}
	return c
}

// bound is the context an expression is bound in.
type bound struct {
	sc   *scope
	cols *colSet
	op   string          // the operator, for messages
	aggs *aggList        // collects aggregates inside summarize
	call *colSet         // inside a user function: the caller's row
	keys map[string]bool // group keys, which * leaves out
}

func (b bound) rowOf() *colSet {
	if b.cols != nil {
		return b.cols
	}
	return b.call
}

func (b bound) lookup(name string) (int, bool) {
	if b.cols == nil {
		return 0, false
	}
	i, ok := b.cols.index[name]
	return i, ok
}

type compiler struct {
	x     *exec
	src   string
	depth int
}

func (c *compiler) fail(at int, code, format string, a ...any) {
	panic(bailout{newError(c.src, at, code, fmt.Sprintf(format, a...))})
}

// semantic reports an error in the service's wording, with the operator in front.
func (c *compiler) semantic(b bound, at int, format string, a ...any) {
	msg := fmt.Sprintf(format, a...)
	if b.op != "" {
		msg = fmt.Sprintf("'%s' operator: %s", b.op, msg)
	}
	panic(bailout{newError(c.src, at, CodeSemantic, msg)})
}

func (c *compiler) enter(at int) {
	if c.depth++; c.depth > 4*maxDepth {
		c.fail(at, CodeSemantic, "functions are nested too deeply")
	}
}

func (c *compiler) query(q *queryNode) *plan {
	sc := (*scope)(nil).child()
	c.lets(sc, q.lets)
	return c.table(bound{sc: sc}, q.body)
}

func (c *compiler) lets(sc *scope, lets []stmtNode) {
	for _, s := range lets {
		if _, taken := sc.vars[s.name]; taken {
			c.fail(s.pos, CodeSemantic, "A variable with the name '%s' already exists", s.name)
		}
		sc.vars[s.name] = c.let(sc, s)
	}
}

func (c *compiler) let(sc *scope, s stmtNode) *binding {
	b := bound{sc: sc}
	switch {
	case s.fn != nil:
		return &binding{fn: s.fn, home: sc}
	case c.isTabular(b, s.x):
		p := *c.table(b, s.x)
		p.name = s.name
		return &binding{table: memoize(&p)}
	}
	return &binding{scalar: once(c.scalar(b, s.x))}
}

// once evaluates a row-independent expression a single time.
func once(e *expr) *expr {
	if e.fixed || e.row {
		return e
	}
	var val Value
	done := false
	cached := *e
	cached.eval = func(v *env) Value {
		if !done {
			val, done = e.eval(v), true
		}
		return val
	}
	return &cached
}

// isTabular tells tables from scalars where both may stand.
func (c *compiler) isTabular(b bound, n node) bool {
	switch n := n.(type) {
	case *pipeNode, *datatableNode, *rangeNode, *printNode:
		return true
	case *nameNode:
		if _, ok := b.lookup(n.name); ok {
			return false
		}
		if v := b.sc.lookup(n.name); v != nil {
			return v.table != nil
		}
		_, ok := c.x.db[n.name]
		return ok
	case *callNode:
		return c.tabularCall(b, n)
	}
	return false
}

func (c *compiler) tabularCall(b bound, n *callNode) bool {
	switch n.name {
	case "materialize", "table", "view":
		return true
	}
	v := b.sc.lookup(n.name)
	if v == nil || v.fn == nil {
		return false
	}
	c.enter(n.pos)
	defer func() { c.depth-- }()
	inner := v.home.child()
	for _, p := range v.fn.params {
		inner.vars[p.name] = &binding{scalar: &expr{}}
		if p.tabular {
			inner.vars[p.name] = &binding{table: &plan{}}
		}
	}
	for _, l := range v.fn.body.lets {
		inner.vars[l.name] = &binding{scalar: &expr{}, fn: l.fn, home: inner}
		if l.fn == nil && c.isTabular(bound{sc: inner}, l.x) {
			inner.vars[l.name] = &binding{table: &plan{}}
		}
	}
	return c.isTabular(bound{sc: inner}, v.fn.body.body)
}

// call binds a user function at its place of use; exactly one of the results is set.
func (c *compiler) call(b bound, fn *binding, n *callNode) (*plan, *expr) {
	c.enter(n.pos)
	defer func() { c.depth-- }()
	inner := fn.home.child()
	args := c.arrange(b, fn.fn, n)
	for i, p := range fn.fn.params {
		inner.vars[p.name] = c.bindParam(b, n, p, args[i])
	}
	body := inner.child()
	c.lets(body, fn.fn.body.lets)
	ib := bound{sc: body, call: b.rowOf()}
	if c.isTabular(ib, fn.fn.body.body) {
		return c.table(ib, fn.fn.body.body), nil
	}
	return nil, c.scalar(ib, fn.fn.body.body)
}

// arrange puts positional and named arguments in the order of the parameters.
func (c *compiler) arrange(b bound, fn *funcNode, n *callNode) []node {
	args := make([]node, len(fn.params))
	for i, a := range n.args {
		at := i
		if named, ok := a.(*namedNode); ok {
			at, a = -1, named.x
			for j, p := range fn.params {
				if p.name == named.names[0] {
					at = j
				}
			}
		}
		if at < 0 || at >= len(args) {
			c.semantic(b, n.pos, "function '%s' expects %d argument(s)", n.name, len(fn.params))
		}
		args[at] = a
	}
	return args
}

func (c *compiler) bindParam(b bound, n *callNode, p paramNode, arg node) *binding {
	if arg == nil {
		arg = p.def
	}
	if arg == nil {
		c.semantic(b, n.pos, "function '%s' needs argument '%s'", n.name, p.name)
	}
	if p.tabular {
		t := c.table(b, arg)
		c.checkColumns(b, arg.at(), p, t)
		return &binding{table: t}
	}
	e := c.scalar(b, arg)
	if !comparableTypes(e.typ, p.typ) {
		c.semantic(b, arg.at(), "argument '%s' of function '%s' must be a %s, not a %s", p.name, n.name, p.typ, e.typ)
	}
	return &binding{scalar: cast(e, p.typ), rowOf: b.rowOf()}
}

func (c *compiler) checkColumns(b bound, at int, p paramNode, t *plan) {
	have := newColSet(t.cols)
	for _, col := range p.cols {
		i, ok := have.index[col.Name]
		if !ok || t.cols[i].Type != col.Type {
			c.semantic(b, at, "table argument '%s' lacks column '%s' of type %s", p.name, col.Name, col.Type)
		}
	}
}
