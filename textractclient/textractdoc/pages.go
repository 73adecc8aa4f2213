package textractdoc

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// When a page is complete, in blocks that came since its last one. A response has at most 1,000
// blocks.
const (
	// anyOrder is how long Read keeps pages open, whose blocks may then come in any order.
	anyOrder = 10_000
	// danglingBlocks is how long a reference to a missing block keeps a page open.
	danglingBlocks = 4_000
)

// Pages iterates over the pages of a document, from the responses of a job of any operation: those
// of textractclient's Results or OutputResults, or saved ones. It yields a page when its blocks are
// complete, and then keeps nothing of it, so that memory does not grow with the document.
//
// An error of the responses ends the iteration. So does a response of a job that has no results,
// with an error that wraps ErrNoResults, and one of another document, with ErrSeveralDocuments, and
// a block of a page that was already yielded: Textract returns results in the order of the pages.
// Where responses or pages are missing, the last element is an error that wraps ErrIncomplete,
// after the pages that there are: see [Complete]. Partial success is not an error: see Page.Status
// and Warnings.
func Pages(responses iter.Seq2[*Response, error]) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) { newAssembler(0).pages(responses)(yield) }
}

// assembler puts the pages of a document together from the responses of a job.
type assembler struct {
	minBlocks int // how many blocks have to come after those of a page before it is complete
	open      map[int]*openPage
	byID      map[string]*types.Block
	waiting   map[string][]*openPage // pages by the ids that they miss
	placed    map[*types.Block]bool  // values and answers that are with the key or query of an earlier page
	blocks    int                    // how many have come
	responses int
	current   int // the page of the last block
	done      int // the last page that was complete
	pageCount int // that of the document, where responses have it
	err       error

	pageIDs  map[int]string      // the ids of PAGE blocks by their numbers
	lending  map[int]bool        // the pages of results of lending analysis
	expenses map[expenseKey]bool // the receipts that have come

	status   types.JobStatus
	warnings []types.Warning
}

// expenseKey identifies an invoice or receipt in a document.
type expenseKey struct{ index, page int }

// openPage is a page whose blocks may not be complete.
type openPage struct {
	blocks       []*types.Block
	byID         map[string]*types.Block
	hasPage      bool            // whether the PAGE block has come
	missing      map[string]bool // ids that blocks refer to and that have not come
	lastBlock    int
	lastResponse int
	expenses     []Expense
	identities   []Identity
	lending      []LendingPage
}

func newOpenPage() *openPage {
	return &openPage{byID: make(map[string]*types.Block), missing: make(map[string]bool)}
}

func newAssembler(minBlocks int) *assembler {
	return &assembler{
		minBlocks: minBlocks, open: make(map[int]*openPage), byID: make(map[string]*types.Block), waiting: make(map[string][]*openPage),
		placed: make(map[*types.Block]bool), pageIDs: make(map[int]string),
		lending: make(map[int]bool), expenses: make(map[expenseKey]bool),
	}
}

func (a *assembler) pages(responses iter.Seq2[*Response, error]) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		var incomplete error
		for response, err := range Complete(responses) {
			if errors.Is(err, ErrIncomplete) {
				incomplete = err
				break
			}
			if err == nil && response == nil {
				continue
			}
			if err == nil {
				err = response.checkStatus()
			}
			if err == nil {
				a.add(response)
				err = a.err
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for page := a.next(); page != nil; page = a.next() {
				if !yield(page, nil) {
					return
				}
			}
		}
		for page := a.last(); page != nil; page = a.last() {
			if !yield(page, nil) {
				return
			}
		}
		if incomplete != nil {
			yield(nil, incomplete)
		}
	}
}

func (a *assembler) add(response *Response) {
	a.responses++
	if response.JobStatus != "" {
		a.status = response.JobStatus
	}
	if count := response.pageCount(); count > 0 {
		if a.pageCount > 0 && count != a.pageCount {
			a.fail(fmt.Errorf("%w: one of %d pages and one of %d", ErrSeveralDocuments, a.pageCount, count))
		}
		a.pageCount = count
	}
	a.addWarnings(response.Warnings)
	for i := range response.Blocks {
		a.checkPage(&response.Blocks[i])
		a.addBlocks(response.Blocks[i:i+1], 0)
	}
	for i := range response.ExpenseDocuments {
		a.addExpense(&response.ExpenseDocuments[i], 0)
	}
	for i := range response.IdentityDocuments {
		a.addIdentity(&response.IdentityDocuments[i])
	}
	for i := range response.Results {
		a.addLending(&response.Results[i])
	}
}

// addWarnings keeps each warning once: Textract repeats them in every response.
func (a *assembler) addWarnings(warnings []types.Warning) {
	for _, warning := range warnings {
		if !slices.ContainsFunc(a.warnings, func(known types.Warning) bool {
			return aws.ToString(known.ErrorCode) == aws.ToString(warning.ErrorCode) && slices.Equal(known.Pages, warning.Pages)
		}) {
			a.warnings = append(a.warnings, warning)
		}
	}
}

// fail keeps the first error.
func (a *assembler) fail(err error) { a.err = cmp.Or(a.err, err) }

// checkPage notes as an error that a page comes again: Textract returns one PAGE block for each.
// Responses of several images, without numbers, are pages of one document.
func (a *assembler) checkPage(block *types.Block) {
	number, id := int(aws.ToInt32(block.Page)), aws.ToString(block.Id)
	if block.BlockType != types.BlockTypePage || number <= 0 || len(a.waiting[id]) > 0 { // or a part of a page
		return
	}
	if known, again := a.pageIDs[number]; again && (id == "" || id != known) {
		a.fail(pageAgain(number))
	}
	a.pageIDs[number] = id
}

func pageAgain(number int) error {
	return fmt.Errorf("%w: page %d comes again", ErrSeveralDocuments, number)
}

// addBlocks adds blocks, to this page or, where it is 0, to their own. A block without a number is
// on the page of the block before it; a single image's blocks have none.
func (a *assembler) addBlocks(blocks []types.Block, page int) {
	for i := range blocks {
		block := &blocks[i]
		switch {
		case page > 0:
			a.current = page
		case aws.ToInt32(block.Page) > 0:
			a.current = int(aws.ToInt32(block.Page))
		case block.BlockType == types.BlockTypePage:
			a.current++
		}
		a.addBlock(block, a.page(max(a.current, 1)))
	}
}

// addBlock adds a block, unless the page has it. Responses that were joined may have blocks of one
// id on several pages.
func (a *assembler) addBlock(block *types.Block, page *openPage) {
	a.blocks++
	page.lastBlock, page.lastResponse = a.blocks, a.responses
	if id := aws.ToString(block.Id); id != "" {
		if page.byID[id] != nil {
			return
		}
		page.byID[id], a.byID[id] = block, block
		for _, waiting := range a.waiting[id] {
			delete(waiting.missing, id)
		}
		delete(a.waiting, id)
	}
	page.blocks = append(page.blocks, block)
	page.hasPage = page.hasPage || block.BlockType == types.BlockTypePage
	for _, relationship := range block.Relationships {
		for _, id := range relationship.Ids {
			if a.byID[id] == nil && !page.missing[id] {
				page.missing[id] = true
				a.waiting[id] = append(a.waiting[id], page)
			}
		}
	}
}

// page returns an open page, and notes as an error that it is not open any more.
func (a *assembler) page(number int) *openPage {
	if number <= a.done {
		a.fail(fmt.Errorf("results of page %d came after page %d was complete: they are not in the order of the pages", number, a.done))
		return newOpenPage()
	}
	if a.open[number] == nil {
		a.open[number] = newOpenPage()
	}
	page := a.open[number]
	page.lastBlock, page.lastResponse = a.blocks, a.responses
	return page
}

// next returns the next page if it is complete, or nil.
func (a *assembler) next() *Page {
	number, ok := a.lowest()
	if !ok || len(a.open) == 1 { // more may come for the only page
		return nil
	}
	page := a.open[number]
	quiet := a.blocks - page.lastBlock
	resolved := len(page.missing) == 0 && (page.hasPage || page.lastResponse < a.responses)
	if quiet < a.minBlocks || !resolved && quiet < danglingBlocks {
		return nil
	}
	return a.complete(number)
}

// last returns the next page, complete or not, or nil after the last.
func (a *assembler) last() *Page {
	number, ok := a.lowest()
	if !ok {
		return nil
	}
	return a.complete(number)
}

func (a *assembler) lowest() (int, bool) {
	lowest, found := 0, false
	for number := range maps.Keys(a.open) {
		if !found || number < lowest {
			lowest, found = number, true
		}
	}
	return lowest, found
}

func (a *assembler) complete(number int) *Page {
	open := a.open[number]
	find := func(id string) *types.Block { return cmp.Or(open.byID[id], a.byID[id]) }
	page := newBlockIndex(open.blocks, find, a.placed).page(number)
	page.Status, page.Warnings = a.status, slices.Clone(a.warnings)
	page.Expenses, page.Identities, page.Lending = open.expenses, open.identities, open.lending
	for _, block := range open.blocks {
		delete(a.placed, block)
	}
	for id, block := range open.byID {
		if a.byID[id] == block {
			delete(a.byID, id)
		}
	}
	for id := range open.missing {
		a.waiting[id] = slices.DeleteFunc(a.waiting[id], func(page *openPage) bool { return page == open })
		if len(a.waiting[id]) == 0 {
			delete(a.waiting, id)
		}
	}
	delete(a.open, number)
	a.done = max(a.done, number)
	return page
}
