// Command release makes the release commit of a version in a temporary clone, and shows that users
// can work with what it publishes: it serves the zip of each module as a module proxy would, and
// follows docs/getting-started.md with them, from an empty module cache.
//
// With -tag it adds the commit and its tags to the repository, where everything was right. It never
// pushes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	version := flag.String("version", "", "the version, such as 0.1.0; by default the newest of CHANGELOG.md")
	tag := flag.Bool("tag", false, "add the release commit and its tags to the repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, ".", *version, *tag)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run works on the repository of a folder.
func run(ctx context.Context, out io.Writer, folder, version string, tag bool) (err error) {
	r, err := newRelease(ctx, out, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.temp)) }()
	r.tags = tag
	steps := []func() error{func() error { return r.choose(version) }, r.commit, r.publish, r.use, r.vet}
	if tag {
		steps = append(steps, r.tag)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// release is a version on its way.
type release struct {
	ctx      context.Context
	out      io.Writer
	root     string // of the repository
	temp     string
	checkout string // a clone, at the release commit
	proxy    string // the folder of a GOPROXY
	tags     bool   // whether to add the commit and its tags to the repository
	entry    entry  // of the changelog
}

func newRelease(ctx context.Context, out io.Writer, folder string) (*release, error) {
	root, err := command{ctx: ctx, dir: folder}.output("git", "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, err
	}
	return &release{
		ctx:      ctx,
		out:      out,
		root:     root,
		temp:     temp,
		checkout: filepath.Join(temp, "checkout"),
		proxy:    filepath.Join(temp, "proxy"),
	}, nil
}

// version is the entry's as Go writes it.
func (r *release) version() string { return "v" + r.entry.version }

// ok reports what was shown.
func (r *release) ok(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, "✓ "+format+"\n", args...)
}

// choose reads the version's entry in the changelog of HEAD, and checks that nothing but HEAD will
// be released.
func (r *release) choose(version string) error {
	if r.tags && version == "" {
		return errors.New("name the version: make release-commit VERSION=0.1.0")
	}
	changed, err := r.git("status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("commit or remove what is not committed, because the commit HEAD is what is released:\n%s", changed)
	}
	changelog, err := os.ReadFile(filepath.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if r.entry, err = find(string(changelog), version); err != nil {
		return err
	}
	if r.tags {
		if err := r.mayTag(); err != nil {
			return err
		}
	}
	head, err := r.git("log", "-1", "--format=%h, %s")
	if err != nil {
		return err
	}
	r.ok("%s in the changelog: %s; HEAD is %s", r.entry.version, r.entry.date, head)
	return nil
}

// mayTag checks what would be wrong once it is published.
func (r *release) mayTag() error {
	if _, err := time.Parse(time.DateOnly, r.entry.date); err != nil {
		return fmt.Errorf("CHANGELOG.md has no date of version %s: write and commit the heading %q",
			r.entry.version, "## "+r.entry.version+" - "+time.Now().Format(time.DateOnly))
	}
	head, err := r.git("rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if main, err := r.git("rev-parse", "--verify", "origin/main"); err != nil || main != head {
		return errors.Join(err, errors.New("HEAD is not origin/main: merge what is released there, then git switch main && git pull"))
	}
	for _, m := range modules {
		found, err := r.git("tag", "--list", m.tag(r.version()))
		if err != nil {
			return err
		}
		if found != "" {
			return fmt.Errorf("the tag %s exists: a published version never changes, so choose the next one", found)
		}
	}
	return nil
}

func (r *release) git(args ...string) (string, error) {
	return command{ctx: r.ctx, dir: r.root}.output(append([]string{"git"}, args...)...)
}

// tag adds the release commit and its tags to the repository, all or none.
func (r *release) tag() (err error) {
	if _, err := r.git("fetch", "--quiet", "--no-tags", r.checkout, "HEAD"); err != nil {
		return err
	}
	commit, err := command{ctx: r.ctx, dir: r.checkout}.output("git", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	var tags []string
	defer func() {
		if err != nil && tags != nil {
			_, failed := r.git(append([]string{"tag", "--delete"}, tags...)...)
			err = errors.Join(err, failed)
		}
	}()
	for _, m := range modules {
		if _, err := r.git("tag", "--annotate", "--message", m.path()+" "+r.version(), m.tag(r.version()), commit); err != nil {
			return err
		}
		tags = append(tags, m.tag(r.version()))
	}
	notes := filepath.Join("build", "release-notes.md")
	if err := os.MkdirAll(filepath.Join(r.root, "build"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.root, notes), []byte(r.entry.notes), 0o644); err != nil {
		return err
	}
	names := strings.Join(tags, " ")
	_, err = fmt.Fprintf(r.out, `
The release commit %[1]s and its tags are in this repository only.
RELEASING.md explains how to publish them:

git push --atomic origin %[2]s
git merge --no-ff --strategy ours --message "Record version %[3]s" %[4]s
git push origin main
go install %[5]s@%[4]s
gh release create %[4]s --verify-tag --title %[4]s --notes-file %[6]s

To remove them instead:

git tag --delete %[2]s
`, commit, names, r.entry.version, r.version(), textractAsync.path(), notes)
	return err
}
