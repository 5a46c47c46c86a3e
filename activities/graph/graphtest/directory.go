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
	LastFailed     time.Time
	Groups         []string // group IDs
	DirectoryRoles []string // display names of roles
	Deleted        bool     // in the directory's bin, no longer among users
}

// Group is one group object of the fake directory.
type Group struct {
	ID          string
	DisplayName string
}

// Directory is what the fake answers from. It is replaced as a whole, never edited.
type Directory struct {
	Users  []User
	Groups []Group
	// PremiumP1 says that the tenant has the licence sign-in activity needs.
	PremiumP1 bool
}
