#!/usr/bin/env bash
# Guess: minor releases of awscdk add functions and fields for Go and leave those that are there as they are.
# What happens: between v2.240.0 and v2.277.0 the parameters of nine functions and methods that are not of an L1 grew
#   by one, the types of nine others changed, and two methods are gone. An optional argument, added in TypeScript
#   without harm, is a new parameter in Go, and every call without it no longer compiles. Annotations.AddWarningV2 is
#   among them, and PolicyDocument.ValidateForResourcePolicy.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.240.0 and v2.277.0.
# Why it matters: a Go library of constructs is compiled with its user's version of awscdk, which Go takes as the
#   highest that anyone asks for. A library that calls one of the nine compiles with the one version or with the
#   other, not with both. Look for such calls before a release.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
cat >main.go <<'END'
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

type signature struct {
	text       string
	parameters int
}

// signatures reads every exported function, and every method of an exported interface, that belongs to no L1.
func signatures(root string) map[string]signature {
	found := map[string]signature{}
	files := token.NewFileSet()
	add := function(files, found)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "jsii" || entry.Name() == "interfaces") {
			return filepath.SkipDir
		}
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "Cfn") || strings.Contains(name, "_checks") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			switch declared := declaration.(type) {
			case *ast.FuncDecl:
				if declared.Recv == nil && declared.Name.IsExported() {
					add(file.Name.Name+"."+declared.Name.Name, declared.Type)
				}
			case *ast.GenDecl:
				for _, spec := range declared.Specs {
					kind, ok := spec.(*ast.TypeSpec)
					if !ok || !kind.Name.IsExported() {
						continue
					}
					if methods, ok := kind.Type.(*ast.InterfaceType); ok {
						for _, method := range methods.Methods.List {
							if called, ok := method.Type.(*ast.FuncType); ok {
								add(file.Name.Name+"."+kind.Name.Name+"."+method.Names[0].Name, called)
							}
						}
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	return found
}

func function(files *token.FileSet, found map[string]signature) func(string, *ast.FuncType) {
	return func(name string, called *ast.FuncType) {
		var types []string
		for _, parameter := range called.Params.List {
			var text bytes.Buffer
			printer.Fprint(&text, files, parameter.Type)
			for range max(1, len(parameter.Names)) {
				types = append(types, text.String())
			}
		}
		var results bytes.Buffer
		if called.Results != nil {
			for _, result := range called.Results.List {
				results.WriteByte(' ')
				printer.Fprint(&results, files, result.Type)
			}
		}
		found[name] = signature{"(" + strings.Join(types, ", ") + ")" + results.String(), len(types)}
	}
}

func main() {
	before, after := signatures(os.Args[1]), signatures(os.Args[2])
	counts := map[string]int{}
	var lines []string
	for name, old := range before {
		now, there := after[name]
		var kind string
		switch {
		case !there:
			kind = "gone"
		case now.text == old.text:
			continue
		case now.parameters > old.parameters:
			kind = "more parameters"
		case now.parameters < old.parameters:
			kind = "fewer parameters"
		default:
			kind = "other types"
		}
		counts[kind]++
		lines = append(lines, fmt.Sprintf("%s: %s%s -> %s", kind, name, old.text, now.text))
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
	fmt.Printf("of %d: more parameters %d, fewer parameters %d, other types %d, gone %d\n",
		len(before), counts["more parameters"], counts["fewer parameters"], counts["other types"], counts["gone"])
}
END
go mod download -json github.com/aws/aws-cdk-go/awscdk/v2@v2.240.0 >old.json
go mod download -json github.com/aws/aws-cdk-go/awscdk/v2@v2.277.0 >new.json
folder_of() { sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p' "$1"; }
go run . "$(folder_of old.json)" "$(folder_of new.json)" | tee output

want() { grep -Fq -- "$1" output || { echo "changed: expected: $1" >&2; exit 1; }; }
want 'more parameters: awscdk.Annotations.AddWarningV2(*string, *string) -> (*string, *string, *WarningOptions)'
want 'more parameters: awsiam.PolicyDocument.ValidateForResourcePolicy() *[]*string -> (*ResourcePolicyValidationOptions) *[]*string'
want 'more parameters 9, fewer parameters 0, other types 9, gone 2'
echo "as described"
