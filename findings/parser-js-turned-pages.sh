#!/usr/bin/env bash
# Guess: amazon-textract-response-parser, which knows how far a page is turned, reads a turned page in the order of
#   the upright one.
# What happens: the modal orientation is right for each turn. Upside down (180 degrees) the lines still come in order,
#   but the page's header and footer change places. Turned by a quarter (90 or 270 degrees) the two columns are woven
#   into each other line by line, and there is no header and no footer. Nothing warns.
# Versions: npm amazon-textract-response-parser 0.4.3.
# Why it matters: scans lie sideways in many archives, and Textract reports the blocks where they are on the scan.
#   Text from such a page that goes to a search index or a language model mixes the columns. Look at the orientation
#   before the text is used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact amazon-textract-response-parser@0.4.3
cat >pages.cjs <<'END'
const { TextractDocument } = require('amazon-textract-response-parser');

const turn = { 0: (x, y) => [x, y], 90: (x, y) => [1 - y, x], 180: (x, y) => [1 - x, 1 - y], 270: (x, y) => [y, 1 - x] };

// The geometry of an upright rectangle on a page that is turned.
function geometry(left, top, width, height, degrees) {
  const corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    .map(([x, y]) => turn[degrees](x, y));
  const xs = corners.map((c) => c[0]);
  const ys = corners.map((c) => c[1]);
  const Left = Math.min(...xs);
  const Top = Math.min(...ys);
  return {
    BoundingBox: { Left, Top, Width: Math.max(...xs) - Left, Height: Math.max(...ys) - Top },
    Polygon: corners.map(([X, Y]) => ({ X, Y })),
  };
}

function answer(lines, degrees) {
  const page = { BlockType: 'PAGE', Id: 'page', Page: 1, Geometry: geometry(0, 0, 1, 1, degrees), Relationships: [{ Type: 'CHILD', Ids: [] }] };
  const blocks = [page];
  lines.forEach(([text, left, top], i) => {
    const words = text.split(' ').map((Text, j) => ({
      BlockType: 'WORD', Id: `word-${i}-${j}`, Page: 1, Text, TextType: 'PRINTED', Confidence: 99,
      Geometry: geometry(left + j * 0.07, top, 0.06, 0.02, degrees),
    }));
    page.Relationships[0].Ids.push(`line-${i}`);
    blocks.push({
      BlockType: 'LINE', Id: `line-${i}`, Page: 1, Text: text, Confidence: 99,
      Geometry: geometry(left, top, words.length * 0.07, 0.02, degrees),
      Relationships: [{ Type: 'CHILD', Ids: words.map((w) => w.Id) }],
    }, ...words);
  });
  return { DocumentMetadata: { Pages: 1 }, JobStatus: 'SUCCEEDED', DetectDocumentTextModelVersion: '1.0', Blocks: blocks };
}

const lines = [['yearly report', 0.1, 0.04]];
for (const i of [1, 2, 3]) lines.push([`left column ${i}`, 0.1, 0.2 + i * 0.03]);
for (const i of [1, 2, 3]) lines.push([`right column ${i}`, 0.6, 0.2 + i * 0.03]);
lines.push(['page one', 0.4, 0.95]);

for (const degrees of [0, 90, 180, 270]) {
  const page = new TextractDocument(answer(lines, degrees)).pageNumber(1);
  const text = page.getTextInReadingOrder().split('\n').filter((line) => line !== '').join(', ');
  const part = (found) => found.map((line) => line.text).join(', ') || 'none';
  console.log(`turned by ${degrees}: orientation ${page.getModalWordOrientationDegrees()}`);
  console.log(`turned by ${degrees}: ${text}`);
  console.log(`turned by ${degrees}: header ${part(page.getHeaderLines())}; footer ${part(page.getFooterLines())}`);
}
END
node pages.cjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
order='yearly report, left column 1, left column 2, left column 3, right column 1, right column 2, right column 3, page one'
woven='yearly report, left column 1, right column 1, left column 2, right column 2, left column 3, right column 3, page one'
want "turned by 0: $order"
want "turned by 0: header yearly report; footer page one"
want "turned by 90: orientation 90"
want "turned by 90: $woven"
want "turned by 90: header none; footer none"
want "turned by 180: orientation 180"
want "turned by 180: $order"
want "turned by 180: header page one; footer yearly report"
want "turned by 270: orientation -90"
want "turned by 270: $woven"
want "turned by 270: header none; footer none"
echo "as described"
