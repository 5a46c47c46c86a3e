package app

import (
	"context"
	"time"

	"harrier/config"
	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

// Wanted are the schedules that the files ask for, the digest's and the watch's among them.
func (c *Catalogue) Wanted() schedules.Wanted {
	return schedules.Wanted{Hunts: c.Hunts(), Broken: c.Broken(), Others: schedules.Housekeeping(c.cfg.Digest.Schedule())}
}

// LoadWatch is the activity that reads what there is to watch over: the hunts that
// run on a schedule, and the rules that end soon.
func (c *Catalogue) LoadWatch(context.Context, soar.None) (soar.Watched, error) {
	now := time.Now()
	watched := soar.Watched{Policy: c.cfg.Policy(now), DigestChannel: c.cfg.DigestChannel(), Expiring: expiring(c.RuleList(), now)}
	for _, h := range c.Hunts() {
		every := config.LongestPause(h.Settings.Schedule)
		if every == 0 || h.Settings.Schedule.Paused {
			continue // hunted on demand only
		}
		watched.Hunts = append(watched.Hunts, soar.WatchedHunt{
			Slug: h.Slug, Name: h.Name, Workspaces: h.Settings.Workspaces, Every: soar.Duration(every), Lag: h.Settings.Lag,
		})
	}
	return watched, nil
}

// expiring are the rules that end within soar.ExpiryNotice, each once, however many
// senders it stands for.
func expiring(rules []soar.Rule, now time.Time) []soar.Expiring {
	var out []soar.Expiring
	told := map[string]bool{}
	for _, r := range rules {
		if told[r.ID] || r.Inactive != "" || r.Expires.After(now.Add(soar.ExpiryNotice)) || r.Expires.Before(now) {
			continue
		}
		told[r.ID] = true
		out = append(out, soar.Expiring{Rule: r.ID, Owner: r.Owner, Until: r.Expires})
	}
	return out
}
