package textractdoc_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// formBlocks are what a document analysis finds in form.pdf.
var formBlocks = []types.Block{
	block(types.BlockTypeLine, "l1", 1, text("Invoice number: 1234"), children("w1", "w2", "w3")),
	word("w1", "Invoice"),
	word("w2", "number:"),
	word("w3", "1234"),
	block(
		types.BlockTypeKeyValueSet, "k1", 1, entity(types.EntityTypeKey), children("w1", "w2"),
		refers(types.RelationshipTypeValue, "v1"),
	),
	block(types.BlockTypeKeyValueSet, "v1", 1, entity(types.EntityTypeValue), children("w3"), confidence(98.5)),
	block(types.BlockTypeLine, "l2", 1, text("Item Price"), children("w4", "w5")),
	word("w4", "Item"),
	word("w5", "Price"),
	block(types.BlockTypeLine, "l3", 1, text("Paper 12.50"), children("w6", "w7")),
	word("w6", "Paper"),
	word("w7", "12.50"),
	block(types.BlockTypeTable, "t1", 1, children("c11", "c12", "c21", "c22")),
	block(types.BlockTypeCell, "c11", 1, at(1, 1, 1), entity(types.EntityTypeColumnHeader), children("w4")),
	block(types.BlockTypeCell, "c12", 1, at(1, 2, 1), entity(types.EntityTypeColumnHeader), children("w5")),
	block(types.BlockTypeCell, "c21", 1, at(2, 1, 1), children("w6")),
	block(types.BlockTypeCell, "c22", 1, at(2, 2, 1), children("w7")),
	block(types.BlockTypeQuery, "q1", 1, refers(types.RelationshipTypeAnswer, "a1"), func(b *types.Block) {
		b.Query = &types.Query{Text: aws.String("What is the total?"), Alias: aws.String("total")}
	}),
	block(types.BlockTypeQueryResult, "a1", 1, text("12.50")),
}

func expenseField(kind, value string) types.ExpenseField {
	return types.ExpenseField{
		Type: &types.ExpenseType{Text: aws.String(kind)}, PageNumber: aws.Int32(1),
		ValueDetection: &types.ExpenseDetection{Text: aws.String(value), Confidence: aws.Float32(99)},
	}
}

// receipt is what an expense analysis finds in receipt.png.
func receipt() types.ExpenseDocument {
	total := expenseField("TOTAL", "$12.50")
	total.Currency = &types.ExpenseCurrency{Code: aws.String("USD")}
	return types.ExpenseDocument{
		ExpenseIndex:  aws.Int32(1),
		SummaryFields: []types.ExpenseField{expenseField("VENDOR_NAME", "Paper & Co."), total},
		LineItemGroups: []types.LineItemGroup{{LineItems: []types.LineItemFields{{
			LineItemExpenseFields: []types.ExpenseField{expenseField("ITEM", "Paper"), expenseField("PRICE", "$12.50")},
		}}}},
		Blocks: []types.Block{line("l1", "Paper & Co.", 1)},
	}
}

// loan is what a lending analysis finds in loan.pdf.
var loan = types.LendingResult{
	Page:               aws.Int32(1),
	PageClassification: &types.PageClassification{PageType: []types.Prediction{{Value: aws.String("PAYSLIPS")}}},
	Extractions: []types.Extraction{{LendingDocument: &types.LendingDocument{LendingFields: []types.LendingField{{
		Type: aws.String("BORROWER_NAME"), ValueDetections: []types.LendingDetection{{Text: aws.String("Jane Doe")}},
	}}}}},
}
