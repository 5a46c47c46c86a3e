package lint

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// PackageName is Microsoft's KQL parser on npm, and PackageVersion the version
// that Harrier is tested with.
// https://www.npmjs.com/package/@kusto/language-service-next
const (
	PackageName    = "@kusto/language-service-next"
	PackageVersion = "12.4.1"
)

// ModulesVariable names the environment variable with the node_modules folder
// that holds the parser.
const ModulesVariable = "HARRIER_KUSTO_MODULES"

// patience bounds how long the parser may take for all queries.
const patience = 2 * time.Minute

//go:embed parser.js
var parserScript string

// Parser is Microsoft's own parser under Node.js. A nil parser checks nothing.
type Parser struct {
	node, folder, version string
}

// Name is the package with its version.
func (p *Parser) Name() string { return PackageName + " " + p.version }

// FindParser looks for Node.js and the parser's package: in the folder that
// HARRIER_KUSTO_MODULES names, in ./node_modules, and among npm's global
// packages. The error says what is missing and how to install it.
func FindParser(ctx context.Context, getenv func(string) string) (*Parser, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("find the KQL parser: Node.js is missing; install it, and then npm install %s@%s", PackageName, PackageVersion)
	}
	for _, modules := range []string{getenv(ModulesVariable), "node_modules", filepath.Join(filepath.Dir(node), "..", "lib", "node_modules")} {
		if p := parserIn(node, modules); p != nil {
			return p, nil
		}
	}
	if p := parserIn(node, globalModules(ctx)); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("find the KQL parser: %s is missing; npm install %s@%s, or set %s to the node_modules folder that has it", PackageName, PackageName, PackageVersion, ModulesVariable)
}

func globalModules(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "npm", "root", "-g").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func parserIn(node, modules string) *Parser {
	if modules == "" {
		return nil
	}
	folder, err := filepath.Abs(filepath.Join(modules, filepath.FromSlash(PackageName)))
	if err != nil {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return nil
	}
	var about struct{ Version string }
	if json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &about) != nil || about.Version == "" {
		return nil
	}
	return &Parser{node, folder, about.Version}
}

type parserInput struct {
	Tables  map[string]string `json:"tables"`
	Queries []string          `json:"queries"`
}

type diagnostic struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	// Start and Length count UTF-16 units.
	Start  int `json:"start"`
	Length int `json:"length"`
}

type parserAnswer struct {
	Diagnostics []diagnostic `json:"diagnostics"`
	// Columns are those of the result; nil when they cannot be known.
	Columns []string `json:"columns"`
}

// ask runs the parser once for all queries.
func (p *Parser) ask(ctx context.Context, in parserInput) ([]parserAnswer, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("run the KQL parser: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	cmd := exec.CommandContext(ctx, p.node, "-e", parserScript)
	// Secrets of this process are none of the parser's business.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HARRIER_KUSTO_PACKAGE=" + p.folder}
	cmd.Stdin = bytes.NewReader(data)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run the KQL parser in %s: %w: %s", p.folder, err, lastLine(said.String()))
	}
	var answers []parserAnswer
	if err := json.Unmarshal(out.Bytes(), &answers); err != nil {
		return nil, fmt.Errorf("read the KQL parser's answer: %w", err)
	}
	if len(answers) != len(in.Queries) {
		return nil, errors.New("read the KQL parser's answer: it is not one answer a query; install version " + PackageVersion)
	}
	return answers, nil
}

// lastLine is the line that says what went wrong in a Node.js stack trace.
func lastLine(said string) string {
	for _, line := range strings.Split(said, "\n") {
		if strings.Contains(line, "Error: ") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(said)
}
