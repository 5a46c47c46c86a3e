package graph

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"harrier/workflows/soar"
)

// Keys of lookup.refused.
const (
	refusedFind    = "find"
	refusedMailbox = "mailbox"
)

// found reads who the sender is.
func (p *page) found(ctx context.Context, l *lookup, a answer) error {
	if !a.ok() {
		l.profile = soar.SenderProfile{Kind: soar.KindUnknown, AsOf: a.at, Why: "the directory did not answer: " + a.code()}
		l.refuse(refusedFind, a)
		return nil
	}
	users, err := p.users(ctx, l.find)
	if unreadable(err) {
		l.profile = soar.SenderProfile{Kind: soar.KindUnknown, AsOf: a.at, Why: "the directory's answer could not be read"}
		return nil
	}
	if err != nil {
		return err
	}
	switch m := matchUsers(users, l.ids, l.address); {
	case m.hits == 0:
		l.profile.Kind, l.profile.Why = missing(l.external)
	case m.hits > 1:
		l.profile.Kind, l.profile.Why = soar.KindAmbiguous, ambiguous(m.hits)
	default:
		l.user, l.profile = true, basics(m)
	}
	l.profile.AsOf = a.at
	keep := keepNegative
	if l.user {
		keep = keepFound
	}
	p.c.asked.put(l.key(), l.filter, a.at.Add(keep))
	return nil
}

// basics are the facts that come with the user object.
func basics(m match) soar.SenderProfile {
	u := m.user
	p := soar.SenderProfile{
		ObjectID: deref(u.GetId()), UPN: deref(u.GetUserPrincipalName()), Mail: deref(u.GetMail()),
		DisplayName: deref(u.GetDisplayName()), MatchedBy: m.by,
		Enabled: soar.KnownBool(u.GetAccountEnabled()), UserType: deref(u.GetUserType()),
		JobTitle: deref(u.GetJobTitle()), Department: deref(u.GetDepartment()),
	}
	if licenses := u.GetAssignedLicenses(); licenses != nil {
		licensed := len(licenses) > 0
		p.Licensed = soar.KnownBool(&licensed)
	}
	if created := u.GetCreatedDateTime(); created != nil {
		p.Created = *created
	}
	if manager := u.GetManager(); manager != nil {
		// Without the permission to read the manager there is an id alone.
		p.Manager = deref(manager.GetId())
		if named, ok := manager.(models.Userable); ok && deref(named.GetDisplayName()) != "" {
			p.Manager = deref(named.GetDisplayName())
		}
	}
	return p
}

func (p *page) readBin(ctx context.Context, l *lookup) error {
	a := p.got[l.bin.url]
	if !a.ok() {
		l.profile.Why += "; the directory's bin could not be read: " + a.code()
		return nil
	}
	users, err := p.users(ctx, l.bin)
	if unreadable(err) {
		l.profile.Why += "; the directory's bin could not be read"
		return nil
	}
	if err != nil {
		return err
	}
	p.c.asked.put(l.binKey, l.bin.filter, a.at.Add(keepNegative))
	if u := matchDeleted(users, l.ids, l.address); u != nil {
		l.profile.Kind, l.profile.Why = soar.KindDeleted, "the account is in the directory's bin"
		l.profile.ObjectID, l.profile.DisplayName = deref(u.GetId()), deref(u.GetDisplayName())
	}
	return nil
}

// readSignIns leaves the fact not known where the service has no data: that is
// neither "dormant" nor "a program".
func (pg *page) readSignIns(ctx context.Context, l *lookup) {
	p, a := &l.profile, pg.got[l.signIn.url]
	if l.signIn.item == nil {
		p.SignInWhy = "sign-in data unavailable: " + pg.c.features.off(featureSignIns)
		return
	}
	if !a.ok() {
		p.SignInWhy = "sign-in data unavailable: " + a.code()
		if a.status == http.StatusForbidden {
			p.SignInWhy = "sign-in data unavailable (licence or permission): " + a.code()
		}
		return
	}
	pg.c.asked.put(signInKey(p.ObjectID), l.signIn.filter, a.at.Add(keepFound))
	users, err := pg.users(ctx, l.signIn)
	if err != nil {
		p.SignInWhy = "sign-in data unavailable: the answer could not be read"
		return
	}
	p.SignInWhy = "the directory has no sign-in data of this account"
	recorded := recordsSuccess(a.body)
	for _, u := range users {
		activity := u.GetSignInActivity()
		if !same(deref(u.GetId()), p.ObjectID) || activity == nil {
			continue
		}
		interactive, other := activity.GetLastSignInDateTime(), activity.GetLastNonInteractiveSignInDateTime()
		if interactive == nil && other == nil {
			continue
		}
		p.SignInKnown, p.SignInWhy = soar.Yes, ""
		p.LastInteractive = lastSuccess(interactive, activity.GetLastSuccessfulSignInDateTime(), recorded)
		if other != nil {
			p.LastNonInteractive = *other
		}
	}
}

// lastSuccess is when somebody last signed in interactively, at the latest. The
// directory's date of the interactive sign-in counts attempts that failed too, as of
// whoever sprays passwords, and its date of a success counts sign-ins of programs
// too, so the earlier of both is the bound. Where successes are recorded and there
// is none, nobody signed in.
// https://learn.microsoft.com/en-us/graph/api/resources/signinactivity
func lastSuccess(attempt, success *time.Time, recorded bool) time.Time {
	switch {
	case attempt == nil, success == nil && recorded:
		return time.Time{}
	case success != nil && success.Before(*attempt):
		return *success
	}
	return *attempt
}

// recordsSuccess says that an answer names the date of the last success, though it
// be null: the client's model does not tell null from a property that is not there.
func recordsSuccess(body []byte) bool {
	return bytes.Contains(body, []byte(`"lastSuccessfulSignInDateTime"`))
}

func (c *Client) readMemberships(ctx context.Context, l *lookup, a answer) error {
	p := &l.profile
	if !a.ok() {
		p.PrivilegedWhy = "groups and roles could not be read: " + a.code()
		return nil
	}
	objects, truncated, err := c.membershipsIn(ctx, a)
	if unreadable(err) {
		p.PrivilegedWhy = "groups and roles could not be read"
		return nil
	}
	if err != nil {
		return err
	}
	l.groups, p.Truncated = !truncated, truncated
	if truncated {
		c.logger.Warn("graph memberships cut", "pages", maxPages, "read", len(objects))
	}
	for _, object := range objects {
		c.addMembership(p, object)
	}
	if !p.Privileged && c.namesPrivileged() && slices.ContainsFunc(objects, nameless) {
		l.groups, p.PrivilegedWhy = false, "names of groups could not be read: grant GroupMember.Read.All"
	}
	if truncated && !p.Privileged {
		p.PrivilegedWhy = "groups and roles were not read to the end"
	}
	return nil
}

// namesPrivileged says that the tenant knows privileged groups by name, not by id alone.
func (c *Client) namesPrivileged() bool {
	return slices.ContainsFunc(c.tenant.PrivilegedGroups, func(g string) bool { return uuid.Validate(g) != nil })
}

// nameless is a group of which the application may read no more than the id.
func nameless(object models.DirectoryObjectable) bool {
	group, ok := object.(models.Groupable)
	return ok && deref(group.GetDisplayName()) == ""
}

func (c *Client) addMembership(p *soar.SenderProfile, object models.DirectoryObjectable) {
	id := deref(object.GetId())
	switch o := object.(type) {
	case models.DirectoryRoleable:
		name := deref(o.GetDisplayName())
		if name == "" {
			name = id
		}
		addPrivilege(p, "directory role "+name)
	case models.Groupable:
		name := deref(o.GetDisplayName())
		if name == "" {
			name = id
		}
		p.Groups = append(p.Groups, name)
		if slices.ContainsFunc(c.tenant.PrivilegedGroups, func(g string) bool { return strings.EqualFold(g, name) || same(g, id) }) {
			addPrivilege(p, "group "+name)
		}
	}
}

func addPrivilege(p *soar.SenderProfile, why string) {
	if p.Privileged {
		why = p.PrivilegedWhy + ", " + why
	}
	p.Privileged, p.PrivilegedWhy = true, why
}

func (l *lookup) refuse(what string, a answer) {
	if a.status == http.StatusForbidden {
		l.refused[what] = a.code()
	}
}
