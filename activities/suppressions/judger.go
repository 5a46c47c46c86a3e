package suppressions

import (
	"context"
	"errors"
	"log/slog"

	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// ErrTypeJudgeInput is the type of the error for a request that no repeat can mend.
const ErrTypeJudgeInput = "JudgeInputInvalid"

// Config is what a Judger needs.
type Config struct {
	// Rules is the set in force, read at every request so that a reload takes effect.
	Rules func() *Set
	// Tenant are the settings in force.
	Tenant func() soar.Tenant
	// Parse reads the text of a suppression file on trial, as the loader reads those of
	// the configuration. Without it no trial is judged.
	Parse  func(text string) ([]soar.Rule, error)
	Logger *slog.Logger
}

// Judger is the activity that lays rules and guards over findings.
type Judger struct {
	config Config
	trials *trials
}

// NewJudger refuses a configuration without rules or tenant settings.
func NewJudger(c Config) (*Judger, error) {
	if c.Rules == nil || c.Tenant == nil {
		return nil, errors.New("new judger: rules and tenant are needed; give functions that return what is in force")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Judger{c, &trials{}}, nil
}

// Judge answers one judgement a finding, in order. Rules on trial are laid over a
// finding before those in force, under the same conditions and guards.
func (j *Judger) Judge(ctx context.Context, in soar.JudgeRequest) (soar.Judgements, error) {
	if in.Now.IsZero() {
		return soar.Judgements{}, temporal.NewNonRetryableApplicationError(
			"judge findings: now is missing; give the run's time, rules expire by it", ErrTypeJudgeInput, nil)
	}
	set, err := j.rules(in.Trial)
	if err != nil {
		return soar.Judgements{}, temporal.NewNonRetryableApplicationError(
			"judge findings: rules on trial: "+err.Error(), ErrTypeJudgeInput, nil)
	}
	out := soar.Judgements{Judgements: Judge(set, j.config.Tenant(), in.Findings, in.Now)}
	suppressed := 0
	for _, one := range out.Judgements {
		if one.Verdict == soar.VerdictSuppressed {
			suppressed++
		}
	}
	j.config.Logger.InfoContext(ctx, "findings judged", "findings", len(in.Findings), "suppressed", suppressed)
	return out, nil
}
