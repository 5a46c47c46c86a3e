package soar

import (
	"strings"
	"unicode/utf8"
)

// NormalAddress is the one form in which addresses are compared: ASCII letters in
// lower case, and nothing else folded, trimmed or unwrapped. Anybody can type a
// plus tag, an SRS or a PRVS local part, and a dot behind the domain, a space or an
// angle bracket reads like the declared address and is not it. A null sender is
// empty.
func NormalAddress(address string) string {
	if IsNullSender(address) {
		return ""
	}
	return FoldASCII(address)
}

// Ways in which one domain looks like another.
const (
	lookConfusable = "confusable characters"
	lookOtherTLD   = "other top-level domain"
	lookPrefix     = "the accepted domain in front of another domain"
	lookEmbedded   = "the accepted name with an addition"
	lookNear       = "one or two letters changed"
)

// Lookalike says whether a domain looks like one of the accepted domains, which
// and how. An accepted domain, its subdomains, and what shares its registered
// domain are never look-alikes. Short names are compared more strictly, so that
// they do not collide with everything.
func Lookalike(domain string, accepted []string) (of, how string, ok bool) {
	d := newDomainName(domain)
	if d.text == "" {
		return "", "", false
	}
	names := make([]domainName, 0, len(accepted))
	for _, a := range accepted {
		n := newDomainName(a)
		if n.text == "" {
			continue
		}
		if d.text == n.text || strings.HasSuffix(d.text, "."+n.text) {
			return "", "", false
		}
		names = append(names, n)
	}
	for _, n := range names {
		if how := d.looksLike(n); how != "" {
			return n.given, how, true
		}
	}
	return "", "", false
}

// domainName is a domain taken apart: the registered name is the label in front
// of the suffix.
type domainName struct {
	given  string
	text   string   // punycode decoded, ASCII lower case
	labels []string // in front of the suffix, the last one is the registered name
	suffix string
}

func newDomainName(domain string) domainName {
	n := domainName{given: domain}
	ascii := strings.Trim(FoldASCII(strings.TrimSpace(domain)), ".")
	if ascii == "" {
		return n
	}
	labels := strings.Split(foldDots(ascii), ".")
	for i, l := range labels {
		if decoded, ok := decodeLabel(l); ok {
			labels[i] = decoded
		}
	}
	n.text = strings.Join(labels, ".")
	cut := len(labels) - suffixLength(labels)
	n.labels, n.suffix = labels[:cut], strings.Join(labels[cut:], ".")
	return n
}

// foldDots turns the full stops that IDNA reads as a dot into one.
func foldDots(s string) string {
	return strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".").Replace(s)
}

func (n domainName) name() string {
	if len(n.labels) == 0 {
		return ""
	}
	return n.labels[len(n.labels)-1]
}

func (n domainName) looksLike(a domainName) string {
	if skeleton(n.text) == skeleton(a.text) {
		return lookConfusable
	}
	if a.name() == "" || n.name() == a.name() && n.suffix == a.suffix {
		return ""
	}
	if strings.HasPrefix(n.text, a.text+".") || strings.Contains(n.text, "."+a.text+".") {
		return lookPrefix
	}
	if how := sameName(n, a); how != "" {
		return how
	}
	for _, label := range n.labels {
		if embeds(label, a.name()) {
			return lookEmbedded
		}
	}
	if nearAny(n, a) {
		return lookNear
	}
	return ""
}

// shortName is the length up to which a name is too common to protect by itself.
const shortName = 3

func sameName(n, a domainName) string {
	if skeleton(n.name()) != skeleton(a.name()) {
		return ""
	}
	if utf8.RuneCountInString(a.name()) <= shortName && EditDistance(n.suffix, a.suffix) > 1 {
		return ""
	}
	if n.name() == a.name() {
		return lookOtherTLD
	}
	return lookConfusable
}

// embeds says that a label carries the name as a word of its own, with a usual
// addition, or, for names long enough not to be part of words, anywhere.
func embeds(label, name string) bool {
	length := utf8.RuneCountInString(name)
	if length <= shortName {
		return false
	}
	want := skeleton(name)
	words := strings.FieldsFunc(label, func(r rune) bool { return r == '-' || r == '_' })
	for _, w := range words {
		if s := skeleton(w); s == want || length < 6 && hasAffix(s, want) {
			return true
		}
	}
	joined := skeleton(strings.Join(words, ""))
	return joined == want || length >= 6 && strings.Contains(joined, want)
}

// affixes are what look-alike domains add to a name.
var affixes = strings.Fields(`my the get go hr it io id mail email secure security login logon signin sso auth
	account accounts portal support help helpdesk service services desk team group corp inc ltd llc co company
	online web app apps cloud net pay payroll payment payments billing invoice admin office docs files share
	update updates verify alert alerts backup notify intern internal global usa us uk eu de hq`)

func hasAffix(word, name string) bool {
	rest, cut := strings.CutPrefix(word, name)
	if !cut {
		rest, cut = strings.CutSuffix(word, name)
	}
	if !cut || rest == "" {
		return false
	}
	for _, a := range affixes {
		if rest == skeleton(a) {
			return true
		}
	}
	return false
}

// nearAny compares registered names, and longer names with every word of every label.
func nearAny(n, a domainName) bool {
	length := utf8.RuneCountInString(a.name())
	limit := distanceLimit(length)
	if limit == 0 {
		return false
	}
	if length == 5 {
		return n.suffix == a.suffix && near(n.name(), a.name(), limit)
	}
	for _, label := range n.labels {
		if near(label, a.name(), limit) {
			return true
		}
		for _, w := range strings.Split(label, "-") {
			if near(w, a.name(), limit) {
				return true
			}
		}
	}
	return false
}

func near(got, want string, limit int) bool {
	a, b := FoldASCII(got), FoldASCII(want)
	if d := len(a) - len(b); d > 4*limit || d < -4*limit {
		return false
	}
	return EditDistance(skeleton(a), skeleton(b)) <= limit
}

// distanceLimit is how many edits make a look-alike of a name that long: each
// letter of a short name is a larger part of it.
func distanceLimit(length int) int {
	switch {
	case length < 5:
		return 0
	case length < 10:
		return 1
	default:
		return 2
	}
}

// EditDistance is the number of insertions, deletions, replacements and swaps of
// neighbours between two texts (optimal string alignment).
func EditDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// sharedSuffixes are domains under which strangers hold names side by side, as
// under a top-level domain.
var sharedSuffixes = map[string]bool{
	"onmicrosoft.com": true, "mail.onmicrosoft.com": true, "sharepoint.com": true, "azurewebsites.net": true,
	"web.core.windows.net": true, "blob.core.windows.net": true, "zendesk.com": true, "atlassian.net": true,
	"service-now.com": true, "okta.com": true, "okta-emea.com": true, "herokuapp.com": true, "github.io": true,
	"pages.dev": true, "workers.dev": true, "web.app": true, "netlify.app": true, "vercel.app": true,
	"blogspot.com": true, "amazonaws.com": true, "cloudfront.net": true, "weebly.com": true,
}

// secondLevels are the usual registries under a country's domain.
var secondLevels = map[string]bool{
	"co": true, "com": true, "org": true, "net": true, "ac": true, "gov": true, "edu": true, "or": true, "ne": true,
	"go": true, "gob": true, "ltd": true, "plc": true, "me": true, "nom": true, "govt": true, "asn": true, "gv": true,
}

// suffixLength counts the labels of the suffix; a domain keeps at least one name.
func suffixLength(labels []string) int {
	n := len(labels)
	for k := n - 1; k >= 2; k-- {
		if sharedSuffixes[strings.Join(labels[n-k:], ".")] {
			return k
		}
	}
	if n >= 3 && len(labels[n-1]) == 2 && secondLevels[labels[n-2]] {
		return 2
	}
	if n >= 2 {
		return 1
	}
	return 0
}
