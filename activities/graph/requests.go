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
	return c.listUsers(ctx, &users.UsersRequestBuilderGetQueryParameters{
		Filter: &filter, Select: []string{"id", "signInActivity"},
	})
}

func (c *Client) listUsers(ctx context.Context, query *users.UsersRequestBuilderGetQueryParameters) (request, error) {
	builder := users.NewUsersRequestBuilderInternal(map[string]string{}, c.adapter)
	return c.newRequest(builder.ToGetRequestInformation(ctx, &users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query}))
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

// mailboxPurpose asks for the purpose alone: the rest of the settings holds
// what people write into their automatic replies.
// https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings
func (c *Client) mailboxPurpose(id string) (request, error) {
	return c.newRequest(abs.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abs.GET, "{+baseurl}/users/{user%2Did}/mailboxSettings/userPurpose", map[string]string{"user%2Did": id}), nil)
}

// findDeleted asks for users in the directory's bin.
// https://learn.microsoft.com/en-us/graph/api/directory-deleteditems-list
func (c *Client) findDeleted(filter string) (request, error) {
	info := abs.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
		abs.GET, "{+baseurl}/directory/deletedItems/microsoft.graph.user{?%24count,%24filter,%24select}", map[string]string{})
	info.QueryParametersAny["%24filter"] = filter
	info.QueryParametersAny["%24select"] = "id,userPrincipalName,mail,displayName"
	advanced(info)
	return c.newRequest(info, nil)
}

// advanced sets both halves of what an advanced query needs; one alone is refused.
// https://learn.microsoft.com/en-us/graph/aad-advanced-queries
func advanced(info *abs.RequestInformation) {
	info.QueryParametersAny["%24count"] = "true"
	info.Headers.TryAdd("ConsistencyLevel", "eventual")
}
