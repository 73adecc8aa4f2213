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

	w := &watch{}
	asked := make(chan error, 1)
	go func() { asked <- errors.Join(copyLines(requests, os.Stdin, w.start), requests.Close()) }()
	answered := copyLines(os.Stdout, answers, w.stop)
	return errors.Join(answered, <-asked, kernel.Wait(), w.write(file), file.Close())
}

// copyLines calls before with each line before it passes the line on.
func copyLines(to io.Writer, from io.Reader, before func(line []byte)) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			before(line)
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

// watch measures one request at a time: the protocol never has two. It keeps everything in memory until the end, for what it does
// in between would be measured too.
type watch struct {
	mutex   sync.Mutex
	started time.Time
	request []byte // nil when none waits for its answer
	laps    []lap
}

type lap struct {
	request []byte
	took    time.Duration
}

func (w *watch) start(request []byte) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.request, w.started = request, time.Now()
}

func (w *watch) stop([]byte) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.request == nil {
		return // the kernel's greeting
	}
	w.laps = append(w.laps, lap{w.request, time.Since(w.started)})
	w.request = nil
}

func (w *watch) write(to io.Writer) error {
	log := bufio.NewWriter(to)
	for _, l := range w.laps {
		if _, err := fmt.Fprintf(log, "%d\t%s\n", l.took.Microseconds(), labelOf(l.request)); err != nil {
			return err
		}
	}
	return log.Flush()
}
