package graphtest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// renderUser writes every property of a user that the fake knows.
func renderUser(u User) object {
	userType := u.UserType
	if userType == "" {
		userType = "Member"
	}
	licenses := make([]object, len(u.AssignedLicenses))
	for i, sku := range u.AssignedLicenses {
		licenses[i] = object{"skuId": guid(sku), "disabledPlans": []string{}}
	}
	return object{
		"id": u.ID, "userPrincipalName": u.UserPrincipalName, "mail": text(u.Mail),
		"displayName": text(u.DisplayName), "userType": userType,
		"jobTitle": text(u.JobTitle), "department": text(u.Department),
		"proxyAddresses": append([]string{}, u.ProxyAddresses...),
		"accountEnabled": u.AccountEnabled, "assignedLicenses": licenses,
		"createdDateTime": stamp(u.Created), "signInActivity": signIns(u),
	}
}

// renderDeleted is a user in the bin: its principal name is prefixed with its id.
func renderDeleted(u User) object {
	row := renderUser(u)
	row["userPrincipalName"] = strings.ReplaceAll(strings.ToLower(u.ID), "-", "") + u.UserPrincipalName
	row["deletedDateTime"] = stamp(u.Created)
	return row
}

// signIns are attempts, and the last of any kind that succeeded.
// https://learn.microsoft.com/en-us/graph/api/resources/signinactivity
func signIns(u User) any {
	attempt := later(u.LastInteractive, u.LastFailed)
	if attempt.IsZero() && u.LastNonInteractive.IsZero() {
		return nil
	}
	return object{
		"lastSignInDateTime": stamp(attempt), "lastNonInteractiveSignInDateTime": stamp(u.LastNonInteractive),
		"lastSuccessfulSignInDateTime": stamp(later(u.LastInteractive, u.LastNonInteractive)),
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// memberships are a user's groups, then its directory roles. A caller without the
// permission to read those gets their ids alone.
// https://learn.microsoft.com/en-us/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects
func (v view) memberships(u User) []object {
	var rows []object
	for _, id := range u.Groups {
		row := object{"@odata.type": "#microsoft.graph.group", "id": id, "displayName": nil}
		for _, g := range v.Groups {
			if g.ID == id && !slices.Contains(v.Missing, "GroupMember.Read.All") {
				row["displayName"] = text(g.DisplayName)
			}
		}
		rows = append(rows, row)
	}
	for _, role := range u.DirectoryRoles {
		name := text(role)
		if slices.Contains(v.Missing, "RoleManagement.Read.Directory") {
			name = nil
		}
		rows = append(rows, object{"@odata.type": "#microsoft.graph.directoryRole", "id": idOf(role), "displayName": name})
	}
	return rows
}

// guid keeps a GUID and makes one of any other name: clients read skuId as a GUID.
func guid(s string) string {
	if uuid.Validate(s) == nil {
		return s
	}
	return idOf(s)
}

// idOf makes a stable id in the form of a GUID for an object that is known by name only.
func idOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
