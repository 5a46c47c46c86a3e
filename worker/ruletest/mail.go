package ruletest

import (
	"strings"
	"time"

	"harrier/workflows/soar"
)

// Mail is one reported mail as a test states it.
type Mail struct {
	Time     time.Time `yaml:"time"`
	From     string    `yaml:"from"`
	Envelope string    `yaml:"envelope"`
	Name     string    `yaml:"display_name"`
	ObjectID string    `yaml:"object_id"`
	Subject  string    `yaml:"subject"`
	// Client is the host of the Internet message id.
	Client          string   `yaml:"client"`
	Direction       string   `yaml:"direction"`
	Connector       string   `yaml:"connector"`
	IP              string   `yaml:"ip"`
	Auth            Auth     `yaml:"auth"`
	Recipients      []string `yaml:"recipients"`
	RecipientCount  int      `yaml:"recipient_count"`
	NewRecipients   int      `yaml:"new_recipients"`
	URLHosts        []string `yaml:"url_hosts"`
	URLCount        int      `yaml:"url_count"`
	AttachmentTypes []string `yaml:"attachment_types"`
	AttachmentCount int      `yaml:"attachment_count"`
	ThreatTypes     string   `yaml:"threat_types"`
}

// Auth is what Exchange evaluated: pass, fail, or nothing.
type Auth struct {
	SPF      soar.AuthResult `yaml:"spf"`
	DKIM     soar.AuthResult `yaml:"dkim"`
	DMARC    soar.AuthResult `yaml:"dmarc"`
	CompAuth soar.AuthResult `yaml:"compauth"`
}

// toBeCounted stands for a number of links or files that follows from the list.
const toBeCounted = -1

// account is the object id of the account behind every internal sender of the tests.
const account = "00000000-0000-0000-0000-0000000000aa"

// genuine is the mail of a rule's first sender on its path, carrying what is declared.
func genuine(r soar.Rule) Mail {
	from := r.Senders[0]
	m := Mail{
		Time: r.Created.AddDate(0, 0, 1).Add(7 * time.Hour), From: from, Envelope: from, Client: "host." + soar.DomainOf(from),
		URLCount: toBeCounted, AttachmentCount: toBeCounted,
		Recipients: []string{"ann@contoso.com", "ben@contoso.com", "eve@contoso.com", "kim@contoso.com"},
	}
	if len(r.Recipients) > 0 {
		m.Recipients = r.Recipients
	}
	if len(r.ClientHosts) > 0 && r.ClientHosts[0] != soar.AnyClient {
		m.Client = r.ClientHosts[0]
	}
	switch r.Path.Kind {
	case soar.PathMailbox:
		m.Direction, m.ObjectID, m.IP = soar.DirectionIntraOrg, account, "203.0.113.7"
	case soar.PathConnector:
		m.Direction, m.Connector, m.IP = soar.DirectionIntraOrg, r.Path.Name, "192.0.2.20"
	case soar.PathSaaS:
		m.Direction, m.IP = soar.DirectionInbound, "198.51.100.9"
		m.Auth = Auth{soar.AuthPass, soar.AuthPass, soar.AuthPass, soar.AuthPass}
		if len(r.Envelopes) > 0 {
			m.Envelope = r.Envelopes[0]
			if strings.HasPrefix(m.Envelope, "@") {
				m.Envelope = "bounces-1" + m.Envelope
			}
		}
	}
	return m
}

// complete counts what a test leaves to its lists.
func (m Mail) complete() Mail {
	if m.URLCount == toBeCounted || m.URLCount < len(m.URLHosts) {
		m.URLCount = len(m.URLHosts)
	}
	if m.AttachmentCount == toBeCounted || m.AttachmentCount < len(m.AttachmentTypes) {
		m.AttachmentCount = len(m.AttachmentTypes)
	}
	m.RecipientCount = max(m.RecipientCount, len(m.Recipients))
	return m
}

func (m Mail) message(reports Reports) soar.Message {
	return soar.Message{
		NetworkMessageID: "n-1", InternetMessageID: messageID(m.Client), Time: m.Time, P1: m.Envelope, P2: m.From, DisplayName: m.Name,
		ObjectID: m.ObjectID, Subject: m.Subject, Direction: m.Direction, Connector: m.Connector, IP: m.IP,
		Auth:       soar.Authentication{SPF: m.Auth.SPF, DKIM: m.Auth.DKIM, DMARC: m.Auth.DMARC, CompAuth: m.Auth.CompAuth},
		Recipients: m.Recipients, RecipientCount: m.RecipientCount, NewRecipients: m.NewRecipients,
		URLHosts: m.URLHosts, URLCount: m.URLCount, AttachmentTypes: m.AttachmentTypes, AttachmentCount: m.AttachmentCount,
		ThreatTypes: m.ThreatTypes, Phish: reports.Phish, Spam: reports.Spam, ReportedAt: m.Time.Add(time.Hour),
	}
}

// messageID is none where a test says that there is none.
func messageID(client string) string {
	if client == "" {
		return ""
	}
	return "<1700000000.42@" + client + ">"
}
