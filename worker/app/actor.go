package app

import (
	"context"
	"fmt"
	"slices"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/audit"
	"harrier/activities/slack"
	"harrier/config"
	"harrier/workflows/soar"
)

// Actor looks up in Slack who acts from the command line, with the approver groups
// that the user is in now. Somebody who is no full member of the app's own workspace
// is a *soar.Refusal, as at a click; any other error means that Slack could not say.
func (a *Adapters) Actor(ctx context.Context, cfg config.Slack, id string) (soar.Actor, error) {
	api := slackClient(cfg, a.HTTP)
	actor := soar.Actor{ID: id}
	user, err := api.GetUserInfoContext(ctx, id)
	if slack.Answered(err, "user_not_found", "user_not_visible", "users_not_found") {
		return actor, notAMember(id, "not a user of this workspace")
	}
	if err != nil {
		return actor, fmt.Errorf("look up user %s in Slack: %w", id, err)
	}
	actor.Name = user.Name
	if err := fullMember(ctx, api, user); err != nil {
		return actor, err
	}
	actor.Groups, err = groupsWith(ctx, api, id, cfg.Approvers.AllGroups())
	return actor, err
}

func notAMember(id, why string) error {
	return &soar.Refusal{Kind: soar.RefusedActor, Message: id + " is " + why + "; a full member who is an approver decides"}
}

func fullMember(ctx context.Context, api *slackapi.Client, u *slackapi.User) error {
	switch {
	case u.Deleted:
		return notAMember(u.ID, "deactivated")
	case u.IsBot || u.IsWorkflowBot || u.IsConnectorBot:
		return notAMember(u.ID, "a bot")
	case u.IsRestricted || u.IsUltraRestricted:
		return notAMember(u.ID, "a guest")
	case u.IsStranger:
		return notAMember(u.ID, "from another organisation")
	}
	home, err := api.AuthTestContext(ctx)
	if err != nil {
		return fmt.Errorf("look up the app's workspace in Slack: %w", err)
	}
	if u.TeamID != home.TeamID && (home.EnterpriseID == "" || u.Enterprise.EnterpriseID != home.EnterpriseID) {
		return notAMember(u.ID, "from another organisation")
	}
	return nil
}

// groupsWith are the groups that a user is in. A group that does not exist has no members.
func groupsWith(ctx context.Context, api *slackapi.Client, user string, groups []string) ([]string, error) {
	var in []string
	for _, g := range groups {
		users, err := api.GetUserGroupMembersContext(ctx, g)
		switch {
		case slack.Answered(err, "no_such_subteam", "subteam_not_found"):
		case err != nil:
			return nil, fmt.Errorf("look up user group %s in Slack: %w", g, err)
		case slices.Contains(users, user):
			in = append(in, g)
		}
	}
	return in, nil
}

// RecordRefusal leaves the audit line of what was refused at the command line.
func (a *Adapters) RecordRefusal(ctx context.Context, d soar.Decide, action string, refusal *soar.Refusal) error {
	return a.Audit.RecordRefusal(ctx, audit.Refusal{
		At: d.At, Case: d.Case, Action: action, By: d.By, Kind: refusal.Kind, Message: refusal.Message, Click: d.Click,
	})
}
