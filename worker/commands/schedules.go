package commands

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/schedules"
)

func newSchedules(s *session) *cobra.Command {
	cmd := group("schedules", "Compare the hunts' schedules with the server's")
	cmd.AddCommand(
		&cobra.Command{
			Use: "plan", Short: "Print what apply would change, field by field", Example: "  worker schedules plan", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return s.changeSchedules(cmd.Context(), (*schedules.Manager).Plan)
			},
		},
		&cobra.Command{
			Use: "apply", Short: "Make the server's schedules those of the files", Example: "  worker schedules apply", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return s.changeSchedules(cmd.Context(), (*schedules.Manager).Apply)
			},
		},
	)
	return cmd
}

type change func(*schedules.Manager, context.Context, schedules.Wanted) ([]schedules.Change, error)

func (s *session) changeSchedules(ctx context.Context, do change) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		changes, err := do(app.Schedules(cl, s.env.Release), ctx, catalogue.Wanted())
		for _, c := range changes {
			fmt.Fprintln(s.env.Stdout, c)
		}
		if err == nil && len(changes) == 0 {
			fmt.Fprintln(s.env.Stdout, "files and server agree")
		}
		return failed(err)
	})
}
