package slack

import (
	"strings"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

const maxProfileWord = 60

// who is what the directory says of the sender. On mail from outside that is the
// account whose address is shown, and the sentence says so.
func (v view) who() string {
	p := v.c.Finding.Profile
	switch {
	case p.Kind == "":
		return ""
	case fromOutside(v.c):
		return v.imitated()
	}
	kind := upperFirst(string(p.Kind))
	if !p.Kind.Resolved() && p.Why != "" {
		kind += " (" + blockkit.Cut(p.Why, 2*maxProfileWord) + ")"
	}
	return strings.Join(append([]string{kind}, traits(p)...), ", ")
}

// account names the kinds that are an account of the tenant.
var account = map[soar.SenderKind]string{
	soar.KindPerson: "a person", soar.KindShared: "a shared mailbox", soar.KindRoom: "a room or equipment mailbox",
	soar.KindService: "a service account", soar.KindGuest: "a guest", soar.KindDeleted: "a deleted account",
}

func (v view) imitated() string {
	p := v.c.Finding.Profile
	_, address := sender(v.c)
	address = blockkit.CutAddress(address, maxAddress)
	if kind := account[p.Kind]; kind != "" {
		return "The real " + address + " is " + strings.Join(append([]string{kind}, traits(p)...), ", ")
	}
	switch p.Kind {
	case soar.KindNotFound:
		return "No account has the address " + address
	case soar.KindAmbiguous:
		return "Several accounts have the address " + address
	case soar.KindExternal:
		return ""
	}
	return strings.TrimSpace("Whose address " + address + " is could not be looked up " + parenthesis(blockkit.Cut(p.Why, 2*maxProfileWord)))
}

// traits are what makes an account interesting to attack, or unable to send.
func traits(p soar.SenderProfile) []string {
	var out []string
	for _, s := range []string{p.Department, p.JobTitle} {
		if s != "" {
			out = append(out, blockkit.Cut(s, maxProfileWord))
		}
	}
	if p.Privileged {
		out = append(out, strings.TrimSpace("privileged "+parenthesis(blockkit.Cut(p.PrivilegedWhy, maxProfileWord))))
	}
	if p.Enabled == soar.No {
		out = append(out, "account disabled")
	}
	return out
}

// path says how the mail came in, where that is not simply the mailbox.
func (v view) path() string {
	ip := newestIP(v.c.Finding.Evidence)
	switch path := v.c.Judgement.Path; {
	case path == string(soar.PathMailbox):
		return ""
	case path == string(soar.PathDirect) && fromOutside(v.c):
		return "This mail came from outside (no connector" + ip + ")"
	case path == string(soar.PathDirect):
		return "Sent from outside (no connector" + ip + ")"
	case path == string(soar.PathOrphan):
		return "Known from the report alone: its mail row never arrived"
	case path == soar.PathMixed:
		return "The reported mails came on different paths"
	default:
		return upperFirst(pathWords(path))
	}
}

// pathWords reads a path's label as part of a sentence, empty when there is none.
func pathWords(path string) string {
	kind, name, _ := strings.Cut(path, ":")
	name = blockkit.Cut(name, maxProfileWord)
	switch soar.PathKind(kind) {
	case soar.PathMailbox:
		return "from the mailbox itself"
	case soar.PathConnector:
		return `through connector "` + name + `"`
	case soar.PathSaaS:
		return "through a service that signs for " + name
	case soar.PathDirect:
		return "from outside without a connector"
	case soar.PathOrphan:
		return "on a path that is not known"
	case soar.PathMixed:
		return "on different paths"
	}
	return ""
}
