package textractclient

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/go-json-experiment/json"
)

// Page is one page of a document. The elements on it have the ids of their blocks, their position, and Textract's confidence in
// percent; each is 0 or empty where Textract gives none.
type Page struct {
	// Number counts from 1.
	Number int
	// ID is that of the page's block.
	ID       string `json:",omitempty"`
	Geometry Geometry
	// Status is the job's status. PARTIAL_SUCCESS: other pages could not be read.
	Status types.JobStatus `json:",omitempty"`
	// Warnings are those of the job.
	Warnings []types.Warning `json:",omitempty"`

	// Lines are in reading order: that of the layout where the job had the feature LAYOUT, which orders columns, else Textract's.
	Lines []Line `json:",omitempty"`
	// Words are in the order of the lines.
	Words []Word `json:",omitempty"`
	// Layout needs the feature LAYOUT. The elements are in reading order, the items of a list after the list.
	Layout []LayoutElement `json:",omitempty"`
	// Tables needs the feature TABLES.
	Tables []Table `json:",omitempty"`
	// Fields needs the feature FORMS. They are in reading order.
	Fields []Field `json:",omitempty"`
	// CheckBoxes are all check boxes and radio buttons, also those of fields and cells. They need FORMS or TABLES.
	CheckBoxes []CheckBox `json:",omitempty"`
	// Answers needs the feature QUERIES.
	Answers []Answer `json:",omitempty"`
	// Signatures needs the feature SIGNATURES.
	Signatures []Signature `json:",omitempty"`
	// Expenses are the invoices and receipts that begin on the page. They need expense analysis.
	Expenses []Expense `json:",omitempty"`
	// Identities are identity documents. They need AnalyzeID, which has no asynchronous operation: see ParseResultPage.
	Identities []Identity `json:",omitempty"`
	// Lending has one element where the job is a lending analysis.
	Lending []LendingPage `json:",omitempty"`
}

// Line is a line of text.
type Line struct {
	ID         string
	Text       string
	Confidence float32
	Geometry   Geometry
	// Words are the line's part of Page.Words. JSON has their ids only; decoding a Page finds the words again.
	Words []Word `json:"-"`
	// WordIDs are the ids of Words.
	WordIDs []string `json:",omitempty"`
}

// Word is a word of text.
type Word struct {
	ID         string
	Text       string
	Confidence float32
	Geometry   Geometry
	// TextType is PRINTED or HANDWRITING.
	TextType types.TextType `json:",omitempty"`
}

// UnmarshalJSON reads a page that was written as JSON, and gives the lines their words again.
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

// Text returns the page's lines, each with its line end.
func (p *Page) Text() string { return joinLines(p.Lines, nil) }

// BodyText is Text without running headers, footers and page numbers, which need the feature LAYOUT.
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

// FieldsByKey returns the fields whose key is the given one, without regard to case, spaces and a final colon.
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
