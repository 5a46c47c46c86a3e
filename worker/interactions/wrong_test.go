package interactions_test

import (
	"errors"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

var hidden = soar.Sampled{
	Hunt: "internal-senders", Window: soar.NewWindow(noon.Add(-24*time.Hour), noon), CaseID: "case-abc", Sender: "backup@contoso.com",
	Rule: "backup-veeam", Subject: "Backup done", Reports: 2,
}

// digest puts a digest with a sampled finding and a remembered approval that ends
// soon into the channel.
func (b *bench) digest(ends ...soar.Expiring) {
	b.t.Helper()
	blocks, _ := slack.DigestBlocks(soar.Digest{Window: hidden.Window, Channel: channel, Sample: []soar.Sampled{hidden}, Expiring: ends}, slack.Options{})
	b.card = postBlocks(b, blocks)
}

func (b *bench) complain(user, reason string) {
	b.t.Helper()
	b.click(user, slack.ActionWrong)
	form := b.expectView(user, "Why should this not have been hidden?")
	if result, err := b.fake.SubmitView(b.t.Context(), user, form.ID, map[string]any{"reason": reason}); err != nil || !result.Closed {
		b.t.Fatalf("submission %+v, error %v", result, err)
	}
}

func TestAWrongSuppressionIsHuntedAgainOnceAndItsCaseIsTold(t *testing.T) {
	h := newHunts()
	h.result.Senders = []soar.SenderOutcome{{Sender: "x@contoso.com", CaseID: "case-x", Case: "case-x/1"}, {Sender: hidden.Sender, CaseID: hidden.CaseID, Case: "case-abc/4", Answer: soar.SeeOpened}}
	close(h.done)
	b := newBench(t, withHunts(h))
	b.digest()
	b.complain(analyst, "new recipients")
	b.expectNote(analyst, "Case case-abc/4 is opened, and backup-veeam hides its sender no more.")
	b.complain(second, "I think so too")
	b.expectNote(second, "Case case-abc/4")
	b.drain()
	got := h.starts()
	if len(got) != 1 {
		t.Fatalf("%d runs for one finding", len(got))
	}
	in := got[0]
	if in.Hunt != hidden.Hunt || *in.Window != hidden.Window || in.DryRun || in.Wrong.CaseID != hidden.CaseID || in.Wrong.Rule != hidden.Rule ||
		in.Wrong.By.ID != analyst || in.Wrong.Reason != "new recipients" || in.Wrong.At.IsZero() || in.Validate() != nil {
		t.Errorf("started %+v, %+v", in, in.Wrong)
	}
	if len(b.fake.All(channel)) != 2 {
		t.Error("everybody is told what one person asked for")
	}
}

func TestOnlyApproversSayThatARuleWasWrong(t *testing.T) {
	h := newHunts()
	b := newBench(t, withHunts(h))
	b.digest()
	b.click(member, slack.ActionWrong)
	b.expectView(member, "is not an approver")
	b.click(analyst, slack.ActionWrong)
	form := b.expectView(analyst, "Why should this not")
	b.setList(soar.Approvers{Users: []string{second}}) // taken off the list while the form was open
	if _, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "r"}); err != nil {
		t.Fatal(err)
	}
	b.expectNote(analyst, "Nothing was recorded: ")
	b.drain()
	got := b.audit.all()
	if len(got) != 2 || got[0].Action != "wrong" || got[0].Case.ID != hidden.CaseID || len(h.starts()) != 0 {
		t.Errorf("the audit has %+v, started %+v", got, h.starts())
	}
}

func TestAComplaintWhoseHuntFailsOrTakesLongIsToldSo(t *testing.T) {
	h := newHunts()
	slow := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.ResultFor = h, time.Millisecond }})
	slow.digest()
	slow.complain(analyst, "r")
	slow.expectNote(analyst, "is still running as hunt-internal-senders-wrong-")
	h.ended = errors.New("the table is gone")
	close(h.done)
	failed := newBench(t, withHunts(h))
	failed.digest()
	failed.complain(analyst, "r")
	failed.expectNote(analyst, "No case was opened: the hunt failed. the table is gone")
	gone := newHunts()
	close(gone.done)
	empty := newBench(t, withHunts(gone))
	empty.digest()
	empty.complain(analyst, "r")
	empty.expectNote(analyst, "did not find the sender in that window again")
}
