#!/usr/bin/env bash
# Guess: the SDK for Go, which makes three attempts, tries again when a connection breaks in the middle of an answer.
# What happens: it depends on how it breaks. Ended by a reset, the call is made three times. Ended by an orderly close
#   before Content-Length is reached, it is made once: the error is io.ErrUnexpectedEOF while the answer is decoded,
#   and the default retryer has no rule for that.
# Versions: github.com/aws/aws-sdk-go-v2/service/textract v1.49.0, github.com/aws/aws-sdk-go-v2 v1.48.0.
# Why it matters: Get calls of Textract carry the largest answers of a pipeline, by its documentation up to 1,000
#   blocks a page of results, and are safe to repeat. A proxy or a load balancer that goes away may close in order.
#   Add a retryable error of your own for the Get calls.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
quiet go get github.com/aws/aws-sdk-go-v2/service/textract@v1.49.0 github.com/aws/aws-sdk-go-v2@v1.48.0
cat >main.go <<'END'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
)

func main() {
	for _, reset := range []bool{true, false} {
		calls := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			calls++
			io.Copy(io.Discard, request.Body)
			connection, buffer, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 5000\r\n\r\n{\"JobStatus\":\"SUCC")
			buffer.Flush()
			time.Sleep(200 * time.Millisecond)
			if reset {
				connection.(*net.TCPConn).SetLinger(0)
			}
			connection.Close()
		}))
		client := textract.New(textract.Options{
			Region:       "eu-west-1",
			BaseEndpoint: aws.String(server.URL),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
			}),
		})
		_, err := client.GetDocumentAnalysis(context.Background(), &textract.GetDocumentAnalysisInput{JobId: aws.String("job")})
		fmt.Printf("reset %v: calls %d, unexpected EOF %v\n", reset, calls, errors.Is(err, io.ErrUnexpectedEOF))
		server.Close()
	}
}
END
go run . | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'reset true: calls 3, unexpected EOF false'
want 'reset false: calls 1, unexpected EOF true'
echo "as described"
