// Package audit writes what happened into files: one a run, one a decision, one
// a refusal, under a folder a day. Every file is named after what it records
// and written as a whole, so that a repeat replaces it by the same content and
// a reader never sees half of one.
package audit
