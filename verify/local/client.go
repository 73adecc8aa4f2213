package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// client is the command textract-async, built from the repository.
type client struct {
	binary string
	env    []string
}

func buildClient(ctx context.Context, root, temp string, env []string) (*client, error) {
	c := &client{filepath.Join(temp, "textract-async"), env}
	_, err := run(ctx, env, filepath.Join(root, "cmd", "textract-async"), "go", "build", "-o", c.binary, ".")
	return c, err
}

// read runs a document through textract-async, and checks that its text comes back.
func (c *client) read(ctx context.Context, file string, expected document, env []string, args ...string) error {
	args = append([]string{"run", file, "--stack", stackName, "--timeout", "30s", "--notify"}, args...)
	wrote, err := run(ctx, append(c.env, env...), "", c.binary, args...)
	if err != nil {
		return err
	}
	if wrote.stdout != expected.text() {
		return fmt.Errorf("textract-async printed %q, not %q\n%s", wrote.stdout, expected.text(), wrote.stderr)
	}
	return nil
}
