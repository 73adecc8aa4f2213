package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// The tests share one Moto, a local AWS API, and one build of the command.
var (
	motoURL string
	program string
)

func TestMain(m *testing.M) {
	code, err := withMoto(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withMoto(run func() int) (code int, err error) {
	temp, err := os.MkdirTemp("", "doctor-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	program = filepath.Join(temp, "textract-async")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "cmd", "textract-async")
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the command: %w\n%s", err, out)
	}
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	host, port, _ := net.SplitHostPort(address)
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	log, err := os.Create(filepath.Join(temp, "moto.log"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	// The account is that of the templates; the managed policies are those that the guide attaches.
	moto := exec.Command(python, "-m", "moto.server", "-H", host, "-p", port)
	moto.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+account, "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	moto.Stdout, moto.Stderr = log, log
	if err := moto.Start(); err != nil {
		return 0, fmt.Errorf("moto runs in Python: pip install 'moto[server]==5.2.1', or set PYTHON: %w", err)
	}
	defer func() {
		_ = moto.Process.Kill()
		_ = moto.Wait()
	}()
	motoURL = "http://" + address
	if err := waitFor(motoURL+"/moto-api/", time.Minute); err != nil {
		text, _ := os.ReadFile(log.Name())
		return 0, fmt.Errorf("moto did not start: %w\n%s", err, text)
	}
	return run(), nil
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func waitFor(url string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// api are clients of Moto in a Region.
type api struct {
	region string
	sns    *sns.Client
	sqs    *sqs.Client
	iam    *iam.Client
	kms    *kms.Client
	s3     *s3.Client
	cfn    *cloudformation.Client
}

func newAPI(region string) *api {
	cfg := aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(motoURL),
		Credentials:  credentials.NewStaticCredentialsProvider("testing", "testing", ""),
	}
	return &api{
		region: region, sns: sns.NewFromConfig(cfg), sqs: sqs.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg), kms: kms.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }), cfn: cloudformation.NewFromConfig(cfg),
	}
}
