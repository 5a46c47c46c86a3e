package tenant

import (
	"path"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// settings are what the tenant's operators would write in their own file.
func (g *generator) settings() soar.Tenant {
	t := soar.Tenant{
		AcceptedDomains: []string{domain, cloudDomain},
		Connectors: map[string]soar.Connector{
			relayName:  {CIDRs: []string{relayCIDR}},
			hybridName: {CIDRs: []string{hybridIP + "/32"}},
		},
		Tools:                  map[string][]soar.ToolSender{},
		PrivilegedGroups:       []string{"Payroll approvers", "Tier 0 administrators"},
		ServiceAccountPatterns: []string{"svc-*", "veeam-*"},
	}
	for _, s := range g.real {
		if s.undeclared {
			continue
		}
		t.Tools[s.tool] = append(t.Tools[s.tool], g.setting(s))
	}
	return t
}

func (g *generator) setting(s *source) soar.ToolSender {
	out := soar.ToolSender{
		Path:            s.path,
		Senders:         []string{s.p2},
		URLHosts:        hostsOf(s.links),
		AttachmentTypes: typesOf(s.files),
		ClientHosts:     []string{s.client.hostSetting()},
	}
	if s.p1 != "" {
		out.Envelopes = []string{s.p1}
	}
	if s.to.each == 0 {
		for _, a := range g.team(s.to.department, s.to.people) {
			out.Recipients = append(out.Recipients, a.Mail)
		}
	}
	return out
}

func hostsOf(links []string) []string {
	var out []string
	for _, l := range links {
		if h := hostOf(l); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

func typesOf(files []string) []string {
	var out []string
	for _, f := range files {
		if ext := strings.TrimPrefix(path.Ext(f), "."); !slices.Contains(out, ext) {
			out = append(out, ext)
		}
	}
	return out
}
