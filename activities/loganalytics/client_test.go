package loganalytics_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/workflows/soar"
)

func TestAConfigurationThatCannotWorkSaysWhatToWrite(t *testing.T) {
	s := newService(t, newWorld(t))
	for _, c := range []struct {
		name   string
		change func(*loganalytics.Config)
		want   string
	}{
		{"no workspace", func(c *loganalytics.Config) { c.WorkspaceID = "" }, "workspace id"},
		{"no credential", func(c *loganalytics.Config) { c.Credential = nil }, "credential"},
		{"no tenant", func(c *loganalytics.Config) { c.Tenant = nil }, "tenant"},
		{"no wait", func(c *loganalytics.Config) { c.Wait = 0 }, "from 1s to 10m0s"},
		{"a wait over the service's", func(c *loganalytics.Config) { c.Wait = soar.Duration(1000 * time.Second) }, "wait is 16m40s"},
		{"a wait in fractions", func(c *loganalytics.Config) { c.Wait = soar.Duration(1500 * time.Millisecond) }, "whole seconds"},
		{"no past", func(c *loganalytics.Config) { c.Past = 0 }, "past"},
	} {
		cfg := s.config()
		c.change(&cfg)
		if _, err := loganalytics.New(cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	cfg := s.config()
	cfg.Wait = soar.Duration(loganalytics.MaxWait)
	if _, err := loganalytics.New(cfg); err != nil {
		t.Errorf("the longest wait: %v", err)
	}
}

func TestAShortClientTimeoutIsRaisedOnACopy(t *testing.T) {
	s := newService(t, newWorld(t))
	mine := *s.Running.Client
	mine.Timeout = time.Nanosecond
	cfg := s.config()
	cfg.HTTPClient = &mine
	c, err := loganalytics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.QueryHunt(t.Context(), published1(t)); err != nil {
		t.Errorf("the query gave up: %v", err)
	}
	if mine.Timeout != time.Nanosecond {
		t.Error("the caller's client was changed")
	}
}
