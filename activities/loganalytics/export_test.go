package loganalytics

// What black-box tests reach inside for: the one place where literals are written.
var (
	KQLString  = kqlString
	KQLStrings = kqlStrings
)
