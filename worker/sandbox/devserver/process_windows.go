package devserver

import (
	"os/exec"
	"syscall"
)

// detach keeps a Ctrl-C in the terminal from the server, so that what runs on
// it can be stopped first.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
