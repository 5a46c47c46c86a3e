package loganalytics_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// published is the SHA-256 of the hunt's file as it was published.
const published = "ec6d6341eda64aafc9aed1c572701e37b0693f910d9d0e82dc903c09f49bff6c"

func TestThePublishedHuntShipsUnchanged(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "config", "hunts", "top-intra-org-senders.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != published {
		t.Errorf("config/hunts/top-intra-org-senders.yaml was changed; ship a hunt of another id instead")
	}
}

func TestThePublishedQueryIsSentVerbatimBehindItsPrelude(t *testing.T) {
	s := newService(t, newWorld(t))
	h := shipped(t, "top-intra-org-senders")
	if _, err := s.client().QueryHunt(t.Context(), over(h, 24, 48)); err != nil {
		t.Fatal(err)
	}
	r := s.Requests()
	want := "let CloudAppEvents = CloudAppEvents | where ingestion_time() >= datetime(2026-11-21T00:00:00Z) and ingestion_time() < datetime(2026-11-22T00:00:00Z);\n" + h.Query
	if len(r) != 1 || r[0].Query != want {
		t.Errorf("%d requests, last query\n%s", len(r), r[len(r)-1].Query)
	}
	if from, to, _ := strings.Cut(r[0].Timespan, "/"); from > "2026-10-22T00:00:00Z" || to < "2026-11-22T00:00:00Z" {
		t.Errorf("timespan %s does not cover look-back and window", r[0].Timespan)
	}
	if r[0].Wait != 60 {
		t.Errorf("wait %d", r[0].Wait)
	}
}

func TestThePublishedHuntSeesMailFromBeforeItsWindow(t *testing.T) {
	m := boss("m1", 0)
	w := newWorld(t).mail(m).report(report{reporter: "r1", message: "m1", time: at(73)})
	expectLines(t, hunt(t, w, "top-intra-org-senders", 72, 96), "intra-org boss@contoso.com submissions=1 phish=0 spam=0 simulations=0 reporters=0")
}

func TestThePublishedHuntCountsALateReportOnce(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(23), delay: 2 * time.Hour})
	expectLines(t, hunt(t, w, "top-intra-org-senders", 0, 24))
	expectLines(t, hunt(t, w, "top-intra-org-senders", 24, 48), "intra-org boss@contoso.com submissions=1 phish=0 spam=0 simulations=0 reporters=0")
}

// The traps of the published query, which is not ours to change: repeated mail
// rows inflate it, a duplicate key on its left side counts once, and reports
// from a shared mailbox are lost. The corrected hunt has none of them.
func TestThePublishedHuntKeepsItsTrapsAndTheCorrectedOneHasNone(t *testing.T) {
	again := boss("m1", 3)
	shared := boss("m2", 1)
	shared.recipientID = "shared"
	w := newWorld(t).mail(boss("m1", 1)).mail(again).mail(shared)
	for _, kind := range []any{0, 1} {
		w.report(report{reporter: "r1", message: "m1", kind: kind, time: at(2)})
	}
	w.report(report{reporter: "r1", message: "m2", time: at(2)})
	expectLines(t, hunt(t, w, "top-intra-org-senders", 0, 24), "intra-org boss@contoso.com submissions=2 phish=0 spam=0 simulations=0 reporters=0")
	expectLines(t, hunt(t, w, "internal-senders", 0, 24), "intra-org boss@contoso.com submissions=2 phish=2 spam=0 simulations=0 reporters=1")
}
