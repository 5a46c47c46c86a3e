package slacktest

import "time"

// pacer counts calls by key in a sliding window.
type pacer struct{ calls map[string][]time.Time }

// admit records a call at now, or says how long to wait until one more is allowed.
func (p *pacer) admit(key string, rate Rate, now time.Time) time.Duration {
	if rate.Calls <= 0 {
		return 0
	}
	recent := p.calls[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= rate.Per {
		recent = recent[1:]
	}
	if len(recent) >= rate.Calls {
		p.calls[key] = recent
		return recent[0].Add(rate.Per).Sub(now)
	}
	p.calls[key] = append(recent, now)
	return 0
}

// retryAfterSeconds rounds up, because Slack sends whole seconds and a client that waits less is early again.
func retryAfterSeconds(wait time.Duration) int {
	return max(1, int((wait+time.Second-1)/time.Second))
}
