package graph

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"harrier/workflows/soar"
)

// literal writes an OData string literal. It is the only place that does: the
// SDK percent-encodes a filter, but a quote in a value would end the literal.
func literal(value string) string {
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// maxIDs keeps a look-up within the 15 clauses one filter may join with or.
// https://learn.microsoft.com/en-us/graph/filter-query-parameter
const maxIDs = 10

var objectID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// objectIDs are the usable ids of a sender, lower case, each once.
func objectIDs(ref soar.SenderRef) []string {
	var out []string
	seen := map[string]bool{}
	for _, id := range ref.ObjectIDs {
		id = strings.ToLower(strings.TrimSpace(id))
		if objectID.MatchString(id) && !seen[id] && len(out) < maxIDs {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// addressOf is the address to ask for; empty for a null sender.
func addressOf(ref soar.SenderRef) string {
	return soar.FoldASCII(strings.Trim(ref.Address, "<> \t\r\n"))
}

// maxAddress is the longest address there can be: 64 octets, an at sign, 255 octets.
// https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1
const maxAddress = 320

// unaskable says why no directory is asked for an address; empty if one can be.
// A null sender has nobody behind it, whatever id stands beside it.
func unaskable(address string) string {
	switch {
	case address == "":
		return "null sender"
	case len(address) > maxAddress:
		return "the address is longer than an address can be"
	case !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl):
		return "the address holds control characters"
	}
	return ""
}

// livingClauses find the users that carry one of the ids or the address. Every
// operator in it works by default: $expand is not supported with the advanced
// queries. https://learn.microsoft.com/en-us/graph/aad-advanced-queries
func livingClauses(ids []string, address string) []string {
	clauses := idClauses(ids)
	if address != "" {
		clauses = append(clauses,
			"userPrincipalName eq "+literal(address),
			"mail eq "+literal(address),
			"proxyAddresses/any(p:p eq "+literal(smtpPrefix+address)+")")
	}
	return clauses
}

// deletedClauses find users in the bin, where a principal name has the object
// id in front of it. It is an advanced query.
func deletedClauses(ids []string, address string) []string {
	clauses := idClauses(ids)
	if address != "" {
		clauses = append(clauses, "mail eq "+literal(address), "endsWith(userPrincipalName,"+literal(address)+")")
	}
	return clauses
}

func idClauses(ids []string) []string {
	clauses := make([]string, 0, len(ids)+3)
	for _, id := range ids {
		clauses = append(clauses, "id eq "+literal(id))
	}
	return clauses
}
