package textractdoc

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/go-json-experiment/json"
)

// Page is a page of a document. Its elements have the ids of their blocks, their positions, and
// Textract's confidences in percent, from 0 to
// 100. Each of these is zero where Textract returns none.
type Page struct {
	// Number is the number of the page, from 1.
	Number int
	// ID is the id of the page's block.
	ID string `json:",omitempty"`
	// Geometry is that of the page's block.
	Geometry Geometry
	// Status is the job's status. With PARTIAL_SUCCESS, other pages could not be read.
	Status types.JobStatus `json:",omitempty"`
	// Warnings are those of the job so far. They name the pages that could not be read.
	Warnings []types.Warning `json:",omitempty"`

	// Lines are the lines of text in reading order: that of the feature LAYOUT, which orders
	// columns, or else Textract's own.
	Lines []Line `json:",omitempty"`
	// Words are the words of the lines, in the same order, and then words that are in no line.
	Words []Word `json:",omitempty"`
	// Layout has the parts of the page in reading order, the items of a list after the list, with
	// the feature LAYOUT.
	Layout []LayoutElement `json:",omitempty"`
	// Tables are the tables, with the feature TABLES.
	Tables []Table `json:",omitempty"`
	// Fields are the form fields in reading order, with the feature FORMS.
	Fields []Field `json:",omitempty"`
	// CheckBoxes are all check boxes and radio buttons, also those of fields and cells, with the
	// features FORMS or TABLES.
	CheckBoxes []CheckBox `json:",omitempty"`
	// Answers are the answers to queries, with the feature QUERIES.
	Answers []Answer `json:",omitempty"`
	// Signatures are all signatures, also those of fields and cells, with the feature SIGNATURES.
	Signatures []Signature `json:",omitempty"`
	// Expenses are the invoices and receipts that begin on the page, with expense analysis.
	Expenses []Expense `json:",omitempty"`
	// Identities are the identity documents on the page, with AnalyzeID, which has no asynchronous
	// operation: see [ParseResponse].
	Identities []Identity `json:",omitempty"`
	// Lending has the fields of the page, with lending analysis.
	Lending []LendingPage `json:",omitempty"`
}

// Line is a line of text.
type Line struct {
	// ID is the id of the block.
	ID   string
	Text string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// Words are the line's part of Page.Words. JSON has only WordIDs; decoding a Page restores the
	// words.
	Words []Word `json:"-"`
	// WordIDs are the ids of Words.
	WordIDs []string `json:",omitempty"`
}

// Word is a word of text.
type Word struct {
	// ID is the id of the block.
	ID   string
	Text string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// TextType is PRINTED or HANDWRITING.
	TextType types.TextType `json:",omitempty"`
}

// UnmarshalJSON decodes a page that was encoded as JSON, and restores the words of its lines.
func (p *Page) UnmarshalJSON(text []byte) error {
	type plain Page
	if err := json.Unmarshal(text, (*plain)(p)); err != nil {
		return err
	}
	words := make(map[string]Word, len(p.Words))
	for i := range p.Words {
		words[p.Words[i].ID] = p.Words[i]
	}
	for i := range p.Lines {
		p.Lines[i].findWords(words)
	}
	for i := range p.Layout {
		for j := range p.Layout[i].Lines {
			p.Layout[i].Lines[j].findWords(words)
		}
	}
	return nil
}

func (l *Line) findWords(byID map[string]Word) {
	for _, id := range l.WordIDs {
		if word, found := byID[id]; found {
			l.Words = append(l.Words, word)
		}
	}
}

// Text returns the page's lines, each with a line feed at its end.
func (p *Page) Text() string { return joinLines(p.Lines, nil) }

// BodyText returns the Text without headers, footers and page numbers, which only the feature
// LAYOUT finds.
func (p *Page) BodyText() string {
	running := make(map[string]bool)
	for _, element := range p.Layout {
		if element.isRunning() {
			for _, line := range element.Lines {
				running[line.ID] = true
			}
		}
	}
	return joinLines(p.Lines, running)
}

func joinLines(lines []Line, omit map[string]bool) string {
	var text strings.Builder
	for i := range lines {
		if !omit[lines[i].ID] {
			text.WriteString(lines[i].Text)
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// FieldsByKey returns the page's form fields with a key. It ignores case, repeated spaces and
// colons at the end.
func (p *Page) FieldsByKey(key string) []Field {
	var fields []Field
	for i := range p.Fields {
		if comparableKey(p.Fields[i].Key) == comparableKey(key) {
			fields = append(fields, p.Fields[i])
		}
	}
	return fields
}

func comparableKey(key string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(key, ": \t\n")), " "))
}

// page makes the page of its blocks.
func (b *blockIndex) page(number int) *Page {
	page := &Page{Number: number}
	layout := readLayout(b)
	lines := b.addLines(page, layout.lines)
	for _, element := range layout.elements {
		page.Layout = append(page.Layout, newLayoutElement(element, lines))
	}
	b.addFields(page)
	holders := make(map[*types.Block]string)
	for _, block := range b.blocks {
		switch block.BlockType {
		case types.BlockTypePage:
			if page.ID == "" {
				page.ID, page.Geometry = aws.ToString(block.Id), newGeometry(block.Geometry)
			}
		case types.BlockTypeTable:
			page.Tables = append(page.Tables, b.table(block, number, holders))
		case types.BlockTypeSelectionElement:
			page.CheckBoxes = append(page.CheckBoxes, newCheckBox(block))
		}
	}
	sortCheckBoxes(page)
	page.Answers = b.answers()
	page.Signatures = b.signatures(holders)
	return page
}

// addLines lays the words out line by line, so that a line's words are a part of the page's.
func (b *blockIndex) addLines(page *Page, blocks []*types.Block) map[*types.Block]Line {
	b.wordAt = make(map[*types.Block]int)
	ends := make([]int, len(blocks))
	var words []*types.Block
	add := func(word *types.Block) {
		if _, seen := b.wordAt[word]; seen || word.BlockType != types.BlockTypeWord {
			return
		}
		b.wordAt[word] = len(words)
		words = append(words, word)
	}
	for i, line := range blocks {
		for _, word := range b.related(line, types.RelationshipTypeChild) {
			add(word)
		}
		ends[i] = len(words)
	}
	for _, word := range b.blocks {
		add(word)
	}
	page.Words = slices.Grow(page.Words, len(words))
	for _, word := range words {
		page.Words = append(page.Words, Word{
			ID: aws.ToString(word.Id), Text: aws.ToString(word.Text), TextType: word.TextType,
			Confidence: aws.ToFloat32(word.Confidence), Geometry: newGeometry(word.Geometry),
		})
	}
	page.Lines = slices.Grow(page.Lines, len(blocks))
	lines := make(map[*types.Block]Line, len(blocks))
	begin := 0
	for i, block := range blocks {
		line := Line{
			ID: aws.ToString(block.Id), Text: aws.ToString(block.Text), Words: page.Words[begin:ends[i]:ends[i]],
			Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
		}
		line.WordIDs = slices.Grow(line.WordIDs, len(line.Words))
		for j := range line.Words {
			line.WordIDs = append(line.WordIDs, line.Words[j].ID)
		}
		if block.Text == nil {
			line.Text = b.content(block).text
		}
		page.Lines = append(page.Lines, line)
		lines[block], begin = line, ends[i]
	}
	return lines
}
