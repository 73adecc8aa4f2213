package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine is what the figures belong to.
type machine struct {
	Date, Ended         time.Time
	CPU, Memory, Kernel string
	Cores               int
	Go, Node, CLI, JSII string
	CDK                 string
	LoadBefore          string
	LoadAfter           string
}

func (s *session) describeMachine(ctx context.Context, r *results) error {
	m := machine{
		Date:       time.Now().UTC(),
		CPU:        field("/proc/cpuinfo", "model name"),
		Memory:     field("/proc/meminfo", "MemTotal"),
		Cores:      runtime.NumCPU(),
		LoadBefore: loadAverage(),
	}
	for _, version := range []struct {
		to      *string
		command []string
	}{
		{&m.Kernel, []string{"uname", "-sr"}},
		{&m.Go, []string{"go", "env", "GOVERSION"}},
		{&m.Node, []string{"node", "--version"}},
		{&m.CLI, []string{"cdk", "--version"}},
		{&m.CDK, []string{"go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-cdk-go/awscdk/v2"}},
		{&m.JSII, []string{"go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/jsii-runtime-go"}},
	} {
		text, err := s.output(ctx, version.command...)
		if err != nil {
			return err
		}
		*version.to = strings.TrimPrefix(text, "go")
	}
	r.Machine = m
	return nil
}

func (s *session) describeEnd(r *results) error {
	r.Machine.Ended, r.Machine.LoadAfter = time.Now().UTC(), loadAverage()
	var err error
	r.Bounds, err = readBounds(s.root)
	return err
}

// field reads a line "name : value" of a file below /proc; "unknown" on a system without it.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) == 0 {
		return "unknown"
	}
	return fields[0]
}
