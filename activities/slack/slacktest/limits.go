package slacktest

import "time"

// Limits of messages. https://docs.slack.dev/reference/methods/chat.postMessage
const (
	MaxMessageText    = 40_000 // characters; longer text is cut, not refused
	MaxUpdateText     = 4_000  // characters of chat.update; https://docs.slack.dev/reference/methods/chat.update
	MaxMessageBlocks  = 50     // https://docs.slack.dev/reference/block-kit/blocks
	MaxBlocksText     = 13_200 // characters over all blocks, undocumented: https://github.com/slackapi/bolt-js/issues/2509
	MaxViewBlocks     = 100    // https://docs.slack.dev/reference/views/modal-views
	MaxViewBytes      = 250_000
	MaxMetadataBytes  = 8_000 // Slack documents metadata_too_large without a number; this one is on the careful side
	MaxHistoryPage    = 999   // https://docs.slack.dev/reference/methods/conversations.history
	MaxAckBytes       = 20 * 1024
	MaxSockets        = 10 // https://docs.slack.dev/apis/events-api/using-socket-mode
	MaxViewStack      = 3  // https://docs.slack.dev/reference/methods/views.push
	MaxResponseURLUse = 5  // https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
)

// Lifetimes. https://docs.slack.dev/interactivity/handling-user-interaction
const (
	AckDeadline         = 3 * time.Second  // an interaction must be acknowledged within this
	TriggerLifetime     = 3 * time.Second  // of a trigger_id, which can be used once
	ResponseURLLifetime = 30 * time.Minute // of a response_url
	TicketLifetime      = 30 * time.Second // of a Socket Mode address
)

// Limits of blocks, in characters or items. https://docs.slack.dev/reference/block-kit/blocks
const (
	MaxBlockID         = 255
	MaxSectionText     = 3_000
	MaxSectionFields   = 10
	MaxFieldText       = 2_000
	MaxHeaderText      = 150
	MaxActionElements  = 25
	MaxContextElements = 10
	MaxURL             = 3_000
	MaxAltText         = 2_000
	MaxImageTitle      = 2_000
	MaxInputLabel      = 2_000
	MaxInputHint       = 2_000
)

// Limits of block elements. https://docs.slack.dev/reference/block-kit/block-elements
const (
	MaxActionID     = 255
	MaxButtonText   = 75
	MaxButtonValue  = 2_000
	MaxAccessLabel  = 75
	MaxPlaceholder  = 150
	MaxSelectOption = 100
	MaxOverflow     = 5  // options of an overflow menu
	MaxChoices      = 10 // options of radio buttons and checkboxes
	MaxInputLength  = 3_000
)

// Limits of composition objects. https://docs.slack.dev/reference/block-kit/composition-objects
const (
	MaxOptionText        = 75
	MaxOptionValue       = 150
	MaxOptionDescription = 75
	MaxConfirmTitle      = 100
	MaxConfirmText       = 300
	MaxConfirmButton     = 30
)

// Limits of modals. https://docs.slack.dev/reference/views/modal-views
const (
	MaxViewTitle       = 24
	MaxViewButton      = 24
	MaxPrivateMetadata = 3_000
	MaxCallbackID      = 255
	MaxExternalID      = 255
)

// Rate is how many calls of a method are allowed in any span of time.
type Rate struct {
	Calls int
	Per   time.Duration
}

// Rate tiers, as this fake enforces them: the published minimum, exactly, in any 60 seconds.
// https://docs.slack.dev/apis/web-api/rate-limits
func tier(perMinute int) Rate { return Rate{Calls: perMinute, Per: time.Minute} }

// PostRate is chat.postMessage per channel: one a second, "short bursts" allowed. Slack gives no size of a burst;
// this fake lets three through and then holds to three in any three seconds.
func PostRate() Rate { return Rate{Calls: 3, Per: 3 * time.Second} }
