package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"harrier/workflows/soar"
)

var domainForm = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])$`)

func checkDomain(v string) error {
	switch {
	case v != strings.ToLower(v):
		return fmt.Errorf("%q has capital letters; write %q", v, strings.ToLower(v))
	case !domainForm.MatchString(v):
		return fmt.Errorf("%q is not a domain; write it as contoso.com (a name with other letters in its xn-- form)", v)
	}
	return nil
}

var hostForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`)

func checkHost(v string) error {
	switch {
	case v != strings.ToLower(v):
		return fmt.Errorf("%q has capital letters; write %q", v, strings.ToLower(v))
	case !hostForm.MatchString(v):
		return fmt.Errorf("%q is not a host name; write the host alone, without scheme, path or wildcard, as portal.contoso.com", v)
	}
	return nil
}

// checkURLHost takes beside hosts the words that stand for a link without one.
func checkURLHost(v string) error {
	if v == soar.HostNone || v == soar.HostOdd {
		return nil
	}
	return checkHost(v)
}

// checkDomainEnvelope takes beside exact addresses every address of one domain:
// services write another envelope sender into each mail, to know what bounced.
func checkDomainEnvelope(v string) error {
	if domain, whole := strings.CutPrefix(v, "@"); whole {
		return checkDomain(domain)
	}
	return checkAddress(v)
}

func checkAddress(v string) error {
	local, domain, ok := strings.Cut(v, "@")
	switch {
	case v != soar.FoldASCII(v):
		return fmt.Errorf("%q has capital letters; write %q", v, soar.FoldASCII(v))
	case strings.ContainsAny(v, "*?"):
		return fmt.Errorf("%q has a wildcard; list exact addresses", v)
	case ok && local == "":
		return fmt.Errorf("%q is a whole domain, which only the envelopes of a saas path may name; list exact addresses", v)
	case !ok || strings.ContainsAny(v, " <>\",;") || !hostForm.MatchString(domain):
		return fmt.Errorf("%q is not an address; write it as backup@contoso.com", v)
	}
	return nil
}

var extensionForm = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

func checkExtension(v string) error {
	if !extensionForm.MatchString(v) {
		return fmt.Errorf("%q is not a file type; write the extension in lower case without a dot, as pdf", v)
	}
	return nil
}

func checkCIDR(v string) error {
	if a, err := netip.ParseAddr(v); err == nil {
		return fmt.Errorf("%q is one address; write %s/%d", v, a, a.BitLen())
	}
	p, err := netip.ParsePrefix(v)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a range of addresses; write it as 192.0.2.0/28 or 2001:db8::/64", v)
	case p.Bits() < minBits(p):
		return fmt.Errorf("%q is wider than /%d and proves nothing; list the relay's own addresses", v, minBits(p))
	case p != p.Masked():
		return fmt.Errorf("%q has bits beyond its mask; write %s", v, p.Masked())
	}
	return nil
}

// minBits is the shortest prefix that still says something of a relay.
func minBits(p netip.Prefix) int {
	if p.Addr().Is4() {
		return 8
	}
	return 32
}

func checkGiven(v string) error {
	if strings.TrimSpace(v) == "" {
		return errors.New("the entry is empty; write a group's name or object id")
	}
	return nil
}

var globForm = regexp.MustCompile(`^[a-z0-9._+*?-]*[a-z0-9][a-z0-9._+*?-]*$`)

func checkGlob(v string) error {
	if !globForm.MatchString(v) {
		return fmt.Errorf("%q is not a pattern over the part before the @; write it in lower case as svc-* (* any characters, ? one)", v)
	}
	return nil
}
