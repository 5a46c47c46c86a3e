package app

import (
	"context"
	"log/slog"
	"strings"
)

// turns lowers what the Temporal SDK logs of posts that wait for their turn in
// Slack: that is pacing, not an error.
type turns struct{ slog.Handler }

// Enabled leaves the decision to Handle: the level is known to change there.
func (t turns) Enabled(ctx context.Context, level slog.Level) bool {
	return t.Handler.Enabled(ctx, level)
}

// Handle passes everything on but attempts that were handed back to wait, which
// become debug records.
func (t turns) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelError || !throttled(r) {
		return t.Handler.Handle(ctx, r)
	}
	if !t.Handler.Enabled(ctx, slog.LevelDebug) {
		return nil
	}
	r.Level = slog.LevelDebug
	return t.Handler.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (t turns) WithAttrs(attrs []slog.Attr) slog.Handler { return turns{t.Handler.WithAttrs(attrs)} }

// WithGroup keeps the wrapping.
func (t turns) WithGroup(name string) slog.Handler { return turns{t.Handler.WithGroup(name)} }

func throttled(r slog.Record) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = (a.Key == "Error" || a.Key == "error") && strings.Contains(a.Value.String(), "type: SlackThrottled")
		return !found
	})
	return found
}
