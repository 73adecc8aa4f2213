// Command textract-async reads documents with Amazon Textract's asynchronous operations, over the
// resources of the textractasync construct.
//
// Usage:
//
//	textract-async run [flags] FILE|s3://BUCKET/KEY            reads one document
//	textract-async batch [flags] s3://BUCKET/PREFIX...|-       reads all documents below prefixes, at the pace of the quotas
//	textract-async listen [flags]                              reads the results of all jobs that complete
//	textract-async results [flags] JOBID                       prints the results of a job
//	textract-async doctor [flags]                              reports what is missing or wrong in a set-up; it only reads
//	textract-async local [flags]                               serves SQS, S3 and Textract on this machine, for development
//
// Settings come from the outputs of a stack (--stack) or from the environment variables that the
// construct's EnvironmentVariables method returns; credentials and Region are those of the AWS SDK.
// Results go to stdout, and progress, logs and errors to stderr.
//
// textract-async --help and textract-async COMMAND --help describe flags, settings and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(command.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
