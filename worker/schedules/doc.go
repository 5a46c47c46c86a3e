// Package schedules keeps the Temporal Schedules of hunts as their files say:
// it plans first, then applies. It touches only what Harrier made, never undoes
// an operator's pause, leaves a schedule alone whose hunting file is broken, and
// does nothing when a newer release manages the schedules.
package schedules
