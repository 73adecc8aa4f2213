#!/usr/bin/env bash
# Guess: CfnProperties of an L1 construct returns the same whether or not the program has read one of the properties
#   before.
# What happens: it does not. A nested property is a map until the program asks for it by its getter, such as
#   BucketEncryption. From then on CfnProperties has an object in its place, of a type that has no fields and no
#   methods in Go; with the newer runtime it has the getter's struct. Code that expects the map finds nothing.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.240.0 with github.com/aws/jsii-runtime-go v1.126.0, and v2.277.0
#   with v1.142.0.
# Why it matters: aspects and libraries read the key of a bucket from CfnProperties, because only L1 constructs know
#   all that is set. Whether they see it depends on what other code has looked at before, and on the version.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'END'
package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{Encryption: awss3.BucketEncryption_KMS})
	resource := bucket.Node().DefaultChild().(awss3.CfnBucket)
	show := func(when string) {
		name := fmt.Sprintf("%T", (*resource.CfnProperties())["bucketEncryption"])
		fmt.Printf("%s: %s\n", when, name[strings.LastIndex(name, "/")+1:])
	}
	show("before the getter")
	resource.BucketEncryption()
	show("after the getter")
}
END

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
try() {
	rm -f go.mod go.sum
	{ go mod init finding && go get "github.com/aws/aws-cdk-go/awscdk/v2@$1" "github.com/aws/jsii-runtime-go@$2"; } >install.log 2>&1 || { cat install.log >&2; exit 1; }
	echo "awscdk $1, jsii-runtime-go $2"
	# The CDK's runtime writes notes on the version of Node.js to the error stream.
	go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }
	want 'before the getter: map[string]interface {}'
	want "after the getter: $3"
}
try v2.240.0 v1.126.0 '*typeregistry.anonymousProxy'
try v2.277.0 v1.142.0 '*awss3.CfnBucket_BucketEncryptionProperty'
echo "as described"
