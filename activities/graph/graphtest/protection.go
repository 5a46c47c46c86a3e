package graphtest

import (
	"net/http"
	"slices"
	"strings"
)

// riskyUsers lists accounts that ever had a risk.
// https://learn.microsoft.com/en-us/graph/api/riskyuser-list
func (v view) riskyUsers(c call) reply {
	if !v.PremiumP2 {
		return failed(http.StatusForbidden, "Forbidden", "Your tenant is not licensed for this feature.")
	}
	parsed, err := parseFilter(c.query.Get("$filter"))
	if err != nil {
		return failed(http.StatusBadRequest, "BadRequest", err.Error())
	}
	var rows []object
	for _, u := range v.living() {
		if u.RiskState == "" {
			continue
		}
		row := object{"id": u.ID, "userPrincipalName": u.UserPrincipalName, "riskLevel": u.RiskLevel, "riskState": u.RiskState,
			"riskLastUpdatedDateTime": stamp(u.RiskSince)}
		match, err := parsed.match(row)
		if err != nil {
			return failed(http.StatusBadRequest, "BadRequest", err.Error())
		}
		if match {
			rows = append(rows, row)
		}
	}
	return v.page(c, rows)
}

// Permissions that applications hold by themselves, by the application that offers
// them. https://learn.microsoft.com/en-us/graph/permissions-reference
func offered(app string) map[string]string {
	return map[string]map[string]string{
		"00000003-0000-0000-c000-000000000000": {
			"Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96", "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
		},
		"00000002-0000-0ff1-ce00-000000000000": {"full_access_as_app": "dc890d15-9560-4a4c-9b7f-a736ec74ec40"},
	}[app]
}

// assignedTo lists who holds permissions on an application.
// https://learn.microsoft.com/en-us/graph/api/serviceprincipal-list-approleassignedto
func (v view) assignedTo(c call, path string) reply {
	app, rest, _ := strings.Cut(strings.TrimPrefix(path, "/serviceprincipals(appid='"), "')/")
	roles := offered(app)
	if roles == nil || rest != "approleassignedto" {
		return failed(http.StatusNotFound, "Request_ResourceNotFound", "Resource '"+app+"' does not exist or one of its queried reference-property objects are not present.")
	}
	var rows []object
	for _, a := range v.Applications {
		for _, p := range a.Permissions {
			if role := roles[p]; role != "" {
				rows = append(rows, object{"id": idOf(a.ID + p), "appRoleId": role, "principalDisplayName": a.DisplayName,
					"principalId": a.ID, "principalType": "ServicePrincipal"})
			}
		}
	}
	return v.page(c, rows)
}

// permitted refuses what needs a permission that the caller lacks, in the words of
// the service that stands behind the path.
func (v view) permitted(path string, c call) (reply, bool) {
	needs, exchange := "", false
	switch {
	case strings.Contains(path, "/mailboxsettings"), strings.Contains(path, "/mailfolders/"):
		needs, exchange = "MailboxSettings.Read", true
	case strings.Contains(path, "memberof"): // names alone are left out
	case strings.HasPrefix(path, "/identityprotection/"):
		needs = "IdentityRiskyUser.Read.All"
	case strings.HasPrefix(path, "/serviceprincipals"):
		needs = "Application.Read.All"
	case strings.Contains(strings.ToLower(c.query.Get("$select")), "signinactivity"):
		needs = "AuditLog.Read.All"
	case strings.HasPrefix(path, "/users"), strings.HasPrefix(path, "/directory"):
		needs = "User.Read.All"
	}
	if needs == "" || !slices.Contains(v.Missing, needs) {
		return reply{}, false
	}
	if exchange {
		return failed(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again."), true
	}
	return failed(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."), true
}
