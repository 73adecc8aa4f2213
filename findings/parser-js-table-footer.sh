#!/usr/bin/env bash
# Guess: html() of a table in amazon-textract-response-parser prints the table's title above the rows and its footer
#   below them.
# What happens: where a table has both, the text of the title stands in both places. The footer's own text is not in
#   the HTML at all, though listFooters() has it. A table with a footer and no title has it as its caption, as one
#   would guess.
# Versions: npm amazon-textract-response-parser 0.4.3.
# Why it matters: a footer says what the numbers are ("in thousands", "without tax"). HTML is the form in which tables
#   of Textract are commonly handed to a language model, which then sees the rows without that sentence.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact amazon-textract-response-parser@0.4.3
cat >table.cjs <<'END'
const { TextractDocument } = require('amazon-textract-response-parser');

function answer(withTitle) {
  const blocks = [];
  const add = (BlockType, Id, top, more = {}) => {
    const BoundingBox = { Left: 0.1, Top: top, Width: 0.4, Height: 0.03 };
    const Polygon = [[0.1, top], [0.5, top], [0.5, top + 0.03], [0.1, top + 0.03]].map(([X, Y]) => ({ X, Y }));
    const block = { BlockType, Id, Page: 1, Confidence: 99, Geometry: { BoundingBox, Polygon }, Relationships: [], ...more };
    blocks.push(block);
    return block;
  };
  const relate = (from, Type, ...Ids) => from.Relationships.push({ Type, Ids });
  const page = add('PAGE', 'page', 0);
  const words = (prefix, text, top) => text.split(' ').map((Text, i) => add('WORD', `${prefix}-${i}`, top, { Text, TextType: 'PRINTED' }).Id);
  const table = add('TABLE', 'table', 0.2, { EntityTypes: ['STRUCTURED_TABLE'] });
  const cell = add('CELL', 'cell', 0.2, { RowIndex: 1, ColumnIndex: 1, RowSpan: 1, ColumnSpan: 1 });
  relate(page, 'CHILD', 'table');
  relate(cell, 'CHILD', ...words('total', 'Total 12', 0.2));
  relate(table, 'CHILD', 'cell');
  if (withTitle) {
    relate(add('TABLE_TITLE', 'title', 0.1), 'CHILD', ...words('sales', 'Sales of boats', 0.1));
    relate(table, 'TABLE_TITLE', 'title');
  }
  relate(add('TABLE_FOOTER', 'footer', 0.3), 'CHILD', ...words('unit', 'In thousands', 0.3));
  relate(table, 'TABLE_FOOTER', 'footer');
  return { DocumentMetadata: { Pages: 1 }, JobStatus: 'SUCCEEDED', AnalyzeDocumentModelVersion: '1.0', Blocks: blocks };
}

for (const withTitle of [true, false]) {
  const table = new TextractDocument(answer(withTitle)).pageNumber(1).tableAtIndex(0);
  console.log(`title ${withTitle}: listFooters: ${table.listFooters().map((footer) => footer.text)}`);
  console.log(`title ${withTitle}: html: ${table.html().replace(/\s+/g, ' ')}`);
}
END
node table.cjs | tee output

want() { grep -Fq -- "$1" output || { echo "changed: expected: $1" >&2; exit 1; }; }
want 'title true: listFooters: In thousands'
want 'title true: html: <div class="table-wrapper"> <div class="table-title"> Sales of boats </div>'
want '<div class="table-footer"> Sales of boats </div>'
want 'title false: html: <table> <caption style="caption-side: bottom"> In thousands </caption>'
if grep 'title true: html:' output | grep -q thousands; then echo "changed: the footer is in the HTML" >&2; exit 1; fi
echo "as described"
