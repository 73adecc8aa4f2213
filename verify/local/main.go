// Command local deploys the sample with the pinned CDK CLI to Moto, a local AWS API, and runs a document through it.
//
// It runs in verify/ and needs Python 3 with Moto, see moto_server.py, and what package.json pins. It talks to 127.0.0.1 only, and
// leaves nothing behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const shown = `
Shown: the CDK CLI deploys, redeploys, updates and destroys the sample; every resource of the template is made; an upload, a
job's notification through topic, subscription and queue, and its results go through textract-async; nothing is left.

Not shown, for Moto checks none of it: permissions, conditions, trust and key policies, encryption; nor can it tell how
Textract reads a document: it answers with the blocks that it was given. Permissions are what the permission proof is about;
what only a live account settles is listed in docs/deploy.md.
`

func main() {
	root := flag.String("root", "..", "the repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends this process at once; the server then ends by itself.
	context.AfterFunc(ctx, stop)
	if err := deployLocally(ctx, *root); err != nil {
		fmt.Fprintln(os.Stderr, "deploy-local: "+strings.TrimSpace(err.Error()))
		os.Exit(1)
	}
}

func deployLocally(ctx context.Context, root string) (err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "deploy-local-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()

	begin := time.Now()
	r := &rehearsal{root: root, temp: temp}
	defer r.end()
	steps := r.steps()
	for i, step := range steps {
		fmt.Printf("[%2d/%d] %s\n", i+1, len(steps), step.title)
		stepBegin := time.Now()
		if err := r.take(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		fmt.Printf("        %.1f s\n", time.Since(stepBegin).Seconds())
	}
	fmt.Printf("\nAll %d steps passed in %.0f s.\n%s", len(steps), time.Since(begin).Seconds(), shown)
	return nil
}
