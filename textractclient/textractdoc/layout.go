package textractdoc

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// LayoutElement is a part of a page, such as a title, a paragraph or a list.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/layoutresponse.html
type LayoutElement struct {
	// ID is the id of the block.
	ID string
	// Kind is the type of the block, such as LAYOUT_TITLE, LAYOUT_TEXT, LAYOUT_LIST or
	// LAYOUT_FOOTER.
	Kind types.BlockType
	// Lines are the lines of the element. Those of a list are in its items, which follow it.
	Lines []Line `json:",omitempty"`
	// ListID is the ID of the list that the element is an item of, or empty.
	ListID string `json:",omitempty"`
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
}

// Text returns the element's Lines, each with a line feed at its end.
func (e *LayoutElement) Text() string { return joinLines(e.Lines, nil) }

// isRunning reports whether the element repeats from page to page.
func (e *LayoutElement) isRunning() bool {
	switch e.Kind {
	case types.BlockTypeLayoutHeader, types.BlockTypeLayoutFooter, types.BlockTypeLayoutPageNumber:
		return true
	default:
		return false
	}
}

func isLayout(block *types.Block) bool { return strings.HasPrefix(string(block.BlockType), "LAYOUT_") }

// layoutReader walks the layout in its order, which is the reading order, across columns too. It
// gives each line to one element.
type layoutReader struct {
	*blockIndex
	seen     map[*types.Block]bool
	lines    []*types.Block
	elements []layoutLines
}

type layoutLines struct {
	block *types.Block
	list  string
	lines []*types.Block
}

// readLayout returns the lines in reading order. Lines outside the layout, and pages without one,
// keep Textract's order.
func readLayout(b *blockIndex) *layoutReader {
	r := &layoutReader{blockIndex: b, seen: make(map[*types.Block]bool)}
	listed := make(map[*types.Block]bool) // parts of other elements, such as items of lists, which come with them
	for _, block := range b.blocks {
		if isLayout(block) {
			for _, child := range b.related(block, types.RelationshipTypeChild) {
				listed[child] = true
			}
		}
	}
	for _, block := range b.blocks {
		if isLayout(block) && !listed[block] {
			r.addElement(block, "")
		}
	}
	for _, block := range b.blocks { // elements that only refer to each other
		if isLayout(block) {
			r.addElement(block, "")
		}
	}
	for _, block := range b.blocks {
		if block.BlockType == types.BlockTypeLine && !r.seen[block] {
			r.seen[block] = true
			r.lines = append(r.lines, block)
		}
	}
	return r
}

func (r *layoutReader) addElement(block *types.Block, list string) {
	if r.seen[block] {
		return
	}
	r.seen[block] = true
	listID := ""
	if block.BlockType == types.BlockTypeLayoutList {
		listID = aws.ToString(block.Id)
	}
	at := len(r.elements)
	r.elements = append(r.elements, layoutLines{block: block, list: list})
	for _, child := range r.related(block, types.RelationshipTypeChild) {
		switch {
		case isLayout(child):
			r.addElement(child, listID)
		case child.BlockType == types.BlockTypeLine && !r.seen[child]:
			r.seen[child] = true
			r.lines = append(r.lines, child)
			r.elements[at].lines = append(r.elements[at].lines, child)
		}
	}
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
