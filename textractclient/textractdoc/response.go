package textractdoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/go-json-experiment/json" // the standard library's encoding/json/v2, also for Go before 1.27
	"github.com/go-json-experiment/json/jsontext"
)

// Response is a response of Textract under the API's names: of a Get action, of a synchronous
// operation, or an object of an output bucket. A job's results are one response or more; the blocks
// of a page of the document may be in several. [Pages] and [Read] join them.
type Response struct {
	// The model version of the operation is in one of these and DetectDocumentTextModelVersion. The
	// others are empty.
	AnalyzeDocumentModelVersion string
	AnalyzeExpenseModelVersion  string
	AnalyzeIDModelVersion       string
	AnalyzeLendingModelVersion  string
	// Blocks are the results of text detection and document analysis.
	Blocks                         []types.Block
	DetectDocumentTextModelVersion string
	// DocumentMetadata has the number of pages of the document.
	DocumentMetadata *types.DocumentMetadata
	// ExpenseDocuments are the results of expense analysis.
	ExpenseDocuments []types.ExpenseDocument
	// IdentityDocuments are the results of AnalyzeID, a synchronous operation.
	IdentityDocuments []types.IdentityDocument
	// JobStatus is the job's status. It is empty in responses of synchronous operations.
	JobStatus types.JobStatus
	// NextToken refers to the job's next response. It is empty in the last one.
	NextToken string
	// Results are the results of lending analysis.
	Results []types.LendingResult
	// StatusMessage is often empty.
	StatusMessage string
	// Warnings name the pages that could not be read, where JobStatus is PARTIAL_SUCCESS.
	Warnings []types.Warning
}

// plainResponse is a Response without its methods.
type plainResponse Response

// ParseResponse decodes the JSON of a response of Textract: of a Get action, of a synchronous
// operation, or an object of an output bucket. It returns an error for any other JSON, and for a
// lending summary, which [ParseLendingSummary] decodes. [ParseResponses] decodes several.
func ParseResponse(text []byte) (*Response, error) {
	var parsed struct {
		plainResponse

		Summary *types.LendingSummary
	}
	if err := json.Unmarshal(text, &parsed); err != nil {
		return nil, fmt.Errorf("the text is not the JSON of one response, ParseResponses decodes several: %w", err)
	}
	response := Response(parsed.plainResponse)
	response.JobStatus = upperCase(response.JobStatus)
	switch {
	case parsed.Summary != nil:
		return nil, errors.New("the JSON is the summary of a lending analysis: decode it with ParseLendingSummary")
	case response.isEmpty():
		return nil, errNotResponse
	}
	return &response, nil
}

// ParseResponses decodes saved responses of a job: a JSON list of them, or one after the other, as
// the command textract-async prints them with --json. [Read] and [Pages] make a document of them:
//
//	document, err := textractdoc.Read(textractdoc.ParseResponses(text))
//
// An error, which names the response, ends the iteration, and a text without a response is one.
func ParseResponses(text []byte) iter.Seq2[*Response, error] {
	return func(yield func(*Response, error) bool) {
		decoder := jsontext.NewDecoder(bytes.NewReader(text))
		for parsed := 0; ; {
			var response *Response
			value, err := nextValue(decoder)
			switch {
			case errors.Is(err, io.EOF) && parsed > 0:
				return
			case errors.Is(err, io.EOF):
				err = errNotResponse
			case err == nil:
				response, err = ParseResponse(value)
			}
			parsed++
			if err != nil {
				err = fmt.Errorf("response %d: %w", parsed, err)
			}
			if !yield(response, err) || err != nil {
				return
			}
		}
	}
}

// nextValue returns the next value that is no list, also one in a list.
func nextValue(decoder *jsontext.Decoder) (jsontext.Value, error) {
	for {
		switch decoder.PeekKind() {
		case '[', ']':
			if _, err := decoder.ReadToken(); err != nil {
				return nil, err
			}
		default:
			return decoder.ReadValue()
		}
	}
}

var errNotResponse = errors.New("the JSON is not a response of Textract: it has no JobStatus, DocumentMetadata or results")

func upperCase(status types.JobStatus) types.JobStatus {
	return types.JobStatus(strings.ToUpper(string(status)))
}

func (r *Response) isEmpty() bool {
	modelVersions := r.DetectDocumentTextModelVersion + r.AnalyzeDocumentModelVersion + r.AnalyzeExpenseModelVersion +
		r.AnalyzeIDModelVersion + r.AnalyzeLendingModelVersion
	return r.JobStatus == "" && r.DocumentMetadata == nil && r.Blocks == nil && r.ExpenseDocuments == nil && modelVersions == ""
}

// checkStatus returns an error for a response of a job that is in progress or has failed. Responses
// of synchronous operations have no status.
func (r *Response) checkStatus() error {
	switch r.JobStatus {
	case types.JobStatusSucceeded, types.JobStatusPartialSuccess, "":
		return nil
	default:
		return noResultsError(r)
	}
}

// MarshalJSON encodes the response under the API's names, without absent fields.
func (r Response) MarshalJSON() ([]byte, error) {
	return json.Marshal(plainResponse(r), withoutAbsent)
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
