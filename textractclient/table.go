package textractclient

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Table is a table of a page.
type Table struct {
	// Title and Footer are empty where the table has none.
	Title, Footer string
	// Cells are in the order of rows, then columns. A merged cell is one cell here.
	Cells []Cell
	// Confidence is in percent.
	Confidence float32
}

// Cell is a cell of a table.
type Cell struct {
	// Row and Column count from 1.
	Row, Column int
	// RowSpan and ColumnSpan are 1 for a cell that is not merged.
	RowSpan, ColumnSpan int
	Text                string
	// Header tells whether the cell heads a column.
	Header bool
	// Confidence is in percent.
	Confidence float32
}

// Rows returns the table's text as rows of equal length. A merged cell's text stands in its first place, the others are empty.
func (t *Table) Rows() [][]string {
	var height, width int
	for _, cell := range t.Cells {
		height = max(height, cell.Row+cell.RowSpan-1)
		width = max(width, cell.Column+cell.ColumnSpan-1)
	}
	rows := make([][]string, height)
	for i := range rows {
		rows[i] = make([]string, width)
	}
	for _, cell := range t.Cells {
		rows[cell.Row-1][cell.Column-1] = cell.Text
	}
	return rows
}

func (b *blockIndex) table(block *types.Block) Table {
	table := Table{
		Title:      b.joined(block, types.RelationshipTypeTableTitle),
		Footer:     b.joined(block, types.RelationshipTypeTableFooter),
		Confidence: aws.ToFloat32(block.Confidence),
	}
	merged := b.mergedCells(block)
	done := make(map[*types.Block]bool)
	for _, cell := range b.related(block, types.RelationshipTypeChild) {
		if cell.BlockType != types.BlockTypeCell {
			continue
		}
		whole, isPart := merged[cell]
		switch {
		case !isPart:
			table.Cells = append(table.Cells, b.cell(cell, b.text(cell), isHeader(cell)))
		case !done[whole]:
			done[whole] = true
			table.Cells = append(table.Cells, b.mergedCell(whole))
		}
	}
	return table
}

func (b *blockIndex) joined(block *types.Block, kind types.RelationshipType) string {
	var parts []string
	for _, related := range b.related(block, kind) {
		parts = append(parts, b.text(related))
	}
	return strings.Join(parts, " ")
}

// mergedCells maps each cell that is part of a merged one to it. The table lists both.
func (b *blockIndex) mergedCells(table *types.Block) map[*types.Block]*types.Block {
	merged := make(map[*types.Block]*types.Block)
	for _, whole := range b.related(table, types.RelationshipTypeMergedCell) {
		for _, part := range b.related(whole, types.RelationshipTypeChild) {
			merged[part] = whole
		}
	}
	return merged
}

// mergedCell takes its text from its parts: a merged cell's children are cells, not words.
func (b *blockIndex) mergedCell(whole *types.Block) Cell {
	var parts []string
	header := isHeader(whole)
	for _, part := range b.related(whole, types.RelationshipTypeChild) {
		if text := b.text(part); text != "" {
			parts = append(parts, text)
		}
		header = header || isHeader(part)
	}
	return b.cell(whole, strings.Join(parts, " "), header)
}

func (b *blockIndex) cell(block *types.Block, text string, header bool) Cell {
	return Cell{
		Row:        atLeastOne(block.RowIndex),
		Column:     atLeastOne(block.ColumnIndex),
		RowSpan:    atLeastOne(block.RowSpan),
		ColumnSpan: atLeastOne(block.ColumnSpan),
		Text:       text,
		Header:     header,
		Confidence: aws.ToFloat32(block.Confidence),
	}
}

func isHeader(cell *types.Block) bool {
	for _, entity := range cell.EntityTypes {
		if entity == types.EntityTypeColumnHeader {
			return true
		}
	}
	return false
}

func atLeastOne(n *int32) int { return max(int(aws.ToInt32(n)), 1) }
