package app_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"harrier/activities/slack/slacktest"
	"harrier/config"
	"harrier/worker/app"
	"harrier/workflows/soar"
)

const (
	analyst = "U0000000001"
	guest   = "U0000000002"
	bot     = "U0000000003"
	onCall  = "S0000000001"
	leads   = "S0000000002"
	nobody  = "U0000000099"
)

// The command line lets nobody act whom a click would refuse, and refuses nobody whom
// a click would let act.
func TestTheCommandLineKnowsPeopleAsAClickDoes(t *testing.T) {
	workspace := slacktest.New(slacktest.Config{
		Users:      []slacktest.User{{ID: analyst, Name: "mara"}, {ID: guest, Name: "gil", Restricted: true}, {ID: bot, Name: "bot", Bot: true}},
		UserGroups: []slacktest.UserGroup{{ID: onCall, Handle: "soc", Members: []string{analyst, guest}}, {ID: leads, Handle: "leads", Members: []string{analyst}}},
	}).Start()
	t.Cleanup(workspace.Close)
	slack := config.Slack{APIURL: workspace.APIURL(), BotToken: config.Secret(workspace.BotToken())}
	adapters := &app.Adapters{HTTP: http.DefaultClient}
	for name, c := range map[string]struct {
		user    string
		list    soar.Approvers
		groups  []string
		refused string
	}{
		"a member by groups, narrower ones too": {analyst, soar.Approvers{Groups: []string{onCall}, Only: []soar.ApproverRule{{Decision: "undo", Groups: []string{leads}}}}, []string{onCall, leads}, ""},
		"a guest in a group":                    {guest, soar.Approvers{Groups: []string{onCall}}, nil, "is a guest"},
		"a guest who is named":                  {guest, soar.Approvers{Users: []string{guest}}, nil, ""},
		"a bot that is named":                   {bot, soar.Approvers{Users: []string{bot}}, nil, "is a bot"},
		"a user nobody knows":                   {nobody, soar.Approvers{Users: []string{nobody}}, nil, "is not a user of this workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			slack.Approvers = c.list
			who, err := adapters.Actor(t.Context(), slack, c.user)
			if refusal, ok := errors.AsType[*soar.Refusal](err); c.refused != "" && (!ok || !strings.Contains(refusal.Message, c.refused)) || c.refused == "" && err != nil {
				t.Fatalf("%+v, %v", who, err)
			}
			if who.ID != c.user || !slices.Equal(who.Groups, c.groups) {
				t.Errorf("%+v", who)
			}
		})
	}
}
