package entra_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/graph"
	"harrier/activities/graph/graphtest"
	"harrier/activities/incidents"
	"harrier/activities/incidents/incidentstest"
	"harrier/worker/sandbox/entra"
	"harrier/workflows/soar"
)

const (
	graphAudience = "https://graph.microsoft.com"
	armAudience   = "https://management.azure.com"
)

func TestTheAdaptersSignInWithAzidentityAndTheOtherFakesTakeTheTokens(t *testing.T) {
	fake, authority := started(t, entra.Config{Audiences: []string{graphAudience, armAudience}})
	directory := graphtest.New(graphtest.Config{
		Authorize: fake.Authorize(graphAudience),
		Directory: graphtest.Directory{Users: []graphtest.User{{ID: "1", UserPrincipalName: "anna@contoso.com", MailboxPurpose: "user"}}},
	})
	sentinel := incidentstest.New(incidentstest.Config{Authorize: fake.Authorize(armAudience)})
	graphServer, armServer := directory.Start(), sentinel.Start()
	t.Cleanup(graphServer.Close)
	t.Cleanup(armServer.Close)

	for _, c := range []struct {
		secret string
		works  bool
	}{{secret, true}, {"wrong-" + secret, false}} {
		cred := credential(t, authority, application{tenant, client, c.secret})
		senders, err := graph.New(graph.Config{BaseURL: graphServer.URL + graphtest.Root, Credential: cred, HTTPClient: graphServer.Client()})
		if err != nil {
			t.Fatal(err)
		}
		cases, err := incidents.New(incidents.Config{
			Endpoint: armServer.URL, Credential: cred, HTTPClient: armServer.Client(),
			SubscriptionID: "sub", ResourceGroup: "rg", Workspace: "law",
		})
		if err != nil {
			t.Fatal(err)
		}
		out, graphErr := senders.LookUpSenders(t.Context(), soar.ProfilesRequest{Senders: []soar.SenderRef{{Address: "anna@contoso.com"}}})
		_, armErr := cases.OpenIncident(t.Context(), soar.CaseRequest{Case: soar.Case{
			Ref: soar.CaseRef{ID: "case-abc", Number: 1}, Opened: time.Unix(0, 0), Judgement: soar.Judgement{Severity: soar.SeverityHigh},
		}})
		for _, err := range []error{graphErr, armErr} {
			if (err == nil) != c.works || err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("secret good %t: %v", c.works, err)
			}
		}
		if c.works && (out.Profiles[0].Kind != soar.KindPerson || len(sentinel.Incidents()) != 1) {
			t.Errorf("profile %+v, incidents %+v", out.Profiles[0], sentinel.Incidents())
		}
	}
}
