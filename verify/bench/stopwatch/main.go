// Command stopwatch runs a jsii kernel and writes down how long each answer took: microseconds, a tab and the request's label, one
// a line. A program comes by it with JSII_RUNTIME="stopwatch FILE KERNEL ARGUMENTS…".
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: stopwatch FILE KERNEL [ARGUMENT…]")
		os.Exit(2)
	}
	if err := measure(os.Args[1], exec.Command(os.Args[2], os.Args[3:]...)); err != nil {
		fmt.Fprintln(os.Stderr, "stopwatch:", err)
		os.Exit(1)
	}
}

func measure(path string, kernel *exec.Cmd) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	log := bufio.NewWriter(file)
	kernel.Stderr = os.Stderr
	requests, err := kernel.StdinPipe()
	if err != nil {
		return err
	}
	answers, err := kernel.StdoutPipe()
	if err != nil {
		return err
	}
	if err := kernel.Start(); err != nil {
		return err
	}

	w := &watch{log: log}
	asked := make(chan error, 1)
	go func() { asked <- errors.Join(copyLines(requests, os.Stdin, w.start), requests.Close()) }()
	answered := copyLines(os.Stdout, answers, w.stop)
	return errors.Join(answered, <-asked, kernel.Wait(), log.Flush(), file.Close())
}

// copyLines calls before with each line before it passes the line on.
func copyLines(to io.Writer, from io.Reader, before func(line []byte) error) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := before(line); err != nil {
				return err
			}
			if _, err := to.Write(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// watch measures one request at a time: the protocol never has two.
type watch struct {
	mutex   sync.Mutex
	log     io.Writer
	label   string
	started time.Time
}

func (w *watch) start(request []byte) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.label, w.started = labelOf(request), time.Now()
	return nil
}

func (w *watch) stop([]byte) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.label == "" {
		return nil // the kernel's greeting
	}
	_, err := fmt.Fprintf(w.log, "%d\t%s\n", time.Since(w.started).Microseconds(), w.label)
	w.label = ""
	return err
}
