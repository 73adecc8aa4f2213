package textractasync

// Jobs have no ARN, so IAM knows these actions without a resource; they are named one by one for the same reason.
var operationActions = map[Operation]struct{ start, get []string }{
	Operation_TEXT_DETECTION: {
		start: []string{"textract:StartDocumentTextDetection"},
		get:   []string{"textract:GetDocumentTextDetection"},
	},
	Operation_DOCUMENT_ANALYSIS: {
		start: []string{"textract:StartDocumentAnalysis"},
		get:   []string{"textract:GetDocumentAnalysis"},
	},
	Operation_EXPENSE_ANALYSIS: {
		start: []string{"textract:StartExpenseAnalysis"},
		get:   []string{"textract:GetExpenseAnalysis"},
	},
	Operation_LENDING_ANALYSIS: {
		start: []string{"textract:StartLendingAnalysis"},
		get:   []string{"textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary"},
	},
}

func allOperations() []Operation {
	return []Operation{
		Operation_TEXT_DETECTION,
		Operation_DOCUMENT_ANALYSIS,
		Operation_EXPENSE_ANALYSIS,
		Operation_LENDING_ANALYSIS,
	}
}

// chosenOperations copies, so that a later change of the caller's slice changes no grant.
func chosenOperations(given *[]Operation) []Operation {
	if given == nil {
		return allOperations()
	}
	return append([]Operation(nil), *given...)
}

func startActions(operations []Operation) []string {
	var actions []string
	for _, operation := range operations {
		actions = append(actions, operationActions[operation].start...)
	}
	return actions
}

func getActions(operations []Operation) []string {
	var actions []string
	for _, operation := range operations {
		actions = append(actions, operationActions[operation].get...)
	}
	return actions
}
