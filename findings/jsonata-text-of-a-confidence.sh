#!/usr/bin/env bash
# Guess: in JSONata a Confidence of Textract that is joined to a text, or given to $string, keeps the digits of the
#   answer.
# What happens: the reference rounds a number to 15 significant digits once it becomes a text; Textract writes up to
#   16 and more. As a number it stays exact, so the same field has two values in one result. The number that is read
#   back from the text is another one, and a comparison of the two is false.
# Versions: npm jsonata 2.0.6. github.com/blues/jsonata-go v1.5.4 keeps all digits.
# Why it matters: a key, a cache entry or an expected value in a test that holds a Confidence or a coordinate as text
#   does not match the block it came from.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact jsonata@2.0.6
cat >reference.mjs <<'END'
import jsonata from 'jsonata';
const block = { Confidence: 99.93452453613281, Geometry: { BoundingBox: { Top: 0.08472572267055511 } } };
for (const line of ['Confidence', '$string(Confidence)', "Confidence & ''", '$number($string(Confidence)) = Confidence', '$string(Geometry)'])
  console.log('reference', line, '=>', JSON.stringify(await jsonata(line).evaluate(block)));
END
node reference.mjs | tee output

quiet go mod init finding
quiet go get github.com/blues/jsonata-go@v1.5.4
cat >main.go <<'END'
package main

import (
	"fmt"

	"github.com/blues/jsonata-go"
)

func main() {
	block := map[string]any{"Confidence": 99.93452453613281}
	value, err := jsonata.MustCompile("$string(Confidence)").Eval(block)
	fmt.Println("blues $string(Confidence) =>", value, err)
}
END
go run . | tee -a output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'reference Confidence => 99.93452453613281'
want 'reference $string(Confidence) => "99.9345245361328"'
want "reference Confidence & '' => \"99.9345245361328\""
want 'reference $number($string(Confidence)) = Confidence => false'
want 'reference $string(Geometry) => "{\"BoundingBox\":{\"Top\":0.0847257226705551}}"'
want 'blues $string(Confidence) => 99.93452453613281 <nil>'
echo "as described"
