// Package ruletest runs the tests that stand beside the suppression rules: a mail goes
// in, and verdict, rule and guards must come out. The mail of a test is the genuine
// mail of a rule's sender, on the path and with the past and the profile that are
// normal for it; a test says only what is different.
package ruletest
