#!/usr/bin/env bash
# Guess: amazon-textract-response-parser says of every form field that has a check box whether it is selected.
# What happens: only of a field whose VALUE holds exactly one box. Where the box is a child of the KEY, the field is
#   no check box, and neither key nor value tells that there is one. With two boxes (yes and no) it is no check box
#   either. Where box and words stand together, the status becomes a word of the text: "SELECTED by boat".
# Versions: npm amazon-textract-response-parser 0.4.3.
# Why it matters: isSelected is null for a box that Textract found and called selected. A form check that takes null
#   for "not selected" is wrong, and a value that is stored as text starts with a word that is not on the page.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact amazon-textract-response-parser@0.4.3
cat >fields.cjs <<'END'
const { TextractDocument } = require('amazon-textract-response-parser');

const blocks = [];
const add = (BlockType, left, more) => {
  const BoundingBox = { Left: left, Top: 0.1, Width: 0.1, Height: 0.02 };
  const Polygon = [[left, 0.1], [left + 0.1, 0.1], [left + 0.1, 0.12], [left, 0.12]].map(([X, Y]) => ({ X, Y }));
  const block = { BlockType, Id: `block-${blocks.length}`, Page: 1, Confidence: 99, Geometry: { BoundingBox, Polygon }, ...more };
  blocks.push(block);
  return block.Id;
};
const page = { BlockType: 'PAGE', Id: 'page', Page: 1, Relationships: [{ Type: 'CHILD', Ids: [] }] };
page.Geometry = { BoundingBox: { Left: 0, Top: 0, Width: 1, Height: 1 }, Polygon: [[0, 0], [1, 0], [1, 1], [0, 1]].map(([X, Y]) => ({ X, Y })) };
blocks.push(page);
const words = (text) => text.split(' ').map((Text) => add('WORD', 0.1, { Text, TextType: 'PRINTED' }));
const box = (SelectionStatus) => add('SELECTION_ELEMENT', 0.4, { SelectionStatus });
const children = (Ids) => (Ids.length > 0 ? [{ Type: 'CHILD', Ids }] : []);
function field(key, value) {
  const valueId = add('KEY_VALUE_SET', 0.5, { EntityTypes: ['VALUE'], Relationships: children(value) });
  const keyId = add('KEY_VALUE_SET', 0.1, { EntityTypes: ['KEY'], Relationships: [{ Type: 'VALUE', Ids: [valueId] }, ...children(key)] });
  page.Relationships[0].Ids.push(keyId, valueId);
}
field(words('Alone'), [box('SELECTED')]);
field([box('SELECTED'), ...words('In key')], []);
field(words('Yes no'), [box('SELECTED'), box('NOT_SELECTED')]);
field(words('Other'), [box('SELECTED'), ...words('by boat')]);

const document = new TextractDocument({ DocumentMetadata: { Pages: 1 }, JobStatus: 'SUCCEEDED', AnalyzeDocumentModelVersion: '1.0', Blocks: blocks });
for (const found of document.pageNumber(1).form.listFields())
  console.log(`${found.key.text}: value "${found.value.text}", isCheckbox ${found.isCheckbox}, isSelected ${found.isSelected}`);
END
node fields.cjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'Alone: value "SELECTED", isCheckbox true, isSelected true'
want 'In key: value "", isCheckbox false, isSelected null'
want 'Yes no: value "SELECTED NOT_SELECTED", isCheckbox false, isSelected null'
want 'Other: value "SELECTED by boat", isCheckbox true, isSelected true'
echo "as described"
