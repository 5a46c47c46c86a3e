package blockkit

// Limits of messages and modals, in characters or items. Characters are counted
// as UTF-16 code units after escaping, which is the careful reading.
const (
	// MaxMessageBlocks: https://docs.slack.dev/reference/block-kit/blocks
	MaxMessageBlocks = 50
	// MaxModalBlocks: https://docs.slack.dev/reference/views/modal-views
	MaxModalBlocks = 100
	// MaxBlocksText is all text of a message's blocks together; it is not
	// documented: https://github.com/slackapi/bolt-js/issues/2509 (13,200). A
	// part is left for button texts, which are not counted here.
	MaxBlocksText = 12_000
	// MaxModalText keeps a view under 250 kB even where every character takes
	// several bytes: https://docs.slack.dev/reference/views/modal-views
	MaxModalText = 50_000
	// MaxFallback is a notification line; Slack allows chat.update 4,000:
	// https://docs.slack.dev/reference/methods/chat.update
	MaxFallback = 1_000
	// MaxPrivateMetadata: https://docs.slack.dev/reference/views/modal-views
	MaxPrivateMetadata = 3_000
	// MaxViewTitle and MaxViewButton: https://docs.slack.dev/reference/views/modal-views
	MaxViewTitle  = 24
	MaxViewButton = 24
)

// Limits of blocks: https://docs.slack.dev/reference/block-kit/blocks
const (
	MaxHeaderText      = 150
	MaxSectionText     = 3_000
	MaxSectionFields   = 10
	MaxFieldText       = 2_000
	MaxContextElements = 10
	MaxContextText     = 2_000
	MaxActionElements  = 25
	MaxInputLabel      = 2_000
	MaxInputHint       = 2_000
	MaxBlockID         = 255
)

// Limits of elements: https://docs.slack.dev/reference/block-kit/block-elements
const (
	MaxActionID    = 255
	MaxButtonText  = 75
	MaxButtonValue = 2_000
	MaxPlaceholder = 150
	MaxInputLength = 3_000
	MaxOptions     = 100
	MaxURL         = 3_000
)

// Limits of options: https://docs.slack.dev/reference/block-kit/composition-objects
const (
	MaxOptionText  = 75
	MaxOptionValue = 150
)
