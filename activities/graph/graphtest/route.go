package graphtest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// view is the directory as one request sees it.
type view struct {
	Directory
	pageSize int
}

const deletedUsers = "/directory/deleteditems/microsoft.graph.user"

func route(v view, c call) reply {
	path := strings.ToLower(strings.TrimSuffix(c.path, "/"))
	if answer, refused := v.permitted(path, c); refused {
		return answer
	}
	switch {
	case path == "/identityprotection/riskyusers":
		return v.riskyUsers(c)
	case strings.HasPrefix(path, "/serviceprincipals(appid='"):
		return v.assignedTo(c, path)
	case path == "/users":
		return v.list(c, v.living(), renderUser)
	case path == deletedUsers:
		return v.list(c, v.deleted(), renderDeleted)
	case strings.HasPrefix(path, "/directory/deleteditems/"):
		return v.deletedItem(c, c.path[len("/directory/deleteditems/"):])
	case strings.HasPrefix(path, "/users/"):
		return v.user(c, strings.Split(strings.Trim(c.path, "/"), "/")[1:])
	}
	return failed(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '"+strings.Trim(c.path, "/")+"'.")
}

func (v view) living() []User  { return v.where(func(u User) bool { return !u.Deleted }) }
func (v view) deleted() []User { return v.where(func(u User) bool { return u.Deleted }) }

func (v view) where(keep func(User) bool) []User {
	var out []User
	for _, u := range v.Users {
		if keep(u) {
			out = append(out, u)
		}
	}
	return out
}

// user answers below /users/{id | userPrincipalName}.
func (v view) user(c call, segments []string) reply {
	u, ok := v.byKey(segments[0])
	if !ok {
		return failed(http.StatusNotFound, "Request_ResourceNotFound",
			"Resource '"+segments[0]+"' does not exist or one of its queried reference-property objects are not present.")
	}
	switch rest := strings.ToLower(strings.Join(segments[1:], "/")); rest {
	case "":
		return v.item(c, u)
	case "mailboxsettings", "mailboxsettings/userpurpose", "mailfolders/inbox/messagerules":
		return v.mailbox(c, u, rest)
	case "memberof", "transitivememberof":
		return v.page(c, v.memberships(u))
	}
	return failed(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '"+segments[len(segments)-1]+"'.")
}

func (v view) byKey(key string) (User, bool) {
	for _, u := range v.living() {
		if strings.EqualFold(u.ID, key) || strings.EqualFold(u.UserPrincipalName, key) {
			return u, true
		}
	}
	return User{}, false
}

func (v view) item(c call, u User) reply {
	o, err := newOptions(v, c)
	if err != nil {
		return *err
	}
	return found(o.project(renderUser(u), u))
}

func (v view) deletedItem(c call, id string) reply {
	for _, u := range v.deleted() {
		if strings.EqualFold(u.ID, id) {
			return found(object(renderDeleted(u)))
		}
	}
	return failed(http.StatusNotFound, "Request_ResourceNotFound", "Resource '"+id+"' does not exist.")
}

func (v view) list(c call, users []User, render func(User) object) reply {
	o, refusal := newOptions(v, c)
	if refusal != nil {
		return *refusal
	}
	var rows []object
	for _, u := range users {
		row := render(u)
		match, err := o.filter.match(row)
		if err != nil {
			return unsupported(err.Error())
		}
		if match {
			rows = append(rows, o.project(row, u))
		}
	}
	return v.page(c, rows)
}

// page cuts rows to a page and links to the next one. The link repeats the
// query, not the header: a client repeats ConsistencyLevel itself.
func (v view) page(c call, rows []object) reply {
	size := v.pageSize
	if top, err := strconv.Atoi(c.query.Get("$top")); err == nil && top > 0 {
		size = min(top, 999)
	}
	start, _ := strconv.Atoi(c.query.Get("$skiptoken"))
	start = max(0, min(start, len(rows)))
	end := min(start+size, len(rows))
	body := object{"@odata.context": c.base + "/$metadata", "value": append([]object{}, rows[start:end]...)}
	if c.advanced() && start == 0 {
		body["@odata.count"] = len(rows)
	}
	if end < len(rows) {
		body["@odata.nextLink"] = nextLink(c, end)
	}
	return found(body)
}

func nextLink(c call, at int) string {
	query := url.Values{}
	for name, values := range c.query {
		query[name] = values
	}
	query.Set("$skiptoken", strconv.Itoa(at))
	return c.base + c.path + "?" + query.Encode()
}
