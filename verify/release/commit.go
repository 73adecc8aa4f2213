package main

import (
	"path/filepath"
	"strings"
)

// commit clones HEAD, and commits the go.mod of the command as users need it: without the
// replacement of the client by the folder next to it, which go install rejects.
func (r *release) commit() error {
	if _, err := r.git("clone", "--quiet", r.root, r.checkout); err != nil {
		return err
	}
	// The command's go.sum needs the hash of the client's zip, which does not depend on the
	// command.
	if err := r.serve(client); err != nil {
		return err
	}
	cache, err := command{ctx: r.ctx, dir: r.temp}.output("go", "env", "GOMODCACHE")
	if err != nil {
		return err
	}
	downloaded := "file://" + filepath.Join(cache, "cache", "download")
	env, err := r.userEnv(filepath.Join(r.temp, "cache-of-commit"), downloaded)
	if err != nil {
		return err
	}
	in := command{ctx: r.ctx, dir: filepath.Join(r.checkout, filepath.FromSlash(string(textractAsync))), env: env}
	if _, err := in.output("go", "mod", "edit", "-dropreplace="+client.path(), "-require="+client.at(r.version()).String()); err != nil {
		return err
	}
	if _, err := in.output("go", "mod", "tidy"); err != nil {
		return err
	}
	if _, err := in.output("git", "add", "."); err != nil {
		return err
	}
	who, err := r.committer()
	if err != nil {
		return err
	}
	if _, err := in.output(
		append(append([]string{"git"}, who...), "commit", "--quiet", "--message", "Release "+r.entry.version)...); err != nil {
		return err
	}
	changed, err := in.output("git", "diff", "--shortstat", "HEAD~")
	if err != nil {
		return err
	}
	r.ok("the release commit: %s requires %s (%s)", textractAsync, client.at(r.version()), strings.TrimSpace(changed))
	return nil
}

// committer returns flags of git that set, in the clone, who commits. A commit that is only for the
// check needs no name and no signature.
func (r *release) committer() ([]string, error) {
	if !r.tags {
		return []string{"-c", "user.name=release-check", "-c", "user.email=release-check@localhost", "-c", "commit.gpgsign=false"}, nil
	}
	var flags []string
	for _, key := range []string{"user.name", "user.email"} {
		value, err := r.git("config", key)
		if err != nil {
			return nil, err
		}
		flags = append(flags, "-c", key+"="+value)
	}
	return flags, nil
}
