package command_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// credentialsFrom leaves credentials to a configuration file.
func credentialsFrom(t *testing.T, config string) {
	t.Helper()
	newWorld(t)
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": file, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true",
		"HOME": t.TempDir(), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
}

// commands are those that call AWS.
func commands(t *testing.T) [][]string {
	t.Helper()
	return [][]string{
		{"run", letter(t), "--bucket", "b"},
		{"run", letter(t), "--stack", "Sample"},
		{"batch", "s3://b/in/", "--out", t.TempDir()},
		{"batch", "s3://b/in/", "--dry-run"},
		{"listen"},
		{"results", "123"},
		{"doctor"},
	}
}

// Without credentials no command tells that a job has not completed, nor tries for long.
func TestNoCredentials(t *testing.T) {
	credentialsFrom(t, "")
	for _, args := range commands(t) {
		got := run(t, args...)
		got.want(t, 2, "", "no AWS credentials were found: use --profile, AWS_PROFILE or aws configure")
		if strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%v: stderr %q is not one line", args, got.stderr)
		}
	}
}

// A metadata address that does not answer is usual on laptops.
func TestNoCredentialsAndNoAnswerOfTheMetadataService(t *testing.T) {
	credentialsFrom(t, "")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+silent.Addr().String())
	run(t, "results", "123").want(t, 2, "", "no AWS credentials were found")
}

func TestCredentialsThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct{ config, profile, want string }{
		"a profile that is missing": {"", "prod", `profile "prod" is not in the AWS configuration files`},
		"a profile with an MFA device, and no terminal": {
			"[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n" +
				"[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/Prod\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/ana\n",
			"prod", `profile "prod" needs an MFA code (mfa_serial), and stdin is not a terminal to ask on: use credentials of a session`,
		},
		"an SSO session that has expired": {
			"[profile prod]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n" +
				"[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n",
			"prod", `use aws sso login --profile prod`,
		},
		"an SSO profile of the older kind": {
			"[profile prod]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Reader\n",
			"prod", `use aws sso login --profile prod`,
		},
		"a role whose source profile is missing": {
			"[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/Prod\nsource_profile = base\n", "prod", `base`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			credentialsFrom(t, test.config)
			for _, args := range commands(t) {
				run(t, append(args, "--profile", test.profile)...).want(t, 2, "", test.want)
			}
			t.Setenv("AWS_PROFILE", test.profile)
			run(t, "results", "123").want(t, 2, "", test.want)
		})
	}
}
