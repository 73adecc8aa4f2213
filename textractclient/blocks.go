package textractclient

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// blockIndex finds blocks by id and by page of the document.
type blockIndex struct {
	byID        map[string]*types.Block
	byPage      map[int][]*types.Block
	pageNumbers []int
}

func indexBlocks(blocks []types.Block) *blockIndex {
	index := &blockIndex{byID: make(map[string]*types.Block, len(blocks)), byPage: make(map[int][]*types.Block)}
	for i := range blocks {
		block := &blocks[i]
		index.byID[aws.ToString(block.Id)] = block
		number := max(int(aws.ToInt32(block.Page)), 1) // results of a single image have no page numbers
		if _, seen := index.byPage[number]; !seen {
			index.pageNumbers = append(index.pageNumbers, number)
		}
		index.byPage[number] = append(index.byPage[number], block)
	}
	slices.Sort(index.pageNumbers)
	return index
}

// related returns the blocks that a block refers to in one kind of relationship, without those that are missing.
func (b *blockIndex) related(block *types.Block, kind types.RelationshipType) []*types.Block {
	var related []*types.Block
	for _, relationship := range block.Relationships {
		if relationship.Type != kind {
			continue
		}
		for _, id := range relationship.Ids {
			if other, ok := b.byID[id]; ok {
				related = append(related, other)
			}
		}
	}
	return related
}

// text joins the words and selections that a key, value or cell is made of.
func (b *blockIndex) text(block *types.Block) string {
	var parts []string
	for _, child := range b.related(block, types.RelationshipTypeChild) {
		switch child.BlockType {
		case types.BlockTypeWord:
			parts = append(parts, aws.ToString(child.Text))
		case types.BlockTypeSelectionElement:
			parts = append(parts, string(child.SelectionStatus))
		}
	}
	return strings.Join(parts, " ")
}

// readingOrder returns a page's lines in the order of its layout blocks, which is the reading order, across columns too. Lines
// beside the layout, and pages without one, keep Textract's order.
func (b *blockIndex) readingOrder(number int) []*types.Block {
	order := lineOrder{index: b, seen: make(map[*types.Block]bool)}
	for _, block := range b.byPage[number] {
		if strings.HasPrefix(string(block.BlockType), "LAYOUT_") {
			order.follow(block)
		}
	}
	for _, block := range b.byPage[number] {
		order.follow(block)
	}
	return order.lines
}

type lineOrder struct {
	index *blockIndex
	seen  map[*types.Block]bool
	lines []*types.Block
}

// follow adds a line, or the lines of a layout block: a list has text blocks as children, which have the lines.
func (o *lineOrder) follow(block *types.Block) {
	if o.seen[block] {
		return
	}
	switch {
	case block.BlockType == types.BlockTypeLine:
		o.seen[block] = true
		o.lines = append(o.lines, block)
	case strings.HasPrefix(string(block.BlockType), "LAYOUT_"):
		o.seen[block] = true
		for _, child := range o.index.related(block, types.RelationshipTypeChild) {
			o.follow(child)
		}
	}
}
