#!/usr/bin/env bash
# Guess: the SDK for Go finds the text of an error in "Message" and in "message", as it did for years for services of
#   this protocol.
# What happens: of an error that the SDK has a type for, such as InvalidS3ObjectException, it reads only "Message",
#   the name in Textract's model. With "message" the error has its code and an empty text. Of an error that it has no
#   type for, it reads both. The older version v1.43.0 read both of each.
# Versions: github.com/aws/aws-sdk-go-v2/service/textract v1.49.0, and v1.43.0 for comparison.
# Why it matters: fakes and local servers write "message" often. After an update of the SDK, tests that look at the
#   text of an error fail against them, and logs read "InvalidS3ObjectException: " and nothing. A fake of Textract has
#   to write "Message".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
cat >main.go <<'END'
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/smithy-go"
)

func main() {
	for _, body := range []string{
		`{"__type":"InvalidS3ObjectException","Message":"no such object"}`,
		`{"__type":"InvalidS3ObjectException","message":"no such object"}`,
		`{"__type":"UnrecognizedClientException","Message":"bad token"}`,
		`{"__type":"UnrecognizedClientException","message":"bad token"}`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(body))
		}))
		client := textract.New(textract.Options{
			Region:       "eu-west-1",
			BaseEndpoint: aws.String(server.URL),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
			}),
		})
		_, err := client.GetDocumentAnalysis(context.Background(), &textract.GetDocumentAnalysisInput{JobId: aws.String("job")})
		server.Close()
		var apiError smithy.APIError
		if !errors.As(err, &apiError) {
			panic(err)
		}
		fmt.Printf("%s %s: %s, text %q\n", os.Args[1], body, apiError.ErrorCode(), apiError.ErrorMessage())
	}
}
END
for version in v1.49.0 v1.43.0; do
  rm -f go.mod go.sum
  quiet go mod init finding
  quiet go get "github.com/aws/aws-sdk-go-v2/service/textract@$version"
  go run . "$version" | tee -a output
done

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'v1.49.0 {"__type":"InvalidS3ObjectException","Message":"no such object"}: InvalidS3ObjectException, text "no such object"'
want 'v1.49.0 {"__type":"InvalidS3ObjectException","message":"no such object"}: InvalidS3ObjectException, text ""'
want 'v1.49.0 {"__type":"UnrecognizedClientException","message":"bad token"}: UnrecognizedClientException, text "bad token"'
want 'v1.49.0 {"__type":"UnrecognizedClientException","message":"bad token"}: UnrecognizedClientException, text "bad token"'
for name in Message message; do
  want "v1.43.0 {\"__type\":\"InvalidS3ObjectException\",\"$name\":\"no such object\"}: InvalidS3ObjectException, text \"no such object\""
  want "v1.43.0 {\"__type\":\"UnrecognizedClientException\",\"$name\":\"bad token\"}: UnrecognizedClientException, text \"bad token\""
done
echo "as described"
