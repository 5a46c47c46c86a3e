package loganalytics

import _ "embed"

// The queries are files, so that an analyst can read them and run them by hand.
// Each names the parameters that are defined in front of it.
var (
	//go:embed queries/reported.kql
	reportedKQL string
	//go:embed queries/lookalikes.kql
	lookalikesKQL string
	//go:embed queries/evidence.kql
	evidenceKQL string
	//go:embed queries/exposure.kql
	exposureKQL string
	//go:embed queries/past.kql
	pastKQL string
	//go:embed queries/source.kql
	sourceKQL string
	//go:embed queries/calibrate.kql
	calibrateKQL string
	//go:embed queries/calibrate-totals.kql
	calibrateTotalsKQL string
	//go:embed queries/calibrate-senders.kql
	calibrateSendersKQL string
)
