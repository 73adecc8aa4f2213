package textractdoc

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
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
	head    tableHead
}

func newJoinedTable(table *Table) joinedTable {
	j := joinedTable{Table: *table, height: len(table.Rows()), columns: table.columnEdges(), head: table.head()}
	j.Cells = slices.Clone(table.Cells)
	return j
}

// continuedBy reports whether the other table may be the rest of this one: it has neither a title
// nor a header, or the same ones.
func (j *joinedTable) continuedBy(other *Table) bool {
	if j.Footer != "" || !maps.EqualFunc(j.columns, other.columnEdges(), near) {
		return false
	}
	head := other.head()
	sameTitle := len(head.titles) == 0 && other.Title == "" || other.Title == j.Title && equalRows(head.titles, j.head.titles)
	sameHeader := len(head.headers) == 0 || equalRows(head.headers, j.head.headers)
	return sameTitle && sameHeader && (other.Title == "" || len(head.headers) > 0)
}

func equalRows(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal) }

// join adds the cells of the other table below, without its title and header.
func (j *joinedTable) join(other *Table) {
	head := other.head().height()
	for _, cell := range other.Cells {
		if cell.Row > head {
			cell.Row += j.height - head
			j.Cells = append(j.Cells, cell)
		}
	}
	j.height += len(other.Rows()) - head
	j.Footer, j.Footers = other.Footer, other.Footers
}

// outerTable returns the index of the page's first or last table if nothing comes before or after
// it but headers and footers, or -1.
func (p *Page) outerTable(other *Page, first bool) int {
	tableOf := make(map[string]int)
	for i := range p.Tables {
		for _, id := range p.Tables[i].wordIDs() {
			tableOf[id] = i
		}
	}
	running := make(map[string]types.BlockType)
	for i := range p.Layout {
		if p.Layout[i].isRunning() {
			for _, line := range p.Layout[i].Lines {
				running[line.ID] = p.Layout[i].Kind
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
		if !p.isRunning(&lines[i], running[lines[i].ID], other) {
			return -1
		}
	}
	return -1
}

// isRunning reports whether a line is a header or a footer: LAYOUT says so and gives its kind, or
// it is at the edge of both pages. Where only its numbers differ on the other page, they have to be
// those of the pages: others are content, such as the number of an invoice.
func (p *Page) isRunning(line *Line, kind types.BlockType, other *Page) bool {
	if kind == types.BlockTypeLayoutPageNumber {
		return true
	}
	found := false
	for i := range other.Lines {
		own := &other.Lines[i]
		if !near(own.Geometry.BoundingBox.Top, line.Geometry.BoundingBox.Top) || withoutDigits(own.Text) != withoutDigits(line.Text) {
			continue
		}
		if own.Text == line.Text || isPageNumber(line.Text, own.Text, other.Number-p.Number) {
			found = true
			break
		}
		if kind != "" {
			return false
		}
	}
	return kind != "" || found && line.atEdge() && !amount.MatchString(line.Text)
}

// atEdge reports whether the line is in the upper or lower tenth of the page.
func (l *Line) atEdge() bool {
	box := l.Geometry.BoundingBox
	return !l.Geometry.isZero() && (box.Top+box.Height <= 0.1 || box.Top >= 0.9)
}

var (
	number = regexp.MustCompile(`\d+`)
	letter = regexp.MustCompile(`\pL`)
	amount = regexp.MustCompile(`\d[.,]\d\d(?:\D|$)|\p{Sc}`)
	// pageWord is the word for a page in the languages that Textract reads.
	pageWord = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:page|pages|pg|p|seite|página|pág|pagina|pag)(?:[^\pL]|$)`)
)

// isPageNumber reports whether two texts that differ by their digits alone are page numbers: each
// number is the same, or as much later as the page.
func isPageNumber(text, other string, later int) bool {
	if letter.MatchString(text) && !pageWord.MatchString(text) || amount.MatchString(text) {
		return false
	}
	own, others := number.FindAllString(text, -1), number.FindAllString(other, -1)
	if len(own) != len(others) {
		return false
	}
	for i := range own {
		from, err := strconv.Atoi(own[i])
		to, otherErr := strconv.Atoi(others[i])
		if err != nil || otherErr != nil || to != from && to != from+later {
			return false
		}
	}
	return true
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

// tableHead is what stands above the data of a table.
type tableHead struct{ titles, headers [][]string }

func (h tableHead) height() int { return len(h.titles) + len(h.headers) }

// head returns the rows at the top that are titles, and those below them that have cells that head
// a column. A row of one cell is a title only where such a row follows.
func (t *Table) head() tableHead {
	rows := t.Rows()
	kinds := t.rowKinds(len(rows))
	titles, named := 0, 0
	for titles < len(rows) && kinds[titles].isTitle() {
		if titles++; kinds[titles-1].named == kinds[titles-1].filled {
			named = titles
		}
	}
	headers := titles
	for headers < len(rows) && kinds[headers].isHeader(headers == titles) {
		headers++
	}
	if headers == titles {
		return tableHead{titles: rows[:named]}
	}
	return tableHead{titles: rows[:titles], headers: rows[titles:headers]}
}

// rowKind counts the cells of a row that are not empty.
type rowKind struct{ filled, headers, named int }

// isTitle reports whether all cells of the row, or its only one, are titles.
func (k rowKind) isTitle() bool {
	return k.headers == 0 && k.filled > 0 && (k.filled == 1 || k.named == k.filled)
}

// isHeader reports whether the row heads columns. Below the first such row, a cell that heads its
// row may count as a header too, so that all have to.
func (k rowKind) isHeader(first bool) bool {
	return k.headers > 0 && (first || k.headers == k.filled)
}

func (t *Table) rowKinds(height int) []rowKind {
	kinds := make([]rowKind, height)
	for i := range t.Cells {
		cell := &t.Cells[i]
		if cell.Text == "" || cell.Row < 1 || cell.Row > height {
			continue
		}
		kind := &kinds[cell.Row-1]
		kind.filled++
		if cell.Header {
			kind.headers++
		}
		if slices.Contains(cell.Kinds, types.EntityTypeTableTitle) {
			kind.named++
		}
	}
	return kinds
}
