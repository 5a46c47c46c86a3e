// Package calibration turns what a workspace shows of a tenant's mail into drafts that
// a person reviews: connectors and tools for the tenant settings, and one rule in
// shadow mode for each automation sender that no shipped rule fits.
package calibration
