// Package graphtest is a fake of the part of Microsoft Graph v1.0 that sender
// look-ups use, on the real wire: $batch, users with $filter, $select and
// $expand, mailbox settings and rules, memberships, risky users, permissions of
// applications and the directory's bin. It refuses
// what the service refuses (unsupported filters, advanced queries without their
// header, more than twenty requests a batch) and fails on demand.
package graphtest
