package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// Catalogue is what is in force now: hunts, tenant settings and compiled rules.
// A reload changes all of it at once, for the next activity that asks.
type Catalogue struct {
	cfg   config.Config
	files *config.Catalogue
	rules atomic.Pointer[suppressions.Set]
	log   *slog.Logger
}

// OpenCatalogue reads and compiles everything. Problems in single files are
// logged and returned by Problems; the rest is in force.
func OpenCatalogue(cfg config.Config, log *slog.Logger) (*Catalogue, error) {
	files, err := config.NewCatalogue(cfg)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{cfg: cfg, files: files, log: log}
	c.compile()
	return c, nil
}

// Reload reads the files again; what is wrong stays as it was.
func (c *Catalogue) Reload(ctx context.Context) {
	if err := c.files.Reload(); err != nil {
		c.log.ErrorContext(ctx, "reload found problems", "error", err)
	}
	c.compile()
	c.log.InfoContext(ctx, "configuration reloaded", "hunts", len(c.Hunts()), "rules", len(c.files.Rules()))
}

// compile puts the rules in force that compile. A rule that does not compile
// suppresses nothing: its findings go to triage.
func (c *Catalogue) compile() {
	set, err := suppressions.Compile(c.files.Rules(), c.files.Tenant())
	if err != nil {
		c.log.Error("rules refused", "error", err)
	}
	c.rules.Store(set.WithThresholds(thresholds(c.cfg.Guards)))
}

// thresholds are the guards' measures, as configured.
func thresholds(g config.Guards) suppressions.Thresholds {
	return suppressions.Thresholds{
		MinPastMails: g.MinPastMails, MinPastDays: g.MinPastDays, InteractiveWithin: g.InteractiveWithin.Std(),
		VolumeFactor: g.VolumeFactor, VolumeFloor: g.VolumeFloor, Reporters: g.Reporters, ReportRate: g.ReportRate,
	}
}

// Problems are what is wrong with files and rules as they stand.
func (c *Catalogue) Problems() []string {
	problems := c.files.Problems()
	if _, err := suppressions.Compile(c.files.Rules(), c.files.Tenant()); err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// Warnings deserve a look and keep nothing from running.
func (c *Catalogue) Warnings() []string { return append(c.cfg.Warnings(), c.files.Warnings()...) }

// Hunts are the hunts in force.
func (c *Catalogue) Hunts() []soar.Hunt { return c.files.Hunts() }

// Broken are hunting files that could not be loaded as they stand.
func (c *Catalogue) Broken() []string { return c.files.Broken() }

// RuleList are the suppressions in force, one entry a tool sender.
func (c *Catalogue) RuleList() []soar.Rule { return c.files.Rules() }

// Rules is the compiled set in force.
func (c *Catalogue) Rules() *suppressions.Set { return c.rules.Load() }

// Tenant is what the deployment says of itself.
func (c *Catalogue) Tenant() soar.Tenant { return c.files.Tenant() }

// Hunt finds a hunt by id, id prefix or slug.
func (c *Catalogue) Hunt(name string) (soar.Hunt, error) { return c.files.Hunt(name) }

// ErrTypeUnknownHunt is input that names no hunt; the message names the nearest.
const ErrTypeUnknownHunt = "UnknownHunt"

// LoadHunt is the activity that resolves a run's hunt and policy.
func (c *Catalogue) LoadHunt(_ context.Context, in soar.HuntInput) (soar.Loaded, error) {
	if err := in.Validate(); err != nil {
		return soar.Loaded{}, temporal.NewNonRetryableApplicationError(err.Error(), "InvalidInput", nil)
	}
	hunt, err := c.Hunt(in.Hunt)
	if err != nil {
		return soar.Loaded{}, temporal.NewNonRetryableApplicationError(err.Error(), ErrTypeUnknownHunt, nil)
	}
	return soar.Loaded{Hunt: hunt, Policy: c.cfg.Policy(time.Now())}, nil
}
