// Package slacktest is a fake Slack workspace for tests and for the laptop sandbox.
//
// It speaks Slack's wire protocol (Web API, Socket Mode, signed HTTP interactivity, response_url), enforces Slack's
// published limits, and serves a page on which a person sees the channels, cards, threads and modals live and can
// press the buttons. It knows Slack and nothing else: no type of the product appears here.
//
//	fake := slacktest.New(slacktest.Config{Users: …, Channels: …})
//	fake.Start()
//	defer fake.Close()
//	api := slack.New(fake.BotToken(), slack.OptionAPIURL(fake.APIURL()))
//
// Tests wait with verbs (ExpectMessage, ExpectUpdate, ExpectView, ExpectEphemeral) that end as soon as the thing
// happens or the context is over; nothing in here sleeps.
//
// What it leaves out of Slack: channel names as addresses (use ids), files, events, attachments, enterprise grids
// and every block that the page cannot draw; those are answered as Slack answers an unknown one.
package slacktest
