package soar

import "encoding/json"

// Budgets in bytes of JSON, so that no payload comes near Temporal's 2 MB
// (https://docs.temporal.io/cloud/limits#per-message-grpc-limit): ten findings
// are judged in one message, and a result holds every sender of a run.
const (
	MaxFindingBytes = 100_000
	MaxResultBytes  = 1_200_000
)

// jsonSize is the same in every replay: the values hold no map but with string
// keys, which are written in order.
//
//workflowcheck:ignore
func jsonSize(v any) int {
	data, err := json.Marshal(v)
	if err != nil {
		return 0 // domain values always marshal
	}
	return len(data)
}

// Fit cuts a finding to its budget. Cut evidence is not whole and a cut past is
// truncated, so that nothing is suppressed on what is missing.
func (f Finding) Fit() Finding {
	for jsonSize(f) > MaxFindingBytes && len(f.Evidence.Messages) > 1 {
		f.Evidence.Messages = f.Evidence.Messages[:len(f.Evidence.Messages)/2]
		f.Evidence.Missing = "too large to show whole"
	}
	if jsonSize(f) > MaxFindingBytes {
		p := &f.Past
		p.IPs, p.URLHosts, p.AttachmentTypes, p.ClientFamilies = nil, nil, nil, nil
		p.PerDay, p.ReportsPerDay, p.Truncated = nil, nil, true
	}
	if jsonSize(f) > MaxFindingBytes && len(f.Evidence.Messages) == 1 {
		m := f.Evidence.Messages[0]
		m.Recipients, m.URLHosts, m.AttachmentTypes = nil, nil, nil
		f.Evidence.Messages = []Message{m}
		f.Evidence.Missing = "too large to show whole"
	}
	return f
}

// Fit cuts a result to its budget: first the traces, then the messages of each
// sender, of which the case has the rest.
func (r HuntResult) Fit() HuntResult {
	if jsonSize(r) <= MaxResultBytes {
		return r
	}
	out := r
	out.Senders = make([]SenderOutcome, len(r.Senders))
	for i, s := range r.Senders {
		s.Trace = nil
		s.Messages = s.Messages[:min(len(s.Messages), 10)]
		out.Senders[i] = s
	}
	return out
}
