package textractclient

import (
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Document is what text detection or document analysis found, as plain values.
type Document struct {
	// Pages are the document's pages that have results, in their order.
	Pages []Page
}

// Page is one page of a document.
type Page struct {
	// Number counts from 1.
	Number int
	// Lines are in reading order: that of the layout where the job had the feature LAYOUT, else Textract's own.
	Lines []Line
	// Tables needs the feature TABLES.
	Tables []Table
	// Fields needs the feature FORMS.
	Fields []Field
	// Answers needs the feature QUERIES.
	Answers []Answer
	// Signatures are the confidences of the signatures that were seen, in percent. They need the feature SIGNATURES.
	Signatures []float32
}

// Line is a line of text.
type Line struct {
	Text string
	// Confidence is in percent.
	Confidence float32
}

// Field is a key of a form with its value.
type Field struct {
	Key string
	// Value is the value's text. Check boxes and radio buttons read SELECTED or NOT_SELECTED.
	Value string
	// Confidence of the key, in percent.
	Confidence float32
}

// Answer is the answer to a query. A query without an answer has an empty Text.
type Answer struct {
	// Query is the question, Alias the name it was given.
	Query, Alias string
	Text         string
	// Confidence is in percent.
	Confidence float32
}

// ReadDocument collects a job's results into a document: ReadDocument(client.Results(ctx, job.Ref())). It returns what was
// read even with an error.
func ReadDocument(results iter.Seq2[*ResultPage, error]) (*Document, error) {
	var blocks []types.Block
	for page, err := range results {
		if err != nil {
			return NewDocument(blocks), err
		}
		blocks = append(blocks, page.Blocks...)
	}
	return NewDocument(blocks), nil
}

// NewDocument makes a document of all blocks of a job, from all result pages: blocks refer to each other across them. References
// to blocks that are not there are passed over.
func NewDocument(blocks []types.Block) *Document {
	all := indexBlocks(blocks)
	document := &Document{}
	for _, number := range all.pageNumbers {
		document.Pages = append(document.Pages, all.page(number))
	}
	return document
}

// Text returns the lines of all pages, a form feed between the pages, as pdftotext does.
func (d *Document) Text() string {
	pages := make([]string, 0, len(d.Pages))
	for _, page := range d.Pages {
		pages = append(pages, page.Text())
	}
	return strings.Join(pages, "\f")
}

// Text returns the page's lines, each with its line end.
func (p *Page) Text() string {
	var text strings.Builder
	for _, line := range p.Lines {
		text.WriteString(line.Text)
		text.WriteByte('\n')
	}
	return text.String()
}

func (b *blockIndex) page(number int) Page {
	page := Page{Number: number}
	for _, block := range b.readingOrder(number) {
		page.Lines = append(page.Lines, Line{Text: aws.ToString(block.Text), Confidence: aws.ToFloat32(block.Confidence)})
	}
	for _, block := range b.byPage[number] {
		switch block.BlockType {
		case types.BlockTypeTable:
			page.Tables = append(page.Tables, b.table(block))
		case types.BlockTypeKeyValueSet:
			if isKey(block) {
				page.Fields = append(page.Fields, b.field(block))
			}
		case types.BlockTypeQuery:
			page.Answers = append(page.Answers, b.answers(block)...)
		case types.BlockTypeSignature:
			page.Signatures = append(page.Signatures, aws.ToFloat32(block.Confidence))
		}
	}
	return page
}

func isKey(block *types.Block) bool {
	for _, entity := range block.EntityTypes {
		if entity == types.EntityTypeKey {
			return true
		}
	}
	return false
}

func (b *blockIndex) field(key *types.Block) Field {
	var values []string
	for _, value := range b.related(key, types.RelationshipTypeValue) {
		values = append(values, b.text(value))
	}
	return Field{Key: b.text(key), Value: strings.Join(values, " "), Confidence: aws.ToFloat32(key.Confidence)}
}

func (b *blockIndex) answers(block *types.Block) []Answer {
	var question Answer
	if block.Query != nil {
		question = Answer{Query: aws.ToString(block.Query.Text), Alias: aws.ToString(block.Query.Alias)}
	}
	results := b.related(block, types.RelationshipTypeAnswer)
	if len(results) == 0 {
		return []Answer{question}
	}
	answers := make([]Answer, 0, len(results))
	for _, result := range results {
		answer := question
		answer.Text = aws.ToString(result.Text)
		answer.Confidence = aws.ToFloat32(result.Confidence)
		answers = append(answers, answer)
	}
	return answers
}
