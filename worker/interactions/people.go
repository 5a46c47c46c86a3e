package interactions

import (
	"context"
	"fmt"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// groupsFor is how long a group's members are believed: somebody who was taken
// out decides nothing a minute later.
const groupsFor = 60 * time.Second

// people resolves who clicked, from Slack's own directory, at the click.
type people struct {
	api *slackapi.Client
	now func() time.Time

	mu     sync.Mutex
	team   string
	grid   string
	groups map[string]members
}

type members struct {
	users []string
	at    time.Time
}

func newPeople(api *slackapi.Client, now func() time.Time) *people {
	return &people{api: api, now: now, groups: map[string]members{}}
}

// resolve returns the actor with the approver groups he is in. A guest, a bot or
// somebody of another organisation is a *soar.Refusal; any other error means
// that Slack could not be asked.
func (p *people) resolve(ctx context.Context, id string, list soar.Approvers) (soar.Actor, error) {
	actor := soar.Actor{ID: id}
	user, err := p.user(ctx, id)
	if err != nil {
		return actor, err
	}
	actor.Name = user.Name
	if err := p.belongs(ctx, user); err != nil {
		return actor, err
	}
	for _, u := range list.Users {
		if u == id {
			return actor, nil
		}
	}
	actor.Groups, err = p.groupsOf(ctx, id, list.Groups)
	return actor, err
}

func refused(format string, args ...any) error {
	return &soar.Refusal{Kind: soar.RefusedActor, Message: fmt.Sprintf(format, args...)}
}

func (p *people) user(ctx context.Context, id string) (*slackapi.User, error) {
	user, err := p.api.GetUserInfoContext(ctx, id)
	if slack.Answered(err, "user_not_found", "user_not_visible", "users_not_found") {
		return nil, refused("%s is not a user of this workspace", id)
	}
	if err != nil {
		return nil, fmt.Errorf("look up user %s: %w", id, err)
	}
	return user, nil
}

// belongs refuses everybody but full members of the app's own workspace or organisation.
func (p *people) belongs(ctx context.Context, u *slackapi.User) error {
	switch {
	case u.Deleted:
		return refused("%s is deactivated", u.ID)
	case u.IsBot || u.IsWorkflowBot || u.IsConnectorBot:
		return refused("%s is a bot; people decide", u.ID)
	case u.IsRestricted || u.IsUltraRestricted:
		return refused("%s is a guest; guests do not decide", u.ID)
	case u.IsStranger:
		return refused("%s is from another organisation", u.ID)
	}
	team, grid, err := p.home(ctx)
	if err != nil {
		return err
	}
	if u.TeamID == team || grid != "" && u.Enterprise.EnterpriseID == grid {
		return nil
	}
	return refused("%s is from another organisation", u.ID)
}

// home is the app's own workspace and, where there is one, its organisation.
func (p *people) home(ctx context.Context) (team, grid string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.team == "" {
		who, err := p.api.AuthTestContext(ctx)
		if err != nil {
			return "", "", fmt.Errorf("look up the app's workspace: %w", err)
		}
		p.team, p.grid = who.TeamID, who.EnterpriseID
	}
	return p.team, p.grid, nil
}

func (p *people) groupsOf(ctx context.Context, user string, groups []string) ([]string, error) {
	var in []string
	for _, g := range groups {
		users, err := p.membersOf(ctx, g)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			if u == user {
				in = append(in, g)
				break
			}
		}
	}
	return in, nil
}

// membersOf reads a group, at most every groupsFor. A group that does not exist
// or is disabled has no members.
func (p *people) membersOf(ctx context.Context, group string) ([]string, error) {
	p.mu.Lock()
	known, ok := p.groups[group]
	p.mu.Unlock()
	if ok && p.now().Sub(known.at) < groupsFor {
		return known.users, nil
	}
	users, err := p.api.GetUserGroupMembersContext(ctx, group)
	if slack.Answered(err, "no_such_subteam", "subteam_not_found") {
		users, err = nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up user group %s: %w", group, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups[group] = members{users: users, at: p.now()}
	return users, nil
}
