package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
)

// target is what a binary runs on, as Go names it.
type target struct{ os, arch string }

var targets = []target{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

const (
	commandName    = "textract-async"
	thirdPartyFile = "THIRD-PARTY-LICENSES"
	checksums      = "checksums.txt"
	executable     = 0o755
)

// member is a file in an archive.
type member struct {
	name string
	mode int64
	text []byte
}

// binaries builds the command for each target with the modules of HEAD, into a folder of the
// repository: archives, a bill of materials for each, and the checksums of all of them. The notes
// of the release are next to that folder.
func (r *release) binaries(folder string, targets []target, writeSBOM func(binary, file string) error) error {
	folder = filepath.Join(r.root, folder)
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755)); err != nil {
		return err
	}
	cache := filepath.Join(r.temp, "binaries-cache")
	env, err := r.userEnv(cache)
	if err != nil {
		return err
	}
	at, err := r.git("log", "-1", "--format=%cI")
	if err != nil {
		return err
	}
	modified, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return err
	}
	license, err := os.ReadFile(filepath.Join(r.root, licenseFile))
	if err != nil {
		return err
	}
	for _, t := range targets {
		binary, err := r.install(env, t)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(binary)
		if err != nil {
			return err
		}
		thirdParty, err := r.thirdParty(binary, cache)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s_%s_%s_%s", commandName, r.entry.version, t.os, t.arch)
		archive, err := pack(t, modified.UTC(), []member{
			{licenseFile, 0o644, license}, {thirdPartyFile, 0o644, thirdParty}, {filepath.Base(binary), executable, text},
		})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name+t.extension()), archive, 0o644); err != nil {
			return err
		}
		if err := writeSBOM(binary, filepath.Join(folder, name+".cdx.json")); err != nil {
			return err
		}
		r.ok("%s%s with %s", name, t.extension(), kilobytes(len(archive)))
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(folder), "release-notes.md"), []byte(r.entry.notes), 0o644); err != nil {
		return err
	}
	return sum(folder)
}

// install builds the command as go install does of the published version, so that it knows its
// version and that of the client.
func (r *release) install(env []string, t target) (string, error) {
	gopath := filepath.Join(r.temp, "binaries", t.os+"-"+t.arch)
	// Without GOBIN, with which Go installs for no other system.
	env = append(slices.Clip(env), "GOOS="+t.os, "GOARCH="+t.arch, "CGO_ENABLED=0", "GOBIN=", "GOPATH="+gopath)
	if _, err := (command{ctx: r.ctx, dir: r.temp, env: env}).output("go", "install", textractAsync.at(r.version()).String()); err != nil {
		return "", err
	}
	bin := filepath.Join(gopath, "bin")
	if t.os != runtime.GOOS || t.arch != runtime.GOARCH {
		bin = filepath.Join(bin, t.os+"_"+t.arch)
	}
	name := commandName
	if t.os == "windows" {
		name += ".exe"
	}
	return filepath.Join(bin, name), nil
}

// thirdParty returns the license texts of what is in a binary: those licenses ask for a copy.
func (r *release) thirdParty(binary, cache string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	if got := info.Main; got.Path != textractAsync.path() || got.Version != r.version() {
		return nil, fmt.Errorf("%s is %s %s, not %s", binary, got.Path, got.Version, textractAsync.at(r.version()))
	}
	root, err := command{ctx: r.ctx, dir: r.temp}.output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	if err := appendLicenses(&all, "the standard library of "+info.GoVersion, root); err != nil {
		return nil, err
	}
	for _, dep := range info.Deps {
		if dep.Path == client.path() {
			continue // the same license as the command
		}
		escaped, err := module.EscapePath(dep.Path)
		if err != nil {
			return nil, err
		}
		folder := filepath.Join(cache, filepath.FromSlash(escaped)+"@"+dep.Version)
		if err := appendLicenses(&all, dep.Path+" "+dep.Version, folder); err != nil {
			return nil, err
		}
	}
	return all.Bytes(), nil
}

// appendLicenses adds the license and the notices in the folder of a module.
func appendLicenses(all *bytes.Buffer, name, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		isLicense := strings.HasPrefix(upper, "LICENSE") || strings.HasPrefix(upper, "COPYING")
		if e.IsDir() || !isLicense && !strings.HasPrefix(upper, "NOTICE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		found = found || isLicense
		fmt.Fprintf(all, "==== %s: %s\n\n%s\n", name, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no license file in %s: what may be published with it is unknown", name, folder)
	}
	return nil
}

func (t target) extension() string {
	if t.os == "windows" {
		return ".zip"
	}
	return ".tar.gz"
}

// pack makes an archive that depends on nothing but its arguments.
func pack(t target, modified time.Time, members []member) ([]byte, error) {
	var out bytes.Buffer
	if t.os == "windows" {
		w := zip.NewWriter(&out)
		for _, m := range members {
			f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: modified})
			if err != nil {
				return nil, err
			}
			if _, err := f.Write(m.text); err != nil {
				return nil, err
			}
		}
		err := w.Close()
		return out.Bytes(), err
	}
	compressed := gzip.NewWriter(&out)
	w := tar.NewWriter(compressed)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: m.mode, Size: int64(len(m.text)), ModTime: modified}); err != nil {
			return nil, err
		}
		if _, err := w.Write(m.text); err != nil {
			return nil, err
		}
	}
	err := errors.Join(w.Close(), compressed.Close())
	return out.Bytes(), err
}

// sbom writes a bill of materials with the modules in a binary, in the format of CycloneDX. It has
// no licenses, because the tool guesses them: the archive has their texts.
func (r *release) sbom(binary, file string) error {
	if err := os.Chmod(binary, executable); err != nil { // go version -m asks for it, also of binaries for Windows
		return err
	}
	_, err := command{ctx: r.ctx, dir: filepath.Join(r.root, "tools", "security")}.output(
		"go", "tool", "cyclonedx-gomod", "bin", "-json", "-std", "-notimestamp", "-noserial",
		"-version", r.version(), "-output", file, binary,
	)
	return err
}

// sum writes the checksums of the files in a folder, as sha256sum prints them.
func sum(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), e.Name())
	}
	return os.WriteFile(filepath.Join(folder, checksums), []byte(lines.String()), 0o644)
}
