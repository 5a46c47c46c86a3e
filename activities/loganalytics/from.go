package loganalytics

import (
	"regexp"
	"strings"
	"unicode"

	"harrier/workflows/soar"
)

// How a From is read, the same as in internal-senders and lookalikes.kql.
const (
	// patternPlain is one address, with nothing around it and nothing hidden in it.
	patternPlain = `^[a-z0-9!#$%&'*+/=?^_{|}~.-]+@[\p{L}\p{Nd}_-]+(?:\.[\p{L}\p{Nd}_-]+)+$`
	// patternName is a domain anywhere in a text.
	patternName = `([\p{L}\p{Nd}_-]+(?:\.[\p{L}\p{Nd}_-]+)+)`
	// patternHidden are characters that are not seen, and spaces of all kinds.
	patternHidden = `[\p{C}\p{Z}]`
	// patternASCIIPunycode is a label that says it is punycode and decodes to its own letters.
	patternASCIIPunycode = `xn--([a-z0-9-]+)-($|[^a-z0-9-])`
)

var (
	plainFrom     = regexp.MustCompile(patternPlain)
	nameIn        = regexp.MustCompile(patternName)
	hidden        = regexp.MustCompile(patternHidden)
	asciiPunycode = regexp.MustCompile(patternASCIIPunycode)
	dots          = regexp.MustCompile(`\.+`)
	otherScripts  = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".", "\uff20", "@")
)

// foldFrom undoes what hides a domain in a From: once with what is not seen
// taken out, once with a space in its place.
func foldFrom(from string) string {
	folded := dots.ReplaceAllString(otherScripts.Replace(from), ".")
	folded = asciiPunycode.ReplaceAllString(folded, "$1$2")
	return hidden.ReplaceAllString(folded, "") + " " + hidden.ReplaceAllString(folded, " ")
}

// outsideScope is the scope of mail that is not intra-org by its From. Only mail
// from outside that names nobody inside has none in internal-senders, and is
// "other" here, as everything is that is odd.
func outsideScope(from string, t soar.Tenant) soar.Scope {
	from = normal(from)
	folded := foldFrom(from)
	for _, name := range nameIn.FindAllString(folded, -1) {
		if t.IsInternal("x@" + name) {
			return soar.ScopeClaimsInternal
		}
	}
	text := from
	if plainFrom.MatchString(from) {
		text = from[strings.LastIndexByte(from, '@')+1:]
	}
	if strings.Contains(folded, "@") && writable(text) && imitates(text, t) {
		return soar.ScopeImitatesInternal
	}
	return soar.ScopeOther
}

// imitates says that a domain, or a domain named in a text, looks like an
// accepted one without being it.
func imitates(text string, t soar.Tenant) bool {
	for _, name := range nameIn.FindAllString(foldFrom(text), -1) {
		if _, _, ok := t.Lookalike(name); ok || isAcceptedInDisguise(name, t) {
			return true
		}
		if soar.AddressOddity("x@"+name) != "" {
			return true
		}
	}
	return false
}

// isAcceptedInDisguise says that a domain is an accepted one in another writing,
// punycode or letters. Such a domain is no look-alike by name, but of the same
// name under another top-level domain it is one.
func isAcceptedInDisguise(domain string, t soar.Tenant) bool {
	if !strings.Contains(domain, "xn--") && !strings.ContainsFunc(domain, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	for _, a := range lowered(t.AcceptedDomains) {
		if _, _, ok := soar.Lookalike(domain, []string{a + "x"}); ok {
			return true
		}
	}
	return false
}

// plainAddress says that an address is written in the one usual way: printable
// ASCII without spaces, one at sign, no full stop at the end. Exactly such
// addresses are compared as text.
func plainAddress(address string) bool {
	if len(address) > maxAddress || strings.Count(address, "@") != 1 || strings.HasSuffix(address, ".") {
		return false
	}
	return !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>"(),;:[]\`, r) })
}
