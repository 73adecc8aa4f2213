#!/usr/bin/env bash
# Guess: an answer of Textract that the SDK for Go read and encoding/json saves is Textract's JSON again, for other
#   tools to read.
# What happens: the names are right, the rest is not. Each Confidence and coordinate is a float32 in Go and comes out
#   with fewer digits. A field that the block does not have is null, and an enumeration that it does not have is the
#   empty text, which is none of the API's values: every LINE and WORD gets a SelectionStatus. ResultMetadata is
#   added. An expression of JSONata that takes the blocks which have a SelectionStatus takes one block of the answer
#   and all blocks of the saved one.
# Versions: github.com/aws/aws-sdk-go-v2/service/textract v1.49.0, npm jsonata 2.0.6.
# Why it matters: fixtures and caches are made this way. A fixture that Go saved is no proof for a reader of what
#   Textract writes to an output bucket, and "has the field" is true for all blocks. Save the bytes of the response.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
cat >answer.json <<'END'
{"DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED","Blocks":[
  {"BlockType":"WORD","Id":"w","Confidence":99.93452453613281,"Text":"Agree","TextType":"PRINTED","Page":1},
  {"BlockType":"SELECTION_ELEMENT","Id":"s","Confidence":88.5,"SelectionStatus":"SELECTED","Page":1}]}
END
quiet go mod init finding
quiet go get github.com/aws/aws-sdk-go-v2/service/textract@v1.49.0
cat >main.go <<'END'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
)

func main() {
	file, err := os.ReadFile("answer.json")
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(file) }))
	defer server.Close()
	client := textract.New(textract.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
		}),
	})
	output, err := client.GetDocumentAnalysis(context.Background(), &textract.GetDocumentAnalysisInput{JobId: aws.String("job")})
	if err != nil {
		panic(err)
	}
	saved, err := json.Marshal(output)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile("saved.json", saved, 0o600); err != nil {
		panic(err)
	}
	word, err := json.Marshal(output.Blocks[0])
	if err != nil {
		panic(err)
	}
	fmt.Println("saved word:", string(word))
}
END
go run . | tee output

quiet npm install --no-audit --no-fund --save-exact jsonata@2.0.6
cat >read.mjs <<'END'
import jsonata from 'jsonata';
import { readFileSync } from 'node:fs';
for (const name of ['answer', 'saved']) {
  const value = JSON.parse(readFileSync(`${name}.json`, 'utf8'));
  for (const line of ["$keys($)", "Blocks[BlockType='WORD'].Confidence", 'Blocks[$exists(SelectionStatus)].Id'])
    console.log(`${name}: ${line} => ${JSON.stringify(await jsonata(line).evaluate(value))}`);
}
END
node read.mjs | tee -a output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want "answer: Blocks[BlockType='WORD'].Confidence => 99.93452453613281"
want "saved: Blocks[BlockType='WORD'].Confidence => 99.934525"
want 'answer: Blocks[$exists(SelectionStatus)].Id => "s"'
want 'saved: Blocks[$exists(SelectionStatus)].Id => ["w","s"]'
grep -Fq '"Relationships":null,"RowIndex":null,"RowSpan":null,"SelectionStatus":"","Text":"Agree"' output || { echo "changed: the saved word" >&2; exit 1; }
grep '^saved: $keys' output | grep -q ResultMetadata || { echo "changed: no ResultMetadata" >&2; exit 1; }
echo "as described"
