package interactions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// groupsFor is how long a group's members and a person's profile are believed:
// somebody who was taken out decides nothing a minute later.
const groupsFor = 60 * time.Second

// people resolves who clicked, from Slack's own directory, at the click.
type people struct {
	api *slackapi.Client
	now func() time.Time

	mu     sync.Mutex
	team   string
	grid   string
	bot    string // the app's own user
	groups map[string]members
	users  map[string]profile

	listing sync.Mutex // one reads the directory, the others wait for it
	listed  time.Time
}

type profile struct {
	user slackapi.User
	at   time.Time
}

type members struct {
	users []string
	at    time.Time
}

func newPeople(api *slackapi.Client, now func() time.Time) *people {
	return &people{api: api, now: now, groups: map[string]members{}, users: map[string]profile{}}
}

// Resolve looks up in Slack's own directory who somebody is, with the approver groups
// they are in now, and refuses as at a click who may not decide.
func Resolve(ctx context.Context, api *slackapi.Client, id string, list soar.Approvers) (soar.Actor, error) {
	return newPeople(api, time.Now).resolve(ctx, id, list)
}

// resolve returns the actor with the approver groups he is in. A bot, and a guest
// or somebody of another organisation who is not named on the list, is a
// *soar.Refusal; any other error means that Slack could not be asked.
func (p *people) resolve(ctx context.Context, id string, list soar.Approvers) (soar.Actor, error) {
	actor := soar.Actor{ID: id}
	user, err := p.user(ctx, id)
	if err != nil {
		return actor, err
	}
	if user.ID != id {
		// One person must not be two: not on the list, and not as a second person.
		return actor, refused("Slack knows %s as %s; name that id among the approvers, and act under it", id, user.ID)
	}
	actor.Name = user.Name
	if err := p.belongs(ctx, user, slices.Contains(list.Users, id)); err != nil {
		return actor, err
	}
	actor.Groups, err = p.groupsOf(ctx, id, asked(id, list))
	return actor, err
}

// asked are the groups that have to be known to judge somebody: all of the list but
// those that stand beside his own name.
func asked(id string, list soar.Approvers) []string {
	var open soar.Approvers
	if !slices.Contains(list.Users, id) {
		open.Groups = list.Groups
	}
	for _, r := range list.Only {
		if !slices.Contains(r.Users, id) {
			open.Only = append(open.Only, r)
		}
	}
	return open.AllGroups()
}

func refused(format string, args ...any) error {
	return &soar.Refusal{Kind: soar.RefusedActor, Message: fmt.Sprintf(format, args...)}
}

// user reads a profile, at most every groupsFor. When so many people click at once
// that Slack does not answer for each, the whole directory is read instead.
func (p *people) user(ctx context.Context, id string) (*slackapi.User, error) {
	if u, ok := p.known(id); ok {
		return u, nil
	}
	user, err := p.api.GetUserInfoContext(ctx, id)
	if _, throttled := errors.AsType[*slackapi.RateLimitedError](err); throttled {
		return p.inDirectory(ctx, id, err)
	}
	if slack.Answered(err, "user_not_found", "user_not_visible", "users_not_found") {
		return nil, refused("%s is not a user of this workspace", id)
	}
	if err != nil {
		return nil, fmt.Errorf("look up user %s: %w", id, err)
	}
	p.keep(*user)
	return user, nil
}

func (p *people) known(id string) (*slackapi.User, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, ok := p.users[id]
	if !ok || p.now().Sub(kept.at) >= groupsFor {
		return nil, false
	}
	return &kept.user, true
}

func (p *people) keep(users ...slackapi.User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, kept := range p.users {
		if p.now().Sub(kept.at) >= groupsFor {
			delete(p.users, id)
		}
	}
	for _, u := range users {
		p.users[u.ID] = profile{u, p.now()}
	}
}

// The directory is read in a few large pages, or not to its end: a larger workspace
// waits for its turn.
const (
	directoryPage  = 999
	directoryPages = 5
)

// inDirectory finds somebody in the directory, which is read at most every groupsFor.
// Who is not among what was read is asked for again later: throttled says why.
func (p *people) inDirectory(ctx context.Context, id string, throttled error) (*slackapi.User, error) {
	p.listing.Lock()
	defer p.listing.Unlock()
	if p.now().Sub(p.listed) >= groupsFor {
		page := p.api.GetUsersPaginated(slackapi.GetUsersOptionLimit(directoryPage))
		var err error
		for range directoryPages {
			if page, err = page.Next(ctx); err != nil {
				break
			}
			p.keep(page.Users...)
		}
		if err != nil && !page.Done(err) {
			return nil, fmt.Errorf("look up user %s: %w", id, errors.Join(err, throttled))
		}
		p.listed = p.now()
	}
	if u, ok := p.known(id); ok {
		return u, nil
	}
	return nil, fmt.Errorf("look up user %s: %w", id, throttled)
}

// belongs refuses everybody but full members of the app's own workspace or
// organisation, and people from outside who are named one by one.
func (p *people) belongs(ctx context.Context, u *slackapi.User, named bool) error {
	switch {
	case u.Deleted:
		return refused("%s is deactivated", u.ID)
	case u.IsBot || u.IsWorkflowBot || u.IsConnectorBot:
		return refused("%s is a bot; people decide", u.ID)
	case named:
		return nil
	case u.IsRestricted || u.IsUltraRestricted:
		return refused("%s is a guest; guests do not decide unless they are named as approvers", u.ID)
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
		p.team, p.grid, p.bot = who.TeamID, who.EnterpriseID, who.UserID
	}
	return p.team, p.grid, nil
}

// isApp says that a user is the app itself; false before home was asked.
func (p *people) isApp(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bot != "" && p.bot == user
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
