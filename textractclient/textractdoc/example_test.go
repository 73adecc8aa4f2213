package textractdoc_test

import (
	"fmt"
	"iter"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// saved iterates over responses that were saved as JSON.
func saved(texts ...string) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		for _, text := range texts {
			if !yield(textractdoc.ParseResponse([]byte(text))) {
				return
			}
		}
	}
}

// Read a response that was saved as JSON, here of a synchronous operation.
func ExampleParseResponse() {
	response, err := textractdoc.ParseResponse([]byte(`{"DocumentMetadata":{"Pages":1},"Blocks":[
		{"BlockType":"LINE","Id":"a","Text":"Dear Sir,"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(textractdoc.FromBlocks(response.Blocks).Text())
	// Output: Dear Sir,
}

// Read a document page by page, with the id, confidence and position of each line.
func ExamplePages() {
	// In a program: Results or OutputResults of a client, or saved responses.
	responses := saved(
		`{"JobStatus":"SUCCEEDED","NextToken":"x","Blocks":[{"BlockType":"LINE","Id":"a","Page":1,"Text":"Dear Sir,"}]}`,
		`{"JobStatus":"SUCCEEDED","Blocks":[{"BlockType":"LINE","Id":"b","Page":2,"Text":"Yours","Confidence":99.5,
			"Geometry":{"BoundingBox":{"Left":0.1,"Top":0.2,"Width":0.3,"Height":0.05}}}]}`,
	)
	for page, err := range textractdoc.Pages(responses) {
		if err != nil {
			log.Fatal(err)
		}
		for _, line := range page.Lines {
			fmt.Println(page.Number, line.ID, line.Text, line.Confidence, line.Geometry.BoundingBox)
		}
	}
	// Output:
	// 1 a Dear Sir, 0 {0 0 0 0}
	// 2 b Yours 99.5 {0.1 0.2 0.3 0.05}
}

// Read the form fields, tables and answers of a document analysis.
func ExampleRead() {
	// In a program: Results or OutputResults of a client, or saved responses.
	responses := results(&textractdoc.Response{Blocks: formBlocks})
	document, err := textractdoc.Read(responses)
	if err != nil {
		log.Fatal(err)
	}
	for _, field := range document.FieldsByKey("invoice number") {
		fmt.Println(field.Key, field.Value, field.ValueConfidence())
	}
	for _, answer := range document.AnswersByAlias("total") {
		fmt.Println(answer.Query, answer.Text)
	}
	for _, page := range document.Pages {
		for _, table := range page.Tables {
			fmt.Println(table.Rows())
		}
	}
	// Output:
	// Invoice number: 1234 98.5
	// What is the total? 12.50
	// [[Item Price] [Paper 12.50]]
}

func ExampleFromBlocks() {
	document := textractdoc.FromBlocks([]types.Block{
		{BlockType: types.BlockTypeLine, Page: aws.Int32(1), Text: aws.String("Dear Sir,")},
		{BlockType: types.BlockTypeLine, Page: aws.Int32(1), Text: aws.String("hello")},
	})
	fmt.Print(document.Text())
	// Output:
	// Dear Sir,
	// hello
}

func ExampleTable_CSV() {
	document := textractdoc.FromBlocks(formBlocks)
	fmt.Print(document.Pages[0].Tables[0].CSV())
	// Output:
	// Item,Price
	// Paper,12.50
}

func ExampleDocument_Markdown() {
	document := textractdoc.FromBlocks(formBlocks)
	fmt.Print(document.Markdown())
	// Output:
	// Invoice number: 1234
	//
	// | Item | Price |
	// | --- | --- |
	// | Paper | 12.50 |
	//
	// ### Fields
	//
	// | Key | Value |
	// | --- | --- |
	// | Invoice number: | 1234 |
	//
	// ### Answers
	//
	// | Query | Alias | Answer |
	// | --- | --- | --- |
	// | What is the total? | total | 12.50 |
}

// Read the fields and line items of invoices and receipts.
func ExampleDocument_Expenses() {
	responses := results(&textractdoc.Response{ExpenseDocuments: []types.ExpenseDocument{receipt()}})
	document, err := textractdoc.Read(responses)
	if err != nil {
		log.Fatal(err)
	}
	for _, expense := range document.Expenses() {
		for _, total := range expense.FieldsByType("TOTAL") {
			fmt.Println("total", total.Value, total.Currency)
		}
		for _, item := range expense.Items {
			for _, field := range item.Fields {
				fmt.Println(field.Type, field.Value)
			}
		}
	}
	// Output:
	// total $12.50 USD
	// ITEM Paper
	// PRICE $12.50
}

// Read the fields of a loan package.
func ExampleDocument_Lending() {
	responses := results(&textractdoc.Response{Results: []types.LendingResult{loan}})
	document, err := textractdoc.Read(responses)
	if err != nil {
		log.Fatal(err)
	}
	for _, page := range document.Lending() {
		for _, field := range page.Fields {
			for _, value := range field.Values {
				fmt.Println(page.Page, page.Types[0].Value, field.Type, value.Text)
			}
		}
	}
	// Output: 1 PAYSLIPS BORROWER_NAME Jane Doe
}

// Route what Textract is not sure of to a person.
func ExampleDocument_Below() {
	document := textractdoc.FromBlocks([]types.Block{
		block(
			types.BlockTypeKeyValueSet,
			"k",
			1,
			entity(types.EntityTypeKey),
			children("w1"),
			refers(types.RelationshipTypeValue, "v"),
			confidence(99),
		),
		block(types.BlockTypeKeyValueSet, "v", 1, entity(types.EntityTypeValue), children("w2"), confidence(71.5)),
		block(types.BlockTypeWord, "w1", 1, text("Total:"), confidence(99)),
		block(types.BlockTypeWord, "w2", 1, text("12.50"), confidence(64)),
	})
	review := document.Below(90)
	for _, element := range review {
		fmt.Printf("page %d: %s %s%q %.1f %%, block %s\n",
			element.Page, element.Kind, element.Name, element.Text, element.Confidence, element.ID)
	}
	if len(review) > 0 {
		fmt.Println("to be reviewed")
	}
	// Output:
	// page 1: WORD "12.50" 64.0 %, block w2
	// page 1: VALUE Total:"12.50" 71.5 %, block v
	// to be reviewed
}
