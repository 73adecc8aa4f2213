package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// errNoTerminal reports that nobody can be asked for the code of an MFA device.
var errNoTerminal = errors.New("an MFA code is needed, and stdin is not a terminal")

// askForToken asks for the code of an MFA device on the terminal. The SDK's own
// stscreds.StdinTokenProvider writes to stdout, which has the results.
func askForToken(in io.Reader, isTerminal bool, progress *progress) (string, error) {
	if !isTerminal {
		return "", errNoTerminal
	}
	progress.ask("MFA code: ")
	var code string
	if _, err := fmt.Fscanln(in, &code); err != nil {
		return "", fmt.Errorf("read the MFA code: %w", err)
	}
	return code, nil
}

// explain makes one sentence of the SDK's error about configuration or credentials. Nothing works
// without them, as without other settings.
func (f *globalFlags) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	name := cmp.Or(f.profile, os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE"), "default")
	text := err.Error()
	var missing awsconfig.SharedConfigProfileNotExistError
	switch {
	case errors.As(err, &missing):
		return usagef("profile %q is not in the AWS configuration files: use --profile, or set "+
			"AWS_PROFILE, to one of aws configure list-profiles",
			cmp.Or(missing.Profile, name))
	case errors.Is(err, errNoTerminal):
		return usagef("profile %q needs an MFA code (mfa_serial), and stdin is not a terminal to ask on: "+
			"use credentials of a session, as aws configure export-credentials --profile %s prints them", name, name)
	case strings.Contains(text, "SSO"):
		return usagef("the SSO session of profile %q has expired, or there is none: use aws sso login --profile %s (%s)", name, name, text)
	case strings.Contains(text, "no EC2 IMDS role found"):
		return usagef("no AWS credentials were found: use --profile, AWS_PROFILE or aws configure (%s)", text)
	}
	return usagef("AWS configuration or credentials: %s", text)
}
