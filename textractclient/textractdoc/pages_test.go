package textractdoc_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// response is a response of a job that succeeded.
func response(blocks ...types.Block) *textractdoc.Response {
	return &textractdoc.Response{JobStatus: types.JobStatusSucceeded, Blocks: blocks}
}

// counted counts the responses that were read.
func counted(count *int, responses ...*textractdoc.Response) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		for response, err := range results(responses...) {
			*count++
			if !yield(response, err) {
				return
			}
		}
	}
}

func TestPagesComeAsSoonAsTheyAreComplete(t *testing.T) {
	for name, responses := range map[string][]*textractdoc.Response{
		"with page blocks": {
			response(block(types.BlockTypePage, "p1", 1, children("l1")), line("l1", "1", 1)),
			response(block(types.BlockTypePage, "p2", 2, children("l2")), line("l2", "2", 2)),
			response(block(types.BlockTypePage, "p3", 3, children("l3")), line("l3", "3", 3)),
		},
		"without":        {response(line("l1", "1", 1)), response(line("l2", "2", 2)), response(line("l3", "3", 3))},
		"of expenses":    {expenseResponse(1), expenseResponse(2), expenseResponse(3)},
		"of loan papers": {lendingResponse(1), lendingResponse(2), lendingResponse(3)},
	} {
		read := 0
		var numbers, readThen []int
		for page, err := range textractdoc.Pages(counted(&read, responses...)) {
			if err != nil {
				t.Fatal(err)
			}
			numbers, readThen = append(numbers, page.Number), append(readThen, read)
		}
		if !slices.Equal(numbers, []int{1, 2, 3}) || !slices.Equal(readThen, []int{2, 3, 3}) {
			t.Errorf("%s: pages %v, after %v responses", name, numbers, readThen)
		}
		read = 0
		for range textractdoc.Pages(counted(&read, responses...)) {
			break
		}
		if read != 2 {
			t.Errorf("%s: %d responses read by a loop that ended on page 1", name, read)
		}
	}
}

func expenseResponse(page int32) *textractdoc.Response {
	return &textractdoc.Response{ExpenseDocuments: []types.ExpenseDocument{{
		ExpenseIndex:  aws.Int32(page),
		SummaryFields: []types.ExpenseField{{PageNumber: aws.Int32(page), Type: &types.ExpenseType{Text: aws.String("TOTAL")}}},
		Blocks: []types.Block{
			block(types.BlockTypePage, fmt.Sprint("p", page), page, children(fmt.Sprint("l", page))),
			line(fmt.Sprint("l", page), fmt.Sprint("text ", page), page),
		},
	}}}
}

func lendingResponse(page int32) *textractdoc.Response {
	return &textractdoc.Response{Results: []types.LendingResult{{Page: aws.Int32(page)}}}
}

// Blocks that a page refers to may come after blocks of the next page.
func TestPagesWaitForWhatTheyReferTo(t *testing.T) {
	responses := []*textractdoc.Response{
		response(block(types.BlockTypePage, "p1", 1, children("t")), block(types.BlockTypeTable, "t", 1, children("c"))),
		response(line("l2", "two", 2)),
		response(block(types.BlockTypeCell, "c", 1, at(1, 1, 1), children("w")), line("l3", "three", 3)),
		response(word("w", "cell")),
	}
	var got []string
	for page, err := range textractdoc.Pages(results(responses...)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(page.Number, page.Text(), len(page.Tables)))
		if page.Number == 1 && page.Tables[0].Rows()[0][0] != "cell" {
			t.Errorf("rows %q", page.Tables[0].Rows())
		}
	}
	if want := []string{"11", "2two\n0", "3three\n0"}; !slices.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A value or an answer on the page after that of its key or query is with them only.
func TestPartsOnTheNextPageAreReadOnce(t *testing.T) {
	query := func(b *types.Block) { b.Query = &types.Query{Text: aws.String("Who?")} }
	responses := []*textractdoc.Response{
		response(
			block(types.BlockTypePage, "p1", 1), block(types.BlockTypeQuery, "q", 1, query, refers(types.RelationshipTypeAnswer, "a")),
			block(types.BlockTypeKeyValueSet, "k", 1, entity(types.EntityTypeKey), refers(types.RelationshipTypeValue, "v")),
		),
		response(
			block(types.BlockTypePage, "p2", 2), block(types.BlockTypeQueryResult, "a", 2, text("Ana")), word("w", "Bo"),
			block(types.BlockTypeKeyValueSet, "v", 2, entity(types.EntityTypeValue), children("w")),
		),
	}
	var fields, texts []string
	for page, err := range textractdoc.Pages(results(responses...)) {
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range page.Fields {
			fields = append(fields, fmt.Sprint(page.Number, field.ID, field.Value))
		}
		for _, answer := range page.Answers {
			texts = append(texts, fmt.Sprint(page.Number, answer.Query, answer.Text))
		}
	}
	if want := []string{"1kBo"}; !slices.Equal(fields, want) {
		t.Errorf("fields %q, want %q", fields, want)
	}
	if want := []string{"1Who?Ana"}; !slices.Equal(texts, want) {
		t.Errorf("answers %q, want %q", texts, want)
	}
}

// A block that is missing keeps its page for a while, not for ever.
func TestPagesDoNotWaitForEver(t *testing.T) {
	responses := []*textractdoc.Response{response(block(types.BlockTypePage, "p1", 1, children("missing")))}
	for number := range int32(30) {
		blocks := []types.Block{block(types.BlockTypePage, fmt.Sprint("p", number+2), number+2)}
		for i := range 999 {
			blocks = append(blocks, line(fmt.Sprintf("%d-%d", number+2, i), "", number+2))
		}
		responses = append(responses, response(blocks...))
	}
	read := 0
	for page, err := range textractdoc.Pages(counted(&read, responses...)) {
		if err != nil || page.Number != 1 || read > 6 {
			t.Errorf("page %v after %d responses, error %v", page, read, err)
		}
		break
	}
}

func TestPagesRejectWhatComesTooLate(t *testing.T) {
	responses := []*textractdoc.Response{
		response(block(types.BlockTypePage, "p1", 1)), response(block(types.BlockTypePage, "p2", 2)), response(line("late", "late", 1)),
	}
	var numbers []int
	var last error
	for page, err := range textractdoc.Pages(results(responses...)) {
		if last = err; err == nil {
			numbers = append(numbers, page.Number)
		}
	}
	if !slices.Equal(numbers, []int{1}) || last == nil ||
		!strings.Contains(last.Error(), "results of page 1 came after page 1 was complete") {
		t.Errorf("pages %v, error %v", numbers, last)
	}
	document, err := textractdoc.Read(results(responses...))
	if err != nil || document.Text() != "late\n\f" {
		t.Errorf("text %q, error %v", document.Text(), err)
	}
}

func TestPagesOfJobsWithoutResults(t *testing.T) {
	fails := errors.New("network")
	for name, test := range map[string]struct {
		results iter.Seq2[*textractdoc.Response, error]
		want    error
		text    string
	}{
		"failed": {results(&textractdoc.Response{
			JobStatus: types.JobStatusFailed, StatusMessage: "encrypted",
			Warnings: []types.Warning{{ErrorCode: aws.String("BAD_PAGE"), Pages: []int32{2}}},
		}), textractdoc.ErrNoResults, "job status FAILED: encrypted: BAD_PAGE on pages [2]"},
		"in progress": {results(&textractdoc.Response{JobStatus: types.JobStatusInProgress}), textractdoc.ErrNoResults, "IN_PROGRESS"},
		"an error": {func(yield func(*textractdoc.Response, error) bool) {
			_ = yield(response(line("l", "text", 1)), nil) && yield(nil, fails)
		}, fails, "network"},
	} {
		pages := 0
		var last error
		for page, err := range textractdoc.Pages(test.results) {
			if page != nil {
				pages++
			}
			last = err
		}
		if pages != 0 || !errors.Is(last, test.want) || !strings.Contains(last.Error(), test.text) {
			t.Errorf("%s: %d pages, error %v", name, pages, last)
		}
		if _, err := textractdoc.Read(test.results); !errors.Is(err, test.want) {
			t.Errorf("%s: Read: error %v", name, err)
		}
	}
}

// Partial success is no error: pages and document have the status.
func TestDocumentOfAJobThatSucceededInPart(t *testing.T) {
	warnings := []types.Warning{{ErrorCode: aws.String("BAD_PAGE"), Pages: []int32{2}}}
	partial := func(blocks ...types.Block) *textractdoc.Response {
		return &textractdoc.Response{JobStatus: types.JobStatusPartialSuccess, Warnings: warnings, Blocks: blocks}
	}
	document, err := textractdoc.Read(results(partial(line("l1", "one", 1)), partial(line("l3", "three", 3))))
	if err != nil {
		t.Fatal(err)
	}
	if document.Status != types.JobStatusPartialSuccess || len(document.Warnings) != 1 || document.Text() != "one\n\fthree\n" {
		t.Errorf("document %+v", document)
	}
	for _, page := range document.Pages {
		if page.Status != types.JobStatusPartialSuccess || len(page.Warnings) != 1 {
			t.Errorf("page %+v", page)
		}
	}
}

// Fields are results too: of lending analysis, and of expense analysis by older models.
func TestDocumentWithFieldsOnlyIsComplete(t *testing.T) {
	withoutBlocks := expenseResponse(1)
	withoutBlocks.ExpenseDocuments[0].Blocks = nil
	document, err := textractdoc.Read(results(withoutBlocks))
	if err != nil || len(document.Expenses()) != 1 {
		t.Errorf("document %+v, error %v", document, err)
	}
	document, err = textractdoc.Read(results(lendingResponse(1), lendingResponse(2)))
	if err != nil || len(document.Lending()) != 2 {
		t.Errorf("document %+v, error %v", document, err)
	}
	for _, err := range textractdoc.Pages(results(lendingResponse(1))) {
		if err != nil {
			t.Errorf("page by page, where the fields are the result: error %v", err)
		}
	}
}

// The extractions of a lending analysis may have blocks, without page numbers of the document.
func TestTextOfLendingExtractions(t *testing.T) {
	extraction := func(id, text string) types.Extraction {
		return types.Extraction{ExpenseDocument: &types.ExpenseDocument{Blocks: []types.Block{line(id, text, 1)}}}
	}
	document, err := textractdoc.Read(results(&textractdoc.Response{Results: []types.LendingResult{
		{Page: aws.Int32(1), Extractions: []types.Extraction{extraction("a", "receipt")}},
		{
			Page:        aws.Int32(2),
			Extractions: []types.Extraction{{IdentityDocument: &types.IdentityDocument{Blocks: []types.Block{line("b", "license", 1)}}}},
		},
	}}))
	if err != nil || document.Text() != "receipt\n\flicense\n" {
		t.Errorf("text %q, error %v", document.Text(), err)
	}
}

// Synchronous responses have neither status nor page numbers.
func TestSynchronousResponsesOfSeveralPages(t *testing.T) {
	page := func(id, text string) *textractdoc.Response {
		own := line("l"+id, text, 0)
		own.Page = nil
		return &textractdoc.Response{Blocks: []types.Block{{Id: aws.String("p" + id), BlockType: types.BlockTypePage}, own}}
	}
	document, err := textractdoc.Read(results(page("1", "one"), page("2", "two")))
	if err != nil || document.Status != "" || document.Text() != "one\n\ftwo\n" {
		t.Errorf("text %q, error %v", document.Text(), err)
	}
}

// Responses for single images that were put together may have the same ids on each page.
func TestSameIDsOnSeveralPages(t *testing.T) {
	image := func(text string) *textractdoc.Response {
		return &textractdoc.Response{Blocks: []types.Block{
			{
				Id:            aws.String("p"),
				BlockType:     types.BlockTypePage,
				Relationships: []types.Relationship{{Type: types.RelationshipTypeChild, Ids: []string{"l"}}},
			},
			{Id: aws.String("l"), BlockType: types.BlockTypeLine, Text: aws.String(text)},
			{Id: aws.String("l"), BlockType: types.BlockTypeLine, Text: aws.String(text)},
		}}
	}
	document, err := textractdoc.Read(results(image("one"), image("two")))
	if err != nil || document.Text() != "one\n\ftwo\n" {
		t.Errorf("text %q, error %v", document.Text(), err)
	}
}

// AnalyzeID has no asynchronous operation; its saved responses are read all the same.
func TestIdentityDocuments(t *testing.T) {
	response, err := textractdoc.ParseResponse([]byte(`{"AnalyzeIDModelVersion":"1.0","DocumentMetadata":{"Pages":1},"IdentityDocuments":[{
		"DocumentIndex":1,
		"IdentityDocumentFields":[
			{"Type":{"Text":"FIRST_NAME","Confidence":99},"ValueDetection":{"Text":"Ana","Confidence":98}},
			{"Type":{"Text":"DATE_OF_BIRTH"},"ValueDetection":{"Text":"1/2/90","NormalizedValue":{"Value":"1990-01-02T00:00:00","ValueType":"Date"}}},
			{}],
		"Blocks":[{"BlockType":"PAGE","Id":"p"},{"BlockType":"LINE","Id":"l","Text":"Ana"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	document, err := textractdoc.Read(results(response))
	if err != nil || document.Text() != "Ana\n" {
		t.Fatalf("text %q, error %v", document.Text(), err)
	}
	want := []textractdoc.Identity{{Index: 1, Fields: []textractdoc.IdentityField{
		{Type: "FIRST_NAME", Value: "Ana", TypeConfidence: 99, ValueConfidence: 98},
		{Type: "DATE_OF_BIRTH", Value: "1/2/90", Normalized: "1990-01-02T00:00:00"},
		{},
	}}}
	if diff := cmp.Diff(want, document.Pages[0].Identities); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, text := range []string{document.Pages[0].Details(), document.Markdown()} {
		if !strings.Contains(text, "Identity document 1") || !strings.Contains(text, "1990-01-02T00:00:00") {
			t.Errorf("not in %s", text)
		}
	}
	response.IdentityDocuments[0].Blocks = nil
	if document, err := textractdoc.Read(results(response)); err != nil || len(document.Pages[0].Identities) != 1 {
		t.Errorf("without blocks: error %v", err)
	}
}

// A key is its words alone; the state of a check box in it is a value of its own.
func TestLendingKeysWithCheckBoxes(t *testing.T) {
	document, _ := textractdoc.Read(results(&textractdoc.Response{Results: []types.LendingResult{{
		Page: aws.Int32(1), Extractions: []types.Extraction{{LendingDocument: &types.LendingDocument{LendingFields: []types.LendingField{{
			Type:            aws.String("OTHER"),
			KeyDetection:    &types.LendingDetection{Text: aws.String("FHA"), SelectionStatus: types.SelectionStatusSelected},
			ValueDetections: []types.LendingDetection{{SelectionStatus: types.SelectionStatusNotSelected, Confidence: aws.Float32(90)}},
		}}}}},
	}}}))
	page := document.Lending()[0]
	want := []textractdoc.LendingField{{
		Type: "OTHER", Key: textractdoc.LendingDetection{Text: "FHA", IsCheckBox: true, Selected: true},
		Values: []textractdoc.LendingDetection{{Text: "NOT_SELECTED", IsCheckBox: true, Confidence: 90}},
	}}
	if diff := cmp.Diff(want, page.FieldsByType("OTHER")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if text := page.Text(); text != "OTHER FHA (SELECTED)\tNOT_SELECTED\n" {
		t.Errorf("text %q", text)
	}
}
