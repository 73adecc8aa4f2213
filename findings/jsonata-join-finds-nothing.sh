#!/usr/bin/env bash
# Guess: an operator of JSONata that a Go port does not have is refused when the expression is compiled.
# What happens: github.com/blues/jsonata-go compiles the index operator "#$i" and the join operator "@$b" as variables
#   of a path that nothing ever sets, and then says "no results found", its answer to a path that is missing in the
#   data. The reference gives the lines with their places, and each block with its parent. The parent operator "%" is
#   refused, as one would guess.
# Versions: npm jsonata 2.0.6, github.com/blues/jsonata-go v1.5.4.
# Why it matters: "@$b" is how JSONata follows the Relationships from one Textract block to its children. A program
#   that takes "no results found" for an empty page, as the port suggests with ErrUndefined, loses every line without
#   an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
cat >answer.json <<'END'
{"Blocks": [
  {"BlockType": "PAGE", "Id": "page", "Relationships": [{"Type": "CHILD", "Ids": ["l1", "l2"]}]},
  {"BlockType": "LINE", "Id": "l1", "Text": "Invoice"},
  {"BlockType": "LINE", "Id": "l2", "Text": "Total 12.50"}]}
END
cat >expressions.txt <<'END'
Blocks[BlockType='LINE'].Text
Blocks#$i[BlockType='LINE'].{'place': $i, 'text': Text}
Blocks@$b.Blocks@$c[$c.Id in $b.Relationships.Ids].{'parent': $b.Id, 'text': $c.Text}
Blocks.Relationships.Ids.{'id': $, 'of': %.%.Id}
END
quiet npm install --no-audit --no-fund --save-exact jsonata@2.0.6
cat >reference.mjs <<'END'
import jsonata from 'jsonata';
import { readFileSync } from 'node:fs';
const answer = JSON.parse(readFileSync('answer.json', 'utf8'));
for (const line of readFileSync('expressions.txt', 'utf8').trim().split('\n'))
  console.log('reference', line, '=>', JSON.stringify(await jsonata(line).evaluate(answer)));
END
node reference.mjs | tee output

quiet go mod init finding
quiet go get github.com/blues/jsonata-go@v1.5.4
cat >main.go <<'END'
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/blues/jsonata-go"
)

func main() {
	file, _ := os.ReadFile("answer.json")
	var answer any
	if err := json.Unmarshal(file, &answer); err != nil {
		panic(err)
	}
	file, _ = os.ReadFile("expressions.txt")
	for _, line := range strings.Split(strings.TrimSpace(string(file)), "\n") {
		expression, err := jsonata.Compile(line)
		if err != nil {
			fmt.Println("blues", line, "=> not compiled:", err)
			continue
		}
		value, err := expression.Eval(answer)
		fmt.Println("blues", line, "=>", value, err, "ErrUndefined:", errors.Is(err, jsonata.ErrUndefined))
	}
}
END
go run . | tee -a output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want "reference Blocks#\$i[BlockType='LINE'].{'place': \$i, 'text': Text} => [{\"place\":1,\"text\":\"Invoice\"},{\"place\":2,\"text\":\"Total 12.50\"}]"
want "reference Blocks@\$b.Blocks@\$c[\$c.Id in \$b.Relationships.Ids].{'parent': \$b.Id, 'text': \$c.Text} => [{\"parent\":\"page\",\"text\":\"Invoice\"},{\"parent\":\"page\",\"text\":\"Total 12.50\"}]"
want "blues Blocks[BlockType='LINE'].Text => [Invoice Total 12.50] <nil> ErrUndefined: false"
want "blues Blocks#\$i[BlockType='LINE'].{'place': \$i, 'text': Text} => <nil> no results found ErrUndefined: true"
want "blues Blocks@\$b.Blocks@\$c[\$c.Id in \$b.Relationships.Ids].{'parent': \$b.Id, 'text': \$c.Text} => <nil> no results found ErrUndefined: true"
grep -q '^blues Blocks.Relationships.Ids.*not compiled' output || { echo "changed: the parent operator compiles" >&2; exit 1; }
echo "as described"
