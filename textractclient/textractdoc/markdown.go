package textractdoc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Markdown returns the document in GitHub's Markdown, with a thematic break (---) between pages.
// See [Page.Markdown].
func (d *Document) Markdown() string {
	pages := make([]string, len(d.Pages))
	for i := range d.Pages {
		pages[i] = d.Pages[i].Markdown()
	}
	return strings.Join(pages, "\n---\n\n")
}

// Markdown returns the page in GitHub's Markdown. With the feature LAYOUT it has headings,
// paragraphs and lists, and headers, footers and page numbers are in italics. Tables are at the
// position of their text. Form fields, check boxes, answers to queries, signatures and the results
// of expense, identity and lending analysis follow after the text.
func (p *Page) Markdown() string {
	m := markdown{page: p, tableOf: make(map[string]int), done: make(map[int]bool)}
	for i := range p.Tables {
		for _, id := range p.Tables[i].wordIDs() {
			if _, taken := m.tableOf[id]; !taken {
				m.tableOf[id] = i
			}
		}
	}
	placed := make(map[string]bool)
	for i := range p.Layout {
		m.element(&p.Layout[i])
		for _, line := range p.Layout[i].Lines {
			placed[line.ID] = true
		}
	}
	m.endList()
	var rest []Line
	for _, line := range p.Lines {
		if line.ID == "" || !placed[line.ID] {
			rest = append(rest, line)
		}
	}
	m.lines(rest, m.paragraph)
	for i := range p.Tables {
		m.table(i)
	}
	m.findings()
	return m.text.String()
}

// markdown writes a page.
type markdown struct {
	page    *Page
	text    strings.Builder
	tableOf map[string]int // the table of a word
	done    map[int]bool   // tables that are written
	list    string         // the id of the list that items are of
	inList  bool           // whether an item is the last that was written
	number  int            // that of the item, if it has one
}

// block writes a block of text with the empty line after it.
func (m *markdown) block(text string) {
	if text != "" {
		m.text.WriteString(text + "\n\n")
		m.number = 0
	}
}

func (m *markdown) element(element *LayoutElement) {
	if element.ListID != m.list {
		m.endList()
		m.list = element.ListID
	}
	write := m.paragraph
	switch {
	case element.ListID != "":
		write = m.item
	case element.Kind == types.BlockTypeLayoutTitle:
		write = func(lines []string) { m.heading("# ", lines) }
	case element.Kind == types.BlockTypeLayoutSectionHeader:
		write = func(lines []string) { m.heading("## ", lines) }
	case element.isRunning():
		write = func(lines []string) { m.block("*" + strings.Join(lines, " ") + "*") }
	case element.Kind == types.BlockTypeLayoutFigure:
		m.block("*(figure)*")
	case element.Kind == types.BlockTypeLayoutList: // some lists have their lines themselves
		write = func(lines []string) {
			for _, line := range lines {
				m.item([]string{line})
			}
			m.endList()
		}
	}
	m.lines(element.Lines, write)
}

// closing matches number signs at the end of a heading, which Markdown drops.
var closing = regexp.MustCompile(`(^|\s)(#+)$`)

func (m *markdown) heading(mark string, lines []string) {
	m.block(mark + closing.ReplaceAllString(strings.Join(lines, " "), `$1\$2`))
}

// As escapeLine leaves them. A sign that is also a minus or refers to a footnote is a bullet only
// before a space.
var (
	bullet   = regexp.MustCompile(`^(?:[•·∙‣◦▪●○■□]\s*|(?:[–—-]|\\[*+-])\s+)`)
	numbered = regexp.MustCompile(`^(\d{1,9})\\([.)]\s)`)
)

// item writes an item of a list, with the number that is printed before it, or a hyphen in place of
// another mark.
func (m *markdown) item(lines []string) {
	text := strings.Join(lines, " ")
	if number := itemNumber(text); number >= 0 && (m.number == 0 || number == m.number+1) {
		text = numbered.ReplaceAllString(text, "$1$2")
		m.number = number
	} else { // Markdown counts on from the first number
		m.number = 0
		mark := bullet.FindString(text)
		if rest := text[len(mark):]; mark != "" {
			text = escapeLineStart(rest)
		}
		text = "- " + text
	}
	m.text.WriteString(text + "\n")
	m.inList = true
}

// itemNumber returns the number that is printed before an item, or -1.
func itemNumber(text string) int {
	match := numbered.FindStringSubmatch(text)
	if match == nil {
		return -1
	}
	number, err := strconv.Atoi(match[1])
	if err != nil {
		return -1
	}
	return number
}

func (m *markdown) endList() {
	if m.inList {
		m.text.WriteByte('\n')
		m.inList = false
	}
}

func (m *markdown) paragraph(lines []string) { m.block(strings.Join(lines, "\n")) }

// lines writes lines, and in place of those of a table the table.
func (m *markdown) lines(lines []Line, write func([]string)) {
	var texts []string
	flush := func() {
		if len(texts) > 0 {
			write(texts)
			texts = nil
		}
	}
	for i := range lines {
		if table, isTable := m.tableOfLine(&lines[i]); isTable {
			flush()
			m.endList()
			m.table(table)
			continue
		}
		if text := strings.TrimSpace(lines[i].Text); text != "" {
			texts = append(texts, escapeLine(text))
		}
	}
	flush()
}

// tableOfLine returns the table that has all words of the line.
func (m *markdown) tableOfLine(line *Line) (int, bool) {
	if len(line.Words) == 0 {
		return 0, false
	}
	first, found := m.tableOf[line.Words[0].ID]
	for i := range line.Words {
		table, inTable := m.tableOf[line.Words[i].ID]
		if !inTable || table != first {
			return 0, false
		}
	}
	return first, found
}

func (m *markdown) table(i int) {
	if m.done[i] {
		return
	}
	m.done[i] = true
	table := &m.page.Tables[i]
	title, rows, footer := table.readable()
	if title != "" {
		m.block("**" + escape(title) + "**")
	}
	m.grid(rows)
	m.block(escapeLine(footer))
}

// grid writes a table. Markdown wants a header: it is the first row.
func (m *markdown) grid(rows [][]string) {
	if len(rows) == 0 {
		return
	}
	for i, row := range rows {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = escapeCell(cell)
		}
		m.text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			m.text.WriteString(strings.Repeat("| --- ", len(row)) + "|\n")
		}
	}
	m.text.WriteByte('\n')
	m.number = 0
}

// section writes a grid below a heading, unless it is empty.
func (m *markdown) section(heading string, header []string, rows [][]string) {
	if len(rows) > 0 {
		m.block("### " + heading)
		m.grid(append([][]string{header}, rows...))
	}
}

// findings writes what is not text.
func (m *markdown) findings() {
	p := m.page
	var fields [][]string
	for i := range p.Fields {
		fields = append(fields, []string{p.Fields[i].describeKey(), p.Fields[i].Value})
	}
	m.section("Fields", []string{"Key", "Value"}, fields)
	var answers [][]string
	for _, answer := range p.Answers {
		answers = append(answers, []string{answer.Query, answer.Alias, answer.Text})
	}
	m.section("Answers", []string{"Query", "Alias", "Answer"}, answers)
	m.section("Check boxes", []string{"Place", "State"}, p.otherCheckBoxes())
	m.section("Signatures", []string{"Place", "Confidence"}, p.signatureRows())
	for i := range p.Expenses {
		m.expense(&p.Expenses[i])
	}
	m.identities(p.Identities)
	for i := range p.Lending {
		m.lending(&p.Lending[i])
	}
}

var expenseHeader = []string{"Type", "Group", "Label", "Value", "Currency"}

// expenseRow has the parts of a field below expenseHeader.
func expenseRow(f *ExpenseField) []string {
	return []string{f.Type, f.groupTypes(), f.Label, f.Value, f.Currency}
}

func (m *markdown) expense(expense *Expense) {
	var rows [][]string
	for i := range expense.Fields {
		rows = append(rows, expenseRow(&expense.Fields[i]))
	}
	m.section(fmt.Sprintf("Expense %d", expense.Index), expenseHeader, rows)
	for i := range expense.Items {
		var fields [][]string
		for j := range expense.Items[i].Fields {
			fields = append(fields, expenseRow(&expense.Items[i].Fields[j]))
		}
		m.section(fmt.Sprintf("Expense %d, line item %d", expense.Index, i+1), expenseHeader, fields)
	}
}

func (m *markdown) lending(lending *LendingPage) {
	m.block("### " + escape(joinPredictions(lending.Types)))
	if len(lending.PageNumbers) > 0 {
		m.block("Page number: " + escape(joinPredictions(lending.PageNumbers)))
	}
	var rows [][]string
	for i := range lending.Fields {
		rows = append(rows, []string{lending.Fields[i].Type, lending.Fields[i].Key.describe(), lending.Fields[i].values()})
	}
	m.section("Fields", []string{"Type", "Key", "Value"}, rows)
	var signatures [][]string
	for i := range lending.Signatures {
		signatures = append(signatures, []string{lending.Signatures[i].place(), percent(lending.Signatures[i].Confidence)})
	}
	m.section("Signatures", []string{"Place", "Confidence"}, signatures)
	for i := range lending.Expenses {
		m.expense(&lending.Expenses[i])
	}
	m.identities(lending.Identities)
}

func (m *markdown) identities(identities []Identity) {
	for i := range identities {
		var fields [][]string
		for _, field := range identities[i].Fields {
			fields = append(fields, []string{field.Type, field.Value, field.Normalized})
		}
		m.section(fmt.Sprintf("Identity document %d", identities[i].Index), []string{"Type", "Value", "Normalized"}, fields)
	}
}

// wordIDs returns the ids of all words of the table.
func (t *Table) wordIDs() []string {
	var ids []string
	for i := range t.Titles {
		ids = append(ids, t.Titles[i].WordIDs...)
	}
	for i := range t.Cells {
		ids = append(ids, t.Cells[i].WordIDs...)
	}
	for i := range t.Footers {
		ids = append(ids, t.Footers[i].WordIDs...)
	}
	return ids
}

var (
	special = strings.NewReplacer(func() (pairs []string) {
		for _, c := range "\\`*_[]<>&~|$" {
			pairs = append(pairs, string(c), `\`+string(c))
		}
		return pairs
	}()...)
	lineStart  = regexp.MustCompile(`^(?:#{1,6}(?:\s|$)|[-+](?:\s|$)|[-=:]+$)`)
	numberMark = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)
)

// escape makes Markdown show the text as it is.
func escape(text string) string { return special.Replace(text) }

// escapeLine is escape for the begin of a line too.
func escapeLine(text string) string { return escapeLineStart(escape(text)) }

func escapeLineStart(text string) string {
	if lineStart.MatchString(text) {
		return `\` + text
	}
	return numberMark.ReplaceAllString(text, `$1\$2$3`)
}

func escapeCell(text string) string { return escape(oneLine(text)) }
