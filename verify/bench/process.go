package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a command took.
type usage struct {
	Time   time.Duration
	Memory int64 // bytes: the peaks of the process and all below it, added up; 0 where there is no /proc
}

// run runs a command in a process group of its own, which ends with the context.
func run(ctx context.Context, dir string, env []string, command ...string) (usage, error) {
	cmd, printed := prepare(ctx, dir, env, command)
	cmd.Stdout = cmd.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	stop := make(chan struct{})
	memory := make(chan int64)
	go func() { memory <- watchMemory(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	elapsed := time.Since(start)
	close(stop)
	used := usage{Time: elapsed, Memory: <-memory}
	return used, explain(ctx, err, command, printed)
}

// output runs a command and returns what it writes to its standard output.
func output(ctx context.Context, dir string, env []string, command ...string) (string, error) {
	cmd, printed := prepare(ctx, dir, env, command)
	text, err := cmd.Output()
	return string(text), explain(ctx, err, command, printed)
}

func prepare(ctx context.Context, dir string, env, command []string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, env
	printed := &bytes.Buffer{}
	cmd.Stderr = printed
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd, printed
}

func explain(ctx context.Context, err error, command []string, printed *bytes.Buffer) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, printed)
	default:
		return nil
	}
}

// watchMemory asks the kernel for the peak of each process now and then: the peak itself cannot be missed, only its last moments.
func watchMemory(pid int, stop <-chan struct{}) int64 {
	const pause = 50 * time.Millisecond
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	peaks := map[int]int64{}
	for {
		select {
		case <-stop:
			var sum int64
			for _, peak := range peaks {
				sum += peak
			}
			return sum
		case <-ticker.C:
			readPeaks(pid, peaks)
		}
	}
}

func readPeaks(pid int, peaks map[int]int64) {
	if peak := peakOf(pid); peak > 0 {
		peaks[pid] = peak
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(children)) {
			if child, err := strconv.Atoi(child); err == nil {
				readPeaks(child, peaks)
			}
		}
	}
}

// peakOf is the high-water mark of the resident set of a process, 0 when it has ended.
func peakOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kibibytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kibibytes << 10
}
