package textractdoc

import (
	"cmp"
	"encoding/csv"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Table is a table of a page.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-tables.html
type Table struct {
	// ID is the id of the block.
	ID string
	// Page is the number of the page on which the table begins.
	Page int
	// Kind is STRUCTURED_TABLE, for a table of rows and columns throughout, or
	// SEMI_STRUCTURED_TABLE. It is empty in responses of older models.
	Kind types.EntityType `json:",omitempty"`
	// Title and Footer are the texts of Titles and Footers, without check boxes.
	Title, Footer string
	// Titles and Footers are the titles and footers of the table: usually at most one of each.
	Titles, Footers []Caption `json:",omitempty"`
	// Cells are the cells, ordered by row and column. A merged cell is one cell.
	Cells []Cell
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
}

// Caption is a title or a footer of a table.
type Caption struct {
	// ID is the id of the block.
	ID string
	// Text is the words, without check boxes.
	Text string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// CheckBoxes are the check boxes in it.
	CheckBoxes []CheckBox `json:",omitempty"`
	// WordIDs are the ids, in Page.Words, of its words.
	WordIDs []string `json:",omitempty"`
}

// Cell is a cell of a table.
type Cell struct {
	// ID is the id of the block.
	ID string
	// Page is the number of the page that the cell is on.
	Page int
	// Row and Column are the numbers of the cell's first row and column, from 1.
	Row, Column int
	// RowSpan and ColumnSpan are the numbers of rows and columns: 1 for a cell that is not merged.
	RowSpan, ColumnSpan int
	// Text is the words of the cell, line by line, with SELECTED or NOT_SELECTED for a check box
	// and SIGNATURE for a signature.
	Text string
	// Header is whether the cell is a column header.
	Header bool
	// Kinds are those of COLUMN_HEADER, TABLE_SECTION_TITLE, TABLE_SUMMARY, TABLE_TITLE and
	// TABLE_FOOTER that apply to the cell.
	Kinds []types.EntityType `json:",omitempty"`
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// CheckBoxes are the check boxes in the cell.
	CheckBoxes []CheckBox `json:",omitempty"`
	// SignatureIDs are the ids, in Page.Signatures, of the signatures in the cell.
	SignatureIDs []string `json:",omitempty"`
	// WordIDs are the ids, in Page.Words, of the words in the cell.
	WordIDs []string `json:",omitempty"`
	// PartIDs are the ids of the cells that a merged cell consists of.
	PartIDs []string `json:",omitempty"`
}

// Rows returns the texts of the cells as rows of equal length. The text of a merged cell is at its
// first row and column; its other places are empty.
func (t *Table) Rows() [][]string {
	rowAt, height := places(t.Cells, func(c *Cell) (int, int) { return c.Row, c.RowSpan })
	columnAt, width := places(t.Cells, func(c *Cell) (int, int) { return c.Column, c.ColumnSpan })
	rows := make([][]string, height)
	for i := range rows {
		rows[i] = make([]string, width)
	}
	for i := range t.Cells {
		cell := &t.Cells[i]
		place := &rows[rowAt(cell.Row)][columnAt(cell.Column)]
		*place = joinNonEmpty(*place, cell.Text) // two cells of one place lose nothing
	}
	return rows
}

// readable returns the table as it is written for people: what is both a caption and in cells, as
// Textract returns titles and footers inside a table, stands once. Rows at the top or bottom that
// are nothing else are then no rows; where the row has more, the caption is left out.
func (t *Table) readable() (title string, rows [][]string, footer string) {
	inTitle, inFooter := captionWords(t.Titles), captionWords(t.Footers)
	top := t.captionRows(inTitle, slices.Values(t.Cells))
	bottom := t.captionRows(inFooter, backward(t.Cells))
	body := Table{}
	inCells := make(map[string]bool)
	for i := range t.Cells {
		if top[t.Cells[i].Row] || bottom[t.Cells[i].Row] {
			continue
		}
		body.Cells = append(body.Cells, t.Cells[i])
		for _, id := range t.Cells[i].WordIDs {
			inCells[id] = true
		}
	}
	if len(top) > 0 && len(body.Cells) > 0 {
		above := body.Cells[0].Row - 1
		for i := range body.Cells {
			body.Cells[i].Row -= above
		}
	}
	return describeCaptions(notIn(inCells, t.Titles)), body.Rows(), describeCaptions(notIn(inCells, t.Footers))
}

func captionWords(captions []Caption) map[string]bool {
	words := make(map[string]bool)
	for i := range captions {
		for _, id := range captions[i].WordIDs {
			words[id] = id != ""
		}
	}
	return words
}

// notIn returns the captions that are not, word for word, in cells.
func notIn(cells map[string]bool, captions []Caption) []Caption {
	return slices.DeleteFunc(slices.Clone(captions), func(c Caption) bool {
		return len(c.WordIDs) > 0 && len(c.CheckBoxes) == 0 && !slices.ContainsFunc(c.WordIDs, func(id string) bool { return !cells[id] })
	})
}

func backward(cells []Cell) iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for i := range slices.Backward(cells) {
			if !yield(cells[i]) {
				return
			}
		}
	}
}

// captionRows returns the rows, up to the first other one, whose cells have words of captions and
// nothing else.
func (t *Table) captionRows(words map[string]bool, cells iter.Seq[Cell]) map[int]bool {
	rows := make(map[int]bool)
	if len(words) == 0 {
		return rows
	}
	others := make(map[int]bool) // rows with anything else
	filled := make(map[int]bool)
	for i := range t.Cells {
		cell := &t.Cells[i]
		filled[cell.Row] = filled[cell.Row] || cell.Text != ""
		if len(cell.CheckBoxes)+len(cell.SignatureIDs) > 0 || cell.Text != "" && len(cell.WordIDs) == 0 ||
			slices.ContainsFunc(cell.WordIDs, func(id string) bool { return !words[id] }) {
			others[cell.Row] = true
		}
	}
	for cell := range cells {
		if others[cell.Row] || !filled[cell.Row] {
			break
		}
		rows[cell.Row] = true
	}
	return rows
}

// manyPlaces is more rows or columns than a page has room for.
const manyPlaces = 1000

// places returns where a row or column number is among the rows or columns, and how many there are.
// Where there are more than there can be, only those with a cell count: a number that is wrong must
// not make a table of any size.
func places(cells []Cell, of func(*Cell) (first, span int)) (at func(int) int, count int) {
	firsts := make(map[int]int)
	for i := range cells {
		first, span := of(&cells[i])
		first = max(first, 1)
		count = max(count, first+max(span, 1)-1)
		firsts[first] = 0
	}
	if count <= max(manyPlaces, len(cells)) {
		return func(first int) int { return max(first, 1) - 1 }, count
	}
	for i, first := range slices.Sorted(maps.Keys(firsts)) {
		firsts[first] = i
	}
	return func(first int) int { return firsts[max(first, 1)] }, len(firsts)
}

// CSV returns Rows in the format of RFC 4180, with a line feed at the end of each row.
func (t *Table) CSV() string {
	var text strings.Builder
	_ = csv.NewWriter(&text).WriteAll(t.Rows()) // a strings.Builder gives no error
	return text.String()
}

// table makes a table of its block, and notes the cells that have signatures.
func (b *blockIndex) table(block *types.Block, page int, signed map[*types.Block]string) Table {
	table := Table{
		ID: aws.ToString(block.Id), Page: page, Kind: tableKind(block),
		Titles:     b.captions(block, types.RelationshipTypeTableTitle, types.RelationshipTypeTitle),
		Footers:    b.captions(block, types.RelationshipTypeTableFooter, "FOOTER"),
		Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
	}
	table.Title, table.Footer = joinCaptions(table.Titles), joinCaptions(table.Footers)
	merged, parts := b.mergedCells(block)
	seen := make(map[*types.Block]bool)
	for _, cell := range append(b.related(block, types.RelationshipTypeChild), parts...) {
		if cell.BlockType != types.BlockTypeCell || seen[cell] {
			continue
		}
		seen[cell] = true
		whole, isPart := merged[cell]
		switch {
		case !isPart:
			table.Cells = append(table.Cells, b.cell(cell, page, b.content(cell), signed))
		case !seen[whole.block]:
			seen[whole.block] = true
			table.Cells = append(table.Cells, b.mergedCell(whole, page, signed))
		}
	}
	slices.SortStableFunc(table.Cells, func(x, y Cell) int {
		return cmp.Or(cmp.Compare(x.Row, y.Row), cmp.Compare(x.Column, y.Column))
	})
	return table
}

func tableKind(block *types.Block) types.EntityType {
	for _, kind := range block.EntityTypes {
		switch kind {
		case types.EntityTypeStructuredTable, types.EntityTypeSemiStructuredTable:
			return kind
		case "STRUCTURED", "SEMI_STRUCTURED": // as early responses have it
			return kind + "_TABLE"
		}
	}
	return ""
}

func (b *blockIndex) captions(table *types.Block, kinds ...types.RelationshipType) []Caption {
	var captions []Caption
	for _, block := range b.related(table, kinds...) {
		words := b.content(block)
		captions = append(captions, Caption{
			ID: aws.ToString(block.Id), Text: words.text, CheckBoxes: words.checkBoxes, WordIDs: words.wordIDs,
			Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
		})
	}
	return captions
}

func joinCaptions(captions []Caption) string {
	text := ""
	for i := range captions {
		text = joinNonEmpty(text, captions[i].Text)
	}
	return text
}

func joinNonEmpty(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// mergedBlock is a merged cell with its parts: its children are cells, not words. Each cell is a
// part of one merged cell only.
type mergedBlock struct {
	block *types.Block
	parts []*types.Block
}

// mergedCells maps each cell that is part of a merged one to it, and returns these cells. The table
// lists both.
func (b *blockIndex) mergedCells(table *types.Block) (merged map[*types.Block]*mergedBlock, parts []*types.Block) {
	merged = make(map[*types.Block]*mergedBlock)
	for _, block := range b.related(table, types.RelationshipTypeMergedCell, types.RelationshipTypeChild) {
		if block.BlockType != types.BlockTypeMergedCell {
			continue
		}
		whole := &mergedBlock{block: block}
		for _, part := range b.related(block, types.RelationshipTypeChild) {
			if merged[part] == nil && part.BlockType == types.BlockTypeCell {
				merged[part] = whole
				whole.parts = append(whole.parts, part)
				parts = append(parts, part)
			}
		}
	}
	return merged, parts
}

// mergedCell takes place, span, text and kinds from the parts: the merged cell's own indices may
// disagree with them, and are wrong where they do.
func (b *blockIndex) mergedCell(whole *mergedBlock, page int, signed map[*types.Block]string) Cell {
	var children []*types.Block
	var kinds []types.EntityType
	top, left, bottom, right := math.MaxInt, math.MaxInt, 0, 0
	for _, part := range whole.parts {
		row, column := atLeastOne(part.RowIndex), atLeastOne(part.ColumnIndex)
		top, left = min(top, row), min(left, column)
		bottom, right = max(bottom, row+atLeastOne(part.RowSpan)), max(right, column+atLeastOne(part.ColumnSpan))
		children = append(children, b.related(part, types.RelationshipTypeChild)...)
		kinds = append(kinds, part.EntityTypes...)
	}
	b.sortByLine(children)
	cell := b.cell(whole.block, page, b.contentOf(children), signed)
	cell.Row, cell.Column, cell.RowSpan, cell.ColumnSpan = top, left, bottom-top, right-left
	cell.setKinds(append(slices.Clone(whole.block.EntityTypes), kinds...))
	for _, part := range whole.parts {
		cell.PartIDs = append(cell.PartIDs, aws.ToString(part.Id))
	}
	return cell
}

// sortByLine puts words into the order of their lines, and within a line into its order. Others
// stay behind the word before them.
func (b *blockIndex) sortByLine(children []*types.Block) {
	place := make(map[*types.Block]int, len(children))
	previous := 0
	for _, child := range children {
		if at, isWord := b.wordAt[child]; isWord {
			previous = at
		}
		place[child] = previous
	}
	slices.SortStableFunc(children, func(x, y *types.Block) int { return place[x] - place[y] })
}

func (b *blockIndex) cell(block *types.Block, page int, words content, signed map[*types.Block]string) Cell {
	cell := Cell{
		ID: aws.ToString(block.Id), Page: page,
		Row: atLeastOne(block.RowIndex), Column: atLeastOne(block.ColumnIndex),
		RowSpan: atLeastOne(block.RowSpan), ColumnSpan: atLeastOne(block.ColumnSpan),
		Text: words.full, CheckBoxes: words.checkBoxes, SignatureIDs: words.signatureIDs(), WordIDs: words.wordIDs,
		Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
	}
	for _, signature := range words.signatures {
		signed[signature] = cell.ID
	}
	cell.setKinds(block.EntityTypes)
	return cell
}

// earlyKinds are the names of kinds in early responses.
var earlyKinds = map[types.EntityType]types.EntityType{
	"TITLE": types.EntityTypeTableTitle, "FOOTER": types.EntityTypeTableFooter,
	"SECTION_TITLE": types.EntityTypeTableSectionTitle, "SUMMARY": types.EntityTypeTableSummary,
}

func (c *Cell) setKinds(kinds []types.EntityType) {
	c.Kinds = nil
	for _, kind := range kinds {
		if now, early := earlyKinds[kind]; early {
			kind = now
		}
		if !slices.Contains(c.Kinds, kind) {
			c.Kinds = append(c.Kinds, kind)
		}
	}
	c.Header = slices.Contains(c.Kinds, types.EntityTypeColumnHeader)
}

func atLeastOne(n *int32) int { return max(int(aws.ToInt32(n)), 1) }
