package loganalytics

import (
	"fmt"
	"slices"

	"harrier/workflows/soar"
)

// assign gives each candidate its messages, newest first, at most limit of them
// in detail.
func assign(candidates []soar.Candidate, messages []found, partial string, limit int) soar.EvidenceSet {
	out := soar.EvidenceSet{Partial: partial, Evidence: make([]soar.Evidence, len(candidates))}
	byID := make(map[string]int, len(messages))
	bySender := map[senderKey][]int{}
	for i, m := range messages {
		byID[m.NetworkMessageID] = i
		for _, k := range keysOf(m) {
			bySender[k] = append(bySender[k], i)
		}
	}
	for i, c := range candidates {
		at, absent := belonging(c, byID, bySender)
		e := soar.Evidence{Total: len(at)}
		slices.Sort(at) // rows come newest first
		for _, m := range at[:min(limit, len(at))] {
			e.Messages = append(e.Messages, messages[m].Message)
		}
		e.Missing = missing(c, at, messages, absent)
		if partial != "" {
			e.Missing = "the evidence query returned only a part"
		}
		out.Evidence[i] = e
	}
	return out
}

// senderKey is how a candidate names a sender.
type senderKey struct {
	kind    soar.AddressKind
	address string
	scope   soar.Scope
}

// keysOf are the names under which a message can be asked for. A hunt without a
// scope of its own takes a sender's mail of every scope.
func keysOf(m found) []senderKey {
	p1, p2 := normalSender(m.P1), normalSender(m.P2)
	out := []senderKey{{soar.P1, p1, m.scope}, {soar.P2, p2, m.scope}}
	if m.scope != soar.ScopeOther {
		out = append(out, senderKey{soar.P1, p1, soar.ScopeOther}, senderKey{soar.P2, p2, soar.ScopeOther})
	}
	return out
}

func normalSender(address string) string {
	if soar.IsNullSender(address) {
		return ""
	}
	return normal(address)
}

// belonging finds a candidate's messages by its ids and by its sender, and
// counts ids without a message. Null senders have nothing in common, so ids
// alone name theirs where the hunt returned any.
func belonging(c soar.Candidate, byID map[string]int, bySender map[senderKey][]int) (at []int, absent int) {
	for _, id := range c.Messages {
		i, ok := byID[id]
		if !ok {
			absent++
		} else if !slices.Contains(at, i) {
			at = append(at, i)
		}
	}
	if soar.IsNullSender(c.Sender) && len(c.Messages) > 0 {
		return at, absent
	}
	for _, i := range bySender[senderKey{c.SenderIs, normalSender(c.Sender), c.Scope}] {
		if !slices.Contains(at, i) {
			at = append(at, i)
		}
	}
	return at, absent
}

// missing says why a candidate's evidence is not whole.
func missing(c soar.Candidate, at []int, messages []found, absent int) string {
	switch {
	case !writable(c.Sender):
		return "the sender's address holds control characters, so its messages were not asked for"
	case absent > 0 && c.Counts.Sent > 0:
		return fmt.Sprintf("%d of the %d messages that the hunt named were not found again", absent, len(c.Messages))
	case absent > 0:
		return fmt.Sprintf("%d reported messages were not found again", absent)
	case len(at) == 0:
		return "no reported message was found for this sender"
	}
	for _, i := range at {
		if messages[i].lost != "" {
			return messages[i].lost
		}
	}
	return ""
}
