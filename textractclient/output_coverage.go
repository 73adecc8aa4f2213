package textractclient

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// coverage counts the pages of the document that an output folder has results of.
type coverage struct {
	expected int
	seen     map[int]bool
	more     bool // whether the last object refers to a next one
	unnamed  bool // whether pages without results are missing from the warnings
}

func (c *coverage) add(r *textractdoc.Response) {
	if c.seen == nil {
		c.seen = make(map[int]bool)
	}
	if r.DocumentMetadata != nil {
		c.expected = max(c.expected, int(aws.ToInt32(r.DocumentMetadata.Pages)))
	}
	c.more = r.NextToken != ""
	c.addBlocks(r.Blocks)
	for i := range r.ExpenseDocuments {
		c.addExpense(&r.ExpenseDocuments[i])
	}
	for i := range r.Results {
		c.see(r.Results[i].Page)
	}
	c.unnamed = c.unnamed || r.JobStatus == types.JobStatusPartialSuccess && len(r.Warnings) == 0
	for _, warning := range r.Warnings { // these pages have no results
		c.unnamed = c.unnamed || len(warning.Pages) == 0
		for i := range warning.Pages {
			c.see(&warning.Pages[i])
		}
	}
}

func (c *coverage) addBlocks(blocks []types.Block) {
	for i := range blocks {
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

// complete returns an error where objects or pages are missing. A document of one page may have
// results without page numbers.
func (c *coverage) complete() error {
	switch {
	case c.more:
		return fmt.Errorf("%w: the last object refers to another one", ErrOutputIncomplete)
	case c.expected > 1 && !c.unnamed && len(c.seen) < c.expected:
		return fmt.Errorf("%w: %d of %d pages", ErrOutputIncomplete, len(c.seen), c.expected)
	}
	return nil
}
