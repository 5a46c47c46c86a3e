// Command worker runs Harrier.
package main

import (
	"os"

	"harrier/worker/commands"
)

// release is set by the build: -ldflags "-X main.release=v0.3.0".
var release = "v0.3.0"

func main() {
	os.Exit(commands.Main(commands.Env{
		Args: os.Args[1:], Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Release: release,
	}))
}
