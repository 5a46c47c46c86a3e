package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"harrier/worker/app"
	"harrier/workflows/soar"
)

func newCases(s *session) *cobra.Command {
	cmd := &cobra.Command{Use: "cases", Short: "Show senders' cases without Slack", Args: cobra.NoArgs}
	cmd.AddCommand(&cobra.Command{
		Use:     "show <case>",
		Short:   "Print a case and what is remembered of its sender, as JSON",
		Example: "  worker cases show case-5d41402abc4b2a76b971",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.showCase(cmd.Context(), args[0]) },
	})
	return cmd
}

func (s *session) showCase(ctx context.Context, name string) error {
	cfg, _, err := s.open()
	if err != nil {
		return err
	}
	cl, err := app.Dial(cfg.Temporal, slog.New(slog.DiscardHandler))
	if err != nil {
		return failed(err)
	}
	defer cl.Close()
	id, _, _ := strings.Cut(name, "/")
	value, err := cl.QueryWorkflow(ctx, id, "", soar.CaseQuery)
	if err != nil {
		return failed(fmt.Errorf("show case %s: %w; the id stands on the card and in the hunt's result", id, err))
	}
	var view soar.CaseView
	if err := value.Get(&view); err != nil {
		return failed(fmt.Errorf("show case %s: %w", id, err))
	}
	enc := json.NewEncoder(s.env.Stdout)
	enc.SetIndent("", "  ")
	return failed(enc.Encode(view))
}
