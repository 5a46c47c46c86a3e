// Package interactions turns Slack clicks into decisions on cases.
//
// A click is acknowledged at once, whatever else is slow. The work goes on
// behind it: modals are opened first and filled later, the person is resolved at
// the click, and a decision is sent to its case with the click's own id until
// the case accepts or refuses it. Socket Mode and signed HTTP share one handler.
package interactions
