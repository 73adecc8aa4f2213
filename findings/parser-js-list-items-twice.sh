#!/usr/bin/env bash
# Guess: getTextInReadingOrder() of amazon-textract-response-parser has each line of a page once.
# What happens: where the answer has LAYOUT blocks, each item of a list is there twice: Textract makes an item a child
#   of its LAYOUT_LIST and of the PAGE as well, and this method takes both. html() of the same page has each item
#   once.
# Versions: npm amazon-textract-response-parser 0.4.3.
# Why it matters: with the feature LAYOUT switched on, text that goes to a search index, a word count or a language
#   model repeats every list. The same document without LAYOUT does not. Use html() for such pages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact amazon-textract-response-parser@0.4.3
cat >list.cjs <<'END'
const { TextractDocument } = require('amazon-textract-response-parser');

function answer(withLayout) {
  const Blocks = [];
  const add = (BlockType, Id, top, children, more) => {
    const BoundingBox = { Left: 0.1, Top: top, Width: 0.6, Height: 0.02 };
    const Polygon = [[0.1, top], [0.7, top], [0.7, top + 0.02], [0.1, top + 0.02]].map(([X, Y]) => ({ X, Y }));
    const block = { BlockType, Id, Page: 1, Confidence: 99, Geometry: { BoundingBox, Polygon }, ...more };
    if (children.length > 0) block.Relationships = [{ Type: 'CHILD', Ids: children }];
    Blocks.push(block);
    return Id;
  };
  const line = (Text, Id, top) => {
    const words = Text.split(' ').map((word, i) => add('WORD', `${Id}-${i}`, top, [], { Text: word, TextType: 'PRINTED' }));
    return add('LINE', Id, top, words, { Text });
  };
  const children = [line('To bring', 'title', 0.1), line('a lamp', 'lamp', 0.2), line('a rope', 'rope', 0.3)];
  if (withLayout) {
    children.push(
      add('LAYOUT_TITLE', 'layout-title', 0.1, ['title']),
      add('LAYOUT_LIST', 'layout-list', 0.2, ['item-1', 'item-2']),
      add('LAYOUT_TEXT', 'item-1', 0.2, ['lamp']),
      add('LAYOUT_TEXT', 'item-2', 0.3, ['rope']),
    );
  }
  add('PAGE', 'page', 0, children);
  Blocks.unshift(Blocks.pop()); // Textract writes the page first
  return { DocumentMetadata: { Pages: 1 }, JobStatus: 'SUCCEEDED', AnalyzeDocumentModelVersion: '1.0', Blocks };
}

const lines = (text) => text.split('\n').filter((line) => line !== '').join(', ');
for (const withLayout of [false, true]) {
  const page = new TextractDocument(answer(withLayout)).pageNumber(1);
  console.log(`LAYOUT ${withLayout}: text: ${lines(page.getTextInReadingOrder())}`);
  if (withLayout) console.log(`LAYOUT ${withLayout}: html: ${page.html().replace(/\s+/g, ' ')}`);
}
END
node list.cjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'LAYOUT false: text: To bring, a lamp, a rope'
want 'LAYOUT true: text: To bring, a lamp, a rope, a lamp, a rope'
want 'LAYOUT true: html: <h1> To bring </h1> <ul> <li><p> a lamp </p></li> <li><p> a rope </p></li> </ul>'
echo "as described"
