package textractdoc

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// blockIndex has the blocks of one page of the document, and finds those that they refer to.
type blockIndex struct {
	blocks []*types.Block
	find   func(id string) *types.Block
	placed map[*types.Block]bool // values and answers that are with a key or query, also of an earlier page
	wordAt map[*types.Block]int  // the place of a word in reading order
}

// newBlockIndex puts the blocks into the order in which the page lists them. What it does not list
// keeps its order, at the end.
func newBlockIndex(blocks []*types.Block, find func(id string) *types.Block, placed map[*types.Block]bool) *blockIndex {
	b := &blockIndex{blocks: slices.Clone(blocks), find: find, placed: placed}
	rank := make(map[*types.Block]int)
	for _, block := range blocks {
		if block.BlockType != types.BlockTypePage {
			continue
		}
		for _, child := range b.related(block, types.RelationshipTypeChild) {
			if _, listed := rank[child]; !listed {
				rank[child] = len(rank)
			}
		}
	}
	order := func(block *types.Block) int {
		if place, listed := rank[block]; listed {
			return place
		}
		return len(rank)
	}
	slices.SortStableFunc(b.blocks, func(x, y *types.Block) int { return order(x) - order(y) })
	return b
}

// related returns the blocks that a block refers to in one of these kinds of relationship, without
// those that are missing.
func (b *blockIndex) related(block *types.Block, kinds ...types.RelationshipType) []*types.Block {
	var related []*types.Block
	for i := range block.Relationships {
		if !slices.Contains(kinds, block.Relationships[i].Type) {
			continue
		}
		for _, id := range block.Relationships[i].Ids {
			if other := b.find(id); other != nil {
				related = append(related, other)
			}
		}
	}
	return related
}

// content is what a key, a value, a title or a cell is made of.
type content struct {
	// text has words only, full also the state of check boxes, and SIGNATURE for a signature.
	text, full string
	wordIDs    []string
	checkBoxes []CheckBox
	signatures []*types.Block
}

func (c content) signatureIDs() []string {
	var ids []string
	for _, signature := range c.signatures {
		ids = append(ids, aws.ToString(signature.Id))
	}
	return ids
}

func (b *blockIndex) content(block *types.Block) content {
	return b.contentOf(b.related(block, types.RelationshipTypeChild))
}

func (b *blockIndex) contentOf(children []*types.Block) content {
	var c content
	var words, all []string
	for _, child := range children {
		switch child.BlockType {
		case types.BlockTypeWord:
			word := aws.ToString(child.Text)
			words, all = append(words, word), append(all, word)
			c.wordIDs = append(c.wordIDs, aws.ToString(child.Id))
		case types.BlockTypeSelectionElement:
			all = append(all, selectionText(child))
			c.checkBoxes = append(c.checkBoxes, newCheckBox(child))
		case types.BlockTypeSignature:
			all = append(all, string(types.BlockTypeSignature))
			c.signatures = append(c.signatures, child)
		}
	}
	c.text, c.full = strings.Join(words, " "), strings.Join(all, " ")
	return c
}
