#!/usr/bin/env bash
# Guess: aws-textract-json-parser gives a form's fields, or throws.
# What happens: one field whose value is words followed by a check box ("by boat [x]"), or whose key has no words,
#   makes getFormData return a TypeError as its result. Nothing is thrown, and all other fields of the document are
#   lost with it. A field whose box comes first is read, but its words are dropped.
# Versions: npm aws-textract-json-parser 1.2.2.
# Why it matters: a Lambda function that stores the result stores "{}", for that is what JSON makes of an error, and
#   ends well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact aws-textract-json-parser@1.2.2
cat >fields.cjs <<'END'
const parse = require('aws-textract-json-parser');

function answer(fields) {
  const Blocks = [{ BlockType: 'PAGE', Id: 'page' }];
  const add = (BlockType, more) => {
    const block = { BlockType, Id: `block-${Blocks.length}`, Confidence: 99, ...more };
    Blocks.push(block);
    return block.Id;
  };
  const words = (text) => text.split(' ').map((Text) => add('WORD', { Text, TextType: 'PRINTED' }));
  const box = () => add('SELECTION_ELEMENT', { SelectionStatus: 'SELECTED' });
  for (const [key, ...value] of fields) {
    const Ids = value.flatMap((part) => (part === '[x]' ? [box()] : words(part)));
    const valueId = add('KEY_VALUE_SET', { EntityTypes: ['VALUE'], Relationships: [{ Type: 'CHILD', Ids }] });
    const Relationships = [{ Type: 'VALUE', Ids: [valueId] }];
    if (key !== '') Relationships.push({ Type: 'CHILD', Ids: words(key) });
    add('KEY_VALUE_SET', { EntityTypes: ['KEY'], Relationships });
  }
  return { DocumentMetadata: { Pages: 1 }, JobStatus: 'SUCCEEDED', AnalyzeDocumentModelVersion: '1.0', Blocks };
}

async function read(name, fields) {
  let outcome;
  try {
    const result = (await parse(answer(fields))).getFormData();
    outcome = `returned ${result instanceof Error ? result.name : 'fields'}, as JSON ${JSON.stringify(result)}`;
  } catch (error) {
    outcome = `threw ${error.name}`;
  }
  console.log(`${name}: ${outcome}`);
}

(async () => {
  await read('words', [['Name', 'Ann Example']]);
  await read('box, words', [['Name', 'Ann Example'], ['Way', '[x]', 'by boat']]);
  await read('words, box', [['Name', 'Ann Example'], ['Way', 'by boat', '[x]']]);
  await read('no key', [['Name', 'Ann Example'], ['', 'by boat']]);
})();
END
node fields.cjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'words: returned fields, as JSON [{"Name":"Ann Example"}]'
want 'box, words: returned fields, as JSON [{"Name":"Ann Example","Way":"SELECTED"}]'
want 'words, box: returned TypeError, as JSON {}'
want 'no key: returned TypeError, as JSON {}'
echo "as described"
