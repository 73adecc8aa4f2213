package snippets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run starts the one kernel of the tests without the template validator of the CDK, which takes seconds, and in a folder that has
// the code of the Lambda function: the kernel looks for assets from where it was started.
func run(m *testing.M) (code int, err error) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil {
		return 0, err
	}
	home, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "snippets")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := putFunctionCode(dir); err != nil {
		return 0, err
	}
	if err := os.Chdir(dir); err != nil {
		return 0, err
	}
	awscdk.NewApp(nil)
	if err := os.Chdir(home); err != nil {
		return 0, err
	}
	code = m.Run()
	jsii.Close()
	return code, nil
}

// putFunctionCode stands in for a build of results/.
func putFunctionCode(dir string) error {
	function := filepath.Join(dir, "dist", "results")
	if err := os.MkdirAll(function, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(function, "bootstrap"), []byte("#!/bin/sh\n"), 0o600)
}
