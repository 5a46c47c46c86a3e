// Package suppressions judges findings: it lays reviewed rules over the reported
// messages, then the guards, and says with a reason what becomes of each finding.
//
// A finding is hidden only when one rule fits every reported message (the path it
// came on, the exact sender and envelope sender, the relay's address, recipients,
// links, attachments, and the rule's own expression), the rule is in force, and no
// guard holds. Guards are looked at in every case, also without a rule, and
// nothing overrides them. Judging is pure: the same findings, rules, settings and
// time give the same judgements.
package suppressions
