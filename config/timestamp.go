package config

import (
	"fmt"
	"slices"

	"harrier/config/kqlscan"
)

// TimestampAdvice is what is said of a query that reads Timestamp.
const TimestampAdvice = "Timestamp exists in Defender's advanced hunting alone; on Log Analytics TimeGenerated stands for it, and every run says so: write TimeGenerated, in a copy with an id of its own, to have it as you mean it"

// Timestamps are the offsets at which a query reads a column Timestamp that it
// has not made itself.
func Timestamps(query string) []int {
	var out []int
	tokens := kqlscan.Scan(query)
	for i, t := range tokens {
		if !t.Is("Timestamp") {
			continue
		}
		if i+1 < len(tokens) && tokens[i+1].Is("=") {
			return out
		}
		if i == 0 || !tokens[i-1].Is(".") {
			out = append(out, t.Offset)
		}
	}
	return out
}

// defenderTables are the tables of Defender's advanced hunting that Log Analytics
// has too, with TimeGenerated in the place of Timestamp
// (https://learn.microsoft.com/azure/sentinel/connect-microsoft-365-defender).
func defenderTables() []string {
	return []string{
		"AlertEvidence", "AlertInfo", "CloudAppEvents",
		"DeviceEvents", "DeviceFileCertificateInfo", "DeviceFileEvents", "DeviceImageLoadEvents", "DeviceInfo", "DeviceLogonEvents",
		"DeviceNetworkEvents", "DeviceNetworkInfo", "DeviceProcessEvents", "DeviceRegistryEvents",
		"EmailAttachmentInfo", "EmailEvents", "EmailPostDeliveryEvents", "EmailUrlInfo", "UrlClickEvents",
		"IdentityDirectoryEvents", "IdentityLogonEvents", "IdentityQueryEvents",
	}
}

// shimmed are the tables of a query that reads Timestamp, which need one: the
// subject and the tables of Defender, unless the query gives their name to
// something of its own.
func shimmed(query, subject string) []string {
	if len(Timestamps(query)) == 0 {
		return nil
	}
	tables := append(defenderTables(), subject)
	var out []string
	tokens := kqlscan.Scan(query)
	for i, t := range tokens {
		if t.Kind != kqlscan.Name || !slices.Contains(tables, t.Text) || i > 0 && tokens[i-1].Is(".") {
			continue
		}
		if i > 0 && tokens[i-1].Is("let") {
			tables = slices.DeleteFunc(tables, func(name string) bool { return name == t.Text && name != subject })
			out = slices.DeleteFunc(out, func(name string) bool { return name == t.Text && name != subject })
			continue
		}
		if !slices.Contains(out, t.Text) {
			out = append(out, t.Text)
		}
	}
	slices.Sort(out)
	return out
}

// timestamps warns once a line.
func (c *checker) timestamps(p parsedHunt) {
	last := ""
	for _, offset := range Timestamps(p.hunt.Query) {
		if at := p.place(offset); at != last {
			c.warnings = append(c.warnings, fmt.Sprintf("%s: query: %s", at, TimestampAdvice))
			last = at
		}
	}
}

// swallowed refuses a query whose lines YAML has joined behind a comment: what
// follows the comment would be no part of the query.
func (c *checker) swallowed(p parsedHunt) {
	for _, span := range kqlscan.Comments(p.hunt.Query) {
		begins, ends := p.place(span[0]), p.place(span[1]-1)
		if begins != ends {
			c.errs = append(c.errs, fmt.Errorf("%s: query: the lines after this comment are joined to it and lost; write the query under query: |", begins))
			return
		}
	}
}
