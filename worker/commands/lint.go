package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"harrier/config"
	"harrier/config/lint"
)

type lintFlags struct {
	strict, asJSON bool
}

func newHuntsLint(s *session) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [file…]",
		Short: "Look for mistakes in hunting files",
		Long: `Look at hunting files as they would be loaded, and at their queries. Without
files it takes the configured folder; a file that is named is looked at as though
it stood there. Nothing leaves this machine.

With Node.js and Microsoft's KQL parser, syntax, columns and types are checked
too: npm install ` + lint.PackageName + `@` + lint.PackageVersion + `, here or with -g, or set
` + lint.ModulesVariable + ` to the node_modules folder that has it.

It exits 1 when there are errors; with --strict also when there are warnings.`,
		Example: `  worker hunts lint
  worker hunts lint --strict downloads/mail-from-new-domains.yaml
  worker hunts lint --json`,
		RunE: func(cmd *cobra.Command, args []string) error { return s.lint(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.strict, "strict", false, "take warnings for errors")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the findings as JSON")
	return cmd
}

func (s *session) lint(ctx context.Context, named []string, f lintFlags) error {
	files, err := config.LoadFiles(s.configFile, s.env.Getenv)
	if err != nil {
		return failed(err)
	}
	parser, missing := lint.FindParser(ctx, s.env.Getenv)
	report, err := lint.Run(ctx, lint.Options{Files: files, Named: named, Parser: parser})
	if err != nil {
		return failed(err)
	}
	if f.strict {
		report = report.Strict()
	}
	if err := printLint(s.env.Stdout, report, f.asJSON); err != nil {
		return failed(err)
	}
	if missing != nil {
		fmt.Fprintln(s.env.Stderr, "syntax and types were not checked:", missing)
	}
	if n := report.Count(lint.Error); n > 0 {
		return failed(fmt.Errorf("lint hunts: %s", counted(n, "error")))
	}
	return nil
}

func printLint(w io.Writer, r lint.Report, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	for _, f := range r.Findings {
		fmt.Fprintln(w, f)
	}
	_, err := fmt.Fprintf(w, "%s: %s, %s%s\n", counted(len(r.Files), "file"), counted(r.Count(lint.Error), "error"),
		counted(r.Count(lint.Warning), "warning"), by(r.Parser))
	return err
}

func by(parser string) string {
	if parser == "" {
		return "; syntax not checked"
	}
	return "; syntax checked by " + parser
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
