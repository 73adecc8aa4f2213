// Command release shows that users can work with what the commit HEAD publishes as a version: it
// serves the zip of each module as a module proxy would, and follows docs/getting-started.md with
// them, from an empty module cache.
//
// With -version it also checks that this version may be tagged, and prints the commands. It changes
// nothing and pushes nothing.
//
// With -binaries it instead builds the command for each system with these modules, as the release
// workflow publishes it.
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
	version := flag.String("version", "", "the version to release, such as 0.1.0; by default a rehearsal of the newest of CHANGELOG.md")
	binaries := flag.String("binaries", "", "only build the binaries of the command, into this folder of the repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, ".", *version, *binaries)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run works on the repository of a folder.
func run(ctx context.Context, out io.Writer, folder, version, binaries string) (err error) {
	r, err := newRelease(ctx, out, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.temp)) }()
	steps := []func() error{func() error { return r.choose(version, r.mayTag) }, r.publish, r.use, r.vet}
	if version != "" {
		steps = append(steps, r.printCommands)
	}
	if binaries != "" {
		steps = []func() error{
			func() error { return r.choose(version, r.isDated) }, r.publish,
			func() error { return r.binaries(binaries, targets, r.sbom) },
		}
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
	ctx   context.Context
	out   io.Writer
	root  string // of the repository
	temp  string
	proxy string // the folder of a GOPROXY
	entry entry  // of the changelog
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
	return &release{ctx: ctx, out: out, root: root, temp: temp, proxy: filepath.Join(temp, "proxy")}, nil
}

// version is the entry's as Go writes it.
func (r *release) version() string { return "v" + r.entry.version }

// ok reports what was shown.
func (r *release) ok(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, "✓ "+format+"\n", args...)
}

// choose reads the version's entry in the changelog of HEAD, and checks that nothing but HEAD will
// be released. What it checks of a version is not checked in a rehearsal.
func (r *release) choose(version string, check func() error) error {
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
	if version != "" {
		if err := check(); err != nil {
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
	if err := r.isDated(); err != nil {
		return err
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

// isDated checks that the changelog has the day of the release.
func (r *release) isDated() error {
	if _, err := time.Parse(time.DateOnly, r.entry.date); err != nil {
		return fmt.Errorf("CHANGELOG.md has no date of version %s: write and commit the heading %q",
			r.entry.version, "## "+r.entry.version+" - "+time.Now().Format(time.DateOnly))
	}
	return nil
}

func (r *release) git(args ...string) (string, error) {
	return command{ctx: r.ctx, dir: r.root}.output(append([]string{"git"}, args...)...)
}

// printCommands prints how to release HEAD.
func (r *release) printCommands() error {
	var tags []string
	for _, m := range modules {
		tags = append(tags, m.tag(r.version()))
	}
	all := strings.Join(tags, " ")
	_, err := fmt.Fprintf(r.out, `
RELEASING.md explains these commands:

for tag in %[1]s; do git tag --annotate --message $tag $tag || break; done
git push --atomic origin %[1]s
go install %[2]s@%[3]s
`, all, textractAsync.path(), r.version())
	return err
}
