// Package localapi runs the command's local API, and programs of the AWS SDK for Go, of boto3 and
// of the AWS CLI over it.
package localapi

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The keys that an encoding somewhere on the way would change.
var keys = []string{"letter.pdf", "in/a+b.pdf", "50%25.pdf", "50% done.pdf", "für.pdf"}

// serve starts the API over a folder of documents, and returns its environment as a shell reads it.
func serve(t *testing.T, command, documents string) (environment []string) {
	t.Helper()
	var log bytes.Buffer
	api := exec.CommandContext(
		context.WithoutCancel(t.Context()), command,
		"local", "--listen", "127.0.0.1:0", "--job-time", "0s", "--documents", documents,
	)
	api.Stderr = &log
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	api.Stdout = writer
	if err := api.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close() // the child has it
	t.Cleanup(func() {
		_ = api.Process.Signal(syscall.SIGINT)
		if err := api.Wait(); err != nil {
			t.Errorf("local ends with %v:\n%s", err, &log)
		}
	})
	// The last variable ends the environment.
	var exports strings.Builder
	for buffer := make([]byte, 4096); !strings.Contains(exports.String(), "TEXTRACT_OUTPUT_PREFIX="); {
		n, err := reader.Read(buffer)
		exports.Write(buffer[:n])
		if err != nil {
			t.Fatalf("no environment: %v\n%s", err, &log)
		}
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", exports.String()+"env")
	shell.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_PROFILE=other", "AWS_SESSION_TOKEN=old"}
	out, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func run(t *testing.T, environment []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	program := exec.CommandContext(ctx, name, args...)
	program.Env = environment
	var stdout, stderr bytes.Buffer
	program.Stdout, program.Stderr = &stdout, &stderr
	if err := program.Run(); err != nil {
		t.Errorf("%s %v: %v\n%s%s", name, args, err, &stdout, &stderr)
	}
	return stdout.String()
}

// value returns that of a variable.
func value(environment []string, name string) string {
	for _, variable := range environment {
		if text, found := strings.CutPrefix(variable, name+"="); found {
			return text
		}
	}
	return ""
}

func TestProgramsUseTheLocalAPI(t *testing.T) {
	command := filepath.Join(t.TempDir(), "textract-async")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", command, ".")
	build.Dir = filepath.Join("..", "..", "cmd", "textract-async")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	documents := t.TempDir()
	for _, key := range keys {
		file := filepath.Join(documents, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("%PDF-1.7 "+key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environment := serve(t, command, documents)
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN"} {
		if got := value(environment, name); got != "" {
			t.Errorf("%s=%s is left", name, got)
		}
	}

	t.Run("the command", func(t *testing.T) {
		for _, key := range keys {
			out := run(t, environment, command, "run", "--features", "TABLES", "s3://documents/"+key)
			if !strings.Contains(out, "documents/"+key+"\n") || !strings.Contains(out, "GENERATED") {
				t.Errorf("%s: %s", key, out)
			}
		}
		out := t.TempDir()
		run(t, environment, command, "batch", "--stack", "Local", "--assume-caller", "--out", out, "s3://documents/")
		if texts, _ := filepath.Glob(filepath.Join(out, "*", "text.txt")); len(texts) != len(keys) {
			t.Errorf("batch wrote %v", texts)
		}
	})
	t.Run("listen", func(t *testing.T) { listen(t, environment, command) })
	t.Run("boto3", func(t *testing.T) { usePython(t, environment) })
	t.Run("the AWS CLI", func(t *testing.T) { useCLI(t, environment) })
	t.Run("the AWS SDK for Go", func(t *testing.T) { useSDK(t, environment) })
}

// listen receives the notification of a job that run starts, and writes its results.
func listen(t *testing.T, environment []string, command string) {
	out := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	listener := exec.CommandContext(ctx, command, "listen", "--out", out)
	listener.Env = environment
	stdout, err := listener.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Start(); err != nil {
		t.Fatal(err)
	}
	run(t, environment, command, "run", "--notify", "--new-job", "s3://documents/letter.pdf")
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.Contains(line, `"SUCCEEDED"`) || !strings.Contains(line, `"letter.pdf"`) {
		t.Errorf("listen: %q, %v", line, err)
	}
	if texts, _ := filepath.Glob(filepath.Join(out, "*", "text.txt")); len(texts) != 1 {
		t.Errorf("listen wrote %v", texts)
	}
	_ = listener.Process.Signal(syscall.SIGINT)
	if err := listener.Wait(); err != nil {
		t.Errorf("listen ends with %v", err)
	}
}

// boto3Program checks the digest of a message by itself.
const boto3Program = `
import boto3, io, os, sys
s3, sqs, textract = (boto3.client(name) for name in ("s3", "sqs", "textract"))
s3.put_object(Bucket="documents", Key="py/50% a+b.pdf", Body=b"%PDF put")
s3.upload_fileobj(io.BytesIO(b"%PDF upload"), "documents", "py/upload.pdf")
target = io.BytesIO()
s3.download_fileobj("documents", "py/upload.pdf", target)
assert target.getvalue() == b"%PDF upload", target.getvalue()
found = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="documents", Prefix="py/", MaxKeys=1) for o in p["Contents"]]
assert found == ["py/50% a+b.pdf", "py/upload.pdf"], found
s3.delete_object(Bucket="documents", Key="py/upload.pdf")
queue = os.environ["TEXTRACT_QUEUE_URL"]
while waiting := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):  # of others
    for m in waiting:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=m["ReceiptHandle"])
job = textract.start_expense_analysis(
    DocumentLocation={"S3Object": {"Bucket": "documents", "Name": "py/50% a+b.pdf"}},
    NotificationChannel={"SNSTopicArn": os.environ["TEXTRACT_SNS_TOPIC_ARN"], "RoleArn": os.environ["TEXTRACT_ROLE_ARN"]},
)["JobId"]
message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
assert job in message["Body"], message
sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
fields = textract.get_expense_analysis(JobId=job)["ExpenseDocuments"][0]["SummaryFields"]
assert fields[1]["ValueDetection"]["Text"] == "py/50% a+b.pdf", fields
sent = sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "x"}])
assert sent["Successful"][0]["Id"] == "a", sent
try:
    s3.get_object(Bucket="documents", Key="gone")
except s3.exceptions.NoSuchKey:
    print("ok")
`

func usePython(t *testing.T, environment []string) {
	if out := run(t, environment, cmp.Or(os.Getenv("PYTHON"), "python3"), "-c", boto3Program); out != "ok\n" {
		t.Errorf("boto3: %q", out)
	}
}

func useCLI(t *testing.T, environment []string) {
	awsCLI := func(args ...string) string {
		return run(t, environment, cmp.Or(os.Getenv("PYTHON"), "python3"), append([]string{"-m", "awscli"}, args...)...)
	}
	file := filepath.Join(t.TempDir(), "50% a+b.pdf")
	if err := os.WriteFile(file, []byte("%PDF cli"), 0o600); err != nil {
		t.Fatal(err)
	}
	awsCLI("s3", "cp", file, "s3://documents/cli/")
	if out := awsCLI("s3", "cp", "s3://documents/cli/50% a+b.pdf", "-"); out != "%PDF cli" {
		t.Errorf("s3 cp: %q", out)
	}
	out := awsCLI("s3", "ls", "s3://documents")
	if !strings.Contains(out, "PRE cli/") || !strings.Contains(out, " letter.pdf\n") {
		t.Errorf("s3 ls: %s", out)
	}
	// aws sqs of version 1 ignores AWS_ENDPOINT_URL.
	endpoint := value(environment, "AWS_ENDPOINT_URL")
	out = awsCLI("sqs", "get-queue-url", "--queue-name", "uploads", "--output", "text", "--endpoint-url", endpoint)
	if got, want := strings.TrimSpace(out), value(environment, "TEXTRACT_UPLOADS_QUEUE_URL"); got != want {
		t.Errorf("queue URL %s, want %s", got, want)
	}
}

// useSDK uses the SDK's clients as they are, which textractclient does not: by path and as
// BUCKET.localhost, which a resolver may not know.
func useSDK(t *testing.T, environment []string) {
	endpoint := value(environment, "AWS_ENDPOINT_URL")
	for _, endpoint := range []string{endpoint, strings.Replace(endpoint, "127.0.0.1", "localhost", 1)} {
		client := s3.New(s3.Options{
			Region:       "us-east-1",
			BaseEndpoint: aws.String(endpoint),
			Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
			HTTPClient:   loopbackClient(),
		})
		for _, key := range append([]string{fmt.Sprintf("go/%s+ %%.pdf", filepath.Base(endpoint))}, keys...) {
			input := &s3.PutObjectInput{Bucket: aws.String("sdk"), Key: aws.String(key), Body: strings.NewReader("%PDF go")}
			if _, err := client.PutObject(t.Context(), input); err != nil {
				t.Errorf("%s %s: %v", endpoint, key, err)
				continue
			}
			object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("sdk"), Key: aws.String(key)})
			if err != nil {
				t.Errorf("%s %s: %v", endpoint, key, err)
				continue
			}
			content, err := io.ReadAll(object.Body)
			if string(content) != "%PDF go" || err != nil {
				t.Errorf("%s %s: %q, %v", endpoint, key, content, err)
			}
		}
		listing, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("sdk"), Delimiter: aws.String("/")})
		if err != nil || len(listing.CommonPrefixes) != 2 || len(listing.Contents) != len(keys)-1 {
			t.Errorf("%s: listing %+v, %v", endpoint, listing, err)
		}
	}
}
