package graph

import (
	"fmt"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"harrier/workflows/soar"
)

const smtpPrefix = "smtp:"

// match is what a look-up found: one user, or how many carry the address.
type match struct {
	user models.Userable
	by   string
	hits int
}

// matchUsers picks the sender among the users a filter returned: by object id,
// else by principal name, mail or proxy address, as that is what the address
// may be. Users that carry neither id nor address do not count, whatever the
// filter was made to say.
func matchUsers(users []models.Userable, ids []string, address string) match {
	var byID, byAddress match
	for _, u := range users {
		if u == nil {
			continue
		}
		if carriesID(u, ids) {
			byID = match{user: u, by: "object id", hits: byID.hits + 1}
		}
		if by := carriesAddress(u, address); by != "" {
			byAddress = match{user: u, by: by, hits: byAddress.hits + 1}
		}
	}
	if byID.hits > 0 {
		return byID
	}
	return byAddress
}

func carriesID(u models.Userable, ids []string) bool {
	for _, id := range ids {
		if same(deref(u.GetId()), id) {
			return true
		}
	}
	return false
}

func carriesAddress(u models.Userable, address string) string {
	switch {
	case address == "":
		return ""
	case same(deref(u.GetUserPrincipalName()), address):
		return "UPN"
	case same(deref(u.GetMail()), address):
		return "mail"
	}
	for _, proxy := range u.GetProxyAddresses() {
		if same(proxy, smtpPrefix+address) {
			return "proxy address"
		}
	}
	return ""
}

// matchDeleted finds the sender in the bin, where a principal name begins with
// the object id without dashes.
func matchDeleted(users []models.Userable, ids []string, address string) models.Userable {
	for _, u := range users {
		if u == nil {
			continue
		}
		prefix := strings.ReplaceAll(deref(u.GetId()), "-", "")
		if carriesID(u, ids) || address != "" &&
			(same(deref(u.GetMail()), address) || same(deref(u.GetUserPrincipalName()), prefix+address)) {
			return u
		}
	}
	return nil
}

// missing says what it means that no user of the directory is the sender.
func missing(external bool) (soar.SenderKind, string) {
	if external {
		return soar.KindExternal, "outside the accepted domains and not in the directory"
	}
	return soar.KindNotFound, "no user of the directory carries this address as UPN, mail or proxy address"
}

func ambiguous(hits int) string {
	return fmt.Sprintf("%d users of the directory carry this address: who sent it is not known", hits)
}

// same compares in any case of ASCII letters alone: no other script folds into an address.
func same(a, b string) bool { return soar.FoldASCII(a) == soar.FoldASCII(b) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
