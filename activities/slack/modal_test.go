package slack_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func place(c soar.Case) slack.Place {
	return slack.Place{Case: c.Ref, Channel: "C0TRIAGE", TS: "1795513500.000001"}
}

func viewOf(c soar.Case) soar.CaseView { return soar.CaseView{Case: c, Numbers: c.Ref.Number} }

func TestModalsReadAsAnAnalystNeedsThem(t *testing.T) {
	for name, v := range map[string]slackapi.ModalViewRequest{
		"modal_loading":      slack.LoadingModal(slack.TitleApprove, place(heldBack())),
		"modal_approve":      slack.ApproveModal(viewOf(heldBack()), place(heldBack()), now),
		"modal_approve_once": slack.ApproveModal(viewOf(takenOver()), place(takenOver()), now),
		"modal_approve_path": slack.ApproveModal(viewOf(untrusted()), place(untrusted()), now),
	} {
		checkView(t, v)
		golden(t, name, wire(t, v))
	}
}

// untrusted cannot be remembered though no guard held.
func untrusted() soar.Case {
	c := heldBack()
	c.Judgement.Guards, c.Judgement.Rememberable, c.Judgement.Path = nil, false, "mixed"
	c.Judgement.Unrememberable = "The mail came by no path that can be trusted; it will come again."
	return c
}

func choices(t *testing.T, v slackapi.ModalViewRequest) int {
	t.Helper()
	for _, b := range v.Blocks.BlockSet {
		if in, ok := b.(*slackapi.InputBlock); ok && in.BlockID == slack.BlockRemember {
			return len(in.Element.(*slackapi.SelectBlockElement).Options)
		}
	}
	return 0
}

func TestACardThatGuardsHeldOffersNoMenuAndNamesThemAll(t *testing.T) {
	v := slack.ApproveModal(viewOf(takenOver()), place(takenOver()), now)
	text := wire(t, v)
	if choices(t, v) != 0 || !strings.Contains(text, "Held by: compromise facts, new IP. Such mail comes again while that holds.") {
		t.Errorf("%d options in %s", choices(t, v), text)
	}
	s, problems, err := slack.ReadSubmission(submitted("asked by phone", "90d", v.PrivateMetadata))
	if err != nil || len(problems) != 0 || s.Remember != 0 {
		t.Errorf("a form without a menu is read as %+v, problems %v, error %v", s, problems, err)
	}
	if n := choices(t, slack.ApproveModal(viewOf(heldBack()), place(heldBack()), now)); n != 4 {
		t.Errorf("%d options for a rememberable case, want once, 7, 30 and 90 days", n)
	}
}

func TestADecidedOrOlderCaseGetsNoForm(t *testing.T) {
	done := decided(heldBack(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U1"}})
	older := place(heldBack())
	older.Case.Number--
	for want, v := range map[string]slackapi.ModalViewRequest{
		"Already escalated by U1":     slack.ApproveModal(viewOf(done), place(done), now),
		"the sender's newest case is": slack.ApproveModal(viewOf(heldBack()), older, now),
	} {
		if v.Submit != nil || !strings.Contains(wire(t, v), want) {
			t.Errorf("no %q in %s", want, wire(t, v))
		}
	}
}

func submitted(reason, remember, metadata string) slackapi.View {
	return slackapi.View{PrivateMetadata: metadata, State: &slackapi.ViewState{Values: map[string]map[string]slackapi.BlockAction{
		slack.BlockReason:   {"reason": {Value: reason}},
		slack.BlockRemember: {"remember": {SelectedOption: slackapi.OptionBlockObject{Value: remember}}},
	}}}
}

func TestASubmissionIsReadOrItsProblemsAreShownAtTheFields(t *testing.T) {
	meta := place(heldBack()).String()
	s, problems, err := slack.ReadSubmission(submitted(" known alert ", "7d", meta))
	if err != nil || len(problems) != 0 || s.Reason != "known alert" || s.Remember.Std() != 7*24*time.Hour || s.Place != place(heldBack()) {
		t.Errorf("submission %+v, problems %v, error %v", s, problems, err)
	}
	_, problems, err = slack.ReadSubmission(submitted("  ", "999d", meta))
	if err != nil || problems[slack.BlockReason] == "" || problems[slack.BlockRemember] == "" {
		t.Errorf("problems %v, error %v", problems, err)
	}
	if _, problems, _ = slack.ReadSubmission(submitted(strings.Repeat("é", 501), "0", meta)); problems[slack.BlockReason] == "" {
		t.Error("a reason of 501 characters is taken")
	}
	for _, bad := range []string{"", "{}", `{"case":{"id":"x","number":1}}`} {
		if _, _, err := slack.ReadSubmission(submitted("r", "0", bad)); err == nil {
			t.Errorf("metadata %q is taken", bad)
		}
	}
	if _, problems, err := slack.ReadSubmission(slackapi.View{PrivateMetadata: meta}); err != nil || len(problems) != 2 {
		t.Errorf("a view without state gives %v, %v", problems, err)
	}
}

func TestPrivateMetadataIsCaseChannelAndTimestamp(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(place(heldBack()).String()), &got); err != nil || len(got) != 3 {
		t.Errorf("metadata is %v, error %v", got, err)
	}
}

func TestLinksExistForEveryCloud(t *testing.T) {
	for _, cloud := range []string{"", "public", "usgov", "china"} {
		if _, err := slack.LinksFor(cloud); err != nil {
			t.Error(err)
		}
	}
	if _, err := slack.LinksFor("moon"); err == nil {
		t.Error("an unknown cloud has links")
	}
	if got := links.Message(soar.Message{NetworkMessageID: `x" or 1==1`}); got != "" {
		t.Errorf("an id that is none makes the link %q", got)
	}
	if got, _ := links.Query(attacked().Finding); got != "" {
		t.Errorf("ids that are none make the query %q", got)
	}
}

// queried is the query that a link opens.
func queried(t *testing.T, address string) string {
	t.Helper()
	_, rest, _ := strings.Cut(address, "/q/")
	packed, _, _ := strings.Cut(rest, "/timespan/")
	text, err := url.QueryUnescape(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kql, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(kql)
}

func TestTheQueryLinkSaysWhatItLeavesOutAndLooksWhereTheMailsAre(t *testing.T) {
	c := takenOver()
	for n := len(c.Finding.Evidence.Messages); n < 30; n++ {
		m := c.Finding.Evidence.Messages[1]
		m.NetworkMessageID, m.Time = messageID(n+1), now.AddDate(0, 0, -3)
		c.Finding.Evidence.Messages = append(c.Finding.Evidence.Messages, m)
	}
	c.Finding.Evidence.Total = 30
	address, label := links.Query(c.Finding)
	if label != "Messages (10 of 30)" || !strings.HasSuffix(address, "/timespan/2026-11-21T08%3A45%3A00Z%2F2026-11-24T10%3A45%3A00Z") {
		t.Errorf("%s leads to %s", label, address)
	}
	if got, want := queried(t, address), "TimeGenerated > datetime(2026-11-21T08:45:00Z) and TimeGenerated <= datetime(2026-11-24T10:45:00Z)\n"; !strings.Contains(got, want) || strings.Count(got, "aaaaaaaa-") != 10 {
		t.Errorf("the query is %s", got)
	}
	if got := wire(t, card(c)); !strings.Contains(got, "|Messages (10 of 30)") {
		t.Errorf("card is %s", got)
	}
	if _, label := links.Query(takenOver().Finding); label != "Query" {
		t.Errorf("a query for all mails is called %q", label)
	}
}
