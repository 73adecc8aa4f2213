package textractclient

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// ResultPage is one answer of a Get operation, or one object of the output bucket: a part of a job's results. It is no page of
// the document; blocks of one document page may be spread over several.
type ResultPage struct {
	DocumentMetadata *types.DocumentMetadata
	JobStatus        types.JobStatus
	StatusMessage    string          `json:",omitempty"`
	Warnings         []types.Warning `json:",omitempty"`
	// ModelVersion is the version of the operation's model.
	ModelVersion string `json:",omitempty"`
	// Blocks are the results of TextDetection and DocumentAnalysis.
	Blocks []types.Block `json:",omitempty"`
	// ExpenseDocuments are the results of ExpenseAnalysis.
	ExpenseDocuments []types.ExpenseDocument `json:",omitempty"`
	// Results are the results of LendingAnalysis.
	Results []types.LendingResult `json:",omitempty"`
}

// LendingSummary is the answer of GetLendingAnalysisSummary.
type LendingSummary struct {
	DocumentMetadata *types.DocumentMetadata
	JobStatus        types.JobStatus
	StatusMessage    string          `json:",omitempty"`
	Warnings         []types.Warning `json:",omitempty"`
	// ModelVersion is the version of the lending model.
	ModelVersion string `json:",omitempty"`
	Summary      *types.LendingSummary
}

// MarshalJSON writes the page under the API's names, without the SDK's empty fields.
func (p ResultPage) MarshalJSON() ([]byte, error) {
	type plain ResultPage
	return marshalWithoutNulls(plain(p))
}

// MarshalJSON writes the summary under the API's names, without the SDK's empty fields.
func (s LendingSummary) MarshalJSON() ([]byte, error) {
	type plain LendingSummary
	return marshalWithoutNulls(plain(s))
}

func marshalWithoutNulls(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(withoutNulls(tree))
}

func withoutNulls(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		for name, value := range node {
			if isEmptyJSON(value) {
				delete(node, name)
				continue
			}
			node[name] = withoutNulls(value)
		}
	case []any:
		for i, value := range node {
			node[i] = withoutNulls(value)
		}
	}
	return tree
}

// isEmptyJSON tells what the SDK's types write for a field that was absent: pointers and slices null, enums an empty string.
func isEmptyJSON(value any) bool {
	return value == nil || value == ""
}

// storedPage is what Textract writes into an output bucket: the answer of the Get operation, where each operation has its own
// name for the model's version.
type storedPage struct {
	ResultPage
	Summary                        *types.LendingSummary
	DetectDocumentTextModelVersion string
	AnalyzeDocumentModelVersion    string
	AnalyzeExpenseModelVersion     string
	AnalyzeLendingModelVersion     string
}

func parseStoredPage(text []byte) (*storedPage, error) {
	var page storedPage
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, err
	}
	page.ModelVersion = page.ModelVersion + page.DetectDocumentTextModelVersion + page.AnalyzeDocumentModelVersion +
		page.AnalyzeExpenseModelVersion + page.AnalyzeLendingModelVersion
	page.JobStatus = types.JobStatus(strings.ToUpper(string(page.JobStatus)))
	if page.JobStatus == "" {
		page.JobStatus = types.JobStatusSucceeded // Textract writes results of ended jobs only
	}
	return &page, nil
}

func textDetectionPage(out *textract.GetDocumentTextDetectionOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, ModelVersion: aws.ToString(out.DetectDocumentTextModelVersion), Blocks: out.Blocks,
	}
}

func documentAnalysisPage(out *textract.GetDocumentAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, ModelVersion: aws.ToString(out.AnalyzeDocumentModelVersion), Blocks: out.Blocks,
	}
}

func expenseAnalysisPage(out *textract.GetExpenseAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, ModelVersion: aws.ToString(out.AnalyzeExpenseModelVersion), ExpenseDocuments: out.ExpenseDocuments,
	}
}

func lendingAnalysisPage(out *textract.GetLendingAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, ModelVersion: aws.ToString(out.AnalyzeLendingModelVersion), Results: out.Results,
	}
}
