package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes one like this, with a module for each of those that are published, and nothing
// to download.
func repository(t *testing.T, changes map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		".gitignore":                   "/build/\n",
		"LICENSE":                      "Apache-2.0\n",
		"CHANGELOG.md":                 "# Changelog\n\n## 0.1.0 - 2026-01-31\n\n- All of it.\n",
		"go.mod":                       "module " + construct.path() + "\n\ngo 1.26\n",
		"construct.go":                 "// Package textractasync is the construct.\npackage textractasync\n",
		"verify/go.mod":                "module " + modulePath + "/verify\n\ngo 1.26\n",
		"verify/main.go":               "package main\n",
		"textractclient/go.mod":        "module " + client.path() + "\n\ngo 1.26\n",
		"textractclient/client.go":     "// Package textractclient is the client.\npackage textractclient\n\n// Name is printed.\nconst Name = \"client\"\n",
		"cmd/textract-async/go.mod":    "module " + textractAsync.path() + "\n\ngo 1.26\n\nrequire " + client.path() + " v0.1.0\n",
		"cmd/textract-async/go.work":   "go 1.26\n\nuse .\n\nreplace " + client.path() + " => ../../textractclient\n",
		"cmd/textract-async/main.go":   "// Command textract-async is the command.\npackage main\n\nimport \"" + client.path() + "\"\n\nfunc main() { println(textractclient.Name) }\n",
		"cmd/textract-async/README.md": "# textract-async\n",
	}
	for name, text := range changes {
		files[name] = text
	}
	for name, text := range files {
		if text == "" {
			continue
		}
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, root, "init", "--quiet", "--initial-branch=main")
	for key, value := range map[string]string{"user.name": "Releaser", "user.email": "releaser@example.com"} {
		git(t, root, "config", key, value)
	}
	git(t, root, "add", ".")
	git(t, root, "commit", "--quiet", "--message", "Add all")
	git(t, root, "update-ref", "refs/remotes/origin/main", "HEAD")
	return root
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
	return strings.TrimSpace(string(output))
}

// start is a release of a repository, without what getting-started shows, which takes the CDK.
func start(t *testing.T, root, version string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	r, err := newRelease(t.Context(), &out, root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(r.temp); err != nil {
			t.Error(err)
		}
	})
	steps := []func() error{func() error { return r.choose(version, r.mayTag) }, r.publish, r.vet}
	if version != "" {
		steps = append(steps, r.printCommands)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return out.String(), err
		}
	}
	return out.String(), nil
}

// tagAsPrinted runs the command that is printed for the tags.
func tagAsPrinted(t *testing.T, root, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "for tag in ") {
			cmd := exec.Command("bash", "-c", line)
			cmd.Dir = root
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s%v\n%s", line, err, output)
			}
			return
		}
	}
	t.Fatalf("no command for the tags in\n%s", out)
}

func TestTheCommitOfMainIsReleased(t *testing.T) {
	root := repository(t, nil)
	head := git(t, root, "rev-parse", "HEAD")
	out, err := start(t, root, "0.1.0")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if now := git(t, root, "rev-parse", "HEAD") + git(t, root, "status", "--porcelain") + git(t, root, "tag"); now != head {
		t.Errorf("the repository changed from %s to %s", head, now)
	}
	tagAsPrinted(t, root, out)
	const tags = "v0.1.0 textractclient/v0.1.0 cmd/textract-async/v0.1.0"
	for _, tag := range strings.Fields(tags) {
		if got := git(t, root, "rev-parse", tag+"^{commit}"); got != head {
			t.Errorf("%s is on %s, not on %s", tag, got, head)
		}
	}
	if want := "\ngit push --atomic origin " + tags + "\n"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
	if _, err := start(t, root, "0.1.0"); err == nil || !strings.Contains(err.Error(), "the tag v0.1.0 exists") {
		t.Errorf("the same version again: %v", err)
	}

	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git(t, root, "commit", "--quiet", "--all", "--message", "Prepare version 0.1.1")
		git(t, root, "update-ref", "refs/remotes/origin/main", "HEAD")
	}
	write("CHANGELOG.md", "## 0.1.1 - 2026-02-28\n\n- More.\n")
	want := "go.mod requires " + client.path() + "@v0.1.0: run go mod edit -require=" + client.path() + "@v0.1.1 there"
	if _, err := start(t, root, "0.1.1"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the next version, with the client of the one before: got %v, want %q", err, want)
	}
	mod, err := os.ReadFile(filepath.Join(root, "cmd/textract-async/go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write("cmd/textract-async/go.mod", strings.ReplaceAll(string(mod), "v0.1.0", "v0.1.1"))
	if out, err := start(t, root, "0.1.1"); err != nil {
		t.Errorf("the next version: %v\n%s", err, out)
	}
}

// TestGoMakesTheSameZips compares the zips with those that Go makes of the tags.
func TestGoMakesTheSameZips(t *testing.T) {
	root := repository(t, nil)
	out, err := start(t, root, "0.1.0")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tagAsPrinted(t, root, out)
	bin := t.TempDir()
	install := exec.Command("go", "install", textractAsync.path()+"@latest")
	install.Dir = bin
	install.Env = append(
		os.Environ(), "GOPROXY=direct", "GONOSUMDB="+modulePath, "GOFLAGS=-modcacherw",
		"GOMODCACHE="+t.TempDir(), "GOBIN="+bin, "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=url."+root+".insteadOf", "GIT_CONFIG_VALUE_0=https://"+modulePath,
	)
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	version, err := exec.Command("go", "version", "-m", filepath.Join(bin, "textract-async")).Output()
	if err != nil || !strings.Contains(string(version), "\tmod\t"+textractAsync.path()+"\tv0.1.0\t") {
		t.Errorf("%v\n%s", err, version)
	}
}

func TestReleaseNeedsNoIdentityToCheck(t *testing.T) {
	root := repository(t, map[string]string{"CHANGELOG.md": "## Unreleased\n\n- More.\n\n## 0.1.0 - Unreleased\n\n- All of it.\n"})
	git(t, root, "config", "user.useConfigOnly", "true")
	git(t, root, "config", "--unset", "user.name")
	git(t, root, "checkout", "--quiet", "--detach")
	out, err := start(t, root, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if tags := git(t, root, "tag"); tags != "" {
		t.Errorf("tags:\n%s", tags)
	}
	for _, want := range []string{
		"✓ 0.1.0 in the changelog: Unreleased",
		construct.path() + "@v0.1.0: a zip of", textractAsync.path() + "@v0.1.0 alone: go vet ./..., go doc " + textractAsync.path(),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestReleaseIsRejected(t *testing.T) {
	const noise = "0123456789abcdef"
	large := make([]byte, 2*maxZip)
	for i, state := 0, uint32(1); i < len(large); i++ { // without a pattern that zip finds
		state = state*1664525 + 1013904223
		large[i] = noise[state>>28]
	}
	for name, row := range map[string]struct {
		changes map[string]string
		then    func(t *testing.T, root string)
		version string
		want    string
	}{
		"file that is not committed": {
			then: func(t *testing.T, root string) {
				if err := os.WriteFile(filepath.Join(root, "new.go"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			},
			want: "commit or remove what is not committed, because the commit HEAD is what is released:\n?? new.go",
		},
		"version that the changelog has not": {version: "0.2.0", want: `no heading of version 0.2.0, such as "## 0.2.0 - Unreleased"`},
		"version without a date": {
			changes: map[string]string{"CHANGELOG.md": "## 0.1.0 - Unreleased\n\n- All of it.\n"}, version: "0.1.0",
			want: "no date of version 0.1.0: write and commit the heading \"## 0.1.0 - 20",
		},
		"commit that is not on main": {
			then: func(t *testing.T, root string) {
				git(t, root, "commit", "--quiet", "--allow-empty", "--message", "More")
			},
			version: "0.1.0", want: "HEAD is not origin/main",
		},
		"client of another version": {
			changes: map[string]string{"cmd/textract-async/go.mod": "module " + textractAsync.path() + "\n\ngo 1.26\n\nrequire " + client.path() + " v0.0.9\n"},
			want:    textractAsync.path() + "@v0.1.0: go.mod requires " + client.path() + "@v0.0.9",
		},
		"no license": {changes: map[string]string{"LICENSE": ""}, want: "the repository has no LICENSE"},
		"license of another text": {
			changes: map[string]string{"textractclient/LICENSE": "MIT\n"},
			want:    client.path() + "@v0.1.0: LICENSE differs from that of the repository",
		},
		"replace": {
			changes: map[string]string{"go.mod": "module " + modulePath + "\n\ngo 1.26\n\nreplace example.com/a => ../a\n"},
			want:    modulePath + "@v0.1.0: go.mod replaces example.com/a: go install rejects it",
		},
		"folder that is not for users": {
			changes: map[string]string{"verify/go.mod": ""}, want: modulePath + "@v0.1.0: it has the folder verify, which is not for users",
		},
		"too much test data": {
			changes: map[string]string{"testdata/large.txt": string(large)}, want: "more than 1000 kB: 6 files with 2001 kB (2000 kB in testdata",
		},
		"test that its module cannot build": {
			changes: map[string]string{"construct_test.go": "package textractasync\n\nimport \"" + modulePath + "/verify\"\n\nvar _ = verify.None\n"},
			want:    "construct_test.go",
		},
		"package without a comment": {
			changes: map[string]string{"more/more.go": "package more\n"}, want: "package " + modulePath + "/more has no comment",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t, row.changes)
			if row.then != nil {
				row.then(t, root)
			}
			if out, err := start(t, root, row.version); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q\n%s", err, row.want, out)
			}
			if tags := git(t, root, "tag"); tags != "" {
				t.Errorf("tags:\n%s", tags)
			}
		})
	}
}
