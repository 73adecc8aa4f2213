package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// command is where and how commands run.
type command struct {
	ctx context.Context
	dir string   // empty: this one
	env []string // empty: that of this process
}

// output returns what a command prints to stdout.
func (c command) output(args ...string) (string, error) {
	cmd := exec.CommandContext(c.ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = c.dir, c.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(args, " "), err, stdout, stderr.String())
	}
	return strings.TrimSpace(string(stdout)), nil
}

// userEnv returns the environment of somebody who has a module cache of their own, and to whom the
// modules of the proxy are published.
func (r *release) userEnv(cache string) ([]string, error) {
	printed, err := command{ctx: r.ctx, dir: r.temp}.output("go", "env", "-json", "GOPROXY", "GONOSUMDB", "GOFLAGS")
	if err != nil {
		return nil, err
	}
	var settings struct{ GOPROXY, GONOSUMDB, GOFLAGS string }
	if err := json.Unmarshal([]byte(printed), &settings); err != nil {
		return nil, err
	}
	var env, path []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "CDK_") {
			env = append(env, variable)
		}
	}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		if !strings.HasPrefix(folder, r.root+string(os.PathSeparator)) { // the tools that this repository pins
			path = append(path, folder)
		}
	}
	return append(env,
		"PATH="+r.bin()+string(os.PathListSeparator)+strings.Join(path, string(os.PathListSeparator)),
		"GOPROXY=file://"+r.proxy+","+settings.GOPROXY,
		"GONOPROXY=none",
		"GONOSUMDB="+strings.Trim(settings.GONOSUMDB+","+modulePath, ","),
		"GOMODCACHE="+cache,
		"GOBIN="+r.bin(),
		"GOWORK=off",
		// So that the cache can be removed, and that what was compiled of it is found again in the
		// next run.
		"GOFLAGS="+strings.TrimSpace(settings.GOFLAGS+" -modcacherw -trimpath"),
		"AWS_EC2_METADATA_DISABLED=true",
		"CDK_DISABLE_CLI_TELEMETRY=true",
	), nil
}

// bin is where go install puts commands.
func (r *release) bin() string { return filepath.Join(r.temp, "bin") }
