// Package blockkit is the one boundary through which text reaches Slack.
//
// A Text keeps apart what the product says (Say, Bold), what came from outside
// (Quote), and what Slack itself writes out (Link, Time, Mention). Only its
// renderers escape, and they cut after escaping, on whole characters, never
// inside an entity, a code span or a token. Blocks puts texts into Block Kit
// and keeps every published limit, so that no input can make Slack refuse a
// whole message.
package blockkit
