package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stackName is the sample's stack.
const stackName = "TextractAsyncSample"

// cli is the CDK CLI that package.json pins.
type cli struct {
	root string   // of the repository, where cdk.json is
	temp string   // where cloud assemblies and outputs go
	env  []string // of its processes
}

// checkTools checks that root is the repository's, with its tools installed.
func checkTools(root string) error {
	if _, err := os.Stat(filepath.Join(root, "cdk.json")); err != nil {
		return fmt.Errorf("%s is not the repository: run in verify/, or use -root: %w", root, err)
	}
	for _, tool := range []string{"cdk", "node"} {
		if _, err := os.Stat(filepath.Join(bin(root), tool)); err != nil {
			return fmt.Errorf("the pinned CDK CLI is not installed: run npm ci in %s: %w", root, err)
		}
	}
	return nil
}

// bin is where npm puts the commands of what package.json pins.
func bin(root string) string { return filepath.Join(root, "node_modules", ".bin") }

// version is that of the installed package aws-cdk.
func (c *cli) version() (string, error) {
	text, err := os.ReadFile(filepath.Join(c.root, "node_modules", "aws-cdk", "package.json"))
	if err != nil {
		return "", err
	}
	var installed struct{ Version string }
	err = json.Unmarshal(text, &installed)
	return installed.Version, err
}

func (c *cli) run(ctx context.Context, dir string, args ...string) (string, error) {
	args = append(args, "--notices=false", "--color=false")
	wrote, err := run(ctx, c.env, dir, filepath.Join(bin(c.root), "cdk"), args...)
	return wrote.both(), err
}

// bootstrap prepares the account, which every account needs once. Where there is no cdk.json, it runs no app first.
func (c *cli) bootstrap(ctx context.Context) error {
	_, err := c.run(ctx, c.temp, "bootstrap", "aws://"+accountID+"/"+region)
	return err
}

// deployment is what a deploy left.
type deployment struct {
	said    string // by the CLI
	outputs outputs
	types   map[string]string // of the template's resources, by their logical ids
}

// deploy synthesizes the sample anew into a folder of that name, and deploys it.
func (c *cli) deploy(ctx context.Context, name string, args ...string) (deployment, error) {
	assembly, outputsFile := filepath.Join(c.temp, name), filepath.Join(c.temp, name+".outputs.json")
	said, err := c.run(ctx, c.root, append([]string{
		"deploy", stackName, "--require-approval=never", "--output=" + assembly, "--outputs-file=" + outputsFile,
		// Moto's change sets lose outputs.
		"--method=direct",
	}, args...)...)
	if err != nil {
		return deployment{}, err
	}
	made := deployment{said: said}
	var errs [2]error
	made.outputs, errs[0] = readFile(outputsFile, parseOutputs)
	made.types, errs[1] = readFile(filepath.Join(assembly, stackName+".template.json"), parseTypes)
	return made, errors.Join(errs[:]...)
}

// destroy destroys what the assembly of that name deployed, without another synthesis.
func (c *cli) destroy(ctx context.Context, name string) error {
	_, err := c.run(ctx, c.root, "destroy", stackName, "--force", "--app="+filepath.Join(c.temp, name))
	return err
}

// parseTypes returns the types of a template's resources, but for those that nothing is made of.
func parseTypes(text []byte) (map[string]string, error) {
	var template struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(text, &template); err != nil {
		return nil, err
	}
	types := make(map[string]string)
	for id, resource := range template.Resources {
		if !slices.Contains(leftOut, resource.Type) {
			types[id] = resource.Type
		}
	}
	if len(types) == 0 {
		return nil, errors.New("a template without resources")
	}
	return types, nil
}

func readFile[T any](name string, parse func([]byte) (T, error)) (T, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		var none T
		return none, err
	}
	parsed, err := parse(text)
	if err != nil {
		err = fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return parsed, err
}

// environment is that of the CLI and of the command textract-async: nothing in it leads to a real account.
func environment(root, temp, url string) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CDK_")
	})
	none := filepath.Join(temp, "none")
	return append(env,
		"PATH="+bin(root)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TMPDIR="+temp,
		"NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1",
		"AWS_ENDPOINT_URL="+url, "AWS_REGION="+region,
		"AWS_ACCESS_KEY_ID="+rootAccessKey, "AWS_SECRET_ACCESS_KEY="+rootAccessValue,
		"AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_EC2_METADATA_DISABLED=true",
		"CDK_HOME="+filepath.Join(temp, "cdk-home"), "CDK_DISABLE_CLI_TELEMETRY=true",
	)
}
