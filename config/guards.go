package config

import (
	"time"

	"harrier/workflows/soar"
)

// Guards make the measuring guards stricter than shipped. None can be made looser,
// and none switched off; 0 keeps what is shipped.
type Guards struct {
	// MinPastMails and MinPastDays are the least past to compare with; shipped 5 and 3.
	MinPastMails int `yaml:"min_past_mails"`
	MinPastDays  int `yaml:"min_past_days"`
	// InteractiveWithin is how long an interactive sign-in of a program's account is
	// recent; shipped 7d.
	InteractiveWithin soar.Duration `yaml:"interactive_within"`
	// VolumeFactor times the usual of the weekday is too much; shipped 3.
	VolumeFactor float64 `yaml:"volume_factor"`
	// VolumeFloor is how many mails a day are never too much; shipped 10.
	VolumeFloor int `yaml:"volume_floor"`
	// Reporters is from how many reporters on a report rate counts; shipped 3.
	Reporters int `yaml:"reporters"`
	// ReportRate is the reports by delivered mails from which on they hold; shipped 0.1.
	ReportRate float64 `yaml:"report_rate"`
}

// guards refuses what is looser than shipped: an operator who writes it would
// believe that it is in force.
func (c *checker) guards(g Guards) {
	atLeast := func(key string, v, shipped int) {
		if v != 0 && v < shipped {
			c.fail("guards."+key, "is %d; a guard is made stricter only: write %d or more, or leave it out", v, shipped)
		}
	}
	atMost := func(key string, v, shipped float64) {
		if v < 0 || v > shipped {
			c.fail("guards."+key, "is %g; a guard is made stricter only: write %g or less, or leave it out", v, shipped)
		}
	}
	const week = 7 * 24 * time.Hour
	atLeast("min_past_mails", g.MinPastMails, 5)
	atLeast("min_past_days", g.MinPastDays, 3)
	if g.InteractiveWithin != 0 && g.InteractiveWithin.Std() < week {
		c.fail("guards.interactive_within", "is %s; a guard is made stricter only: write 7d or more, or leave it out", days(g.InteractiveWithin.Std()))
	}
	atMost("volume_factor", g.VolumeFactor, 3)
	atMost("volume_floor", float64(g.VolumeFloor), 10)
	atMost("reporters", float64(g.Reporters), 3)
	atMost("report_rate", g.ReportRate, 0.1)
}
