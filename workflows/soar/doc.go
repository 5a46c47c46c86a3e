// Package soar is Harrier's domain: hunts and their windows, findings and their
// evidence, sender profiles, suppressions and guards, cases, decisions and
// coverage, with the names and ids of workflows and messages beside their types.
// It holds values and pure functions only and imports nothing but the standard
// library, so that workflows, adapters and configuration share it freely.
package soar
