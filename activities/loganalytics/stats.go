package loganalytics

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// statistics is the part of a response's statistics that is kept. The service
// gives no schema for it ("its structure can vary by query"), so each value is
// read by itself, and one that is not there or not as expected stays zero.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/prefer-options
type statistics struct {
	Query struct {
		ExecutionTime any `json:"executionTime"` // seconds
		ResourceUsage struct {
			CPU map[string]any `json:"cpu"` // timespans as text
		} `json:"resourceUsage"`
		Input struct {
			Rows map[string]any `json:"rows"`
		} `json:"inputDatasetStatistics"`
	} `json:"query"`
}

// statsOf is what one query cost. The rows are those that came, whatever the
// statistics say.
func statsOf(raw []byte, rows int) soar.QueryStats {
	out := soar.QueryStats{Queries: 1, Rows: int64(rows)}
	var s statistics
	var unexpected *json.UnmarshalTypeError // the other values are read all the same
	if err := json.Unmarshal(raw, &s); err != nil && !errors.As(err, &unexpected) {
		return out
	}
	out.Millis = int64(amount(s.Query.ExecutionTime) * 1000)
	for _, name := range []string{"totalCpu", "total cpu"} {
		if text, ok := s.Query.ResourceUsage.CPU[name].(string); ok {
			out.CPUMillis = timespanOf(text).Milliseconds()
		}
	}
	out.Scanned = int64(amount(s.Query.Input.Rows["scanned"]))
	return out
}

// amount reads a number that is not negative and fits, as a number or as text.
func amount(v any) float64 {
	f, ok := v.(float64)
	if s, isText := v.(string); isText {
		parsed, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		f, ok = parsed, err == nil
	}
	if !ok || !(f >= 0 && f < 1e15) {
		return 0
	}
	return f
}

// timespanOf reads a timespan as the service writes it, [d.]hh:mm:ss[.fffffff];
// 0 for anything else.
func timespanOf(text string) time.Duration {
	parts := strings.Split(strings.TrimSpace(text), ":")
	if len(parts) != 3 {
		return 0
	}
	days, hours, long := strings.Cut(parts[0], ".")
	if !long {
		days, hours = "0", parts[0]
	}
	var out float64
	for _, p := range []struct {
		text string
		unit float64
	}{{days, 86400}, {hours, 3600}, {parts[1], 60}, {parts[2], 1}} {
		f, err := strconv.ParseFloat(p.text, 64)
		if err != nil || !(f >= 0 && f < 1e6) {
			return 0
		}
		out += f * p.unit
	}
	return time.Duration(out * float64(time.Second))
}
