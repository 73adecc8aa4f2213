package textractdoc

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Field is a form field: a key and its value.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-kvp.html
type Field struct {
	// ID is the id of the key's block. It is empty for a value without a key.
	ID string
	// Key is the words of the key, without check boxes.
	Key string
	// Value is the words of the value, with SELECTED or NOT_SELECTED for a check box and SIGNATURE
	// for a signature.
	Value string
	// Confidence is that of the key, in percent.
	Confidence float32
	// Geometry is that of the key.
	Geometry Geometry
	// KeyCheckBoxes are the check boxes in the key.
	KeyCheckBoxes []CheckBox `json:",omitempty"`
	// KeySignatureIDs are the ids, in Page.Signatures, of the signatures in the key.
	KeySignatureIDs []string `json:",omitempty"`
	// KeyWordIDs are the ids, in Page.Words, of the words of the key.
	KeyWordIDs []string `json:",omitempty"`
	// Values are the parts of Value: usually one.
	Values []FieldValue `json:",omitempty"`
}

// FieldValue is the value of a field, or a part of it.
type FieldValue struct {
	// ID is the id of the value's block.
	ID string
	// Text is the words, check boxes and signatures of the value, as in Field.Value.
	Text string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
	// CheckBoxes are the check boxes in the value.
	CheckBoxes []CheckBox `json:",omitempty"`
	// SignatureIDs are the ids, in Page.Signatures, of the signatures in the value.
	SignatureIDs []string `json:",omitempty"`
	// WordIDs are the ids, in Page.Words, of the words of the value.
	WordIDs []string `json:",omitempty"`
}

// ValueConfidence returns the confidence of the value in percent: the lowest of Values, or 0 where
// there is none.
func (f *Field) ValueConfidence() float32 {
	if len(f.Values) == 0 {
		return 0
	}
	lowest := f.Values[0].Confidence
	for i := range f.Values {
		lowest = min(lowest, f.Values[i].Confidence)
	}
	return lowest
}

// Selected returns whether the field's check box is selected, and whether the field has one: the
// first of the value, or else of the key.
func (f *Field) Selected() (selected, isCheckBox bool) {
	for i := range f.Values {
		if len(f.Values[i].CheckBoxes) > 0 {
			return f.Values[i].CheckBoxes[0].Selected, true
		}
	}
	if len(f.KeyCheckBoxes) > 0 {
		return f.KeyCheckBoxes[0].Selected, true
	}
	return false, false
}

// Signed reports whether there is a signature in the value or key.
func (f *Field) Signed() bool {
	return len(f.KeySignatureIDs) > 0 || slices.ContainsFunc(f.Values, func(value FieldValue) bool { return len(value.SignatureIDs) > 0 })
}

// isKey accepts the block type KEY too, which early responses have in place of KEY_VALUE_SET.
func isKey(block *types.Block) bool {
	return block.BlockType == "KEY" ||
		block.BlockType == types.BlockTypeKeyValueSet && slices.Contains(block.EntityTypes, types.EntityTypeKey)
}

func isValue(block *types.Block) bool {
	return !isKey(block) && (block.BlockType == types.BlockTypeKeyValueSet || block.BlockType == "VALUE")
}

// addFields adds the fields in reading order. A value that no key refers to is a field with an
// empty key.
func (b *blockIndex) addFields(page *Page) {
	type placedField struct {
		Field
		place float64
	}
	var fields []placedField
	add := func(key *types.Block, values []*types.Block) {
		previous := 0.0
		if len(fields) > 0 {
			previous = fields[len(fields)-1].place
		}
		fields = append(fields, placedField{b.field(key, values), b.fieldPlace(page, key, values, previous)})
	}
	for _, block := range b.blocks {
		if isKey(block) {
			values := b.related(block, types.RelationshipTypeValue)
			for _, value := range values {
				b.placed[value] = true
			}
			add(block, values)
		}
	}
	for _, block := range b.blocks {
		if isValue(block) && !b.placed[block] {
			add(nil, []*types.Block{block})
		}
	}
	slices.SortStableFunc(fields, func(x, y placedField) int { return cmp.Compare(x.place, y.place) })
	for i := range fields {
		page.Fields = append(page.Fields, fields[i].Field)
	}
}

func (b *blockIndex) field(key *types.Block, values []*types.Block) Field {
	var field Field
	if key != nil {
		words := b.content(key)
		field = Field{
			ID: aws.ToString(key.Id), Key: words.text, Confidence: aws.ToFloat32(key.Confidence), Geometry: newGeometry(key.Geometry),
			KeyCheckBoxes: words.checkBoxes, KeySignatureIDs: words.signatureIDs(), KeyWordIDs: words.wordIDs,
		}
	}
	var texts []string
	for _, block := range values {
		words := b.content(block)
		value := FieldValue{
			ID: aws.ToString(block.Id), Text: words.full, CheckBoxes: words.checkBoxes, WordIDs: words.wordIDs,
			SignatureIDs: words.signatureIDs(), Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
		}
		if value.Text != "" {
			texts = append(texts, value.Text)
		}
		field.Values = append(field.Values, value)
	}
	field.Value = strings.Join(texts, " ")
	return field
}

// fieldPlace is the place of the field's first word in reading order. A field without words is
// placed at the line nearest to it, and one without geometry after the field before it.
func (b *blockIndex) fieldPlace(page *Page, key *types.Block, values []*types.Block, previous float64) float64 {
	var blocks []*types.Block
	if key != nil {
		blocks = append(blocks, key)
	}
	blocks = append(blocks, values...)
	for _, block := range blocks {
		for _, child := range b.related(block, types.RelationshipTypeChild) {
			if place, isWord := b.wordAt[child]; isWord {
				return float64(place)
			}
		}
	}
	for _, block := range blocks {
		if geometry := newGeometry(block.Geometry); !geometry.isZero() {
			return nearestWord(page, geometry.center(), previous)
		}
	}
	return previous
}

func nearestWord(page *Page, at Point, otherwise float64) float64 {
	place, nearest := otherwise, math.Inf(1)
	for i := range page.Words {
		center := page.Words[i].Geometry.center()
		distance := math.Hypot(float64(center.X-at.X), float64(center.Y-at.Y))
		if distance < nearest {
			place, nearest = float64(i), distance
		}
	}
	return place
}
