package tenant

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"harrier/activities/graph/graphtest"
)

// Domains of the tenant.
const (
	domain      = "contoso.com"
	cloudDomain = "contoso.onmicrosoft.com"
)

// Licences as Graph lists them, from
// https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference.
const (
	skuE3        = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	skuExchange1 = "4b9405b0-7788-4568-add1-99614e613b69"
)

// account is a directory object with what the mail generator needs of it.
type account struct {
	graphtest.User
	// circle are the people this one usually writes to.
	circle []*account
}

func (a *account) party() party { return party{a.Mail, a.ID} }

type department struct {
	name string
	head string
	jobs []string
	// share is the part of the staff, in percent.
	share int
}

func departments() []department {
	return []department{
		{"Information Technology", "IT Director", []string{"Systems Engineer", "Backup Administrator", "Network Engineer", "Service Desk Analyst", "Database Administrator"}, 9},
		{"Human Resources", "HR Director", []string{"HR Business Partner", "Recruiter", "Learning Specialist"}, 5},
		{"Finance", "Finance Director", []string{"Accountant", "Controller", "Accounts Payable Clerk", "Treasury Analyst"}, 9},
		{"Sales", "Sales Director", []string{"Account Manager", "Sales Representative", "Sales Engineer"}, 22},
		{"Marketing", "Marketing Director", []string{"Campaign Manager", "Designer", "Event Manager"}, 8},
		{"Operations", "Operations Director", []string{"Planner", "Shift Lead", "Warehouse Specialist", "Buyer"}, 25},
		{"Engineering", "Engineering Director", []string{"Software Engineer", "Test Engineer", "Product Owner", "Mechanical Engineer"}, 18},
		{"Legal", "General Counsel", []string{"Counsel", "Contract Manager", "Compliance Officer"}, 4},
	}
}

func givenNames() []string {
	return strings.Fields(`Ana Ben Carla Dario Elif Finn Grace Hana Igor Julia Kofi Lena Marco Nadia Omar Petra Quentin Rosa
		Samir Tara Ugo Vera Wei Ximena Yusuf Zoe Aiko Bruno Chloe David Emma Farid Greta Hugo Ines Jonas Klara Liam Mina Noel
		Olivia Pavel Rita Sven Tomas Una Viktor José`)
}

func familyNames() []string {
	return strings.Fields(`Silva Brandt Costa Diaz Evans Fischer Garcia Haddad Ivanov Jansen Keller Lopez Moreau Novak O'Brien
		Park Quinn Rossi Schmidt Tanaka Ueda Varga Weber Xu Yilmaz Zhang Andersen Berg Conti Dubois Eriksen Ferrari Gomez Huber
		Ito Jones Kovac Lindqvist Meyer Nielsen Okafor Petrov Ramos Sato Torres Ullman Vogel Walsh Yamada Zimmer Abbott Bauer
		Cruz Doyle Egger Frank Green Hofer Iyer Núñez`)
}

// named are people the story speaks of. Their addresses are fixed, because the
// published hunt's order depends on them.
func named() []graphtest.User {
	return []graphtest.User{
		{Mail: compromised, DisplayName: "Jane Doe", Department: "Finance", JobTitle: "Payroll Approver"},
		{Mail: "priya.nair@contoso.com", DisplayName: "Priya Nair", Department: "Operations", JobTitle: "Planner"},
		{Mail: "rupert.lang@contoso.com", DisplayName: "Rupert Lang", Department: "Sales", JobTitle: "Account Manager"},
		{Mail: "sofia.marin@contoso.com", DisplayName: "Sofia Marin", Department: "Human Resources", JobTitle: "Recruiter"},
		{Mail: "theo.winter@contoso.com", DisplayName: "Theo Winter", Department: "Finance", JobTitle: "Controller"},
		{Mail: "uma.patel@contoso.com", DisplayName: "Uma Patel", Department: "Engineering", JobTitle: "Product Owner"},
		{Mail: "maria.lund@contoso.com", DisplayName: "Maria Lund", Department: "Legal", JobTitle: "Counsel"},
		{Mail: "walter.nagy@contoso.com", DisplayName: "Walter Nagy", Department: "Information Technology", JobTitle: "Service Desk Analyst"},
	}
}

func (g *generator) addPeople() {
	r := g.dice("people")
	for _, u := range named() {
		g.addPerson(r, u)
	}
	heads := map[string]*account{}
	given, family := givenNames(), familyNames()
	for i := 0; len(g.accounts) < g.people; i++ {
		first, last := given[i*7%len(given)], family[(i*11+i/len(family))%len(family)]
		d := departmentAt(len(g.accounts) % 100)
		u := graphtest.User{DisplayName: first + " " + last, Department: d.name, JobTitle: pick(r, d.jobs)}
		u.Mail = g.freeAddress(first + "." + last)
		if heads[d.name] == nil {
			u.JobTitle = d.head
			heads[d.name] = g.addPerson(r, u)
			continue
		}
		g.addPerson(r, u)
	}
	for _, a := range g.accounts {
		if h := heads[a.Department]; h != nil && h != a {
			a.ManagerID = h.ID
		}
		for range 8 {
			a.circle = append(a.circle, pick(r, g.accounts))
		}
	}
}

func departmentAt(percentile int) department {
	all := departments()
	for _, d := range all {
		if percentile < d.share {
			return d
		}
		percentile -= d.share
	}
	return all[len(all)-1]
}

// freeAddress makes an ASCII address out of a name that nobody has yet.
func (g *generator) freeAddress(name string) string {
	local := strings.NewReplacer("é", "e", "ú", "u", "ñ", "n").Replace(strings.ToLower(name))
	for n := 2; ; n++ {
		if g.byLocal[local] == nil {
			return local + "@" + domain
		}
		local = strings.TrimRight(local, "0123456789") + strconv.Itoa(n)
	}
}

func (g *generator) addPerson(r *rand.Rand, u graphtest.User) *account {
	u.UserPrincipalName = u.Mail
	u.AccountEnabled = true
	u.AssignedLicenses = []string{skuE3}
	u.Created = g.anchor.AddDate(0, 0, -60-r.IntN(2500)).Truncate(time.Hour)
	u.MailboxPurpose = "user"
	u.LastInteractive = g.anchor.Add(-minutes(r, 30, 4*24*60))
	u.LastNonInteractive = g.anchor.Add(-minutes(r, 5, 600))
	local, _, _ := strings.Cut(u.Mail, "@")
	u.ProxyAddresses = []string{"SMTP:" + u.Mail, "smtp:" + local + "@" + cloudDomain}
	u.Groups = groupsOf(u)
	return g.addAccount(r, u)
}

func (g *generator) addAccount(r *rand.Rand, u graphtest.User) *account {
	u.ID = guid(r)
	if u.UserType == "" {
		u.UserType = "Member"
	}
	a := &account{User: u}
	g.accounts = append(g.accounts, a)
	local, _, _ := strings.Cut(u.Mail, "@")
	g.byLocal[local] = a
	return a
}

// staff are the people, without shared mailboxes, rooms and the like.
func (g *generator) staff() []*account { return g.accounts[:g.people] }

// team are the first n people of a department, in order of their arrival.
func (g *generator) team(dept string, n int) []*account {
	var out []*account
	for _, a := range g.staff() {
		if len(out) == n {
			break
		}
		if a.Department == dept && a.Mail != compromised {
			out = append(out, a)
		}
	}
	return out
}

// account finds one by address; a missing one is a fault of this package.
func (g *generator) account(address string) *account {
	local, _, _ := strings.Cut(address, "@")
	a := g.byLocal[local]
	if a == nil {
		panic("tenant: no account for " + address)
	}
	return a
}
