// Command textract-async reads documents with Amazon Textract over what the textractasync construct built.
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
