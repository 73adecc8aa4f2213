package textractclient

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// JoinedTables returns the tables of all pages, and joins those that Textract splits because they go on on the next page. The parts
// are then one table, with the ID and Geometry of the first; its rows count on, and Cell.Page tells the page of each cell.
//
// A table goes on where nothing but headers and footers is between it and a table without a title on the next page that has as many
// columns at the same places. A header that is repeated is left out.
func (d *Document) JoinedTables() []Table {
	var joined []Table
	last := -1 // the index of the table that may go on
	for i := range d.Pages {
		page := &d.Pages[i]
		begins, ends := -1, -1
		if i > 0 {
			begins = page.outerTable(&d.Pages[i-1], true)
		}
		if i+1 < len(d.Pages) {
			ends = page.outerTable(&d.Pages[i+1], false)
		}
		goesOn := -1
		for j := range page.Tables {
			at := len(joined)
			if j == begins && last >= 0 && page.Number == d.Pages[i-1].Number+1 && joined[last].continuedBy(&page.Tables[j]) {
				joined[last].join(&page.Tables[j])
				at = last
			} else {
				table := page.Tables[j]
				table.Cells = slices.Clone(table.Cells)
				joined = append(joined, table)
			}
			if j == ends {
				goesOn = at
			}
		}
		last = goesOn
	}
	return joined
}

// outerTable returns the index of the page's first or last table if nothing comes before or after it but what the other page has at
// the same place, as headers and footers do, or -1.
func (p *Page) outerTable(other *Page, first bool) int {
	tableOf := make(map[string]int)
	for i := range p.Tables {
		for _, id := range p.Tables[i].wordIDs() {
			tableOf[id] = i
		}
	}
	running := make(map[string]bool)
	for i := range p.Layout {
		if p.Layout[i].isRunning() {
			for _, line := range p.Layout[i].Lines {
				running[line.ID] = true
			}
		}
	}
	lines := slices.Clone(p.Lines)
	if !first {
		slices.Reverse(lines)
	}
	for i := range lines {
		for _, word := range lines[i].Words {
			if table, inTable := tableOf[word.ID]; inTable {
				return table
			}
		}
		if !running[lines[i].ID] && !other.repeats(&lines[i]) {
			return -1
		}
	}
	return -1
}

// repeats reports whether the page has the same line at the same height, but for its digits.
func (p *Page) repeats(line *Line) bool {
	return slices.ContainsFunc(p.Lines, func(own Line) bool {
		return near(own.Geometry.BoundingBox.Top, line.Geometry.BoundingBox.Top) && withoutDigits(own.Text) == withoutDigits(line.Text)
	})
}

func near(a, b float32) bool { return math.Abs(float64(a-b)) < 0.02 }

func withoutDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
}

// continuedBy reports whether the other table may be the rest of this one.
func (t *Table) continuedBy(other *Table) bool {
	columns, otherColumns := t.columnEdges(), other.columnEdges()
	if other.Title != "" || t.Footer != "" || len(columns) != len(otherColumns) {
		return false
	}
	for column, edge := range columns {
		if otherEdge, found := otherColumns[column]; !found || !near(edge, otherEdge) {
			return false
		}
	}
	header := other.headerRows()
	return len(header) == 0 || slices.EqualFunc(header, t.headerRows(), slices.Equal)
}

// columnEdges returns the left edge of each column.
func (t *Table) columnEdges() map[int]float32 {
	edges := make(map[int]float32)
	for i := range t.Cells {
		column, left := t.Cells[i].Column, t.Cells[i].Geometry.BoundingBox.Left
		if edge, found := edges[column]; !found || left < edge {
			edges[column] = left
		}
	}
	return edges
}

// headerRows returns the rows at the top that have cells that head a column.
func (t *Table) headerRows() [][]string {
	last := 0
	for i := range t.Cells {
		if t.Cells[i].Header && t.Cells[i].Row == last+1 {
			last++
		}
	}
	if last == 0 {
		return nil
	}
	rows := t.Rows()
	return rows[:min(last, len(rows))]
}

// join adds the cells of the other table below, without its header.
func (t *Table) join(other *Table) {
	header := len(other.headerRows())
	height := len(t.Rows()) - header
	for i := range other.Cells {
		if cell := other.Cells[i]; cell.Row > header {
			cell.Row += height
			t.Cells = append(t.Cells, cell)
		}
	}
	t.Footer, t.Footers = other.Footer, other.Footers
}
