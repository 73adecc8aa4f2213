package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// startWithin is how long Python may take to import Moto.
const startWithin = 30 * time.Second

// server is a running moto_server.py.
type server struct {
	url     string
	process *exec.Cmd
	stdin   io.Closer
	log     *serverLog
}

// startServer returns when the server takes requests.
func startServer(ctx context.Context, root, blocks string) (*server, error) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	script := filepath.Join(root, "verify", "local", "moto_server.py")
	// Its end is stop's business, not that of ctx: what ends with ctx may need the server until then.
	process := newProcess(context.WithoutCancel(ctx), os.Environ(), "", python, "-u", script, blocks)
	s := &server{process: process}
	stdout, stderr, err := s.connect()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("moto runs in Python: install Python 3, or set PYTHON: %w", err)
	}
	s.log = watch(stderr)
	if s.url, err = firstLine(ctx, stdout); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w: %s", err, strings.Join(s.log.tail(), "\n"))
	}
	return s, nil
}

func (s *server) connect() (stdout, stderr io.Reader, err error) {
	var errs [3]error
	// Kept open: the server ends when it is closed, be it that this process dies.
	s.stdin, errs[0] = s.process.StdinPipe()
	stdout, errs[1] = s.process.StdoutPipe()
	stderr, errs[2] = s.process.StderrPipe()
	return stdout, stderr, errors.Join(errs[:]...)
}

func firstLine(ctx context.Context, stdout io.Reader) (string, error) {
	type read struct {
		line string
		err  error
	}
	first := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadString('\n')
		first <- read{strings.TrimSpace(line), err}
	}()
	select {
	case got := <-first:
		if errors.Is(got.err, io.EOF) {
			got.err = errors.New("it did not start")
		}
		return got.line, got.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case <-time.After(startWithin):
		return "", fmt.Errorf("it did not start within %s", startWithin)
	}
}

// stop returns when the process has ended.
func (s *server) stop() {
	_ = s.stdin.Close()
	made := time.AfterFunc(stopWithin, func() { _ = signalGroup(s.process, syscall.SIGKILL) })
	defer made.Stop()
	<-s.log.done
	_ = s.process.Wait()
}
