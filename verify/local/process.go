package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopWithin is how long a process has to end after it was asked to.
const stopWithin = 5 * time.Second

// newProcess prepares a process that leads a group of its own: the CDK CLI starts go run, which starts the app, which starts node.
// When ctx ends all of them are asked to end, and made to after stopWithin.
func newProcess(ctx context.Context, env []string, dir, name string, args ...string) *exec.Cmd {
	process := exec.CommandContext(ctx, name, args...)
	process.Dir, process.Env = dir, env
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Cancel = func() error { return signalGroup(process, syscall.SIGTERM) }
	process.WaitDelay = stopWithin
	return process
}

// signalGroup leaves alone a process that was never started.
func signalGroup(process *exec.Cmd, signal syscall.Signal) error {
	if process.Process == nil {
		return nil
	}
	err := syscall.Kill(-process.Process.Pid, signal)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// output is what a process wrote.
type output struct {
	stdout, stderr string
}

// both is for errors: what it wrote to stderr comes last, since it tells what went wrong.
func (o output) both() string { return strings.TrimSpace(o.stdout + "\n" + o.stderr) }

// run runs a command to its end.
func run(ctx context.Context, env []string, dir, name string, args ...string) (output, error) {
	process := newProcess(ctx, env, dir, name, args...)
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	err := process.Run()
	wrote := output{stdout.String(), stderr.String()}
	if err == nil {
		return wrote, nil
	}
	if ctx.Err() != nil {
		// What did not end when asked to.
		_ = signalGroup(process, syscall.SIGKILL)
		return wrote, context.Cause(ctx)
	}
	return wrote, fmt.Errorf("%s: %w\n%s", strings.Join(process.Args, " "), err, wrote.both())
}
