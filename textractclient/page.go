package textractclient

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
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
	// Words are the line's part of Page.Words.
	Words []Word `json:"-"`
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

// Answer is the answer to a query. A query without an answer has no ID and an empty Text.
type Answer struct {
	// Query is the question, Alias the name it was given.
	Query, Alias string
	// QueryID is the id of the question's block, ID that of the answer's.
	QueryID    string
	ID         string
	Text       string
	Confidence float32
	Geometry   Geometry
}

// Signature is a signature.
type Signature struct {
	ID         string
	Confidence float32
	Geometry   Geometry
	// FieldID is the ID of the field that the signature is in, CellID that of the table cell; both are empty elsewhere.
	FieldID, CellID string `json:",omitempty"`
}

// CheckBox is a check box or a radio button.
type CheckBox struct {
	ID         string
	Selected   bool
	Confidence float32
	Geometry   Geometry
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

// AnswersByAlias returns the answers to the query with this alias.
func (p *Page) AnswersByAlias(alias string) []Answer {
	var answers []Answer
	for i := range p.Answers {
		if p.Answers[i].Alias == alias {
			answers = append(answers, p.Answers[i])
		}
	}
	return answers
}
