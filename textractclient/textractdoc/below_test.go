package textractdoc_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func TestBelowListsWhatIsUncertain(t *testing.T) {
	query := func(b *types.Block) { b.Query = &types.Query{Text: aws.String("Who?"), Alias: aws.String("name")} }
	blocks := []types.Block{
		block(
			types.BlockTypeWord, "w1", 1, text("sure"), confidence(90),
		),
		block(types.BlockTypeWord, "w2", 1, text("unsure"), confidence(89.9)),
		block(types.BlockTypeWord, "w3", 1, text("unknown")),
		block(
			types.BlockTypeKeyValueSet, "k", 1, entity(types.EntityTypeKey), children("w1"),
			refers(types.RelationshipTypeValue, "v"), confidence(50),
		),
		block(types.BlockTypeKeyValueSet, "v", 1, entity(types.EntityTypeValue), children("w2"), confidence(60)),
		block(
			types.BlockTypeTable, "t", 1, children("c1", "c2"), refers(types.RelationshipTypeTableTitle, "h"),
			refers(types.RelationshipTypeTableFooter, "f"), confidence(1),
		),
		block(
			types.BlockTypeCell, "c1", 1, at(1, 1, 1), children("w1"), confidence(70),
		),
		block(types.BlockTypeCell, "c2", 1, at(1, 2, 1), children("s"), confidence(95)),
		block(
			types.BlockTypeTableTitle, "h", 1, children("w3"), confidence(71),
		),
		block(types.BlockTypeTableFooter, "f", 1, children("w3"), confidence(72)),
		block(types.BlockTypeSelectionElement, "s", 1, selected(types.SelectionStatusSelected), confidence(80)),
		block(types.BlockTypeQuery, "q", 1, query, refers(types.RelationshipTypeAnswer, "a")),
		block(types.BlockTypeQuery, "q2", 1, query),
		block(types.BlockTypeQueryResult, "a", 1, text("Ana"), confidence(81)),
		block(types.BlockTypeSignature, "g", 2, confidence(20)),
	}
	detection := func(value string, of float32) *types.ExpenseDetection {
		return &types.ExpenseDetection{Text: aws.String(value), Confidence: aws.Float32(of)}
	}
	fields := func(page int32) []types.ExpenseField {
		return []types.ExpenseField{
			{
				Type:           &types.ExpenseType{Text: aws.String("TAX"), Confidence: aws.Float32(99)},
				ValueDetection: detection("1", 95),
				PageNumber:     aws.Int32(page),
			},
			{
				Type:           &types.ExpenseType{Text: aws.String("TOTAL"), Confidence: aws.Float32(40)},
				ValueDetection: detection("2", 95),
				PageNumber:     aws.Int32(page),
			},
		}
	}
	lending := types.LendingResult{Page: aws.Int32(2), Extractions: []types.Extraction{{LendingDocument: &types.LendingDocument{
		LendingFields: []types.LendingField{
			{
				Type:         aws.String("NAME"),
				KeyDetection: &types.LendingDetection{Text: aws.String("Borrower"), Confidence: aws.Float32(30)},
				ValueDetections: []types.LendingDetection{
					{Text: aws.String("Ana"), Confidence: aws.Float32(31)},
					{Text: aws.String("Bo"), Confidence: aws.Float32(98)},
				},
			},
		},
		SignatureDetections: []types.SignatureDetection{{Confidence: aws.Float32(21)}},
	}}}}
	document, err := textractdoc.Read(results(&textractdoc.Response{
		Blocks:  blocks,
		Results: []types.LendingResult{lending},
		ExpenseDocuments: []types.ExpenseDocument{
			{ExpenseIndex: aws.Int32(1), SummaryFields: fields(1), LineItemGroups: []types.LineItemGroup{
				{LineItems: []types.LineItemFields{{LineItemExpenseFields: fields(2)}}},
			}},
		},
		IdentityDocuments: []types.IdentityDocument{{IdentityDocumentFields: []types.IdentityDocumentField{
			{
				Type:           &types.AnalyzeIDDetections{Text: aws.String("SUFFIX")},
				ValueDetection: &types.AnalyzeIDDetections{Confidence: aws.Float32(10)},
			},
			{
				Type:           &types.AnalyzeIDDetections{Text: aws.String("NAME")},
				ValueDetection: &types.AnalyzeIDDetections{Confidence: aws.Float32(97)},
			},
		}}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range document.Below(90) {
		got = append(got, fmt.Sprintf("%d %s %s|%s|%v %s", e.Page, e.Kind, e.Name, e.Text, e.Confidence, e.ID))
	}
	want := []string{
		"1 WORD |unsure|89.9 w2", "1 KEY |sure|50 k", "1 VALUE sure|unsure|60 v", "1 TABLE_TITLE |unknown|71 h", "1 CELL |sure|70 c1",
		"1 TABLE_FOOTER |unknown|72 f", "1 SELECTION_ELEMENT |SELECTED|80 s", "1 QUERY_RESULT name|Ana|81 a", "1 EXPENSE_FIELD TOTAL|2|40 ",
		"2 EXPENSE_FIELD TOTAL|2|40 ", "2 SIGNATURE ||20 g", "2 IDENTITY_FIELD SUFFIX||10 ", "2 LENDING_KEY NAME|Borrower|30 ",
		"2 LENDING_VALUE NAME|Ana|31 ", "2 SIGNATURE ||21 ",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if found := document.Below(0); found != nil {
		t.Errorf("below 0: %v", found)
	}
}

// The blocks of real answers below a limit are in the list, and no others.
func TestRealBlocksBelowALimit(t *testing.T) {
	kinds := []string{"WORD", "KEY", "VALUE", "SELECTION_ELEMENT", "QUERY_RESULT", "SIGNATURE"}
	total := 0
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		if !raw.hasResults() {
			return
		}
		document, err := textractdoc.Read(results(responses...))
		if err != nil {
			t.Fatal(err)
		}
		type element struct {
			kind, id   string
			confidence float32
		}
		sorted := func(elements []element) []element {
			slices.SortFunc(elements, func(x, y element) int { return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.kind, y.kind)) })
			return slices.Compact(elements)
		}
		var want, got []element
		for _, block := range raw.blocks() {
			if slices.Contains(kinds, block.kind()) && block.Confidence > 0 && block.Confidence < 90 {
				want = append(want, element{block.kind(), block.ID, block.Confidence})
			}
		}
		for _, e := range document.Below(90) {
			if e.ID != "" && slices.Contains(kinds, string(e.Kind)) {
				got = append(got, element{string(e.Kind), e.ID, e.Confidence})
			}
		}
		want, got = sorted(want), sorted(got)
		total += len(want)
		if !slices.Equal(want, got) {
			t.Errorf("%d elements, want %d", len(got), len(want))
		}
	})
	if total == 0 {
		t.Error("no block of the real answers is below the limit")
	}
}
