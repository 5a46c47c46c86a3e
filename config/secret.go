package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that is never printed: every verb of fmt, JSON, YAML, text
// and slog write ***. fmt cannot keep a Secret in an unexported field of
// another struct, so do not print structs that hold a configuration so.
type Secret string

const hidden = "***"

// Reveal is the value itself, for the one call that needs it.
func (s Secret) Reveal() string { return string(s) }

// Given says that there is a value.
func (s Secret) Given() bool { return s != "" }

// String writes ***.
func (s Secret) String() string { return hidden }

// GoString writes ***.
func (s Secret) GoString() string { return hidden }

// Format writes *** for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText writes ***, in JSON too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML writes ***.
func (s Secret) MarshalYAML() (any, error) { return hidden, nil }

// LogValue writes ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
