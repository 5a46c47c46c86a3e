package suppressions

import (
	"fmt"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// defang writes a host so that no client makes a link of it.
func defang(host string) string { return strings.ReplaceAll(host, ".", "[.]") }

// linkHost writes the host of a link. In the place of a host the query says "(none)"
// or "(odd)" for a link that has none, or none that can be read.
func linkHost(host string) string {
	switch host {
	case soar.HostNone:
		return "a link without a host"
	case soar.HostOdd:
		return "a link whose host cannot be read"
	}
	return defang(host)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing known"
	}
	return s
}

// notSeen says how long something was not seen.
func notSeen(p soar.Past, now time.Time) string {
	days := int(now.Sub(p.Since).Hours() / 24)
	if p.Since.IsZero() || days < 1 {
		return "not seen before"
	}
	return fmt.Sprintf("not seen in %s", plural(days, "day", "days"))
}

// maxQuoted bounds a quoted subject, in characters.
const maxQuoted = 80

// quote puts text of a mail's author in quotation marks, cut to a line's length.
func quote(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxQuoted {
		runes = append(runes[:maxQuoted-1], '…')
	}
	return `"` + string(runes) + `"`
}

// listed names the first of several things and counts the others.
func listed(values []string) string {
	if len(values) <= 2 {
		return strings.Join(values, ", ")
	}
	return fmt.Sprintf("%s, %s and %d more", values[0], values[1], len(values)-2)
}
