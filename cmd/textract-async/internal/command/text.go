package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// writeText prints lines of text, then tables, form fields and answers, and what expense and lending analysis found.
func (r results) writeText(w io.Writer) error {
	var text strings.Builder
	text.WriteString(r.document().Text())
	for _, page := range r.document().Pages {
		writeFindings(&text, page)
	}
	for _, page := range r.pages {
		for _, expense := range page.ExpenseDocuments {
			writeExpense(&text, expense)
		}
		for _, result := range page.Results {
			writeLending(&text, result)
		}
	}
	if r.summary != nil && r.summary.Summary != nil {
		writeSummary(&text, r.summary.Summary)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (r results) document() *textractclient.Document {
	var blocks []types.Block
	for _, page := range r.pages {
		blocks = append(blocks, page.Blocks...)
	}
	return textractclient.NewDocument(blocks)
}

func writeFindings(text *strings.Builder, page textractclient.Page) {
	for i, table := range page.Tables {
		fmt.Fprintf(text, "\nTable %d of page %d: %s\n", i+1, page.Number, table.Title)
		for _, row := range table.Rows() {
			fmt.Fprintln(text, strings.Join(row, "\t"))
		}
	}
	if len(page.Fields) > 0 {
		fmt.Fprintf(text, "\nFields of page %d:\n", page.Number)
	}
	for _, field := range page.Fields {
		fmt.Fprintf(text, "%s\t%s\n", field.Key, field.Value)
	}
	if len(page.Answers) > 0 {
		fmt.Fprintf(text, "\nAnswers of page %d:\n", page.Number)
	}
	for _, answer := range page.Answers {
		fmt.Fprintf(text, "%s\t%s\n", answer.Query, answer.Text)
	}
}

func writeExpense(text *strings.Builder, expense types.ExpenseDocument) {
	fmt.Fprintf(text, "\nExpense %d:\n", aws.ToInt32(expense.ExpenseIndex))
	for _, field := range expense.SummaryFields {
		fmt.Fprintln(text, expenseField(field))
	}
	for _, group := range expense.LineItemGroups {
		for _, item := range group.LineItems {
			var fields []string
			for _, field := range item.LineItemExpenseFields {
				fields = append(fields, expenseField(field))
			}
			fmt.Fprintln(text, strings.Join(fields, "\t"))
		}
	}
}

func expenseField(field types.ExpenseField) string {
	var kind, value string
	if field.Type != nil {
		kind = aws.ToString(field.Type.Text)
	}
	if field.ValueDetection != nil {
		value = aws.ToString(field.ValueDetection.Text)
	}
	return kind + "\t" + oneLine(value)
}

// oneLine is for values such as addresses, which have line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func writeLending(text *strings.Builder, result types.LendingResult) {
	var kinds []string
	if result.PageClassification != nil {
		for _, kind := range result.PageClassification.PageType {
			kinds = append(kinds, aws.ToString(kind.Value))
		}
	}
	fmt.Fprintf(text, "\nPage %d: %s\n", aws.ToInt32(result.Page), strings.Join(kinds, ", "))
	for _, extraction := range result.Extractions {
		if extraction.LendingDocument != nil {
			for _, field := range extraction.LendingDocument.LendingFields {
				writeLendingField(text, field)
			}
		}
		if extraction.ExpenseDocument != nil {
			writeExpense(text, *extraction.ExpenseDocument)
		}
		if extraction.IdentityDocument != nil {
			writeIdentity(text, *extraction.IdentityDocument)
		}
	}
}

func writeLendingField(text *strings.Builder, field types.LendingField) {
	var values []string
	for _, value := range field.ValueDetections {
		values = append(values, oneLine(aws.ToString(value.Text)))
	}
	fmt.Fprintf(text, "%s\t%s\n", aws.ToString(field.Type), strings.Join(values, ", "))
}

func writeIdentity(text *strings.Builder, document types.IdentityDocument) {
	for _, field := range document.IdentityDocumentFields {
		if field.Type != nil && field.ValueDetection != nil {
			fmt.Fprintf(text, "%s\t%s\n", aws.ToString(field.Type.Text), oneLine(aws.ToString(field.ValueDetection.Text)))
		}
	}
}

func writeSummary(text *strings.Builder, summary *types.LendingSummary) {
	fmt.Fprintln(text, "\nDocuments:")
	for _, group := range summary.DocumentGroups {
		for _, document := range group.SplitDocuments {
			fmt.Fprintf(text, "%s %d\tpages %v\n", aws.ToString(group.Type), aws.ToInt32(document.Index), document.Pages)
		}
	}
}
