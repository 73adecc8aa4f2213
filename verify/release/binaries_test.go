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
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// buildBinaries builds the command of a repository for some targets; the bill of materials is the
// path of its binary.
func buildBinaries(t *testing.T, root string, targets []target) (string, error) {
	t.Helper()
	r, err := newRelease(t.Context(), io.Discard, root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(r.temp); err != nil {
			t.Error(err)
		}
	})
	writeSBOM := func(binary, file string) error {
		if _, err := buildinfo.ReadFile(binary); err != nil {
			return err
		}
		return os.WriteFile(file, []byte(filepath.Base(binary)), 0o644)
	}
	for _, step := range []func() error{
		func() error { return r.choose("0.1.0", r.isDated) }, r.publish,
		func() error { return r.binaries("build/binaries", targets, writeSBOM) },
	} {
		if err := step(); err != nil {
			return "", err
		}
	}
	return filepath.Join(root, "build", "binaries"), nil
}

// unpack returns the files of an archive, of which only the command is executable.
func unpack(t *testing.T, name string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	if strings.HasSuffix(name, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			opened, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[f.Name], err = io.ReadAll(opened); err != nil {
				t.Fatal(err)
			}
		}
		return files
	}
	compressed, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if isCommand := header.Name == commandName; (header.Mode&0o111 != 0) != isCommand {
			t.Errorf("%s has the mode %o", header.Name, header.Mode)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBinariesOfATagKnowTheirVersion(t *testing.T) {
	root := repository(t, nil)
	git(t, root, "tag", "v0.1.0") // it starts the workflow
	git(t, root, "checkout", "--quiet", "--detach", "v0.1.0")
	other := target{"windows", "arm64"}
	folder, err := buildBinaries(t, root, []target{{runtime.GOOS, runtime.GOARCH}, other})
	if err != nil {
		t.Fatal(err)
	}

	native := fmt.Sprintf("textract-async_0.1.0_%s_%s", runtime.GOOS, runtime.GOARCH)
	const foreign = "textract-async_0.1.0_windows_arm64"
	archives := map[string]string{native + ".tar.gz": commandName, foreign + ".zip": commandName + ".exe"}
	for name, binary := range archives {
		files := unpack(t, filepath.Join(folder, name))
		if string(files[licenseFile]) != "Apache-2.0\n" || !bytes.Contains(files[thirdPartyFile], []byte("Copyright 2009 The Go Authors.")) {
			t.Errorf("%s: licenses %q and %q", name, files[licenseFile], files[thirdPartyFile])
		}
		info, err := buildinfo.Read(bytes.NewReader(files[binary]))
		if err != nil {
			t.Errorf("%s: %s: %v", name, binary, err)
			continue
		}
		if info.Main.Version != "v0.1.0" || len(info.Deps) != 1 || info.Deps[0].Version != "v0.1.0" || info.Deps[0].Replace != nil {
			t.Errorf("%s: %s", name, info)
		}
	}

	list, err := os.ReadFile(filepath.Join(folder, checksums))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{native + ".cdx.json", native + ".tar.gz", foreign + ".cdx.json", foreign + ".zip"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%x  %s\n", sha256.Sum256(text), name))
	}
	if !slices.Equal(slices.Collect(strings.Lines(string(list))), want) {
		t.Errorf("checksums:\n%swant:\n%s", list, strings.Join(want, ""))
	}
	notes, err := os.ReadFile(filepath.Join(root, "build", "release-notes.md"))
	if err != nil || string(notes) != "- All of it.\n" {
		t.Errorf("notes: %q, %v", notes, err)
	}

	again, err := buildBinaries(t, root, []target{{runtime.GOOS, runtime.GOARCH}, other})
	if err != nil {
		t.Fatal(err)
	}
	if relist, err := os.ReadFile(filepath.Join(again, checksums)); err != nil || !bytes.Equal(relist, list) {
		t.Errorf("a second build differs: %v\n%s\n%s", err, relist, list)
	}
}

func TestBinariesAreRejected(t *testing.T) {
	for name, row := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"version without a date": {
			map[string]string{"CHANGELOG.md": "## 0.1.0 - Unreleased\n\n- All of it.\n"}, "CHANGELOG.md has no date of version 0.1.0",
		},
		"tag of another version": {
			map[string]string{"CHANGELOG.md": "## 0.2.0 - 2026-01-31\n\n- All of it.\n"}, "CHANGELOG.md has no heading of version 0.1.0",
		},
		"command that does not compile for Windows": {
			map[string]string{"cmd/textract-async/for_windows.go": "package main\n\nvar _ = missing\n"}, "undefined: missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t, row.changes)
			if _, err := buildBinaries(t, root, []target{{"linux", "amd64"}, {"windows", "amd64"}}); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestModuleWithoutALicenseIsNotPublished(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "NOTICE"), []byte("Copyright"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := appendLicenses(&bytes.Buffer{}, "example.com/a v1.0.0", folder); err == nil || !strings.Contains(err.Error(), "example.com/a v1.0.0 has no license file") {
		t.Errorf("got %v", err)
	}
}
