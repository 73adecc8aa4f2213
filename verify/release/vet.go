package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	modzip "golang.org/x/mod/zip"
)

// vet unpacks each module, builds it with its tests from what is in its zip, and prints its
// documentation.
func (r *release) vet() error {
	env, err := r.userEnv(filepath.Join(r.temp, "cache"))
	if err != nil {
		return err
	}
	for _, m := range modules {
		dir := filepath.Join(r.temp, "unpacked", filepath.FromSlash(m.path()))
		if err := modzip.Unzip(dir, m.at(r.version()), r.fileOf(m, ".zip")); err != nil {
			return err
		}
		in := command{ctx: r.ctx, dir: dir, env: env}
		// The command's go.sum cannot have the hash of a client that is not published yet. go
		// install does not read it.
		if err := addChecksums(in); err != nil {
			return err
		}
		if _, err := in.output("go", "vet", "./..."); err != nil {
			return fmt.Errorf("%s: %w", m.at(r.version()), err)
		}
		packages, err := in.output("go", "list", "-f", "{{.ImportPath}} {{.Doc}}", "./...")
		if err != nil {
			return err
		}
		var documented []string
		for line := range strings.Lines(packages) {
			name, comment, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.Contains(name, "/internal/") {
				continue
			}
			if comment == "" {
				return fmt.Errorf("package %s has no comment", name)
			}
			if _, err := in.output("go", "doc", name); err != nil {
				return err
			}
			documented = append(documented, name)
		}
		r.ok("%s alone: go vet ./..., go doc %s", m.at(r.version()), strings.Join(documented, ", "))
	}
	return nil
}

// addChecksums completes the go.sum of a module that was unpacked, which makes files read-only.
func addChecksums(in command) error {
	for _, name := range []string{modFile, "go.sum"} {
		if err := os.Chmod(filepath.Join(in.dir, name), 0o644); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_, err := in.output("go", "list", "-mod=mod", "-deps", "-test", "./...")
	return err
}
