package graph

import (
	"context"
	"fmt"

	abs "github.com/microsoft/kiota-abstractions-go"
	msgraphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// request is one step of a batch. Its URL, relative to the API's root, is also
// the key of its answer.
type request struct {
	url  string
	item msgraphcore.BatchItem
	// filter is what a request about several senders asks by.
	filter string
	// of is the feature it asks for; empty for what every profile needs.
	of feature
	// trim takes out of an answer what must not be kept; nil keeps all.
	trim func([]byte) []byte
}

func (c *Client) newRequest(info *abs.RequestInformation, err error) (request, error) {
	if err != nil {
		return request{}, fmt.Errorf("build graph request: %w", err)
	}
	item, err := msgraphcore.NewBatchRequest(c.adapter).AddBatchRequestStep(*info)
	if err != nil {
		return request{}, fmt.Errorf("build graph request: %w", err)
	}
	return request{url: *item.GetUrl(), item: item}, nil
}

// findUsers asks for the users a filter matches, with their managers.
// https://learn.microsoft.com/en-us/graph/api/user-list
func (c *Client) findUsers(ctx context.Context, filter string) (request, error) {
	return c.listUsers(ctx, &users.UsersRequestBuilderGetQueryParameters{
		Filter: &filter,
		Expand: []string{"manager($select=id,displayName)"},
		Select: []string{
			"id", "userPrincipalName", "mail", "proxyAddresses", "displayName", "userType", "jobTitle",
			"department", "accountEnabled", "assignedLicenses", "createdDateTime",
		},
	})
}

// findSignIns asks for the sign-ins of the users a filter matches: a request of
// its own, because without licence or permission all of it is refused.
// https://learn.microsoft.com/en-us/graph/api/resources/signinactivity
func (c *Client) findSignIns(ctx context.Context, filter string) (request, error) {
	r, err := c.listUsers(ctx, &users.UsersRequestBuilderGetQueryParameters{
		Filter: &filter, Select: []string{"id", "signInActivity"},
	})
	r.of = featureSignIns
	return r, err
}

func (c *Client) listUsers(ctx context.Context, query *users.UsersRequestBuilderGetQueryParameters) (request, error) {
	builder := users.NewUsersRequestBuilderInternal(map[string]string{}, c.adapter)
	r, err := c.newRequest(builder.ToGetRequestInformation(ctx, &users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query}))
	r.filter = deref(query.Filter)
	return r, err
}

// memberships asks for a user's groups and directory roles, nested ones too.
// https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof
func (c *Client) memberships(ctx context.Context, id string) (request, error) {
	top := int32(maxPageSize)
	builder := users.NewItemTransitiveMemberOfRequestBuilderInternal(map[string]string{"user%2Did": id}, c.adapter)
	return c.newRequest(builder.ToGetRequestInformation(ctx, &users.ItemTransitiveMemberOfRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemTransitiveMemberOfRequestBuilderGetQueryParameters{
			Select: []string{"id", "displayName"}, Top: &top,
		},
	}))
}

// mailboxSettings asks for a mailbox's purpose and automatic replies. What people
// write into those is thrown away as it arrives.
// https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings
func (c *Client) mailboxSettings(id string) (request, error) {
	r, err := c.get("{+baseurl}/users/{user%2Did}/mailboxSettings", map[string]string{"user%2Did": id}, nil)
	r.trim = trimMailbox
	return r, err
}

// inboxRules asks for the rules that the owner of a mailbox can see, without
// their conditions. https://learn.microsoft.com/en-us/graph/api/mailfolder-list-messagerules
func (c *Client) inboxRules(id string) (request, error) {
	r, err := c.get("{+baseurl}/users/{user%2Did}/mailFolders/inbox/messageRules{?%24select}", map[string]string{"user%2Did": id},
		map[string]string{"%24select": "displayName,isEnabled,actions"})
	r.trim = trimRules
	return r, err
}

// riskyUsers asks for all accounts that are held for compromised now.
// https://learn.microsoft.com/en-us/graph/api/riskyuser-list
func (c *Client) riskyUsers() (request, error) {
	r, err := c.get("{+baseurl}/identityProtection/riskyUsers{?%24filter,%24select,%24top}", nil, map[string]string{
		"%24filter": "riskState eq 'atRisk' or riskState eq 'confirmedCompromised'",
		"%24select": "id,riskLevel,riskState,riskLastUpdatedDateTime", "%24top": "500",
	})
	r.of = featureRisk
	return r, err
}

// permissionsOn asks which applications hold which permissions of their own on an
// application. https://learn.microsoft.com/en-us/graph/api/serviceprincipal-list-approleassignedto
func (c *Client) permissionsOn(appID string) (request, error) {
	r, err := c.get("{+baseurl}/servicePrincipals(appId='{app%2Did}')/appRoleAssignedTo{?%24top}", map[string]string{"app%2Did": appID},
		map[string]string{"%24top": "999"})
	r.of = featureApplications
	return r, err
}

// get builds a request. Values go through the template, which escapes them; literals
// of filters through literal.
func (c *Client) get(template string, path, query map[string]string) (request, error) {
	if path == nil {
		path = map[string]string{}
	}
	info := abs.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(abs.GET, template, path)
	for name, value := range query {
		info.QueryParametersAny[name] = value
	}
	return c.newRequest(info, nil)
}

// findDeleted asks for users in the directory's bin.
// https://learn.microsoft.com/en-us/graph/api/directory-deleteditems-list
func (c *Client) findDeleted(filter string) (request, error) {
	info := abs.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abs.GET, "{+baseurl}/directory/deletedItems/microsoft.graph.user{?%24count,%24filter,%24select}", map[string]string{})
	info.QueryParametersAny["%24filter"] = filter
	info.QueryParametersAny["%24select"] = "id,userPrincipalName,mail,displayName"
	advanced(info)
	r, err := c.newRequest(info, nil)
	r.filter = filter
	return r, err
}

// advanced sets both halves of what an advanced query needs; one alone is refused.
// https://learn.microsoft.com/en-us/graph/aad-advanced-queries
func advanced(info *abs.RequestInformation) {
	info.QueryParametersAny["%24count"] = "true"
	info.Headers.TryAdd("ConsistencyLevel", "eventual")
}
