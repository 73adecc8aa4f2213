package textractclient

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// blockIndex has the blocks of one page of the document, and finds those that they refer to.
type blockIndex struct {
	blocks []*types.Block
	find   func(id string) *types.Block
	wordAt map[*types.Block]int // the place of a word in reading order
}

// newBlockIndex puts the blocks into the order in which the page lists them. What it does not list keeps its order, at the end.
func newBlockIndex(blocks []*types.Block, find func(id string) *types.Block) *blockIndex {
	b := &blockIndex{blocks: slices.Clone(blocks), find: find}
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

// related returns the blocks that a block refers to in one of these kinds of relationship, without those that are missing.
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

func selectionText(block *types.Block) string {
	if block.SelectionStatus == "" {
		return string(types.SelectionStatusNotSelected)
	}
	return string(block.SelectionStatus)
}

func newCheckBox(block *types.Block) CheckBox {
	return CheckBox{
		ID: aws.ToString(block.Id), Selected: block.SelectionStatus == types.SelectionStatusSelected,
		Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
	}
}

// sortCheckBoxes puts the check boxes into reading order: by the word that is nearest.
func sortCheckBoxes(page *Page) {
	place := make(map[string]float64, len(page.CheckBoxes))
	for i := range page.CheckBoxes {
		place[page.CheckBoxes[i].ID] = nearestWord(page, page.CheckBoxes[i].Geometry.center(), 0)
	}
	slices.SortStableFunc(page.CheckBoxes, func(x, y CheckBox) int {
		return cmp.Or(cmp.Compare(place[x.ID], place[y.ID]), cmp.Compare(x.ID, y.ID))
	})
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
		if block.Text == nil {
			line.Text = b.content(block).text
		}
		page.Lines = append(page.Lines, line)
		lines[block], begin = line, ends[i]
	}
	return lines
}

func newLayoutElement(element layoutLines, lines map[*types.Block]Line) LayoutElement {
	e := LayoutElement{
		ID: aws.ToString(element.block.Id), Kind: element.block.BlockType, ListID: element.list,
		Confidence: aws.ToFloat32(element.block.Confidence), Geometry: newGeometry(element.block.Geometry),
	}
	for _, line := range element.lines {
		e.Lines = append(e.Lines, lines[line])
	}
	return e
}

func (b *blockIndex) answers() []Answer {
	var answers []Answer
	answered := make(map[*types.Block]bool)
	for _, block := range b.blocks {
		if block.BlockType != types.BlockTypeQuery {
			continue
		}
		question := Answer{QueryID: aws.ToString(block.Id)}
		if block.Query != nil {
			question.Query, question.Alias = aws.ToString(block.Query.Text), aws.ToString(block.Query.Alias)
		}
		results := b.related(block, types.RelationshipTypeAnswer)
		if len(results) == 0 {
			answers = append(answers, question)
		}
		for _, result := range results {
			answered[result] = true
			answers = append(answers, question.with(result))
		}
	}
	for _, block := range b.blocks { // the question may be on another page
		if block.BlockType == types.BlockTypeQueryResult && !answered[block] {
			answers = append(answers, Answer{}.with(block))
		}
	}
	return answers
}

func (a Answer) with(result *types.Block) Answer {
	a.ID, a.Text = aws.ToString(result.Id), aws.ToString(result.Text)
	a.Confidence, a.Geometry = aws.ToFloat32(result.Confidence), newGeometry(result.Geometry)
	return a
}

// signatures lists the page's signatures. cells has those of table cells, with the cell's id.
func (b *blockIndex) signatures(cells map[*types.Block]string) []Signature {
	fields := make(map[*types.Block]string)
	for _, block := range b.blocks {
		if !isKey(block) {
			continue
		}
		parts := append(b.related(block, types.RelationshipTypeValue), block)
		for _, part := range parts {
			for _, signature := range b.content(part).signatures {
				fields[signature] = aws.ToString(block.Id)
			}
		}
	}
	var signatures []Signature
	for _, block := range b.blocks {
		if block.BlockType == types.BlockTypeSignature {
			signatures = append(signatures, Signature{
				ID: aws.ToString(block.Id), FieldID: fields[block], CellID: cells[block],
				Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
			})
		}
	}
	return signatures
}
