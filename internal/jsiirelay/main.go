// Command jsiirelay stands between a program and its jsii kernel and writes down every request, one a line. A program comes by
// it with JSII_RUNTIME="jsiirelay FILE". It runs node, or what JSII_NODE names, with the kernel of the jsii-runtime-go that
// the go.mod of the working directory requires.
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
		fmt.Fprintln(os.Stderr, "usage: jsiirelay FILE")
		os.Exit(2)
	}
	if err := relay(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "jsiirelay:", err)
		os.Exit(1)
	}
}

func relay(logPath string) error {
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
	requests, err := kernel.StdinPipe()
	if err != nil {
		return err
	}
	if err := kernel.Start(); err != nil {
		return err
	}
	// In this order: whoever has the answer to a request finds the request in the log.
	_, copied := io.Copy(io.MultiWriter(log, requests), os.Stdin)
	return errors.Join(copied, requests.Close(), kernel.Wait(), log.Close())
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
