package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// confidence is a made-up one: nothing reads the document.
const confidence = 99

// blocks returns what Textract would find in the document, as it tells it: PAGE blocks with their LINEs, LINEs with their WORDs.
// See: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-document-layout.html
func (d document) blocks() []types.Block {
	var all []types.Block
	for i, lines := range d {
		page := newBlock(types.BlockTypePage, i+1, len(all), "")
		page.Geometry = box(0, 0, 1, 1)
		at := len(all)
		all = append(all, page)
		for j, line := range lines {
			found := lineBlocks(line, i+1, j, len(all))
			addChild(&all[at], found[0])
			all = append(all, found...)
		}
	}
	return all
}

func lineBlocks(text string, page, line, next int) []types.Block {
	const fromTop, height = float32(marginTop) / pageHeight, float32(fontSize) / pageHeight
	top := fromTop + float32(line*lineDistance)/pageHeight
	const left, width = float32(marginLeft) / pageWidth, 1 - 2*float32(marginLeft)/pageWidth
	found := []types.Block{newBlock(types.BlockTypeLine, page, next, text)}
	found[0].Geometry = box(left, top, width, height)
	words := strings.Fields(text)
	for i, text := range words {
		word := newBlock(types.BlockTypeWord, page, next+1+i, text)
		word.TextType = types.TextTypePrinted
		word.Geometry = box(left+width*float32(i)/float32(len(words)), top, width/float32(len(words)), height)
		addChild(&found[0], word)
		found = append(found, word)
	}
	return found
}

func newBlock(kind types.BlockType, page, number int, text string) types.Block {
	block := types.Block{BlockType: kind, Id: aws.String(fmt.Sprintf("block-%d", number)), Page: aws.Int32(int32(page))}
	if kind != types.BlockTypePage {
		block.Text, block.Confidence = aws.String(text), aws.Float32(confidence)
	}
	return block
}

func addChild(parent *types.Block, child types.Block) {
	if len(parent.Relationships) == 0 {
		parent.Relationships = []types.Relationship{{Type: types.RelationshipTypeChild}}
	}
	parent.Relationships[0].Ids = append(parent.Relationships[0].Ids, *child.Id)
}

func box(left, top, width, height float32) *types.Geometry {
	return &types.Geometry{
		BoundingBox: &types.BoundingBox{Left: left, Top: top, Width: width, Height: height},
		Polygon: []types.Point{
			{X: left, Y: top}, {X: left + width, Y: top}, {X: left + width, Y: top + height}, {X: left, Y: top + height},
		},
	}
}

// blocksJSON has the API's names, which are those of the Go fields. What is not there is null.
func (d document) blocksJSON() ([]byte, error) { return json.Marshal(d.blocks()) }
