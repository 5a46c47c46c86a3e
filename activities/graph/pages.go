package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	abs "github.com/microsoft/kiota-abstractions-go"
	absser "github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// Pages of a collection: the largest one the service gives, and how many are
// read before the result is called truncated.
// https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof
const (
	maxPageSize = 999
	maxPages    = 5
)

// collection is what the SDK's collection models have in common.
type collection interface {
	absser.Parsable
	GetOdataNextLink() *string
}

// pager reads a collection that begins with an answer of a batch.
type pager[T collection] struct {
	client  *Client
	first   answer
	factory absser.ParsableFactory
}

// each calls visit with the answer's page and the pages after it, and reports
// whether the page cap cut it.
func (p pager[T]) each(ctx context.Context, visit func(T)) (truncated bool, err error) {
	page, err := parse[T](p.first.body, p.factory)
	if err != nil {
		return false, err
	}
	for read := 1; ; read++ {
		visit(page)
		link := page.GetOdataNextLink()
		if link == nil || *link == "" {
			return false, nil
		}
		if read == maxPages {
			return true, nil
		}
		page, err = p.next(ctx, *link)
		if refusedPage(err) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
	}
}

// refusedPage says that asking again would not bring the page: a link that has
// expired must not cost the sender its other facts.
func refusedPage(err error) bool {
	var api abs.ApiErrorable
	return errors.As(err, &api) && api.GetStatusCode() < http.StatusInternalServerError && !transient(api.GetStatusCode())
}

// next repeats the first request's headers, which a link does not carry.
func (p pager[T]) next(ctx context.Context, link string) (T, error) {
	var none T
	u, err := url.Parse(link)
	if err != nil {
		return none, errUnreadable
	}
	info := abs.NewRequestInformation()
	info.Method = abs.GET
	info.SetUri(*u)
	for name, value := range p.first.headers {
		info.Headers.TryAdd(name, value)
	}
	value, err := p.client.adapter.Send(ctx, info, p.factory, nil)
	if err != nil {
		return none, err
	}
	page, ok := value.(T)
	if !ok {
		return none, errUnreadable
	}
	return page, nil
}

// usersIn reads all users of an answer.
func (c *Client) usersIn(ctx context.Context, a answer) ([]models.Userable, error) {
	var out []models.Userable
	pages := pager[models.UserCollectionResponseable]{c, a, models.CreateUserCollectionResponseFromDiscriminatorValue}
	_, err := pages.each(ctx, func(page models.UserCollectionResponseable) { out = append(out, page.GetValue()...) })
	return out, err
}

// membershipsIn reads all groups and roles of an answer.
func (c *Client) membershipsIn(ctx context.Context, a answer) (out []models.DirectoryObjectable, truncated bool, err error) {
	pages := pager[models.DirectoryObjectCollectionResponseable]{c, a, models.CreateDirectoryObjectCollectionResponseFromDiscriminatorValue}
	truncated, err = pages.each(ctx, func(page models.DirectoryObjectCollectionResponseable) { out = append(out, page.GetValue()...) })
	return out, truncated, err
}
