package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"harrier/workflows/soar"
)

// LoadTenant reads what a deployment says of its own organisation. Domains and
// addresses are lower case and exact, connectors are declared before a tool
// names them, and address ranges are CIDR.
func LoadTenant(file string) (soar.Tenant, error) {
	s, err := readSource(file)
	if err != nil {
		return soar.Tenant{}, err
	}
	return parseTenant(s)
}

func parseTenant(s source) (soar.Tenant, error) {
	root, err := s.root()
	if err != nil {
		return soar.Tenant{}, err
	}
	var t soar.Tenant
	d := newDecoder(s.file)
	d.decode(root, &t)
	if d.err() != nil {
		return soar.Tenant{}, d.err()
	}
	c := checker{file: s.file, lines: d.lines}
	c.tenant(t)
	if err := errors.Join(c.errs...); err != nil {
		return soar.Tenant{}, err
	}
	return t, nil
}

func (c *checker) tenant(t soar.Tenant) {
	if len(t.AcceptedDomains) == 0 {
		c.fail("accepted_domains", "no domain is listed; list every accepted domain of the tenant, without them nothing is internal")
	}
	c.each("accepted_domains", t.AcceptedDomains, checkDomain)
	c.knownDomains(t)
	for _, name := range slices.Sorted(maps.Keys(t.Connectors)) {
		path := "connectors." + name + ".cidrs"
		if len(t.Connectors[name].CIDRs) == 0 {
			c.fail(path, "no range is listed; list the addresses that may relay, as 192.0.2.0/28")
		}
		c.each(path, t.Connectors[name].CIDRs, checkCIDR)
	}
	for _, tool := range slices.Sorted(maps.Keys(t.Tools)) {
		c.name("tools."+tool, tool)
		for i, s := range t.Tools[tool] {
			c.toolSender(fmt.Sprintf("tools.%s[%d]", tool, i), s, t.Connectors)
		}
	}
	c.each("privileged_groups", t.PrivilegedGroups, checkGiven)
	c.each("service_account_patterns", t.ServiceAccountPatterns, checkGlob)
}

func (c *checker) knownDomains(t soar.Tenant) {
	c.each("known_domains", t.KnownDomains, func(v string) error {
		if t.IsInternal("@" + v) {
			return fmt.Errorf("%q is an accepted domain or in one, so it is internal; leave it out", v)
		}
		return checkDomain(v)
	})
}

func (c *checker) toolSender(path string, s soar.ToolSender, connectors map[string]soar.Connector) {
	p, err := soar.ParsePath(s.Path)
	if err != nil {
		c.fail(path+".path", "%v", err)
	}
	if _, declared := connectors[p.Name]; p.Kind == soar.PathConnector && !declared {
		c.fail(path+".path", "connector %q is not declared under connectors%s", p.Name, didYouMean(p.Name, slices.Sorted(maps.Keys(connectors))))
	}
	if len(s.Senders) == 0 {
		c.fail(path+".senders", "no sender is listed; list the exact From addresses of the tool")
	}
	c.envelope(path, envelope{p, s.Senders, s.Envelopes, s.Recipients, s.URLHosts, s.AttachmentTypes, s.ClientHosts})
}

// envelope is what mail of a rule or of a tool's sender may look like on its path.
type envelope struct {
	path                                                                   soar.Path
	senders, envelopes, recipients, urlHosts, attachmentTypes, clientHosts []string
}

func (c *checker) envelope(path string, e envelope) {
	at := func(key string) string { return join(path, key) }
	if e.path.Kind == soar.PathSaaS && e.path.Name != "" {
		if err := checkDomain(e.path.Name); err != nil {
			c.fail(at("path"), "%v", err)
		}
	}
	c.each(at("senders"), e.senders, checkAddress)
	if e.path.Kind == soar.PathSaaS {
		c.each(at("envelopes"), e.envelopes, checkDomainEnvelope)
	} else {
		c.each(at("envelopes"), e.envelopes, checkAddress)
	}
	c.each(at("recipients"), e.recipients, checkAddress)
	c.each(at("url_hosts"), e.urlHosts, checkURLHost)
	c.each(at("attachment_types"), e.attachmentTypes, checkExtension)
	c.clientHosts(at("client_hosts"), e)
}

// clientHosts takes "any client" alone and on a connector: there the host of the
// message id is the author's text in any case, elsewhere it tells a person's
// Outlook from a program.
func (c *checker) clientHosts(at string, e envelope) {
	switch {
	case !slices.Contains(e.clientHosts, soar.AnyClient):
		c.each(at, e.clientHosts, checkHost)
	case e.path.Kind != soar.PathConnector:
		c.fail(at, `"*" takes any client, which only a sender on a connector may; list the hosts of the message id`)
	case len(e.clientHosts) > 1:
		c.fail(at, `"*" takes any client; leave the other hosts out`)
	}
}
