package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"harrier/workflows/soar"
)

// Keys of lookup.refused.
const (
	refusedFind    = "find"
	refusedMailbox = "mailbox"
)

// found reads who the sender is.
func (c *Client) found(ctx context.Context, l *lookup, got answers) error {
	a, asked := got[l.find.url]
	if !l.asks() || !asked || transient(a.status) && a.status != 0 {
		return nil
	}
	if !a.ok() {
		l.profile = soar.SenderProfile{Kind: soar.KindUnknown, AsOf: a.at, Why: "the directory did not answer: " + a.code()}
		l.refuse(refusedFind, a)
		return nil
	}
	users, err := c.usersIn(ctx, a)
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
	if manager, ok := u.GetManager().(models.Userable); ok {
		p.Manager = deref(manager.GetDisplayName())
	}
	return p
}

// complete reads what the second batch says, and judges the kind.
func (c *Client) complete(ctx context.Context, l *lookup, got, more answers) error {
	if !l.user {
		return c.readBin(ctx, l, more)
	}
	c.readSignIns(ctx, l, got[l.signIns.url])
	c.readMailbox(l, more[l.mailbox.url])
	if err := c.readMemberships(ctx, l, more[l.memberships.url]); err != nil {
		return err
	}
	k := kindOf(l.profile, l.groups, c.tenant, c.now())
	l.profile.Kind, l.profile.Why, l.profile.ServiceEvidence = k.kind, k.why, k.evidence
	return nil
}

func (c *Client) readBin(ctx context.Context, l *lookup, more answers) error {
	a, asked := more[l.bin.url]
	if !asked {
		return nil
	}
	if !a.ok() {
		l.profile.Why += "; the directory's bin could not be read: " + a.code()
		return nil
	}
	users, err := c.usersIn(ctx, a)
	if unreadable(err) {
		l.profile.Why += "; the directory's bin could not be read"
		return nil
	}
	if err != nil {
		return err
	}
	if u := matchDeleted(users, l.ids, l.address); u != nil {
		l.profile.Kind, l.profile.Why = soar.KindDeleted, "the account is in the directory's bin"
		l.profile.ObjectID, l.profile.DisplayName = deref(u.GetId()), deref(u.GetDisplayName())
	}
	return nil
}

// readSignIns leaves the fact not known where the service has no data: that is
// neither "dormant" nor "a program".
func (c *Client) readSignIns(ctx context.Context, l *lookup, a answer) {
	p := &l.profile
	if !a.ok() {
		p.SignInWhy = "sign-in data unavailable: " + a.code()
		if a.status == http.StatusForbidden {
			p.SignInWhy = "sign-in data unavailable (licence or permission): " + a.code()
		}
		return
	}
	users, err := c.usersIn(ctx, a)
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

// readMailbox tells "there is none in the cloud" from "we may not look".
func (c *Client) readMailbox(l *lookup, a answer) {
	p := &l.profile
	switch a.status {
	case http.StatusOK:
		p.MailboxPurpose = purposeIn(a)
	case http.StatusNotFound:
		p.MailboxPurpose = "unknown(no cloud mailbox: " + a.code() + ")"
	case http.StatusForbidden:
		p.MailboxPurpose = "unknown(no permission: " + a.code() + ")"
	default:
		p.MailboxPurpose = "unknown(" + a.code() + ")"
	}
	l.refuse(refusedMailbox, a)
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
	if truncated && !p.Privileged {
		p.PrivilegedWhy = "groups and roles were not read to the end"
	}
	return nil
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

func purposeIn(a answer) string {
	var body struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(a.body, &body) != nil || body.Value == "" {
		return "unknown(empty answer)"
	}
	return strings.ToLower(body.Value)
}

func (l *lookup) refuse(what string, a answer) {
	if a.status == http.StatusForbidden {
		l.refused[what] = a.code()
	}
}
