package suppressions

import "time"

// Thresholds say from where on the measuring guards hold. The zero value is what
// is shipped. A deployment can make a guard stricter, never looser and never off:
// a value on the loose side of the shipped one is replaced by it.
type Thresholds struct {
	// MinPastMails is the least number of earlier mails to compare with; at least 5.
	MinPastMails int
	// MinPastDays is on how many days they were sent; at least 3.
	MinPastDays int
	// InteractiveWithin is how long an interactive sign-in of a program's account is recent; at least 7 days.
	InteractiveWithin time.Duration
	// VolumeFactor times the usual of the weekday is too much; at most 3.
	VolumeFactor float64
	// VolumeFloor is how many mails a day are never too much; at most 10.
	VolumeFloor int
	// Reporters is the least number of distinct reporters that a report rate counts from; at most 3.
	Reporters int
	// ReportRate is reports by delivered mails from which on reports hold; at most 0.10.
	ReportRate float64
}

func (t Thresholds) orShipped() Thresholds {
	return Thresholds{
		MinPastMails:      max(t.MinPastMails, 5),
		MinPastDays:       max(t.MinPastDays, 3),
		InteractiveWithin: max(t.InteractiveWithin, 7*24*time.Hour),
		VolumeFactor:      atMost(t.VolumeFactor, 3),
		VolumeFloor:       atMost(t.VolumeFloor, 10),
		Reporters:         atMost(t.Reporters, 3),
		ReportRate:        atMost(t.ReportRate, 0.10),
	}
}

// atMost is a configured value, or the shipped one where it is unset or looser.
func atMost[T int | float64](v, shipped T) T {
	if v <= 0 || v > shipped {
		return shipped
	}
	return v
}
