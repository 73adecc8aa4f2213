#!/usr/bin/env bash
# Guess: events.S3Object of aws-lambda-go, whose URLDecodedKey is the key to ask S3 for, also reads the "object" of
#   S3's events through EventBridge; the fields have the same names, and aws-lambda-go has no type of its own for
#   them.
# What happens: it reads them, but URLDecodedKey is wrong. By AWS's documentation S3 encodes keys in its
#   notifications; in its events through EventBridge they are as they are. So a key with a plus comes out with a
#   space, "%25" as "%", and a key with a lone "%" is an error for the whole event.
# Versions: github.com/aws/aws-lambda-go v1.55.1.
# Why it matters: a function that was moved from S3 notifications to an EventBridge rule starts Textract for keys that
#   do not exist, but only for some names, so it passes its tests. Take Key of an EventBridge detail as it is, in a
#   struct of your own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
quiet go get github.com/aws/aws-lambda-go@v1.55.1
cat >main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
)

func main() {
	var notification events.S3Event
	err := json.Unmarshal([]byte(`{"Records": [{"eventTime": "2024-05-01T10:00:00.000Z",
		"s3": {"object": {"key": "in/a%2Bb.pdf", "size": 1024, "eTag": "e", "sequencer": "1"}}}]}`), &notification)
	if err != nil {
		panic(err)
	}
	fmt.Printf("notification: URLDecodedKey %q\n", notification.Records[0].S3.Object.URLDecodedKey)

	for _, key := range []string{"in/scan.pdf", "in/a+b.pdf", "in/50%25.pdf", "in/50% done.pdf"} {
		event := events.EventBridgeEvent{DetailType: "Object Created", Source: "aws.s3"}
		event.Detail, _ = json.Marshal(map[string]any{"object": map[string]any{"key": key, "size": 1024, "etag": "e", "sequencer": "1"}})
		var detail struct {
			Object events.S3Object `json:"object"`
		}
		err := json.Unmarshal(event.Detail, &detail)
		fmt.Printf("EventBridge: Key %q, URLDecodedKey %q, error %v\n", detail.Object.Key, detail.Object.URLDecodedKey, err)
	}
}
END
go run . | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'notification: URLDecodedKey "in/a+b.pdf"'
want 'EventBridge: Key "in/scan.pdf", URLDecodedKey "in/scan.pdf", error <nil>'
want 'EventBridge: Key "in/a+b.pdf", URLDecodedKey "in/a b.pdf", error <nil>'
want 'EventBridge: Key "in/50%25.pdf", URLDecodedKey "in/50%.pdf", error <nil>'
want 'EventBridge: Key "in/50% done.pdf", URLDecodedKey "", error invalid URL escape "% d"'
echo "as described"
