package loganalytics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// workspace is the GUID behind a workspace's name; the empty name is the
// default one.
func (c Config) workspace(name string) (string, error) {
	if name == "" {
		return c.WorkspaceID, nil
	}
	if id, ok := c.Workspaces[name]; ok {
		return id, nil
	}
	known := "none"
	if len(c.Workspaces) > 0 {
		known = strings.Join(slices.Sorted(maps.Keys(c.Workspaces)), ", ")
	}
	return "", final(ErrTypeNoWorkspace, "workspace %q is not configured (known: %s); correct workspaces in the hunt's settings, "+
		"or add it to the configuration", name, known)
}

// inWorkspace names a workspace in a message.
func inWorkspace(name string) string {
	if name == "" {
		return "the workspace"
	}
	return fmt.Sprintf("workspace %s", name)
}
