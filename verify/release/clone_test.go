package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"github.com/cdk-textract/textractasync/verify/docs"
)

// TestGettingStartedFromAClone runs every command of the page as somebody with a clone does, up to
// those that need an AWS account. The clone is this working tree, and what npm would download is
// what it has already; make release-check downloads everything, with modules that are published.
func TestGettingStartedFromAClone(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := docs.ReadPage(filepath.Join(root, filepath.FromSlash(gettingStarted)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := &release{ctx: t.Context(), out: &out, root: root, temp: t.TempDir()}
	home := filepath.Join(r.temp, "reader")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
	env = append(env, "GOBIN="+r.bin(), "PATH="+r.bin()+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_EC2_METADATA_DISABLED=true", "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false")
	s := &shell{command: command{ctx: t.Context(), dir: home, env: env}, r: r, home: home}
	if err := s.follow(fromClone(t, root, actionsOf(page))); err != nil {
		t.Error(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	t.Log(&out)
}

var anyVersion = regexp.MustCompile(`^npx --yes aws-cdk@(\S+) `)

// fromClone replaces what would download the clone or what it has.
func fromClone(t *testing.T, root string, actions []action) []action {
	t.Helper()
	npm := npmPins(t, readFile(t, filepath.Join(root, "package.json")))
	cli, _ := npm["devDependencies"].(map[string]any)["aws-cdk"].(string)
	instead := []string{"go mod edit" + requirements(t, root)} // of go get
	var done []action
	for _, a := range actions {
		switch line := a.command; {
		case a.file == "package.json":
			if diff := cmp.Diff(npm, npmPins(t, a.text)); diff != "" {
				t.Errorf("package.json of the page, -want +got:\n%s", diff)
			}
		case strings.HasPrefix(line, "git clone "):
			if line != "git clone https://"+modulePath {
				t.Errorf("%s clones another repository than %s", line, modulePath)
			}
			a.command = "ln -s " + root + " textractasync"
		case strings.HasPrefix(line, "make "): // which CI runs
			a.command = strings.Replace(line, "make ", "make -n ", 1)
		case strings.HasPrefix(line, "go mod edit "):
			instead = append(instead, line)
			continue
		case strings.HasPrefix(line, "go get "):
			a.command = strings.Join(instead, " && ")
		case strings.HasPrefix(line, "go install "+modulePath):
			continue
		case anyVersion.MatchString(line):
			if version := anyVersion.FindStringSubmatch(line)[1]; version != cli {
				t.Errorf("%s: package.json pins %s", line, cli)
			}
			a.command = anyVersion.ReplaceAllLiteralString(line, filepath.Join(root, "node_modules", ".bin", "cdk")+" ")
		case line == "npm install":
			a.command = "ln -s " + filepath.Join(root, "node_modules") + " node_modules"
		case strings.HasPrefix(line, "textract-async local "):
			a.command = strings.Replace(line, " local ", " local --listen 127.0.0.1:0 ", 1)
		}
		done = append(done, a)
	}
	return done
}

// requirements are flags for the versions of the examples, which other tests compile too.
func requirements(t *testing.T, root string) (flags string) {
	t.Helper()
	path := filepath.Join(root, "examples", "go.mod")
	parsed, err := modfile.Parse(path, []byte(readFile(t, path)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, required := range parsed.Require {
		if !strings.HasPrefix(required.Mod.Path, modulePath) {
			flags += " -require=" + required.Mod.String()
		}
	}
	return flags
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// npmPins returns the part of a package.json that decides what npm install installs.
func npmPins(t *testing.T, text string) map[string]any {
	t.Helper()
	var parsed map[string]any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	pins := map[string]any{}
	for _, name := range []string{"dependencies", "devDependencies", "allowScripts"} {
		if parsed[name] != nil {
			pins[name] = parsed[name]
		}
	}
	return pins
}
