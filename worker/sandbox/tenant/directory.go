package tenant

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"harrier/activities/graph/graphtest"
)

// Group ids; the settings name two of the groups as privileged.
const (
	groupStaff   = "5b1c1f0e-0000-4000-8000-000000000001"
	groupPayroll = "5b1c1f0e-0000-4000-8000-000000000002"
	groupAdmins  = "5b1c1f0e-0000-4000-8000-000000000003"
)

func groups() []graphtest.Group {
	return []graphtest.Group{
		{ID: groupStaff, DisplayName: "All staff"},
		{ID: groupPayroll, DisplayName: "Payroll approvers"},
		{ID: groupAdmins, DisplayName: "Tier 0 administrators"},
	}
}

func groupsOf(u graphtest.User) []string {
	switch u.JobTitle {
	case "Payroll Approver":
		return []string{groupStaff, groupPayroll}
	case "IT Director":
		return []string{groupStaff, groupAdmins}
	}
	return []string{groupStaff}
}

// sharedMailboxes are mailboxes that several people use by hand.
func sharedMailboxes() []string {
	return []string{"facilities", "invoices", "travel", "press", "careers", "legal-intake", "events", "payroll-team", "reception", "orders"}
}

func rooms() []string {
	return []string{"room-amsterdam", "room-berlin", "room-cairo", "room-delhi", "room-essen", "projector-1", "projector-2", "van-3"}
}

func serviceAccounts() []string {
	return []string{"svc-adsync", "svc-scan", "svc-print", "svc-sap", "svc-crm", "svc-teams-rooms", "svc-exclaimer", "svc-archive"}
}

func (g *generator) addAccounts() {
	r := g.dice("accounts")
	for _, local := range sharedMailboxes() {
		g.addShared(r, local, "Contoso "+local)
	}
	for _, local := range rooms() {
		u := graphtest.User{Mail: local + "@" + domain, DisplayName: local, MailboxPurpose: "room", Created: g.anchor.AddDate(-3, 0, 0)}
		if local[0] != 'r' {
			u.MailboxPurpose = "equipment"
		}
		u.UserPrincipalName = u.Mail
		u.ProxyAddresses = []string{"SMTP:" + u.Mail}
		g.addAccount(r, u)
	}
	for _, local := range serviceAccounts() {
		g.addService(r, local, "Service account "+local)
	}
	g.addOddAccounts(r)
	g.addGuests(r)
}

// addShared adds a shared mailbox: sign-in blocked, no licence.
func (g *generator) addShared(r *rand.Rand, local, name string) *account {
	u := graphtest.User{Mail: local + "@" + domain, DisplayName: name, MailboxPurpose: "shared", Created: g.anchor.AddDate(-2, 0, -r.IntN(300))}
	u.UserPrincipalName = u.Mail
	u.ProxyAddresses = []string{"SMTP:" + u.Mail, "smtp:" + local + "@" + cloudDomain}
	return g.addAccount(r, u)
}

// addService adds an account that only programs sign in to.
func (g *generator) addService(r *rand.Rand, local, name string) *account {
	u := graphtest.User{Mail: local + "@" + domain, DisplayName: name, MailboxPurpose: "user", AccountEnabled: true, Created: g.anchor.AddDate(-1, 0, -r.IntN(700))}
	u.UserPrincipalName = u.Mail
	u.AssignedLicenses = []string{skuExchange1}
	u.ProxyAddresses = []string{"SMTP:" + u.Mail}
	u.LastNonInteractive = g.anchor.Add(-minutes(r, 10, 300))
	return g.addAccount(r, u)
}

// addOddAccounts adds the directory objects whose addresses need care.
func (g *generator) addOddAccounts(r *rand.Rand) {
	alias := g.addShared(r, "s01", "Contoso Sales")
	alias.UserPrincipalName = "s01@" + cloudDomain
	alias.Mail = "sales.team@" + domain
	alias.ProxyAddresses = []string{"SMTP:sales.team@" + domain, "smtp:" + aliasAddress, "smtp:s01@" + cloudDomain}
	for _, local := range []string{"info-east", "info-west"} {
		a := g.addShared(r, local, "Contoso "+local)
		a.ProxyAddresses = append(a.ProxyAddresses, "smtp:"+ambiguousAddress)
	}
	gone := g.addPerson(r, graphtest.User{Mail: deletedAddress, DisplayName: "Gregor Stone", Department: "Sales", JobTitle: "Sales Representative"})
	gone.Deleted, gone.AccountEnabled = true, false
}

func (g *generator) addGuests(r *rand.Rand) {
	for i := range 60 {
		local := "partner" + strconv.Itoa(i+1)
		u := graphtest.User{
			UserPrincipalName: local + "_fabrikam.com#EXT#@" + cloudDomain, Mail: local + "@fabrikam.com",
			DisplayName: "Partner " + strconv.Itoa(i+1), UserType: "Guest", AccountEnabled: true,
			ProxyAddresses: []string{"SMTP:" + local + "@fabrikam.com"}, Created: g.anchor.AddDate(0, 0, -30-r.IntN(400)),
		}
		u.LastInteractive = g.anchor.Add(-minutes(r, 600, 30*24*60))
		g.addAccount(r, u)
	}
}

// applications are those with permissions of their own; one may send as anyone.
func applications() []graphtest.Application {
	return []graphtest.Application{
		{ID: "7d0a4c10-0000-4000-8000-000000000001", DisplayName: "Contoso Newsletter", Permissions: []string{"Mail.Send"}},
		{ID: "7d0a4c10-0000-4000-8000-000000000002", DisplayName: "Harrier", Permissions: []string{"User.Read.All"}},
	}
}

// directory is what Graph answers of the tenant.
func (g *generator) directory() graphtest.Directory {
	d := graphtest.Directory{Groups: groups(), PremiumP1: true, PremiumP2: true, Applications: applications()}
	for _, a := range g.accounts {
		u := a.User
		if slices.Contains(u.Groups, groupAdmins) {
			u.DirectoryRoles = []string{"Global Administrator"}
		}
		if u.Mail == compromised {
			u.RiskLevel, u.RiskState, u.RiskSince = "high", "atRisk", g.anchor.Add(-2*time.Hour)
		}
		d.Users = append(d.Users, u)
	}
	return d
}
