package loganalytics

import (
	"net/netip"
	"strings"

	"harrier/workflows/soar"
)

// exchangeOnline are the addresses of Exchange Online's own hosts, wider than
// the published ones where those lie in blocks that are Microsoft's alone.
// https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges#exchange-online
var exchangeOnline = []netip.Prefix{
	netip.MustParsePrefix("40.92.0.0/15"),
	netip.MustParsePrefix("40.107.0.0/16"),
	netip.MustParsePrefix("52.100.0.0/14"),
	netip.MustParsePrefix("104.47.0.0/17"),
	netip.MustParsePrefix("2603:1000::/24"),
	netip.MustParsePrefix("2a01:111::/32"),
}

// ipv6Network is the part of an IPv6 address that stays the same in one network:
// hosts change the rest by themselves, https://www.rfc-editor.org/rfc/rfc8981
const ipv6Network = 64

// foldIP makes addresses of one place one value. Mail of a mailbox often shows a
// host of Exchange Online instead of the sender's, another with each mail. What a
// connector let in keeps its address, which rules hold against its declared ones.
func foldIP(ip, direction, connector string) string {
	if connector != "" {
		return ip
	}
	addr, err := netip.ParseAddr(strings.TrimSpace(ip))
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if strings.EqualFold(direction, soar.DirectionIntraOrg) {
		for _, p := range exchangeOnline {
			if p.Contains(addr) {
				return soar.IPExchangeOnline
			}
		}
	}
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(ipv6Network)
	if err != nil {
		return ip
	}
	return network.String()
}
