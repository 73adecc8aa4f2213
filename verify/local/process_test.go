package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRunEndsTheWholeGroup starts a child that outlives its parent unless the group is ended.
func TestRunEndsTheWholeGroup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		waitUntil(t, func() bool { return childOf(file) != 0 })
	}()
	if _, err := run(ctx, os.Environ(), "", "sh", "-c", `sleep 600 & echo $! > "$0"; wait`, file); !errors.Is(err, context.Canceled) {
		t.Errorf("run returns %v", err)
	}
	child := childOf(file)
	if child == 0 {
		t.Fatal("no child was started")
	}
	waitUntil(t, func() bool { return ended(child) })
}

func childOf(file string) int {
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasSuffix(string(text), "\n") {
		return 0
	}
	child, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return child
}

// ended also takes a zombie for an end: nobody may be there to wait for it.
func ended(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(status), ") Z ")
}

func waitUntil(t *testing.T, condition func() bool) {
	t.Helper()
	for range 1000 {
		if condition() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("waited in vain")
}

func TestRunReportsWhatWasWritten(t *testing.T) {
	wrote, err := run(context.Background(), os.Environ(), "", "sh", "-c", "echo out; echo err >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "out\n\nerr") {
		t.Errorf("run returns %v", err)
	}
	if wrote.stdout != "out\n" || wrote.stderr != "err\n" {
		t.Errorf("run reads %q", wrote)
	}
}

func TestEnvironmentLeadsToNoRealAccount(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_SESSION_TOKEN", "secret")
	t.Setenv("CDK_DEFAULT_ACCOUNT", "210987654321")
	for _, variable := range environment("/root", "/temp", "http://localhost:1") {
		for _, refused := range []string{"production", "secret", "210987654321"} {
			if strings.Contains(variable, refused) {
				t.Errorf("%s is passed on", variable)
			}
		}
	}
}
