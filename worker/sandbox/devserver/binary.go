package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// EnvBinary names a Temporal CLI to use, before PATH and before a build.
const EnvBinary = "HARRIER_TEMPORAL_CLI"

// minServer is the oldest server that Harrier is tested on.
var minServer = [2]int{1, 29}

// Binary is the path of a Temporal CLI with a development server: the one that
// HARRIER_TEMPORAL_CLI names, else temporal on PATH when its server is 1.29 or
// newer, else one built from tools.mod into the user's cache. The first build
// takes minutes; progress says how far it is. root is the folder of Harrier's
// module; empty is the module that the working directory is in.
func Binary(ctx context.Context, root string, progress io.Writer) (string, error) {
	if named := os.Getenv(EnvBinary); named != "" {
		if _, err := serverVersion(ctx, named); err != nil {
			return "", fmt.Errorf("use %s=%s: %w", EnvBinary, named, err)
		}
		return named, nil
	}
	if found, err := exec.LookPath("temporal"); err == nil {
		v, err := serverVersion(ctx, found)
		if err == nil && !older(v, minServer) {
			return found, nil
		}
		fmt.Fprintf(progress, "temporal on PATH (%s) is not used: it needs server %d.%d or newer\n", found, minServer[0], minServer[1])
	}
	b, err := DefaultBuilder(ctx, root)
	if err != nil {
		return "", err
	}
	return b.Build(ctx, progress)
}

var serverText = regexp.MustCompile(`Server (\d+)\.(\d+)\.`)

func serverVersion(ctx context.Context, binary string) ([2]int, error) {
	out, err := exec.CommandContext(ctx, binary, "--version").Output()
	if err != nil {
		return [2]int{}, fmt.Errorf("ask for its version: %w", err)
	}
	m := serverText.FindStringSubmatch(string(out))
	if m == nil {
		return [2]int{}, fmt.Errorf("%q names no server version; give the Temporal CLI, as of https://docs.temporal.io/cli", strings.TrimSpace(string(out)))
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	return [2]int{major, minor}, nil
}

func older(a, b [2]int) bool {
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

var errNoGo = errors.New("find the go command: it is not on PATH; install Go, or the Temporal CLI from https://docs.temporal.io/cli")
