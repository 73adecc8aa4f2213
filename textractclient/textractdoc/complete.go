package textractdoc

import (
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Complete iterates over the same responses, and ends with an error that wraps ErrIncomplete where
// they are not all of a document: where each has a NextToken, so that the last is missing, or where
// there are fewer pages than DocumentMetadata counts. Pages that warnings of a partial success name
// are not missing. [Pages] and [Read] do the same: Complete is for those who read responses
// themselves.
func Complete(responses iter.Seq2[*Response, error]) iter.Seq2[*Response, error] {
	return func(yield func(*Response, error) bool) {
		var read coverage
		for response, err := range responses {
			if err == nil && response != nil {
				read.add(response)
			}
			if !yield(response, err) || err != nil {
				return
			}
		}
		if err := read.complete(); err != nil {
			yield(nil, err)
		}
	}
}

// coverage counts the pages of a document that responses have results of.
type coverage struct {
	expected  int
	seen      map[int]bool
	responses int
	last      bool // whether there was a response without a NextToken
	images    int  // PAGE blocks without a number
	uncounted bool // whether pages may have no results that nothing names
}

func (c *coverage) add(r *Response) {
	if c.seen == nil {
		c.seen = make(map[int]bool)
	}
	c.responses++
	c.expected = max(c.expected, r.pageCount())
	c.last = c.last || r.NextToken == ""
	c.addBlocks(r.Blocks)
	for i := range r.ExpenseDocuments {
		c.addExpense(&r.ExpenseDocuments[i])
	}
	for i := range r.Results {
		c.see(r.Results[i].Page)
	}
	// Identity documents have no asynchronous operation, and no numbers of pages.
	c.uncounted = c.uncounted || len(r.IdentityDocuments) > 0
	c.uncounted = c.uncounted || r.JobStatus == types.JobStatusPartialSuccess && len(r.Warnings) == 0
	for _, warning := range r.Warnings { // these pages have no results
		c.uncounted = c.uncounted || len(warning.Pages) == 0
		for i := range warning.Pages {
			c.see(&warning.Pages[i])
		}
	}
}

// pageCount returns the number of pages of the document, or 0 where the response has none.
func (r *Response) pageCount() int {
	if r.DocumentMetadata == nil {
		return 0
	}
	return int(aws.ToInt32(r.DocumentMetadata.Pages))
}

func (c *coverage) addBlocks(blocks []types.Block) {
	for i := range blocks {
		if blocks[i].BlockType == types.BlockTypePage && aws.ToInt32(blocks[i].Page) == 0 {
			c.images++
		}
		c.see(blocks[i].Page)
	}
}

func (c *coverage) addExpense(document *types.ExpenseDocument) {
	c.addBlocks(document.Blocks)
	for i := range document.SummaryFields {
		c.see(document.SummaryFields[i].PageNumber)
	}
	for _, group := range document.LineItemGroups {
		for _, item := range group.LineItems {
			for i := range item.LineItemExpenseFields {
				c.see(item.LineItemExpenseFields[i].PageNumber)
			}
		}
	}
}

func (c *coverage) see(page *int32) {
	if number := int(aws.ToInt32(page)); number > 0 {
		c.seen[number] = true
	}
}

// complete returns an error where responses or pages are missing. A document of one page may have
// results without page numbers.
func (c *coverage) complete() error {
	pages := max(len(c.seen), c.images)
	switch {
	case c.responses == 0:
		return fmt.Errorf("%w: there is none", ErrIncomplete)
	case !c.last:
		return fmt.Errorf("%w: NextToken of the last one refers to another", ErrIncomplete)
	case c.expected > 1 && !c.uncounted && pages < c.expected:
		return fmt.Errorf("%w: %d of %d pages", ErrIncomplete, pages, c.expected)
	}
	return nil
}
