// Package config reads everything Harrier is told in files and in the
// environment: its own configuration, hunts and their settings, suppressions,
// and what the tenant says of itself. Every error names file and line, what is
// wrong, and what to write instead.
package config
