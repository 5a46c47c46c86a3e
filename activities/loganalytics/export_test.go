package loganalytics

// What black-box tests reach inside for: the one place where literals are written,
// and the reading of a From that has a twin in KQL.
var (
	KQLString  = kqlString
	KQLStrings = kqlStrings

	OutsideScope = outsideScope
	FoldIP       = foldIP
	Timespan     = timespan
)

// The patterns that stand in the queries as well.
const (
	PatternPlain         = patternPlain
	PatternName          = patternName
	PatternHidden        = patternHidden
	PatternASCIIPunycode = patternASCIIPunycode
)
