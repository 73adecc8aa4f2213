// Command jsiirecorder runs the jsii kernel for a program and writes every jsii call to a file, one
// a line. The program uses it with JSII_RUNTIME="jsiirecorder FILE". The kernel is that of the
// jsii-runtime-go in the go.mod of the working directory, and runs on node, or on the program in
// JSII_NODE.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: jsiirecorder FILE")
		os.Exit(2)
	}
	if err := record(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "jsiirecorder:", err)
		os.Exit(1)
	}
}

func record(logPath string) error {
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	program, err := kernelProgram()
	if err != nil {
		return err
	}
	kernel := exec.Command(node(), program)
	kernel.Stdout, kernel.Stderr = os.Stdout, os.Stderr
	calls, err := kernel.StdinPipe()
	if err != nil {
		return err
	}
	if err := kernel.Start(); err != nil {
		return err
	}
	// In this order: a program that has the result of a call finds the call in the log.
	_, copied := io.Copy(io.MultiWriter(log, calls), os.Stdin)
	return errors.Join(copied, calls.Close(), kernel.Wait(), log.Close())
}

func kernelProgram() (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/jsii-runtime-go").Output()
	if err != nil {
		return "", fmt.Errorf("finding the kernel: %w", err)
	}
	dir := strings.TrimSpace(string(module))
	return filepath.Join(dir, "internal", "embedded", "resources", "bin", "jsii-runtime.js"), nil
}

func node() string {
	if node := os.Getenv("JSII_NODE"); node != "" {
		return node
	}
	return "node"
}
