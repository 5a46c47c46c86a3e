package graphtest

import (
	"net/http"
	"slices"
	"strings"
)

// defaultProperties come without $select.
// https://learn.microsoft.com/en-us/graph/api/user-list
var defaultProperties = [...]string{"id", "userPrincipalName", "mail", "displayName", "jobTitle"}

// options are the query options of one request.
type options struct {
	view     view
	filter   filter
	fields   []string
	expanded bool // manager
}

func newOptions(v view, c call) (options, *reply) {
	for name := range c.query {
		if !slices.Contains([]string{"$filter", "$select", "$expand", "$count", "$top", "$skiptoken"}, name) {
			r := failed(http.StatusBadRequest, "Request_BadRequest", "Unsupported query option '"+name+"'.")
			return options{}, &r
		}
	}
	o := options{view: v, fields: defaultProperties[:]}
	if s := c.query.Get("$select"); s != "" {
		o.fields = strings.Split(s, ",")
	}
	if r := o.expand(c); r != nil {
		return o, r
	}
	if r := o.checkFields(v, strings.HasPrefix(strings.ToLower(c.path), "/users/")); r != nil {
		return o, r
	}
	parsed, err := parseFilter(c.query.Get("$filter"))
	if err != nil {
		r := failed(http.StatusBadRequest, "Request_UnsupportedQuery", err.Error())
		return o, &r
	}
	if operator := parsed.advanced(); operator != "" && !c.advanced() {
		r := unsupported("Operator '" + operator + "' is not supported because the required parameters might be missing. " +
			"Try adding $count=true query parameter and ConsistencyLevel:eventual header.")
		return o, &r
	}
	o.filter = parsed
	return o, nil
}

// expand allows one $expand of the manager, and none in an advanced query.
func (o *options) expand(c call) *reply {
	wanted := c.query.Get("$expand")
	if wanted == "" {
		return nil
	}
	navigation, nested, _ := strings.Cut(wanted, "(")
	if navigation != "manager" || nested != "" && !strings.HasPrefix(nested, "$select=") {
		r := failed(http.StatusBadRequest, "Request_BadRequest", "Unsupported $expand '"+wanted+"'.")
		return &r
	}
	if c.advanced() {
		r := unsupported("$expand is not supported with advanced queries.")
		return &r
	}
	o.expanded = true
	return nil
}

func (o *options) checkFields(v view, single bool) *reply {
	for _, field := range o.fields {
		if field == "mailboxSettings" && !single {
			r := failed(http.StatusNotImplemented, "NotImplemented", "mailboxSettings is not available in a collection.")
			return &r
		}
		if field == "signInActivity" && !v.PremiumP1 {
			r := failed(http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
				"Neither tenant is B2C or tenant doesn't have premium license")
			return &r
		}
		if _, known := renderUser(User{})[field]; !known {
			r := failed(http.StatusBadRequest, "Request_BadRequest", "Could not find a property named '"+field+"' on type 'microsoft.graph.user'.")
			return &r
		}
	}
	return nil
}

func (o *options) project(row object, u User) object {
	out := object{"@odata.type": "#microsoft.graph.user"}
	for _, field := range o.fields {
		out[field] = row[field]
	}
	if o.expanded && u.ManagerID != "" {
		if m, ok := o.view.byKey(u.ManagerID); ok {
			out["manager"] = object{"@odata.type": "#microsoft.graph.user", "id": m.ID, "displayName": m.DisplayName}
		}
	}
	return out
}
