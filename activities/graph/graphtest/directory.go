package graphtest

import "time"

// User is one user object of the fake directory. ID is required; the rest may be zero.
type User struct {
	ID                string
	UserPrincipalName string
	Mail              string
	DisplayName       string
	UserType          string // Member (also when empty) or Guest
	JobTitle          string
	Department        string
	// ProxyAddresses carry their scheme as Exchange writes it: SMTP: for the
	// primary address, smtp: for an alias.
	ProxyAddresses   []string
	AccountEnabled   bool
	AssignedLicenses []string // SKU ids
	Created          time.Time
	ManagerID        string // a user's ID
	// MailboxPurpose is user, shared, room, equipment or linked; empty is no
	// cloud mailbox, answered with 404 MailboxNotEnabledForRESTAPI.
	MailboxPurpose     string
	LastInteractive    time.Time
	LastNonInteractive time.Time
	// LastFailed is an interactive attempt that failed: it moves the date of the
	// last interactive sign-in, and not that of the last success.
	LastFailed time.Time
	// AutomaticReplies is disabled (also when empty), alwaysEnabled or scheduled.
	AutomaticReplies string
	Rules            []Rule
	// RiskLevel is low, medium or high and RiskState atRisk, confirmedCompromised,
	// remediated and so on; an empty state is an account without any risk.
	RiskLevel, RiskState string
	RiskSince            time.Time
	Groups               []string // group IDs
	DirectoryRoles       []string // display names of roles
	Deleted              bool     // in the directory's bin, no longer among users
}

// Group is one group object of the fake directory.
type Group struct {
	ID          string
	DisplayName string
}

// Rule is a rule of an inbox that its owner can see.
type Rule struct {
	Name         string
	Disabled     bool
	ForwardTo    []string
	RedirectTo   []string
	Delete       bool
	MarkAsRead   bool
	MoveToFolder string // a folder's id
}

// Application is an application of the tenant with permissions of its own.
type Application struct {
	ID, DisplayName string
	// Permissions are names: Mail.Send, User.Read.All, full_access_as_app.
	Permissions []string
}

// Directory is what the fake answers from. It is replaced as a whole, never edited.
type Directory struct {
	Users  []User
	Groups []Group
	// Applications hold permissions on Graph or on Exchange Online.
	Applications []Application
	// PremiumP1 says that the tenant has the licence sign-in activity needs, PremiumP2
	// the one that risky users need.
	PremiumP1, PremiumP2 bool
	// Missing are application permissions that the caller was not granted, such as
	// MailboxSettings.Read.
	Missing []string
}
