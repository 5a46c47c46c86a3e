package kql

import (
	"net/netip"
	"net/url"
	"strings"
)

func netFunctions() map[string]builtin {
	return map[string]builtin{
		"parse_url": {sig: "s", ret: TypeDynamic, fn: func(a []Value) Value { return parseURL(a[0].(string)) }},
		"ipv4_is_private": {sig: "s", ret: TypeBool, fn: func(a []Value) Value {
			p, ok := ipv4(a[0].(string))
			if !ok {
				return nil
			}
			return p.Addr().IsPrivate()
		}},
		"ipv4_is_in_range": {sig: "ss", ret: TypeBool, fn: func(a []Value) Value { return inRange(a[0].(string), a[1].(string)) }},
		"ipv4_is_match": {sig: "ss", ret: TypeBool, fn: func(a []Value) Value {
			x, ok1 := ipv4(a[0].(string))
			y, ok2 := ipv4(a[1].(string))
			if !ok1 || !ok2 {
				return nil
			}
			bits := min(x.Bits(), y.Bits())
			return netip.PrefixFrom(x.Addr(), bits).Masked() == netip.PrefixFrom(y.Addr(), bits).Masked()
		}},
		"ipv4_is_in_any_range": {sig: "sa*", ret: TypeBool, fn: inAnyRange},
		"parse_ipv4": {sig: "s", ret: TypeLong, fn: func(a []Value) Value {
			p, ok := ipv4(a[0].(string))
			if !ok {
				return nil
			}
			b := p.Addr().As4()
			return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
		}},
	}
}

// ipv4 reads an address with or without a prefix length.
func ipv4(s string) (netip.Prefix, bool) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "/") {
		s += "/32"
	}
	p, err := netip.ParsePrefix(s)
	return p, err == nil && p.Addr().Is4()
}

func inRange(addr, network string) Value {
	a, ok1 := ipv4(addr)
	n, ok2 := ipv4(network)
	if !ok1 || !ok2 {
		return nil
	}
	return n.Contains(a.Addr()) && a.Bits() >= n.Bits()
}

func inAnyRange(a []Value) Value {
	addr := toText(a[0])
	var out Value
	for _, r := range a[1:] {
		list := items(r)
		if list == nil {
			list = []any{r}
		}
		for _, network := range list {
			switch inRange(addr, toText(network)) {
			case true:
				return true
			case false:
				out = false
			}
		}
	}
	return out
}

func parseURL(s string) Value {
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	password, _ := u.User.Password()
	query := map[string]any{}
	for k, v := range u.Query() {
		query[k] = v[0]
	}
	return Dynamic{map[string]any{
		"Scheme": u.Scheme, "Host": u.Hostname(), "Port": u.Port(), "Path": u.Path, "Username": u.User.Username(),
		"Password": password, "Query Parameters": query, "Fragment": u.Fragment,
	}}
}
