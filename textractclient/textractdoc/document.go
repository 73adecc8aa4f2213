package textractdoc

import (
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Document has the results of a job as plain values. encoding/json encodes and decodes it.
type Document struct {
	// Status is the job's status: SUCCEEDED or PARTIAL_SUCCESS. It is empty for results without
	// one, as those of synchronous operations.
	Status types.JobStatus
	// Warnings name the pages that could not be read, each warning once.
	Warnings []types.Warning `json:",omitempty"`
	// Pages are the pages that have results, in the order of their numbers.
	Pages []Page
}

// Read reads all responses of a job into a document: those of textractclient's Results or
// OutputResults, or saved ones. It has all pages in memory at a time; [Pages] has a few.
//
// An error is that of the responses, or wraps ErrNoResults, ErrSeveralDocuments or ErrIncomplete;
// the document then has the pages before it. Partial success is not an error: see Document.Status
// and Warnings. Results of lending analysis, and of expense analysis by older models, have fields
// and no text: see Document.Lending and Expenses.
//
// Responses of single images without page numbers, as those of synchronous operations, are the
// pages of one document, in their order.
func Read(responses iter.Seq2[*Response, error]) (*Document, error) {
	document := &Document{}
	assembler := newAssembler(anyOrder)
	for page, err := range assembler.pages(responses) {
		if err != nil {
			document.Status, document.Warnings = assembler.status, assembler.warnings
			return document, err
		}
		document.Pages = append(document.Pages, *page)
	}
	document.Status, document.Warnings = assembler.status, assembler.warnings
	return document, nil
}

// FromBlocks returns the document of the blocks of a job. Pass the blocks of all its responses,
// because they refer to each other. References to missing blocks are ignored.
func FromBlocks(blocks []types.Block) *Document {
	document := &Document{}
	assembler := newAssembler(anyOrder)
	assembler.add(&Response{Blocks: blocks})
	for page := assembler.last(); page != nil; page = assembler.last() {
		document.Pages = append(document.Pages, *page)
	}
	return document
}

// Text returns the lines of all pages, with a form feed between pages, as pdftotext does.
func (d *Document) Text() string { return d.joinPages((*Page).Text) }

// BodyText returns the Text without headers, footers and page numbers, which only the feature
// LAYOUT finds.
func (d *Document) BodyText() string { return d.joinPages((*Page).BodyText) }

func (d *Document) joinPages(text func(*Page) string) string {
	pages := make([]string, len(d.Pages))
	for i := range d.Pages {
		pages[i] = text(&d.Pages[i])
	}
	return strings.Join(pages, "\f")
}

// FieldsByKey returns the form fields of all pages with a key. It ignores case, repeated spaces and
// colons at the end.
func (d *Document) FieldsByKey(key string) []Field {
	return collect(d, func(page *Page) []Field { return page.FieldsByKey(key) })
}

// AnswersByAlias returns the answers of all pages to the queries with an alias. A query may have an
// answer on each page that it asks.
func (d *Document) AnswersByAlias(alias string) []Answer {
	return collect(d, func(page *Page) []Answer { return page.AnswersByAlias(alias) })
}

// Expenses returns the invoices and receipts of an expense analysis. Those of a lending analysis
// are in Lending.
func (d *Document) Expenses() []Expense {
	return collect(d, func(page *Page) []Expense { return page.Expenses })
}

// Lending returns the results of a lending analysis, an element for each page.
func (d *Document) Lending() []LendingPage {
	return collect(d, func(page *Page) []LendingPage { return page.Lending })
}

func collect[T any](d *Document, of func(*Page) []T) []T {
	var all []T
	for i := range d.Pages {
		all = slices.Concat(all, of(&d.Pages[i]))
	}
	return all
}
