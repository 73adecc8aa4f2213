package textractclient

import (
	"fmt"
	"strings"
)

// Operation is one of Textract's asynchronous operations: [TextDetection], [DocumentAnalysis],
// [ExpenseAnalysis] or [LendingAnalysis]. Its value is the API action that starts a job, as in
// completion notifications.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
type Operation string

// The four operations that take a notification channel.
const (
	// TextDetection finds lines and words.
	TextDetection Operation = "StartDocumentTextDetection"
	// DocumentAnalysis finds tables, form fields, answers to queries, signatures and layout, by
	// StartInput.Features.
	DocumentAnalysis Operation = "StartDocumentAnalysis"
	// ExpenseAnalysis finds the fields and line items of invoices and receipts.
	ExpenseAnalysis Operation = "StartExpenseAnalysis"
	// LendingAnalysis classifies the pages of a loan package, and finds their fields.
	LendingAnalysis Operation = "StartLendingAnalysis"
)

var operationNames = map[Operation]string{
	TextDetection:    "text-detection",
	DocumentAnalysis: "document-analysis",
	ExpenseAnalysis:  "expense-analysis",
	LendingAnalysis:  "lending-analysis",
}

// Operations returns the four operations, in a new slice.
func Operations() []Operation {
	return []Operation{TextDetection, DocumentAnalysis, ExpenseAnalysis, LendingAnalysis}
}

// Name returns the operation's short name: text-detection, document-analysis, expense-analysis or
// lending-analysis. It returns the value of any other operation.
func (o Operation) Name() string {
	if name, known := operationNames[o]; known {
		return name
	}
	return string(o)
}

// ParseOperation returns the operation with a name: the short name (text-detection), that of the
// construct (TEXT_DETECTION) or that of an API action (StartDocumentTextDetection,
// GetDocumentTextDetection), in upper or lower case. Any other name is an error that wraps
// ErrInvalidInput.
func ParseOperation(s string) (Operation, error) {
	wanted := bareOperation(s)
	for _, operation := range Operations() {
		if wanted == bareOperation(string(operation)) || wanted == bareOperation(operation.Name()) {
			return operation, nil
		}
	}
	return "", inputError(
		fmt.Sprintf("operation %q is unknown: use text-detection, document-analysis, expense-analysis or lending-analysis", s),
	)
}

func bareOperation(s string) string {
	s = strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	return strings.TrimPrefix(strings.TrimPrefix(s, "start"), "get")
}

func (o Operation) known() bool {
	_, known := operationNames[o]
	return known
}
