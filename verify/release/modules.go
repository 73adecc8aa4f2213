package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// modulePath is that of the construct. Those of the other modules begin with it.
const modulePath = "github.com/cdk-textract/textractasync"

// published is the folder of a module that users get.
type published string

const (
	construct     published = ""
	client        published = "textractclient"
	textractAsync published = "cmd/textract-async"

	licenseFile = "LICENSE"
	modFile     = "go.mod"
	maxZip      = 1_000_000 // bytes: what exceeds it probably got in by mistake
)

var (
	modules = []published{construct, client, textractAsync}
	// unpublished are folders that a go.mod of their own, or .gitignore, keeps from users.
	unpublished = []string{"build", "cdk.out", "examples", "node_modules", "tools", "verify"}
)

func (m published) path() string { return path.Join(modulePath, string(m)) }

func (m published) tag(version string) string { return path.Join(string(m), version) }

func (m published) at(version string) module.Version {
	return module.Version{Path: m.path(), Version: version}
}

// publish puts all modules of HEAD into the proxy, and checks what is in them.
func (r *release) publish() error {
	license, err := os.ReadFile(filepath.Join(r.root, licenseFile))
	if err != nil {
		return fmt.Errorf("the repository has no %s: %w", licenseFile, err)
	}
	var failed []error
	for _, m := range modules {
		if err := r.serve(m); err != nil {
			return err
		}
		archive, err := os.ReadFile(r.fileOf(m, ".zip"))
		if err != nil {
			return err
		}
		files, err := contents(m.at(r.version()), archive)
		if err != nil {
			return err
		}
		problems := problemsOf(r.version(), files, len(archive), license)
		for _, problem := range problems {
			failed = append(failed, fmt.Errorf("%s: %s", m.at(r.version()), problem))
		}
		if problems == nil {
			r.ok("%s: a zip of %s with %s, no replace, %s", m.at(r.version()), kilobytes(len(archive)), licenseFile, summary(files))
		}
	}
	return errors.Join(failed...)
}

// serve puts a module of HEAD into the proxy.
func (r *release) serve(m published) error {
	if err := os.MkdirAll(filepath.Dir(r.fileOf(m, ".zip")), 0o755); err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := modzip.CreateFromVCS(&archive, m.at(r.version()), r.root, "HEAD", string(m)); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(r.root, filepath.FromSlash(string(m)), modFile))
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{r.version(), time.Now().UTC()})
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		r.fileOf(m, ".zip"): archive.Bytes(), r.fileOf(m, ".mod"): mod, r.fileOf(m, ".info"): info,
		filepath.Join(filepath.Dir(r.fileOf(m, "")), "list"): []byte(r.version() + "\n"),
	} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fileOf returns the file of a module in the proxy.
func (r *release) fileOf(m published, extension string) string {
	return filepath.Join(r.proxy, filepath.FromSlash(m.path()), "@v", r.version()+extension)
}

// contents returns the files of a module's zip by their names in the module.
func contents(m module.Version, archive []byte) (map[string][]byte, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range reader.File {
		text, err := f.Open()
		if err != nil {
			return nil, err
		}
		if files[strings.TrimPrefix(f.Name, m.String()+"/")], err = io.ReadAll(text); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// problemsOf returns what is wrong with the files of a module that is released at a version.
func problemsOf(version string, files map[string][]byte, size int, license []byte) []string {
	var problems []string
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if found, ok := files[licenseFile]; !ok {
		report("no %s", licenseFile)
	} else if !bytes.Equal(found, license) {
		report("%s differs from that of the repository", licenseFile)
	}
	mod, err := modfile.Parse(modFile, files[modFile], nil)
	if err != nil {
		return append(problems, err.Error())
	}
	for _, replace := range mod.Replace {
		report("go.mod replaces %s: go install rejects it", replace.Old.Path)
	}
	for _, exclude := range mod.Exclude {
		report("go.mod excludes %s: go install rejects it", exclude.Mod)
	}
	for _, required := range mod.Require {
		if (required.Mod.Path == modulePath || strings.HasPrefix(required.Mod.Path, modulePath+"/")) && required.Mod.Version != version {
			report("go.mod requires %s: run go mod edit -require=%s@%s there, and commit it", required.Mod, required.Mod.Path, version)
		}
	}
	var found []string
	for name := range files {
		if folder, _, inFolder := strings.Cut(
			name,
			"/",
		); inFolder && slices.Contains(unpublished, folder) &&
			!slices.Contains(found, folder) {
			found = append(found, folder)
		}
	}
	slices.Sort(found)
	for _, folder := range found {
		report("it has the folder %s, which is not for users", folder)
	}
	if size > maxZip {
		report("its zip has %s, more than %s: %s", kilobytes(size), kilobytes(maxZip), summary(files))
	}
	return problems
}

// summary names the folders that have most of a module's bytes.
func summary(files map[string][]byte) string {
	total, sizes := 0, map[string]int{}
	for name, text := range files {
		folder, _, inFolder := strings.Cut(name, "/")
		if !inFolder {
			folder = "."
		}
		sizes[folder] += len(text)
		total += len(text)
	}
	var folders []string
	for folder := range sizes {
		folders = append(folders, folder)
	}
	slices.SortFunc(folders, func(a, b string) int { return sizes[b] - sizes[a] })
	var parts []string
	for _, folder := range folders[:min(3, len(folders))] {
		parts = append(parts, fmt.Sprintf("%s in %s", kilobytes(sizes[folder]), folder))
	}
	return fmt.Sprintf("%d files with %s (%s)", len(files), kilobytes(total), strings.Join(parts, ", "))
}

func kilobytes(n int) string { return fmt.Sprintf("%d kB", (n+999)/1000) }
