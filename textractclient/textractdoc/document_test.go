package textractdoc_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// block builds a block of a page, with its relationships.
func block(kind types.BlockType, id string, page int32, change ...func(*types.Block)) types.Block {
	b := types.Block{Id: aws.String(id), BlockType: kind, Page: aws.Int32(page), Confidence: aws.Float32(90)}
	for _, fn := range change {
		fn(&b)
	}
	return b
}

func refers(kind types.RelationshipType, ids ...string) func(*types.Block) {
	return func(b *types.Block) {
		b.Relationships = append(b.Relationships, types.Relationship{Type: kind, Ids: ids})
	}
}

func children(ids ...string) func(*types.Block) { return refers(types.RelationshipTypeChild, ids...) }

func entity(kind types.EntityType) func(*types.Block) {
	return func(b *types.Block) { b.EntityTypes = append(b.EntityTypes, kind) }
}

func at(row, column, columns int32) func(*types.Block) {
	return func(b *types.Block) {
		b.RowIndex, b.ColumnIndex, b.RowSpan, b.ColumnSpan = aws.Int32(row), aws.Int32(column), aws.Int32(1), aws.Int32(columns)
	}
}

func confidence(percent float32) func(*types.Block) {
	return func(b *types.Block) { b.Confidence = aws.Float32(percent) }
}

func selected(status types.SelectionStatus) func(*types.Block) {
	return func(b *types.Block) { b.SelectionStatus = status }
}

func text(s string) func(*types.Block) { return func(b *types.Block) { b.Text = aws.String(s) } }

func word(id, s string) types.Block { return block(types.BlockTypeWord, id, 1, text(s)) }

func line(id, text string, page int32) types.Block {
	return types.Block{
		Id:         aws.String(id),
		BlockType:  types.BlockTypeLine,
		Text:       aws.String(text),
		Page:       aws.Int32(page),
		Confidence: aws.Float32(99),
	}
}

func TestDocumentLines(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypePage, "p2", 2, children("l3")),
		line("l3", "third", 2),
		block(types.BlockTypePage, "p1", 1, children("l1", "l2")),
		line("l1", "first", 1), word("w1", "first"), line("l2", "second", 1),
	})
	if got, want := document.Text(), "first\nsecond\n\fthird\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := textractdoc.FromBlocks(nil).Text(); got != "" {
		t.Errorf("no blocks give %q", got)
	}
	image := textractdoc.FromBlocks([]types.Block{{BlockType: types.BlockTypeLine, Text: aws.String("image")}})
	if len(image.Pages) != 1 || image.Pages[0].Number != 1 {
		t.Errorf("blocks without a page number: %+v", image)
	}
}

// Two columns, which Textract lists line by line across the page, and the layout column by column.
func TestDocumentLinesInTheOrderOfTheLayout(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		line("a1", "left 1", 1), line("b1", "right 1", 1), line("a2", "left 2", 1), line("b2", "right 2", 1), line("x", "margin", 1),
		block(types.BlockTypeLayoutText, "left", 1, children("a1", "a2")),
		block(types.BlockTypeLayoutList, "right", 1, children("item")),
		block(types.BlockTypeLayoutText, "item", 1, children("b1", "b2", "missing")),
	})
	if got, want := document.Text(), "left 1\nleft 2\nright 1\nright 2\nmargin\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestDocumentTables(t *testing.T) {
	cell := func(id string, row, column int32, change ...func(*types.Block)) types.Block {
		return block(types.BlockTypeCell, id, 1, append(change, at(row, column, 1))...)
	}
	header := entity(types.EntityTypeColumnHeader)
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeTable, "t", 1, children("c11", "c12", "c21", "c22"), refers(types.RelationshipTypeMergedCell, "m"),
			refers(types.RelationshipTypeTableTitle, "title"), refers(types.RelationshipTypeTableFooter, "footer")),
		cell("c11", 1, 1, header, children("w1")), cell("c12", 1, 2, header, children("w2")),
		cell("c21", 2, 1, children("w3", "w4")), cell("c22", 2, 2, children("s1")),
		block(types.BlockTypeMergedCell, "m", 1, at(1, 1, 2), children("c11", "c12")),
		block(types.BlockTypeTableTitle, "title", 1, children("w5")),
		block(types.BlockTypeTableFooter, "footer", 1, children("w6")),
		word("w1", "Name and"), word("w2", "state"), word("w3", "Ana"), word("w4", "Silva"), word("w5", "People"), word("w6", "end"),
		block(types.BlockTypeSelectionElement, "s1", 1, selected(types.SelectionStatusSelected)),
	})
	isHeader := []types.EntityType{types.EntityTypeColumnHeader}
	want := []textractdoc.Table{{
		ID: "t", Page: 1, Title: "People", Footer: "end", Confidence: 90,
		Titles:  []textractdoc.Caption{{ID: "title", Text: "People", Confidence: 90, WordIDs: []string{"w5"}}},
		Footers: []textractdoc.Caption{{ID: "footer", Text: "end", Confidence: 90, WordIDs: []string{"w6"}}},
		Cells: []textractdoc.Cell{
			{
				ID: "m", Page: 1, Row: 1, Column: 1, RowSpan: 1, ColumnSpan: 2, Text: "Name and state", Header: true, Kinds: isHeader,
				Confidence: 90, WordIDs: []string{"w1", "w2"}, PartIDs: []string{"c11", "c12"},
			},
			{
				ID:         "c21",
				Page:       1,
				Row:        2,
				Column:     1,
				RowSpan:    1,
				ColumnSpan: 1,
				Text:       "Ana Silva",
				Confidence: 90,
				WordIDs:    []string{"w3", "w4"},
			},
			{
				ID: "c22", Page: 1, Row: 2, Column: 2, RowSpan: 1, ColumnSpan: 1, Text: "SELECTED", Confidence: 90,
				CheckBoxes: []textractdoc.CheckBox{{ID: "s1", Selected: true, Confidence: 90}},
			},
		},
	}}
	if diff := cmp.Diff(want, document.Pages[0].Tables); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantRows := [][]string{{"Name and state", ""}, {"Ana Silva", "SELECTED"}}
	if diff := cmp.Diff(wantRows, document.Pages[0].Tables[0].Rows()); diff != "" {
		t.Errorf("rows: -want +got\n%s", diff)
	}
	if rows := (&textractdoc.Table{}).Rows(); len(rows) != 0 {
		t.Errorf("an empty table has rows %v", rows)
	}
}

func TestDocumentFieldsAnswersAndSignatures(t *testing.T) {
	key, value := entity(types.EntityTypeKey), entity(types.EntityTypeValue)
	query := func(q, alias string) func(*types.Block) {
		return func(b *types.Block) { b.Query = &types.Query{Text: aws.String(q), Alias: aws.String(alias)} }
	}
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeKeyValueSet, "k1", 1, key, children("w1"), refers(types.RelationshipTypeValue, "v1")),
		block(types.BlockTypeKeyValueSet, "v1", 1, value, children("w2", "w3"), confidence(80)),
		block(types.BlockTypeKeyValueSet, "k2", 1, key, children("w4"), refers(types.RelationshipTypeValue, "v2")),
		block(types.BlockTypeKeyValueSet, "v2", 1, value, children("s1")),
		block(types.BlockTypeKeyValueSet, "k3", 1, key, children("w5"), refers(types.RelationshipTypeValue, "missing")),
		word("w1", "Name:"), word("w2", "Ana"), word("w3", "Silva"), word("w4", "Married"), word("w5", "Age:"),
		block(types.BlockTypeSelectionElement, "s1", 1, selected(types.SelectionStatusNotSelected)),
		block(types.BlockTypeQuery, "q1", 1, query("Who?", "who"), refers(types.RelationshipTypeAnswer, "a1", "a2")),
		block(types.BlockTypeQueryResult, "a1", 1, text("Ana")), block(types.BlockTypeQueryResult, "a2", 1, text("Bea")),
		block(types.BlockTypeQuery, "q2", 1, query("When?", "")),
		block(types.BlockTypeSignature, "s", 1),
	})
	page := document.Pages[0]
	married := textractdoc.CheckBox{ID: "s1", Confidence: 90}
	wantFields := []textractdoc.Field{
		{ID: "k1", Key: "Name:", Value: "Ana Silva", Confidence: 90, KeyWordIDs: []string{"w1"}, Values: []textractdoc.FieldValue{
			{ID: "v1", Text: "Ana Silva", Confidence: 80, WordIDs: []string{"w2", "w3"}},
		}},
		{ID: "k2", Key: "Married", Value: "NOT_SELECTED", Confidence: 90, KeyWordIDs: []string{"w4"}, Values: []textractdoc.FieldValue{
			{ID: "v2", Text: "NOT_SELECTED", Confidence: 90, CheckBoxes: []textractdoc.CheckBox{married}},
		}},
		{ID: "k3", Key: "Age:", Confidence: 90, KeyWordIDs: []string{"w5"}},
	}
	if diff := cmp.Diff(wantFields, page.Fields); diff != "" {
		t.Errorf("fields: -want +got\n%s", diff)
	}
	if selected, is := page.Fields[1].Selected(); selected || !is {
		t.Errorf("a check box that is not selected: %v, %v", selected, is)
	}
	if _, is := page.Fields[0].Selected(); is || page.Fields[0].ValueConfidence() != 80 || page.Fields[2].ValueConfidence() != 0 {
		t.Errorf(
			"a check box: %v; confidences of values: %v and %v", is, page.Fields[0].ValueConfidence(),
			page.Fields[2].ValueConfidence(),
		)
	}
	wantAnswers := []textractdoc.Answer{
		{Query: "Who?", Alias: "who", QueryID: "q1", ID: "a1", Text: "Ana", Confidence: 90},
		{Query: "Who?", Alias: "who", QueryID: "q1", ID: "a2", Text: "Bea", Confidence: 90},
		{Query: "When?", QueryID: "q2"},
	}
	if diff := cmp.Diff(wantAnswers, page.Answers); diff != "" {
		t.Errorf("answers: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(wantAnswers[:2], document.AnswersByAlias("who")); diff != "" {
		t.Errorf("answers by alias: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]textractdoc.CheckBox{married}, page.CheckBoxes); diff != "" {
		t.Errorf("check boxes: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]textractdoc.Signature{{ID: "s", Confidence: 90}}, page.Signatures); diff != "" {
		t.Errorf("signatures: -want +got\n%s", diff)
	}
	for _, key := range []string{"Name:", "name", " NAME :"} {
		if diff := cmp.Diff(wantFields[:1], document.FieldsByKey(key)); diff != "" {
			t.Errorf("fields by the key %q: -want +got\n%s", key, diff)
		}
	}
}
