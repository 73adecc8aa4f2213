package textractclient

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// ErrNoText is returned by ReadDocument for results without any text to read: those of lending analysis, and of expense analysis
// by older models, have fields only. The document is complete nevertheless: see Document.Expenses and Document.Lending.
var ErrNoText = errors.New("the results have no text, only fields: read Document.Expenses or Document.Lending")

// Document is what a job found, as plain values.
type Document struct {
	// Status is SUCCEEDED or PARTIAL_SUCCESS, or empty for answers that carry none, as those of synchronous operations.
	Status types.JobStatus
	// Warnings name the pages that could not be read, each warning once.
	Warnings []types.Warning `json:",omitempty"`
	// Pages are the document's pages that have results, in order.
	Pages []Page
}

// ReadDocument collects a job's results into a document: ReadDocument(client.Results(ctx, job.Ref())). It keeps all pages in
// memory; Pages keeps one.
//
// Errors are those of the results; the document then lacks pages. A job that succeeded in part is no error: see Document.Status and
// Document.Warnings. Results with fields but no text give ErrNoText and the whole document.
func ReadDocument(results iter.Seq2[*ResultPage, error]) (*Document, error) {
	document := &Document{}
	assembler := newAssembler(anyOrder)
	for page, err := range assembler.pages(results) {
		if err != nil {
			document.Status, document.Warnings = assembler.status, assembler.warnings
			return document, err
		}
		document.Pages = append(document.Pages, *page)
	}
	document.Status, document.Warnings = assembler.status, assembler.warnings
	if assembler.fieldsOnly() {
		return document, ErrNoText
	}
	return document, nil
}

// NewDocument makes a document of all blocks of a job, from all result pages: blocks refer to each other across them. References
// to missing blocks are ignored.
func NewDocument(blocks []types.Block) *Document {
	document := &Document{}
	assembler := newAssembler(anyOrder)
	assembler.add(&ResultPage{Blocks: blocks})
	for page := assembler.last(); page != nil; page = assembler.last() {
		document.Pages = append(document.Pages, *page)
	}
	return document
}

// Text returns the lines of all pages, with a form feed between pages, as pdftotext does.
func (d *Document) Text() string { return d.joinPages((*Page).Text) }

// BodyText is Text without running headers, footers and page numbers, which need the feature LAYOUT.
func (d *Document) BodyText() string { return d.joinPages((*Page).BodyText) }

func (d *Document) joinPages(text func(*Page) string) string {
	pages := make([]string, len(d.Pages))
	for i := range d.Pages {
		pages[i] = text(&d.Pages[i])
	}
	return strings.Join(pages, "\f")
}

// Fields returns the form fields of all pages whose key is the given one, without regard to case, spaces and a final colon.
func (d *Document) Fields(key string) []Field {
	return collect(d, func(page *Page) []Field { return page.FieldsByKey(key) })
}

// Answers returns the answers of all pages to the query with this alias. A query may have an answer on every page that it was
// asked on.
func (d *Document) Answers(alias string) []Answer {
	return collect(d, func(page *Page) []Answer { return page.AnswersByAlias(alias) })
}

// Expenses returns the invoices and receipts of all pages.
func (d *Document) Expenses() []Expense {
	return collect(d, func(page *Page) []Expense { return page.Expenses })
}

// Lending returns the results of a lending analysis, page by page.
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
