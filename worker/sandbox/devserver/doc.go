// Package devserver finds, or builds once, the Temporal command line and runs
// its development server as a child process on loopback: for the sandbox and
// for tests, never for production.
package devserver
