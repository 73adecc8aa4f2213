package textractdoc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func box(left, top, width, height float32) func(*types.Block) {
	return func(b *types.Block) {
		b.Geometry = &types.Geometry{BoundingBox: &types.BoundingBox{Left: left, Top: top, Width: width, Height: height}}
	}
}

func TestElementsHaveTheirPlace(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypePage, "p", 1, children("l")),
		block(types.BlockTypeLine, "l", 1, text("Ana Silva"), children("w1", "w2"), func(b *types.Block) {
			b.Geometry = &types.Geometry{
				BoundingBox: &types.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}, RotationAngle: aws.Float32(25),
				Polygon: []types.Point{{X: 0.1, Y: 0.2}, {X: 0.4, Y: 0.2}},
			}
		}),
		word("w1", "Ana"),
		block(types.BlockTypeWord, "w2", 1, text("Silva"), func(b *types.Block) { b.TextType = types.TextTypeHandwriting }),
	})
	words := []textractdoc.Word{
		{ID: "w1", Text: "Ana", Confidence: 90}, {ID: "w2", Text: "Silva", Confidence: 90, TextType: types.TextTypeHandwriting},
	}
	want := []textractdoc.Page{{
		Number: 1, ID: "p", Words: words,
		Lines: []textractdoc.Line{{
			ID: "l", Text: "Ana Silva", Confidence: 90, Words: words, WordIDs: []string{"w1", "w2"},
			Geometry: textractdoc.Geometry{
				BoundingBox: textractdoc.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}, RotationAngle: 25,
				Polygon: []textractdoc.Point{{X: 0.1, Y: 0.2}, {X: 0.4, Y: 0.2}},
			},
		}},
	}}
	if diff := cmp.Diff(want, document.Pages); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMergedCellReadsLineByLine(t *testing.T) {
	table := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeLine, "l1", 1, children("w1", "w2")), block(types.BlockTypeLine, "l2", 1, children("w3", "w4")),
		word("w1", "Amount"), word("w2", "due"), word("w3", "by"), word("w4", "Friday"),
		block(types.BlockTypeTable, "t", 1, children("c1", "c2"), refers(types.RelationshipTypeMergedCell, "m")),
		block(types.BlockTypeCell, "c1", 1, at(1, 1, 1), children("w1", "w3")),
		block(types.BlockTypeCell, "c2", 1, at(1, 2, 1), children("w2", "w4")),
		block(types.BlockTypeMergedCell, "m", 1, at(1, 1, 2), children("c1", "c2")),
	}).Pages[0].Tables[0]
	if got := table.Cells[0].Text; got != "Amount due by Friday" {
		t.Errorf("text %q", got)
	}
}

func TestMergedCellIsWhereItsChildrenAre(t *testing.T) {
	table := textractdoc.FromBlocks([]types.Block{
		word("w1", "Heading"), word("w2", "1/15/2009"),
		block(types.BlockTypeTable, "t", 1, children("c31", "c11", "c12", "c21", "c22", "c32"), refers(types.RelationshipTypeMergedCell, "m")),
		block(types.BlockTypeCell, "c11", 1, at(1, 1, 1), children("w1")), block(types.BlockTypeCell, "c12", 1, at(1, 2, 1)),
		block(types.BlockTypeCell, "c21", 1, at(2, 1, 1)), block(types.BlockTypeCell, "c22", 1, at(2, 2, 1)),
		block(types.BlockTypeCell, "c31", 1, at(3, 1, 1), children("w2")), block(types.BlockTypeCell, "c32", 1, at(3, 2, 1)),
		block(types.BlockTypeMergedCell, "m", 1, at(3, 1, 1), children("c11", "c12")),
	}).Pages[0].Tables[0]
	if diff := cmp.Diff([][]string{{"Heading", ""}, {"", ""}, {"1/15/2009", ""}}, table.Rows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if cell := table.Cells[0]; cell.ID != "m" || cell.Row != 1 || cell.ColumnSpan != 2 {
		t.Errorf("cells are not in order: %+v first", cell)
	}
}

// Two cells of one place, and a place beyond all reason, lose nothing and break nothing.
func TestRowsOfWrongIndices(t *testing.T) {
	table := textractdoc.Table{Cells: []textractdoc.Cell{
		{
			Row:    1,
			Column: 1,
			Text:   "a",
		},
		{Row: 1, Column: 1, Text: "b"},
		{Row: 2_000_000_000, Column: 3, RowSpan: 2_000_000_000, Text: "c"},
		{},
	}}
	if diff := cmp.Diff([][]string{{"a b", "", ""}, {"", "", "c"}}, table.Rows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestKindsOfTablesAndCells(t *testing.T) {
	for _, names := range []struct{ table, section, summary types.EntityType }{
		{"STRUCTURED_TABLE", "TABLE_SECTION_TITLE", "TABLE_SUMMARY"}, {"STRUCTURED", "SECTION_TITLE", "SUMMARY"},
	} {
		table := textractdoc.FromBlocks([]types.Block{
			block(types.BlockTypeTable, "t", 1, children("c1", "c2"), entity(names.table)),
			block(types.BlockTypeCell, "c1", 1, at(1, 1, 1), entity(names.section), entity(types.EntityTypeColumnHeader)),
			block(types.BlockTypeCell, "c2", 1, at(2, 1, 1), entity(names.summary)),
		}).Pages[0].Tables[0]
		if table.Kind != types.EntityTypeStructuredTable || !table.Cells[0].Header ||
			!slices.Equal(table.Cells[0].Kinds, []types.EntityType{types.EntityTypeTableSectionTitle, types.EntityTypeColumnHeader}) ||
			!slices.Equal(table.Cells[1].Kinds, []types.EntityType{types.EntityTypeTableSummary}) {
			t.Errorf("%v: %+v", names, table)
		}
	}
}

func TestSignatureInAFieldAndInACell(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		word("w1", "Signed:"), word("w2", "Ana"),
		block(types.BlockTypeKeyValueSet, "k", 1, entity(types.EntityTypeKey), children("w1"), refers(types.RelationshipTypeValue, "v")),
		block(types.BlockTypeKeyValueSet, "v", 1, entity(types.EntityTypeValue), children("s1")),
		block(types.BlockTypeTable, "t", 1, children("c")),
		block(types.BlockTypeCell, "c", 1, at(2, 3, 1), children("w2", "s2")),
		block(types.BlockTypeSignature, "s1", 1), block(types.BlockTypeSignature, "s2", 1),
		block(types.BlockTypeSignature, "s3", 1, box(0.5, 0.9, 0.2, 0.02)),
	})
	page := document.Pages[0]
	want := []textractdoc.Signature{
		{ID: "s1", Confidence: 90, FieldID: "k"},
		{ID: "s2", Confidence: 90, CellID: "c"},
		{ID: "s3", Confidence: 90, Geometry: textractdoc.Geometry{
			BoundingBox: textractdoc.BoundingBox{Left: 0.5, Top: 0.9, Width: 0.2, Height: 0.02},
		}},
	}
	if diff := cmp.Diff(want, page.Signatures); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if field := page.Fields[0]; field.Value != "SIGNATURE" || !field.Signed() {
		t.Errorf("field %+v", field)
	}
	if cell := page.Tables[0].Cells[0]; cell.Text != "Ana SIGNATURE" || !slices.Equal(cell.SignatureIDs, []string{"s2"}) {
		t.Errorf("cell %+v", cell)
	}
	for _, text := range []string{page.Details(), page.Markdown()} {
		for _, place := range []string{"Signed:", "table 1, row 2, column 3", "60 % from the left, 91 % from the top"} {
			if strings.Count(text, place) == 0 {
				t.Errorf("the place %q of a signature is not in\n%s", place, text)
			}
		}
	}
}

func TestSignatureInAKey(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		word("w", "Signed:"), block(types.BlockTypeSignature, "s", 1),
		block(types.BlockTypeKeyValueSet, "k", 1, entity(types.EntityTypeKey), children("w", "s")),
	})
	page := document.Pages[0]
	field := page.Fields[0]
	if field.Key != "Signed:" || !slices.Equal(field.KeySignatureIDs, []string{"s"}) || !field.Signed() ||
		page.Signatures[0].FieldID != "k" {
		t.Errorf("field %+v, signatures %+v", field, page.Signatures)
	}
}

// A query may have line ends and tabs, which separate rows and columns.
func TestDetailsKeepRowsAndColumns(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeQuery, "q", 1, func(b *types.Block) { b.Query = &types.Query{Text: aws.String("Who,\nand\twhen?")} },
			refers(types.RelationshipTypeAnswer, "a")),
		block(types.BlockTypeQueryResult, "a", 1, text("Ana\ntoday")),
	})
	if got, want := document.Pages[0].Details(), "\nAnswers of page 1:\nWho, and when?\tAna today\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckBoxesInKeysAndTitles(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		word("w1", "Discussions"), word("w2", "Topics"),
		block(types.BlockTypeSelectionElement, "s1", 1, selected(types.SelectionStatusNotSelected)),
		block(types.BlockTypeSelectionElement, "s2", 1, selected(types.SelectionStatusSelected)),
		block(types.BlockTypeSelectionElement, "s3", 1, selected(types.SelectionStatusSelected), box(0.1, 0.1, 0, 0)),
		block(types.BlockTypeKeyValueSet, "k", 1, entity(types.EntityTypeKey), children("s1", "w1")),
		block(types.BlockTypeTable, "t", 1, refers(types.RelationshipTypeTableTitle, "title")),
		block(types.BlockTypeTableTitle, "title", 1, children("s2", "w2")),
	})
	page := document.Pages[0]
	field := document.FieldsByKey("discussions")
	if len(field) != 1 || field[0].Key != "Discussions" || len(field[0].KeyCheckBoxes) != 1 {
		t.Fatalf("fields %+v", page.Fields)
	}
	if selected, is := field[0].Selected(); selected || !is {
		t.Errorf("the key's check box: %v, %v", selected, is)
	}
	if table := page.Tables[0]; table.Title != "Topics" || !table.Titles[0].CheckBoxes[0].Selected {
		t.Errorf("table %+v", table)
	}
	if len(page.CheckBoxes) != 3 {
		t.Errorf("check boxes %+v", page.CheckBoxes)
	}
	for name, text := range map[string]string{"details": page.Details(), "Markdown": strings.ReplaceAll(page.Markdown(), `\`, "")} {
		for _, state := range []string{"Discussions (NOT_SELECTED)", "Topics (SELECTED)", "10 % from the left, 10 % from the top"} {
			if !strings.Contains(text, state) {
				t.Errorf("%q is not in the %s:\n%s", state, name, text)
			}
		}
	}
}

func TestFieldsInReadingOrder(t *testing.T) {
	key := entity(types.EntityTypeKey)
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeLine, "l1", 1, children("w1", "w2"), box(0, 0, 1, 0.1)),
		block(types.BlockTypeLine, "l2", 1, children("w3")),
		block(
			types.BlockTypeWord, "w1", 1, text("first"), box(0, 0, 0.1, 0.1),
		),
		block(types.BlockTypeWord, "w2", 1, text("second"), box(0.5, 0, 0.1, 0.1)),
		block(types.BlockTypeWord, "w3", 1, text("third"), box(0, 0.5, 0.1, 0.1)),
		block(types.BlockTypeKeyValueSet, "k3", 1, key, children("w3")),
		block(types.BlockTypeKeyValueSet, "k2", 1, key, children("w2")),
		block(types.BlockTypeKeyValueSet, "box", 1, key, box(0.4, 0.05, 0.05, 0.05)), // no words: the nearest are the second's
		block(types.BlockTypeKeyValueSet, "k1", 1, key, children("w1")),
		block(types.BlockTypeKeyValueSet, "v", 1, entity(types.EntityTypeValue), children("w3")), // no key
	})
	var got []string
	for _, field := range document.Pages[0].Fields {
		got = append(got, field.Key+"="+field.Value)
	}
	if want := []string{"first=", "second=", "=", "third=", "=third"}; !slices.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBodyTextLeavesRunningLinesOut(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		line("h", "Annual report", 1), line("l", "text", 1), line("n", "7", 1), line("f", "confidential", 1), line("x", "margin", 1),
		block(types.BlockTypeLayoutHeader, "lh", 1, children("h")), block(types.BlockTypeLayoutText, "lt", 1, children("l")),
		block(types.BlockTypeLayoutPageNumber, "ln", 1, children("n")), block(types.BlockTypeLayoutFooter, "lf", 1, children("f")),
	})
	if got := document.BodyText(); got != "text\nmargin\n" {
		t.Errorf("body text %q", got)
	}
	if got := document.Text(); got != "Annual report\ntext\n7\nconfidential\nmargin\n" {
		t.Errorf("text %q", got)
	}
}

func TestLayoutListsHaveTheirLinesOnce(t *testing.T) {
	document := textractdoc.FromBlocks([]types.Block{
		line("l1", "one", 1), line("l2", "two", 1),
		block(types.BlockTypeLayoutText, "i1", 1, children("l1")), block(types.BlockTypeLayoutText, "i2", 1, children("l2")),
		block(types.BlockTypeLayoutList, "list", 1, children("i1", "i2")),
	})
	var got []string
	for _, element := range document.Pages[0].Layout {
		got = append(got, element.ID+" "+element.ListID+" "+element.Text())
	}
	if want := []string{"list  ", "i1 list one\n", "i2 list two\n"}; !slices.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
}
