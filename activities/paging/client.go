// Package paging calls the person on call when a HIGH case escalates, through
// PagerDuty or a webhook of the operator's own.
package paging

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Provider is who takes the page.
type Provider string

const (
	// PagerDuty takes an event of its Events API v2
	// (https://developer.pagerduty.com/docs/send-alert-event).
	PagerDuty Provider = "pagerduty"
	// Webhook takes a POST of JSON that is signed with Config.Key.
	Webhook Provider = "webhook"
)

// DefaultURL is where PagerDuty takes events; the EU service region has
// https://events.eu.pagerduty.com/v2/enqueue.
const DefaultURL = "https://events.pagerduty.com/v2/enqueue"

// requestTimeout ends a call that nobody answers.
const requestTimeout = 20 * time.Second

// Config is what a Client needs. Provider and Key are required, and URL of a webhook.
type Config struct {
	Provider Provider
	// URL takes the page; empty is PagerDuty's.
	URL string
	// Key is PagerDuty's routing key, or the secret that signs a webhook's body.
	Key string
	// Source names this deployment to whoever is paged.
	Source     string
	HTTPClient *http.Client
	Now        func() time.Time
	Logger     *slog.Logger
}

// Client pages. It is safe for concurrent use.
type Client struct{ config Config }

// New checks the configuration; it calls nothing.
func New(config Config) (*Client, error) {
	if config.Provider == PagerDuty && config.URL == "" {
		config.URL = DefaultURL
	}
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{Timeout: requestTimeout}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Source == "" {
		config.Source = "harrier"
	}
	return &Client{config}, nil
}

func (c Config) validate() error {
	var errs []error
	if c.Provider != PagerDuty && c.Provider != Webhook {
		errs = append(errs, errors.New("paging: provider is "+string(c.Provider)+"; write pagerduty or webhook"))
	}
	if c.Key == "" {
		errs = append(errs, errors.New("paging: key is missing; give PagerDuty's routing key, or the webhook's secret"))
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" || u.Host == "" {
		errs = append(errs, errors.New("paging: url is no https address; the page says who is attacked"))
	}
	return errors.Join(errs...)
}
