package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Retention is how long closed workflows are kept: coverage, cases and audit
// are looked up for as long.
const Retention = 90 * 24 * time.Hour

// Options say how a server runs. The zero value is a server in memory on free
// ports of loopback, with the namespace "default" and no web UI.
type Options struct {
	Namespace string
	UI        bool
	// Port and UIPort are 0 for free ones.
	Port, UIPort int
	// DBFile keeps everything in a SQLite file; empty is memory.
	DBFile string
	// Binary is a Temporal CLI; empty is what Binary finds or builds.
	Binary string
	// Root is Harrier's module, for a build; empty is the one around the working directory.
	Root string
	// Progress is told of a long build; nil is nobody.
	Progress io.Writer
	// Ready is how long the server may take to answer; 0 is a minute.
	Ready time.Duration
}

// Server is a running development server, a child process.
type Server struct {
	// Address is host:port of the front end, on loopback.
	Address string
	// UI is the web UI's address; empty without one.
	UI        string
	Namespace string

	cmd    *exec.Cmd
	output tail
	exited chan struct{}
	stop   sync.Once
}

// Start runs a server and returns when it answers and its namespace keeps what
// is closed for Retention. ctx bounds the start alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := o.fill(ctx); err != nil {
		return nil, err
	}
	s := &Server{Address: loopback(o.Port), Namespace: o.Namespace, exited: make(chan struct{})}
	if o.UI {
		s.UI = "http://" + loopback(o.UIPort)
	}
	s.cmd = exec.Command(o.Binary, o.arguments()...)
	s.cmd.Env = environment(os.Environ())
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	detach(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Binary, err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.exited)
	}()
	if err := s.ready(ctx, o.Ready); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (o *Options) fill(ctx context.Context) error {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Ready == 0 {
		o.Ready = time.Minute
	}
	var err error
	if o.Binary == "" {
		if o.Binary, err = Binary(ctx, o.Root, o.Progress); err != nil {
			return err
		}
	}
	for _, p := range []*int{&o.Port, &o.UIPort} {
		if *p == 0 {
			if *p, err = freePort(); err != nil {
				return err
			}
		}
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func (o *Options) arguments() []string {
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(o.Port),
		"--namespace", o.Namespace, "--log-level", "error",
	}
	if o.UI {
		args = append(args, "--ui-ip", "127.0.0.1", "--ui-port", strconv.Itoa(o.UIPort))
	} else {
		args = append(args, "--headless")
	}
	if o.DBFile != "" {
		args = append(args, "--db-filename", o.DBFile)
	}
	return args
}

// environment leaves out the settings of the person's own Temporal.
func environment(all []string) []string {
	var out []string
	for _, v := range all {
		if !strings.HasPrefix(v, "TEMPORAL_") {
			out = append(out, v)
		}
	}
	return out
}

// ready waits until the namespace answers, and sets its retention.
func (s *Server) ready(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	c, err := client.NewNamespaceClient(client.Options{HostPort: s.Address, Logger: quiet{}})
	if err != nil {
		return fmt.Errorf("reach the Temporal server at %s: %w", s.Address, err)
	}
	defer c.Close()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		attempt, stop := context.WithTimeout(ctx, 2*time.Second)
		err := c.Update(attempt, &workflowservice.UpdateNamespaceRequest{
			Namespace: s.Namespace, Config: &namespace.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(Retention)},
		})
		stop()
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("start the Temporal server at %s: it ended by itself: %s", s.Address, s.output.String())
		case <-ctx.Done():
			return fmt.Errorf("start the Temporal server at %s: it does not answer: %w", s.Address, errors.Join(err, ctx.Err()))
		case <-ticker.C:
		}
	}
}

// Exited is closed when the server's process has ended.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Stop ends the server: it is asked to, and killed when it does not within five seconds.
func (s *Server) Stop() {
	s.stop.Do(func() {
		if s.cmd.Process.Signal(os.Interrupt) == nil {
			select {
			case <-s.exited:
				return
			case <-time.After(5 * time.Second):
			}
		}
		_ = s.cmd.Process.Kill()
		<-s.exited
	})
}
