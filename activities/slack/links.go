package slack

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Links are the portals that a card leads to. An empty base leaves its links out.
type Links struct {
	// Defender is the Defender portal, https://security.microsoft.com.
	Defender string
	// Entra is the Entra admin center, https://entra.microsoft.com.
	Entra string
	// Azure is the Azure portal, https://portal.azure.com.
	Azure string
	// Workspace is the resource id of the Log Analytics workspace, for query links.
	Workspace string
}

// LinksFor are the portals of a cloud: public, usgov or china. China has no
// Defender portal for mail, so messages there have no link.
func LinksFor(cloud string) (Links, error) {
	switch cloud {
	case "", "public":
		return Links{Defender: "https://security.microsoft.com", Entra: "https://entra.microsoft.com", Azure: "https://portal.azure.com"}, nil
	case "usgov":
		return Links{Defender: "https://security.microsoft.us", Entra: "https://entra.microsoft.us", Azure: "https://portal.azure.us"}, nil
	case "china":
		return Links{Entra: "https://entra.microsoftonline.cn", Azure: "https://portal.azure.cn"}, nil
	}
	return Links{}, fmt.Errorf("portal links for cloud %q: write public, usgov or china", cloud)
}

// incident links to an incident in one of the portals; any other address is only named.
func (l Links) incident(url, label string) blockkit.Text {
	for _, base := range []string{l.Azure, l.Defender} {
		if base != "" && strings.HasPrefix(url, base+"/") {
			return blockkit.Link(url, label)
		}
	}
	return blockkit.Say(label)
}

// guid is the only form of an id that goes into a link or a query.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Message is the page of a mail in Defender's explorer, empty when it has none.
func (l Links) Message(m soar.Message) string {
	if l.Defender == "" || !guid.MatchString(m.NetworkMessageID) || m.Orphan {
		return ""
	}
	q := url.Values{"f": {"summary"}, "id": {m.NetworkMessageID}}
	if len(m.Recipients) > 0 {
		q.Set("recipient", m.Recipients[0])
	}
	if !m.Time.IsZero() {
		q.Set("startTime", m.Time.UTC().Add(-24*time.Hour).Format(time.RFC3339))
		q.Set("endTime", m.Time.UTC().Add(24*time.Hour).Format(time.RFC3339))
	}
	return l.Defender + "/emailentity?" + q.Encode()
}

// alertID is the only form of an alert's id that goes into a link.
var alertID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// alert links to an alert in Defender; one that has no page is named by its id.
func (l Links) alert(id, label string) blockkit.Text {
	if l.Defender == "" || !alertID.MatchString(id) {
		return blockkit.Quote(blockkit.Cut(id, 60))
	}
	return blockkit.Link(l.Defender+"/alerts/"+id, label)
}

// DefenderUser is a user's page in Defender, empty when it has none.
func (l Links) DefenderUser(objectID string) string {
	if l.Defender == "" || !guid.MatchString(objectID) {
		return ""
	}
	return l.Defender + "/user?" + url.Values{"aad": {objectID}}.Encode()
}

// EntraUser is a user's page in Entra, empty when it has none.
func (l Links) EntraUser(objectID string) string {
	if l.Entra == "" || !guid.MatchString(objectID) {
		return ""
	}
	return l.Entra + "/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/" + objectID
}

// maxQueryMessages keeps the address short enough for a link.
const maxQueryMessages = 10

// queryMargin is laid around the times of the mails: a log is written a little later.
const queryMargin = time.Hour

// Query opens the mails of a finding as a query in the workspace, empty when
// there is no workspace or no message id. The label says where it opens only some.
// The form of the address: https://learn.microsoft.com/azure/azure-monitor/logs/log-analytics-overview
func (l Links) Query(f soar.Finding) (address, label string) {
	ids := queryIDs(f)
	if l.Azure == "" || l.Workspace == "" || len(ids) == 0 {
		return "", ""
	}
	label = "Query"
	if all := max(f.Evidence.Total, len(f.Evidence.Messages)); all > len(ids) {
		label = fmt.Sprintf("Messages (%d of %d)", len(ids), all)
	}
	where, timespan := "ago(90d)", "P90D"
	if span := mailSpan(f); !span.IsZero() {
		from, to := span.From.UTC().Format(time.RFC3339), span.To.UTC().Format(time.RFC3339)
		where, timespan = "datetime("+from+") and TimeGenerated <= datetime("+to+")", url.QueryEscape(from+"/"+to)
	}
	kql := "EmailEvents\n| where TimeGenerated > " + where + "\n| where NetworkMessageId in (\"" + strings.Join(ids, `","`) + "\")"
	return l.Azure + "/#blade/Microsoft_OperationsManagementSuite_Workspace/Logs.ReactView/resourceId/" +
		url.QueryEscape(l.Workspace) + "/source/LogsBlade.AnalyticsShareLinkToQuery/q/" + url.QueryEscape(packed(kql)) + "/timespan/" + timespan, label
}

// mailSpan is the finding's window with the times of its mails, which may have come
// long before they were reported; zero when no time is known.
func mailSpan(f soar.Finding) soar.Window {
	span := f.Window
	for _, m := range f.Evidence.Messages {
		if !m.Time.IsZero() {
			span = span.Hull(soar.Window{From: m.Time, To: m.Time})
		}
	}
	if span.IsZero() {
		return span
	}
	return soar.NewWindow(span.From.Add(-queryMargin), span.To.Add(queryMargin))
}

func queryIDs(f soar.Finding) []string {
	var ids []string
	for _, m := range f.Evidence.Messages {
		if guid.MatchString(m.NetworkMessageID) && len(ids) < maxQueryMessages {
			ids = append(ids, m.NetworkMessageID)
		}
	}
	return ids
}

// packed is gzip and base64, as the portal reads a query. A bytes.Buffer takes every write.
func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
