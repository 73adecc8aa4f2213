package textractclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/go-json-experiment/json" // the standard library's encoding/json/v2, also for Go before 1.27
	"github.com/go-json-experiment/json/jsontext"
)

// ResultPage is a part of a job's results: one response of a Get action, or one object of the
// output bucket, under the API's names. It is not a page of the document: the blocks of one such
// page may be in several. [Pages] and [ReadDocument] join them.
type ResultPage struct {
	// The model version of the operation is in one of these and DetectDocumentTextModelVersion. The
	// others are empty.
	AnalyzeDocumentModelVersion string
	AnalyzeExpenseModelVersion  string
	AnalyzeIDModelVersion       string
	AnalyzeLendingModelVersion  string
	// Blocks are the results of TextDetection and DocumentAnalysis.
	Blocks                         []types.Block
	DetectDocumentTextModelVersion string
	// DocumentMetadata has the number of pages of the document.
	DocumentMetadata *types.DocumentMetadata
	// ExpenseDocuments are the results of ExpenseAnalysis.
	ExpenseDocuments []types.ExpenseDocument
	// IdentityDocuments are the results of AnalyzeID, a synchronous operation.
	IdentityDocuments []types.IdentityDocument
	// JobStatus is the job's status. It is empty in responses of synchronous operations.
	JobStatus types.JobStatus
	// Results are the results of LendingAnalysis.
	Results []types.LendingResult
	// StatusMessage is often empty.
	StatusMessage string
	// Warnings name the pages that could not be read, where JobStatus is PARTIAL_SUCCESS.
	Warnings []types.Warning
}

// LendingSummary is the response of GetLendingAnalysisSummary, under the API's names.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_GetLendingAnalysisSummary.html
type LendingSummary struct {
	AnalyzeLendingModelVersion string
	DocumentMetadata           *types.DocumentMetadata
	JobStatus                  types.JobStatus
	StatusMessage              string
	// Summary has the documents of the package, and the types of document that it lacks.
	Summary  *types.LendingSummary
	Warnings []types.Warning
}

// ParseResultPage decodes the JSON of a response of Textract: of a Get action, of a synchronous
// operation, or an object of an output bucket. It returns an error for any other JSON, and for a
// lending summary, which json.Unmarshal decodes into a [LendingSummary].
func ParseResultPage(text []byte) (*ResultPage, error) {
	response, err := parseResponse(text)
	if err != nil {
		return nil, err
	}
	if response.Summary != nil {
		return nil, errors.New("the JSON is the summary of a lending analysis: decode it into a LendingSummary")
	}
	page := ResultPage(response.plainPage)
	return &page, nil
}

// MarshalJSON encodes the page under the API's names, without absent fields.
func (p ResultPage) MarshalJSON() ([]byte, error) { return json.Marshal(plainPage(p), withoutAbsent) }

// MarshalJSON encodes the summary under the API's names, without absent fields.
func (s LendingSummary) MarshalJSON() ([]byte, error) {
	type plain LendingSummary
	return json.Marshal(plain(s), withoutAbsent)
}

// withoutAbsent omits the nil and empty fields of the SDK's types. Coordinates are written even
// where they are 0.
var withoutAbsent = json.JoinOptions(json.OmitZeroStructFields(true), json.WithMarshalers(json.JoinMarshalers(
	json.MarshalToFunc(func(encoder *jsontext.Encoder, box types.BoundingBox) error {
		return json.MarshalEncode(encoder, map[string]float32{
			"Width": box.Width, "Height": box.Height, "Left": box.Left, "Top": box.Top,
		}, json.Deterministic(true))
	}),
	json.MarshalToFunc(func(encoder *jsontext.Encoder, point types.Point) error {
		return json.MarshalEncode(encoder, Point{X: point.X, Y: point.Y}, json.OmitZeroStructFields(false))
	}),
)))

// plainPage is a ResultPage without its methods.
type plainPage ResultPage

// response is all that an object of the output bucket has.
type response struct {
	plainPage
	NextToken string
	Summary   *types.LendingSummary
}

var errNotResponse = errors.New("the JSON is not a response of Textract: it has no JobStatus, DocumentMetadata or results")

func parseResponse(text []byte) (*response, error) {
	var r response
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	r.JobStatus = types.JobStatus(strings.ToUpper(string(r.JobStatus)))
	if r.JobStatus == "" && r.DocumentMetadata == nil && r.Blocks == nil && r.ExpenseDocuments == nil && r.modelVersions() == "" {
		return nil, errNotResponse
	}
	return &r, nil
}

func (p *plainPage) modelVersions() string {
	return p.DetectDocumentTextModelVersion + p.AnalyzeDocumentModelVersion + p.AnalyzeExpenseModelVersion +
		p.AnalyzeIDModelVersion + p.AnalyzeLendingModelVersion
}

// belongsTo returns an error where the results are of another operation.
func (p *ResultPage) belongsTo(operation Operation) error {
	isExpense, isLending := operation == ExpenseAnalysis, operation == LendingAnalysis
	if len(p.Blocks) > 0 && (isExpense || isLending) || len(p.ExpenseDocuments) > 0 && !isExpense || len(p.Results) > 0 && !isLending {
		return fmt.Errorf("the results are not of %s: name the operation that the job was started with", operation.Name())
	}
	return nil
}

func textDetectionPage(out *textract.GetDocumentTextDetectionOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, DetectDocumentTextModelVersion: aws.ToString(out.DetectDocumentTextModelVersion), Blocks: out.Blocks,
	}
}

func documentAnalysisPage(out *textract.GetDocumentAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, AnalyzeDocumentModelVersion: aws.ToString(out.AnalyzeDocumentModelVersion), Blocks: out.Blocks,
	}
}

func expenseAnalysisPage(out *textract.GetExpenseAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata:           out.DocumentMetadata,
		JobStatus:                  out.JobStatus,
		StatusMessage:              aws.ToString(out.StatusMessage),
		Warnings:                   out.Warnings,
		AnalyzeExpenseModelVersion: aws.ToString(out.AnalyzeExpenseModelVersion),
		ExpenseDocuments:           out.ExpenseDocuments,
	}
}

func lendingAnalysisPage(out *textract.GetLendingAnalysisOutput) *ResultPage {
	return &ResultPage{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, AnalyzeLendingModelVersion: aws.ToString(out.AnalyzeLendingModelVersion), Results: out.Results,
	}
}
