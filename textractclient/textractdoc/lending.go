package textractdoc

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/go-json-experiment/json"
)

// LendingPage has the results of a lending analysis on a page.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/lending-document-classification-extraction.html
type LendingPage struct {
	// Page is the number of the page, from 1.
	Page int
	// Types are the possible types of the page's document, such as PAYSLIPS or 1003, or
	// UNCLASSIFIED.
	Types []Prediction
	// PageNumbers are the possible page numbers that are printed on the page, or "undetected".
	PageNumbers []Prediction
	// Fields are the fields of the page, also those of the type OTHER, which have a key.
	Fields []LendingField
	// Signatures are the signatures on the page. They have no ID.
	Signatures []Signature
	// Expenses are the invoices and receipts on the page.
	Expenses []Expense
	// Identities are the identity documents on the page.
	Identities []Identity
}

// Prediction is one of several possible values.
type Prediction struct {
	Value string
	// Confidence is in percent.
	Confidence float32
}

// LendingField is a field of a page of a loan package. It has no block of its own.
type LendingField struct {
	// Type is Textract's name of the field, such as BORROWER_NAME, or OTHER.
	Type string
	// Key is the key of the field on the page. Its Text is empty where there is none.
	Key LendingDetection
	// Values are the values of the field. There are none where it is blank.
	Values []LendingDetection
}

// LendingDetection is a key or a value of a [LendingField].
type LendingDetection struct {
	// Text is the text, or SELECTED or NOT_SELECTED for a check box without one.
	Text string
	// IsCheckBox is whether it is a check box, and Selected whether that is selected.
	IsCheckBox, Selected bool
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
}

// FieldsByType returns the fields of the page with a type, such as BORROWER_NAME.
func (p *LendingPage) FieldsByType(fieldType string) []LendingField {
	var found []LendingField
	for i := range p.Fields {
		if p.Fields[i].Type == fieldType {
			found = append(found, p.Fields[i])
		}
	}
	return found
}

// Text returns one line for each field: type and key, a tab, and the values. Signatures, identity
// documents and expenses follow.
func (p *LendingPage) Text() string {
	var text strings.Builder
	if len(p.PageNumbers) > 0 {
		fmt.Fprintf(&text, "Page number\t%s\n", joinPredictions(p.PageNumbers))
	}
	for i := range p.Fields {
		field := &p.Fields[i]
		fmt.Fprintf(&text, "%s\t%s\n", joinNonEmpty(field.Type, field.Key.describe()), field.values())
	}
	for i := range p.Signatures {
		fmt.Fprintf(&text, "SIGNATURE\t%s, %s\n", p.Signatures[i].place(), percent(p.Signatures[i].Confidence))
	}
	for i := range p.Identities {
		text.WriteString(p.Identities[i].Text())
	}
	for i := range p.Expenses {
		fmt.Fprintf(&text, "\nExpense %d:\n%s", p.Expenses[i].Index, p.Expenses[i].Text())
	}
	return text.String()
}

func joinPredictions(predictions []Prediction) string {
	texts := make([]string, len(predictions))
	for i, prediction := range predictions {
		texts[i] = prediction.Value
	}
	return strings.Join(texts, ", ")
}

func (f *LendingField) values() string {
	values := make([]string, len(f.Values))
	for i := range f.Values {
		values[i] = f.Values[i].describe()
	}
	return strings.Join(values, ", ")
}

// describe is the text with the state of the check box.
func (d *LendingDetection) describe() string {
	box := CheckBox{Selected: d.Selected}
	if d.IsCheckBox && d.Text != box.state() {
		return withStates(oneLine(d.Text), []CheckBox{box})
	}
	return oneLine(d.Text)
}

// addLending adds a result, with the text of its extractions. A result without a number is of the
// page after the one before.
func (a *assembler) addLending(result *types.LendingResult) {
	number := int(aws.ToInt32(result.Page))
	if number <= 0 {
		number = a.current + 1
	}
	if a.lending[number] { // there is one result for a page
		a.fail(pageAgain(number))
	}
	a.lending[number] = true
	a.current = number
	for i := range result.Extractions {
		if document := result.Extractions[i].ExpenseDocument; document != nil {
			a.addBlocks(document.Blocks, number)
		}
		if document := result.Extractions[i].IdentityDocument; document != nil {
			a.addBlocks(document.Blocks, number)
		}
	}
	open := a.page(number)
	open.lending = append(open.lending, newLendingPage(result, number))
}

func newLendingPage(result *types.LendingResult, number int) LendingPage {
	page := LendingPage{Page: number}
	if kinds := result.PageClassification; kinds != nil {
		page.Types, page.PageNumbers = newPredictions(kinds.PageType), newPredictions(kinds.PageNumber)
	}
	for _, extraction := range result.Extractions {
		if document := extraction.LendingDocument; document != nil {
			page.addLendingDocument(document)
		}
		if document := extraction.ExpenseDocument; document != nil {
			page.Expenses = append(page.Expenses, newExpense(document, number))
		}
		if document := extraction.IdentityDocument; document != nil {
			page.Identities = append(page.Identities, newIdentity(document))
		}
	}
	return page
}

func newPredictions(from []types.Prediction) []Prediction {
	var predictions []Prediction
	for _, prediction := range from {
		predictions = append(predictions, Prediction{aws.ToString(prediction.Value), aws.ToFloat32(prediction.Confidence)})
	}
	return predictions
}

func (p *LendingPage) addLendingDocument(document *types.LendingDocument) {
	for i := range document.LendingFields {
		from := &document.LendingFields[i]
		field := LendingField{Type: aws.ToString(from.Type)}
		if from.KeyDetection != nil {
			field.Key = newLendingDetection(from.KeyDetection)
		}
		for j := range from.ValueDetections {
			field.Values = append(field.Values, newLendingDetection(&from.ValueDetections[j]))
		}
		p.Fields = append(p.Fields, field)
	}
	for _, signature := range document.SignatureDetections {
		p.Signatures = append(p.Signatures, Signature{
			Confidence: aws.ToFloat32(signature.Confidence), Geometry: newGeometry(signature.Geometry),
		})
	}
}

func newLendingDetection(from *types.LendingDetection) LendingDetection {
	return LendingDetection{
		Text:       cmp.Or(aws.ToString(from.Text), string(from.SelectionStatus)),
		IsCheckBox: from.SelectionStatus != "", Selected: from.SelectionStatus == types.SelectionStatusSelected,
		Confidence: aws.ToFloat32(from.Confidence), Geometry: newGeometry(from.Geometry),
	}
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

// ParseLendingSummary decodes the JSON of a response of GetLendingAnalysisSummary, or of the object
// of an output bucket that has the summary. It returns an error for any other JSON.
func ParseLendingSummary(text []byte) (*LendingSummary, error) {
	var summary LendingSummary
	if err := json.Unmarshal(text, &summary); err != nil {
		return nil, err
	}
	summary.JobStatus = upperCase(summary.JobStatus)
	if summary.JobStatus == "" && summary.DocumentMetadata == nil && summary.AnalyzeLendingModelVersion == "" {
		return nil, errNotResponse
	}
	return &summary, nil
}

// MarshalJSON encodes the summary under the API's names, without absent fields.
func (s LendingSummary) MarshalJSON() ([]byte, error) {
	type plain LendingSummary
	return json.Marshal(plain(s), withoutAbsent)
}

// Text returns one line for each document of the package: type, number, a tab, and pages. Lines
// about the pages with and without the signature that their type needs, and the types that the
// package lacks, follow.
func (s *LendingSummary) Text() string {
	if s.Summary == nil {
		return ""
	}
	var text strings.Builder
	for _, group := range s.Summary.DocumentGroups {
		kind := aws.ToString(group.Type)
		for _, document := range group.SplitDocuments {
			fmt.Fprintf(&text, "%s %d\tpages %v\n", kind, aws.ToInt32(document.Index), document.Pages)
		}
		for _, signature := range group.DetectedSignatures {
			fmt.Fprintf(&text, "%s\tsignature on page %d\n", kind, aws.ToInt32(signature.Page))
		}
		for _, signature := range group.UndetectedSignatures {
			fmt.Fprintf(&text, "%s\tno signature on page %d\n", kind, aws.ToInt32(signature.Page))
		}
	}
	for _, kind := range s.Summary.UndetectedDocumentTypes {
		fmt.Fprintf(&text, "%s\tnot detected\n", kind)
	}
	return text.String()
}
