package textractdoc

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// JoinedTables returns the tables of all pages. It joins tables that continue on the next page,
// which Textract splits, to one table with the ID and Geometry of the first part, with consecutive
// row numbers, and without a column header that the next page repeats. Cell.Page is the page of
// each cell.
//
// A table continues when the next page has a table without a title, with as many columns at the
// same positions, and when there is nothing but headers and footers between the two.
func (d *Document) JoinedTables() []Table {
	var joined []joinedTable
	open := -1 // the index of the table that may continue
	for i := range d.Pages {
		page := &d.Pages[i]
		first, last := -1, -1
		if i > 0 && page.Number == d.Pages[i-1].Number+1 {
			first = page.outerTable(&d.Pages[i-1], true)
		}
		if i+1 < len(d.Pages) {
			last = page.outerTable(&d.Pages[i+1], false)
		}
		next := -1
		for j := range page.Tables {
			at := len(joined)
			if j == first && open >= 0 && joined[open].continuedBy(&page.Tables[j]) {
				at = open
				joined[open].join(&page.Tables[j])
			} else {
				joined = append(joined, newJoinedTable(&page.Tables[j]))
			}
			if j == last {
				next = at
			}
		}
		open = next
	}
	tables := make([]Table, len(joined))
	for i := range joined {
		tables[i] = joined[i].Table
	}
	return tables
}

// joinedTable is a table that grows by its parts.
type joinedTable struct {
	Table
	height  int
	columns map[int]float32
	header  [][]string
}

func newJoinedTable(table *Table) joinedTable {
	j := joinedTable{Table: *table, height: len(table.Rows()), columns: table.columnEdges(), header: table.headerRows()}
	j.Cells = slices.Clone(table.Cells)
	return j
}

// continuedBy reports whether the other table may be the rest of this one.
func (j *joinedTable) continuedBy(other *Table) bool {
	if other.Title != "" || j.Footer != "" || !maps.EqualFunc(j.columns, other.columnEdges(), near) {
		return false
	}
	header := other.headerRows()
	return len(header) == 0 || slices.EqualFunc(header, j.header, slices.Equal)
}

// join adds the cells of the other table below, without its header.
func (j *joinedTable) join(other *Table) {
	header := len(other.headerRows())
	for _, cell := range other.Cells {
		if cell.Row > header {
			cell.Row += j.height - header
			j.Cells = append(j.Cells, cell)
		}
	}
	j.height += len(other.Rows()) - header
	j.Footer, j.Footers = other.Footer, other.Footers
}

// outerTable returns the index of the page's first or last table if nothing comes before or after
// it but what the other page has at the same place, as headers and footers do, or -1.
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
