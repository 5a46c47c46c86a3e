package audit

import (
	"context"
	"fmt"
	"time"

	"harrier/workflows/soar"
)

// Refusal is a click that was not taken. The workflow keeps nothing of it, so
// whoever sent the click records it.
type Refusal struct {
	At     time.Time        `json:"at"`
	Case   soar.CaseRef     `json:"case"`
	Action string           `json:"action"` // what was asked for: approve, escalate, forget, …
	By     soar.Actor       `json:"by"`
	Kind   soar.RefusalKind `json:"kind"`
	// Message is what the clicker was told.
	Message string `json:"message"`
	// Click is the stable id of the click.
	Click string `json:"click"`
}

// RecordRefusal writes the file of a refused click, named after case, number
// and click. It is called outside an activity and returns a plain error.
func (c *Client) RecordRefusal(ctx context.Context, in Refusal) error {
	if in.At.IsZero() || in.By.ID == "" || in.Click == "" {
		return fmt.Errorf("record refusal: %w: a refusal has at, by and click", errRecord)
	}
	content, err := lines(struct {
		Record string `json:"record"` // refusal
		Case   string `json:"case"`
		Refusal
	}{"refusal", in.Case.String(), in})
	if err != nil {
		return fmt.Errorf("record refusal: %w", err)
	}
	path := c.file(in.At, "refusal-"+caseName(in.Case)+"-"+hash(in.Click)+".json")
	if err := write(ctx, path, content); err != nil {
		return fmt.Errorf("record refusal: %w", err)
	}
	return nil
}
