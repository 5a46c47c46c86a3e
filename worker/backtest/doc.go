// Package backtest weighs suppression rules against the past: what a rule on trial
// would have hidden, and how the rules in force fare against what analysts decided.
// It is pure but for Period, which is handed what runs a hunt.
package backtest
