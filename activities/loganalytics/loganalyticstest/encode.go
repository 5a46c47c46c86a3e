package loganalyticstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"harrier/activities/loganalytics/kql"
)

// encode writes a result as the service does, cut to its limits; what was cut is a partial error beside the rows.
func (s *Server) encode(res *kql.Result, c call, fault Fault) []byte {
	rows, partial := res.Rows, fault.Partial
	if fault.PartialRows > 0 && partial != "" {
		rows = rows[:min(fault.PartialRows, len(rows))]
	}
	if len(rows) > s.limits.Rows {
		rows, partial = rows[:s.limits.Rows], tooLarge("record count", s.limits.Rows)
	}
	var b bytes.Buffer
	b.WriteString(`{"tables":[{"name":"PrimaryResult","columns":`)
	b.Write(encodeColumns(res.Columns))
	b.WriteString(`,"rows":[`)
	if !s.encodeRows(&b, rows) {
		partial = tooLarge("data size", s.limits.Bytes)
	}
	size := b.Len()
	b.WriteString(`]}]`)
	if c.statistics {
		b.WriteString(`,"statistics":`)
		b.Write(encodeStatistics(res, size))
	}
	if partial != "" {
		b.WriteString(`,"error":`)
		b.Write(partialBody(partial))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// tooLarge is the service's message for a result above its limits.
func tooLarge(what string, limit int) string {
	return fmt.Sprintf("Query result set has exceeded the internal %s limit %d (E_QUERY_RESULT_SET_TOO_LARGE; see https://aka.ms/kustoquerylimits)", what, limit)
}

func encodeColumns(cols []kql.Column) []byte {
	type column struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = column{c.Name, string(c.Type)}
	}
	return mustJSON(out)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers are passed in
	}
	return b
}

// encodeRows reports whether all rows fit.
func (s *Server) encodeRows(b *bytes.Buffer, rows [][]kql.Value) bool {
	start := b.Len()
	var buf []byte
	for i, row := range rows {
		buf = buf[:0]
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, '[')
		for j, v := range row {
			if j > 0 {
				buf = append(buf, ',')
			}
			buf = appendCell(buf, v)
		}
		buf = append(buf, ']')
		if b.Len()-start+len(buf) > s.limits.Bytes {
			return false
		}
		b.Write(buf)
	}
	return true
}

// appendCell encodes a cell: dynamic as JSON text, datetime as RFC 3339 in UTC, timespan as d.hh:mm:ss.fffffff.
func appendCell(b []byte, v kql.Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return append(b, mustJSON(v)...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(b, mustJSON(kql.Text(v))...)
		}
		return append(b, mustJSON(v)...)
	case bool:
		return strconv.AppendBool(b, v)
	case time.Time:
		return append(v.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	case time.Duration:
		return append(b, mustJSON(kql.TimespanText(v))...)
	case kql.Dynamic:
		return append(b, mustJSON(v.Text())...)
	}
	return append(b, mustJSON(kql.Text(v))...)
}

// encodeStatistics has the shape in which the service answers Prefer: include-statistics=true.
func encodeStatistics(res *kql.Result, size int) []byte {
	type object = map[string]any
	cpu := kql.TimespanText(res.Stats.Elapsed)
	nothing := object{"hits": 0, "misses": 0, "total": 0}
	return mustJSON(object{"query": object{
		"executionTime": res.Stats.Elapsed.Seconds(),
		"resourceUsage": object{
			"cache":  object{"disk": nothing, "memory": nothing},
			"cpu":    object{"kernel": kql.TimespanText(0), "totalCpu": cpu, "user": cpu},
			"memory": object{"peakPerNode": size},
		},
		"inputDatasetStatistics": object{
			"extents": object{"scanned": 1, "total": 1},
			"rows":    object{"scanned": res.Stats.Scanned, "total": res.Stats.Scanned},
		},
		"datasetStatistics": []object{{"tableRowCount": len(res.Rows), "tableSize": size}},
	}})
}
