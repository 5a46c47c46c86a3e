package kql

// node is an expression, scalar or tabular; at is its byte offset in the query.
type node interface{ at() int }

type base struct{ pos int }

func (b base) at() int { return b.pos }

type (
	litNode struct {
		base
		val Value
		typ Type
	}
	nameNode struct {
		base
		name string
	}
	// starNode is a bare *, and name patterns such as Sender*.
	starNode struct {
		base
		pattern string
	}
	memberNode struct {
		base
		x    node
		name string
	}
	indexNode struct {
		base
		x, idx node
	}
	callNode struct {
		base
		name string
		args []node
	}
	// namedNode is name = x, or (a, b) = x.
	namedNode struct {
		base
		names []string
		x     node
	}
	binNode struct {
		base
		op   string
		l, r node
	}
	negNode struct {
		base
		x node
	}
	inNode struct {
		base
		op   string
		x    node
		list []node
	}
	betweenNode struct {
		base
		not       bool
		x, lo, hi node
	}
	pipeNode struct {
		base
		src node
		ops []opNode
	}
	datatableNode struct {
		base
		cols []Column
		vals []node
	}
	rangeNode struct {
		base
		name           string
		from, to, step node
	}
	printNode struct {
		base
		items []node
	}
	// typeofNode is typeof(long) as an argument.
	typeofNode struct {
		base
		typ Type
	}
)

// opNode is one step of a pipe.
type opNode interface {
	at() int
	label() string
}

type opBase struct {
	base
	name string
}

func (o opBase) label() string { return o.name }

type (
	whereOp struct {
		opBase
		x node
	}
	// listOp is extend, project and its relatives, distinct, and serialize.
	listOp struct {
		opBase
		items []node
	}
	summarizeOp struct {
		opBase
		aggs, by []node
	}
	joinOp struct {
		opBase
		kind  string
		right node
		on    []node
	}
	unionOp struct {
		opBase
		kind, source string
		fuzzy        bool
		tables       []node
		leading      bool // union stands at the head of the pipe, without an input
	}
	sortKey struct {
		x               node
		asc, nullsFirst bool
	}
	// sortOp is sort, order and top; n is nil for the first two.
	sortOp struct {
		opBase
		n    node
		keys []sortKey
	}
	takeOp struct {
		opBase
		n node
	}
	countOp struct {
		opBase
		as string
	}
	expandItem struct {
		names []string
		x     node
		typ   Type
	}
	// expandOp is mv-expand, and mv-apply when sub is set.
	expandOp struct {
		opBase
		index, kind string
		items       []expandItem
		limit       node
		sub         []opNode
	}
	parsePart struct {
		text string // a literal between columns
		col  string
		typ  Type
		skip bool // *
	}
	parseOp struct {
		opBase
		kind  string
		x     node
		parts []parsePart
		where bool
	}
	asOp struct {
		opBase
		as string
	}
	plainOp  struct{ opBase } // getschema and render
	invokeOp struct {
		opBase
		call *callNode
	}
)

type paramNode struct {
	pos     int
	name    string
	typ     Type
	tabular bool
	cols    []Column // the columns a tabular parameter must have; nil for (*)
	def     node
}

type funcNode struct {
	base
	params []paramNode
	body   *queryNode
}

type stmtNode struct {
	pos  int
	name string
	x    node      // let name = x
	fn   *funcNode // let name = (…) {…}
}

// queryNode is the let statements of a query or of a function body, and its last expression.
type queryNode struct {
	lets []stmtNode
	body node
}
