package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Moto warns with these words when it leaves a resource out of a stack that it then calls complete.
const unsupportedResource = "WARNING moto No Moto CloudFormation support for "

// leftOut are the types that nothing is made of on AWS either.
var leftOut = []string{"AWS::CDK::Metadata"}

// serverLog reads the server's log for what a CREATE_COMPLETE does not tell.
type serverLog struct {
	mu       sync.Mutex
	findings []string
	last     []string
	done     chan struct{}
}

// lastLines is how much of the log an error shows.
const lastLines = 20

// watch reads until the server's stderr is closed.
func watch(stderr io.Reader) *serverLog {
	log := &serverLog{done: make(chan struct{})}
	go func() {
		defer close(log.done)
		lines := bufio.NewReader(stderr)
		for {
			line, err := lines.ReadString('\n')
			log.add(strings.TrimSpace(line))
			if err != nil {
				return
			}
		}
	}()
	return log
}

func (l *serverLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if line == "" {
		return
	}
	l.last = append(l.last, line)
	if len(l.last) > lastLines {
		l.last = l.last[1:]
	}
	if isFinding(line) && !slices.Contains(l.findings, line) {
		l.findings = append(l.findings, line)
	}
}

// isFinding finds skipped resources, and every other warning and error: each may be something that was not done.
func isFinding(line string) bool {
	if skipped, ok := strings.CutPrefix(line, unsupportedResource); ok {
		return !slices.Contains(leftOut, skipped)
	}
	level, _, _ := strings.Cut(line, " ")
	return level == "WARNING" || level == "ERROR" || level == "CRITICAL"
}

// check returns an error with everything found so far.
func (l *serverLog) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.findings) == 0 {
		return nil
	}
	return fmt.Errorf("the server's log has findings:\n%s", strings.Join(l.findings, "\n"))
}

// tail returns the last lines.
func (l *serverLog) tail() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last)
}
