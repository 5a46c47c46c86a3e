package loganalyticstest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"harrier/activities/loganalytics/kql"
)

const (
	maxBody     = 4 << 20
	defaultWait = 180 // seconds, https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts
	maxWait     = 600
)

type queryBody struct {
	Query      *string  `json:"query"`
	Timespan   string   `json:"timespan"`
	Workspaces []string `json:"workspaces"`
}

// call is a request that has been read and checked.
type call struct {
	Request
	body       queryBody
	statistics bool
	options    kql.Options
}

// statusWriter records the status before the client can see the answer.
type statusWriter struct {
	http.ResponseWriter
	set    func(status int)
	before func()
}

func (w *statusWriter) WriteHeader(status int) {
	if w.before != nil {
		w.before()
	}
	if w.set != nil {
		w.set(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (s *Server) query(rw http.ResponseWriter, r *http.Request) {
	w := &statusWriter{ResponseWriter: rw}
	c, bad := s.read(w, r)
	rec := s.record(c.Request)
	w.set = func(status int) {
		s.setStatus(rec, status)
		s.log.Info("log analytics query", "workspace", c.Workspace, "status", status)
	}
	token, refused := s.token(r)
	if refused != nil {
		bad = refused
	}
	if bad != nil {
		writeFailure(w, *bad)
		return
	}
	release, bad := s.admit(token)
	if bad != nil {
		writeFailure(w, *bad)
		return
	}
	// A client that has its answer may send the next query at once, so the place is free before the answer is written.
	release = sync.OnceFunc(release)
	defer release()
	w.before = release
	s.answer(w, r, c)
}

func (s *Server) token(r *http.Request) (string, *failure) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		f := failureOf(http.StatusUnauthorized)
		return "", &f
	}
	if !s.authorize(token) {
		f := invalidToken()
		return "", &f
	}
	return token, nil
}

func (s *Server) read(w http.ResponseWriter, r *http.Request) (call, *failure) {
	c := call{Request: Request{Workspace: r.PathValue("id")}}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&c.body); err != nil || c.body.Query == nil {
		f := badRequest("InvalidJsonBody", "The request body is not a JSON object with a query.")
		return c, &f
	}
	c.Query, c.Timespan = *c.body.Query, c.body.Timespan
	bad := c.preferences(r.Header.Values("Prefer"))
	c.options.Now = s.now()
	span, err := parseTimespan(c.Timespan, c.options.Now)
	if err != nil {
		f := badRequest("InvalidTimespan", err.Error())
		return c, &f
	}
	c.options.From, c.options.To = span.from, span.to
	return c, bad
}

// preferences reads the Prefer header: wait=…, include-statistics=…, include-render=….
func (c *call) preferences(headers []string) *failure {
	for _, p := range strings.Split(strings.Join(headers, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch name {
		case "wait":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxWait {
				f := badRequest("InvalidPreferHeader", "wait must be between 1 and 600 seconds, not "+value)
				return &f
			}
			c.Wait = n
		case "include-statistics":
			c.statistics = value == "true"
		}
	}
	return nil
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, c call) {
	fault := s.fault(c.Query)
	if fault.play(w, r) {
		return
	}
	db, bad := s.database(c)
	if bad != nil {
		writeFailure(w, *bad)
		return
	}
	wait := c.Wait
	if wait == 0 {
		wait = defaultWait
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(wait)*time.Second)
	defer cancel()
	res, err := kql.Run(ctx, db, c.Query, c.options)
	if err != nil {
		s.writeQueryError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.encode(res, c, fault))
}

func (s *Server) writeQueryError(w http.ResponseWriter, err error) {
	e, ok := asQueryError(err)
	switch {
	case ok && e.Code == kql.CodeLimit:
		body := append([]byte(`{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}],"error":`), partialBody(e.Message)...)
		writeJSON(w, http.StatusOK, append(body, '}'))
	case ok:
		writeFailure(w, queryFailure(e))
	case errors.Is(err, context.DeadlineExceeded):
		writeFailure(w, failureOf(http.StatusGatewayTimeout))
	default:
		panic(http.ErrAbortHandler) // the client has gone
	}
}

// database is the workspace's tables, joined with those of the additional workspaces.
func (s *Server) database(c call) (kql.Database, *failure) {
	out := s.Workspace(c.Workspace)
	if out == nil {
		f := failureOf(http.StatusNotFound)
		return nil, &f
	}
	for _, id := range c.body.Workspaces {
		db := s.Workspace(id)
		if db == nil {
			f := failureOf(http.StatusNotFound)
			return nil, &f
		}
		for name, t := range db {
			have := out[name]
			if have != nil && !slices.Equal(have.Columns, t.Columns) {
				f := badRequest("UnsupportedByFake", "Table "+name+" has different columns in the workspaces.")
				return nil, &f
			}
			out[name] = appendTable(have, t)
		}
	}
	return out, nil
}

func appendTable(a, b *kql.Table) *kql.Table {
	if a == nil {
		return b
	}
	t := &kql.Table{Name: a.Name, Columns: a.Columns, Rows: slices.Concat(a.Rows, b.Rows)}
	if a.Ingested != nil && b.Ingested != nil {
		t.Ingested = slices.Concat(a.Ingested, b.Ingested)
	}
	return t
}
