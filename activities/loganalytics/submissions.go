package loganalytics

import (
	"fmt"
	"math"
	"time"

	"harrier/workflows/soar"
)

const (
	// oddsOfChance is how unlikely a loss of message ids has to be as chance.
	oddsOfChance = 0.001
	// reliableDay is how many submissions a day must have had in each of the two
	// weeks before for none today to be a fault. Below it nobody may have reported.
	reliableDay = 20
	day         = 24 * time.Hour
)

// reportHour is one hour of mail submissions.
type reportHour struct {
	at time.Time
	// count is how many there were, named how many of them name their message.
	count, named int
	// delay is how long they took to arrive.
	delay time.Duration
}

// between counts submissions from one age to another, older one.
func (s source) between(young, old time.Duration) (count, named int) {
	for _, r := range s.reports {
		if age := s.now.Sub(r.at); age >= young && age < old {
			count, named = count+r.count, named+r.named
		}
	}
	return count, named
}

// judgeNames says that submissions have stopped to name their messages.
func (s source) judgeNames(soar.Window) (problem, note string) {
	const cure = "no report can be matched with its mail without it; check what the user reported settings and the connector log"
	if all, named := s.between(-clockSkew, maxSourcePast); all > 0 && named == 0 {
		return fmt.Sprintf("none of the %d submissions in CloudAppEvents has RawEventData.ObjectId; %s", all, cure), ""
	}
	for _, days := range []int{1, 7} {
		recent := time.Duration(days) * day
		count, named := s.between(-clockSkew, recent)
		before, namedBefore := s.between(recent, maxSourcePast)
		if before == 0 || 2*named*before >= count*namedBefore {
			continue // not even half of the share is lost
		}
		// One and two are added for what a short past does not show.
		share := float64(namedBefore+1) / float64(before+2)
		if atMost(named, count, share) < oddsOfChance {
			return fmt.Sprintf("%d of the last %s's %d submissions in CloudAppEvents have RawEventData.ObjectId, before that %d of %d had it; %s",
				named, spanOf(days), count, namedBefore, before, cure), ""
		}
	}
	return "", ""
}

func spanOf(days int) string {
	if days == 1 {
		return "day"
	}
	return fmt.Sprintf("%d days", days)
}

// judgeQuiet says that a day without submissions is a fault: the same day of
// both weeks before had many.
func (s source) judgeQuiet(soar.Window) (problem, note string) {
	if count, _ := s.between(-clockSkew, day); count > 0 {
		return "", ""
	}
	_, lastWeek := s.between(7*day, 8*day)
	_, weekBefore := s.between(14*day, 15*day)
	if least := min(lastWeek, weekBefore); least >= reliableDay {
		return fmt.Sprintf("CloudAppEvents has no submission of the last 24 hours, and had at least %d on the same day of each of the two weeks before; "+
			"check the user reported settings and the Microsoft Defender XDR data connector", least), ""
	}
	return "", ""
}

// atMost is the probability of k or fewer out of n that come with the odds p each.
func atMost(k, n int, p float64) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(lg(n) - lg(i) - lg(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}
