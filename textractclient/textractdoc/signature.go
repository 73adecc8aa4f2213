package textractdoc

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Signature is a signature.
type Signature struct {
	// ID is the id of the block.
	ID string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// FieldID is the ID of the field that the signature is in, and CellID that of the table cell.
	// Each is empty where it is in none.
	FieldID, CellID string `json:",omitempty"`
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

// describeSignature returns the key of the field that the signature is in, or the place of its
// cell, or that on the page.
func (p *Page) describeSignature(s *Signature) string {
	for i := range p.Fields {
		if s.FieldID != "" && p.Fields[i].ID == s.FieldID && p.Fields[i].Key != "" {
			return p.Fields[i].Key
		}
	}
	for i := range p.Tables {
		for j := range p.Tables[i].Cells {
			if cell := &p.Tables[i].Cells[j]; s.CellID != "" && cell.ID == s.CellID {
				return fmt.Sprintf("table %d, row %d, column %d", i+1, cell.Row, cell.Column)
			}
		}
	}
	return s.place()
}

func (s *Signature) place() string { return s.Geometry.describe() }
