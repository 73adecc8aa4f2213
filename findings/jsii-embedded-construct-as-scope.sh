#!/usr/bin/env bash
# Guess: a Go struct that embeds constructs.Construct is a construct, so other constructs can be made in its scope.
# What happens: it satisfies constructs.Construct and compiles, and panics when it is given as a scope, for jsii knows
#   the embedded value and not the struct around it. The embedded field works as the scope. With NewConstruct_Override
#   the struct itself works, if it has a method with a pointer receiver; any method will do. Without one it panics
#   with "has no overriding methods".
# Versions: github.com/aws/jsii-runtime-go v1.142.0, github.com/aws/constructs-go/constructs/v10 v10.8.1,
#   github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: a pipeline's own construct in Go, with the topic, queue and role as its fields, is written this way.
#   It breaks with the first queue that is made in it, or with the removal of its last method.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
quiet go get github.com/aws/aws-cdk-go/awscdk/v2@v2.277.0 github.com/aws/constructs-go/constructs/v10@v10.8.1 github.com/aws/jsii-runtime-go@v1.142.0
cat >main.go <<'END'
package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// A construct as one writes it in Go: the fields of one's own beside the embedded construct.
type plain struct {
	constructs.Construct
	Queue awssqs.Queue
}

type withMethod struct {
	constructs.Construct
	Queue awssqs.Queue
}

func (w *withMethod) QueueName() string { return *w.Queue.QueueName() }

type overriding struct {
	constructs.Construct
	Queue awssqs.Queue
}

func (o *overriding) ToString() *string { return jsii.String("overriding") }

func main() {
	defer jsii.Close()
	id := jsii.String("Parts")
	show("NewConstruct, embedded, as scope", func(stack awscdk.Stack) string {
		p := &plain{Construct: constructs.NewConstruct(stack, id)}
		p.Queue = awssqs.NewQueue(p, jsii.String("Queue"), nil)
		return fmt.Sprintf("works, scope is %T", p.Queue.Node().Scope())
	})
	show("NewConstruct, embedded, its field as scope", func(stack awscdk.Stack) string {
		p := &plain{Construct: constructs.NewConstruct(stack, id)}
		p.Queue = awssqs.NewQueue(p.Construct, jsii.String("Queue"), nil)
		return fmt.Sprintf("works, scope is %T", p.Queue.Node().Scope())
	})
	show("NewConstruct_Override, no method", func(stack awscdk.Stack) string {
		p := &plain{}
		constructs.NewConstruct_Override(p, stack, id)
		return "works"
	})
	show("NewConstruct_Override, method of its own", func(stack awscdk.Stack) string {
		p := &withMethod{}
		constructs.NewConstruct_Override(p, stack, id)
		p.Queue = awssqs.NewQueue(p, jsii.String("Queue"), nil)
		return fmt.Sprintf("works, scope is %T", p.Queue.Node().Scope())
	})
	show("NewConstruct_Override, overriding method", func(stack awscdk.Stack) string {
		p := &overriding{}
		constructs.NewConstruct_Override(p, stack, id)
		p.Queue = awssqs.NewQueue(p, jsii.String("Queue"), nil)
		return fmt.Sprintf("works, scope is %T", p.Queue.Node().Scope())
	})
}

func show(name string, make func(awscdk.Stack) string) {
	defer func() {
		if recovered := recover(); recovered != nil {
			text := fmt.Sprint(recovered)
			switch {
			case strings.Contains(text, "is embedded in"):
				text = "already assigned to the embedded value"
			case strings.Contains(text, "no overriding methods"):
				text = "no overriding methods"
			}
			fmt.Printf("%s: panic, %s\n", name, text)
		}
	}()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
	fmt.Printf("%s: %s\n", name, make(stack))
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'NewConstruct, embedded, as scope: panic, already assigned to the embedded value'
want 'NewConstruct, embedded, its field as scope: works, scope is *constructs.jsiiProxy_Construct'
want 'NewConstruct_Override, no method: panic, no overriding methods'
want 'NewConstruct_Override, method of its own: works, scope is *main.withMethod'
want 'NewConstruct_Override, overriding method: works, scope is *main.overriding'
echo "as described"
