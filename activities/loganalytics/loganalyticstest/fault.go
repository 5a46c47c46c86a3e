package loganalyticstest

import (
	"net/http"
	"strings"
)

// Fault is a failure to play. Match and Nth choose requests, the other fields say what happens to them; with only Hold
// the answer is late but right.
type Fault struct {
	// Match is a part of the query; empty matches every query.
	Match string
	// Nth is the one matching request to fail, counted from 1 when the fault is set; 0 fails every one.
	Nth int
	// Times is how many matching requests fail before the fault is spent; 0 is all of them.
	Times int

	// Status answers with this HTTP status, in the service's shape for it.
	Status int
	// RetryAfter is the header of that name, as text, so that it can be malformed too.
	RetryAfter string
	// Body replaces the whole body; with Status 0 the status is 200.
	Body string
	// Partial adds an error beside the rows: HTTP 200 with PartialError and this message.
	Partial string
	// PartialRows keeps only so many rows of a partial answer; 0 keeps all.
	PartialRows int
	// MissingTable answers 400 as if this table did not exist.
	MissingTable string
	// NoTables answers 200 with an empty list of tables.
	NoTables bool
	// Cut closes the connection without an answer.
	Cut bool
	// Hold keeps the request until it is closed or sends, or the client gives up.
	Hold <-chan struct{}
	// Reached is called when a request meets the fault, before Hold.
	Reached func()
}

type armed struct {
	Fault
	met  int
	left int
}

// Fail arms a fault; faults set later are tried first. The returned function disarms it.
func (s *Server) Fail(f Fault) (disarm func()) {
	a := &armed{Fault: f, left: f.Times}
	if f.Times == 0 {
		a.left = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, a)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		a.left = 0
	}
}

// fault returns the fault a query meets.
func (s *Server) fault(query string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.faults) - 1; i >= 0; i-- {
		a := s.faults[i]
		if a.left == 0 || !strings.Contains(query, a.Match) {
			continue
		}
		if a.met++; a.Nth != 0 && a.met != a.Nth {
			continue
		}
		a.left--
		return a.Fault
	}
	return Fault{}
}

// play plays the parts of a fault that replace the answer, and reports whether it did.
func (f Fault) play(w http.ResponseWriter, r *http.Request) bool {
	if f.Reached != nil {
		f.Reached()
	}
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.Body != "":
		f.writeBody(w)
	case f.MissingTable != "":
		writeFailure(w, missingTable(f.MissingTable))
	case f.NoTables:
		writeJSON(w, http.StatusOK, []byte(`{"tables":[]}`))
	case f.Status != 0:
		e := failureOf(f.Status)
		e.retryAfter = f.RetryAfter
		writeFailure(w, e)
	default:
		return false
	}
	return true
}

func (f Fault) writeBody(w http.ResponseWriter) {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	writeJSON(w, status, []byte(f.Body))
}
