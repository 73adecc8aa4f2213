package textractclient

import (
	"fmt"
	"strings"
)

// Operation is one of Textract's asynchronous operations, by the name of the API action that starts it, as completion
// notifications spell it.
type Operation string

// The four operations that take a notification channel.
const (
	TextDetection    Operation = "StartDocumentTextDetection"
	DocumentAnalysis Operation = "StartDocumentAnalysis"
	ExpenseAnalysis  Operation = "StartExpenseAnalysis"
	LendingAnalysis  Operation = "StartLendingAnalysis"
)

var operationNames = map[Operation]string{
	TextDetection:    "text-detection",
	DocumentAnalysis: "document-analysis",
	ExpenseAnalysis:  "expense-analysis",
	LendingAnalysis:  "lending-analysis",
}

// Operations returns the four operations.
func Operations() []Operation {
	return []Operation{TextDetection, DocumentAnalysis, ExpenseAnalysis, LendingAnalysis}
}

// Name returns the operation's short name, such as text-detection, or its plain value when it is none of the four.
func (o Operation) Name() string {
	if name, known := operationNames[o]; known {
		return name
	}
	return string(o)
}

// ParseOperation reads an operation's short name (text-detection), the construct's spelling (TEXT_DETECTION) or the API's
// (StartDocumentTextDetection, GetDocumentTextDetection), without regard to case.
func ParseOperation(s string) (Operation, error) {
	wanted := bareOperation(s)
	for _, operation := range Operations() {
		if wanted == bareOperation(string(operation)) || wanted == bareOperation(operation.Name()) {
			return operation, nil
		}
	}
	return "", fmt.Errorf("operation %q is unknown: use text-detection, document-analysis, expense-analysis or lending-analysis", s)
}

func bareOperation(s string) string {
	s = strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	return strings.TrimPrefix(strings.TrimPrefix(s, "start"), "get")
}

func (o Operation) known() bool {
	_, known := operationNames[o]
	return known
}
