package textractclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// items are what a job of an operation finds: 25 of its kind, numbered.
func items(operation textractclient.Operation) []any {
	var items []any
	for i := range 25 {
		switch operation {
		case textractclient.ExpenseAnalysis:
			items = append(items, types.ExpenseDocument{ExpenseIndex: aws.Int32(int32(i))})
		case textractclient.LendingAnalysis:
			items = append(items, types.LendingResult{Page: aws.Int32(int32(i))})
		default:
			items = append(items, line(fmt.Sprint(i), fmt.Sprint("line ", i), 1))
		}
	}
	return items
}

// numbers are the numbers of the items of a response.
func numbers(response *textractdoc.Response) []string {
	var numbers []string
	for _, block := range response.Blocks {
		numbers = append(numbers, aws.ToString(block.Id))
	}
	for _, document := range response.ExpenseDocuments {
		numbers = append(numbers, fmt.Sprint(aws.ToInt32(document.ExpenseIndex)))
	}
	for _, result := range response.Results {
		numbers = append(numbers, fmt.Sprint(aws.ToInt32(result.Page)))
	}
	return numbers
}

// modelVersion is in the field of the operation.
func modelVersion(operation textractclient.Operation, response *textractdoc.Response) string {
	return map[textractclient.Operation]string{
		textractclient.TextDetection:    response.DetectDocumentTextModelVersion,
		textractclient.DocumentAnalysis: response.AnalyzeDocumentModelVersion,
		textractclient.ExpenseAnalysis:  response.AnalyzeExpenseModelVersion,
		textractclient.LendingAnalysis:  response.AnalyzeLendingModelVersion,
	}[operation]
}

// drain reads all results.
func drain(results iter.Seq2[*textractdoc.Response, error]) (got []string, responses int, err error) {
	for response, err := range results {
		if err != nil {
			return got, responses, err
		}
		responses++
		got = append(got, numbers(response)...)
	}
	return got, responses, nil
}

func TestResultsOfAllOperations(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		t.Run(operation.Name(), func(t *testing.T) {
			w := newWorld(t, withOutput)
			w.Textract.PageSize, w.S3.PageSize = 2, 5
			w.succeed(items(operation)...)
			job := start(t, w, operation)
			var want []string
			for i := range 25 {
				want = append(want, fmt.Sprint(i))
			}
			for source, results := range map[string]iter.Seq2[*textractdoc.Response, error]{
				"Get":    w.client.Results(t.Context(), job.Ref()),
				"output": w.client.OutputResults(t.Context(), job.Ref(), *job.Output),
			} {
				got, pages, err := drain(results)
				if err != nil {
					t.Errorf("%s: %v", source, err)
				}
				if diff := cmp.Diff(want, got); diff != "" || pages != 13 {
					t.Errorf("%s: %d pages, -want +got\n%s", source, pages, diff)
				}
				for page := range results {
					if modelVersion(operation, page) != "1.0" || page.JobStatus != "SUCCEEDED" ||
						aws.ToInt32(page.DocumentMetadata.Pages) != 1 {
						t.Errorf("%s: page %+v", source, page)
					}
					break
				}
			}
		})
	}
}

func TestResultsOfAnEmptyDocument(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		w := newWorld(t, withOutput)
		job := start(t, w, operation)
		for source, results := range map[string]iter.Seq2[*textractdoc.Response, error]{
			"Get":    w.client.Results(t.Context(), job.Ref()),
			"output": w.client.OutputResults(t.Context(), job.Ref(), *job.Output),
		} {
			if got, pages, err := drain(results); len(got) != 0 || pages != 1 || err != nil {
				t.Errorf("%s from %s: %v on %d pages, error %v", operation, source, got, pages, err)
			}
		}
	}
}

func TestLendingSummary(t *testing.T) {
	w := newWorld(t, withOutput)
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Summary: types.LendingSummary{
			DocumentGroups:          []types.DocumentGroup{{Type: aws.String("PAYSLIPS")}},
			UndetectedDocumentTypes: []string{"1040"},
		}}
	}
	job := start(t, w, textractclient.LendingAnalysis)
	byGet, err := w.client.LendingSummary(t.Context(), job.Ref())
	if err != nil {
		t.Fatal(err)
	}
	byOutput, err := w.client.OutputLendingSummary(t.Context(), job.Ref(), *job.Output)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"AnalyzeLendingModelVersion":"1.0","DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED",` +
		`"Summary":{"DocumentGroups":[{"Type":"PAYSLIPS"}],"UndetectedDocumentTypes":["1040"]}}`
	for source, summary := range map[string]*textractdoc.LendingSummary{"Get": byGet, "output": byOutput} {
		got, err := json.Marshal(summary)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, error %v, want %s", source, got, err, want)
		}
	}
	if _, err := w.client.OutputLendingSummary(
		t.Context(), textractclient.JobRef{Operation: textractclient.LendingAnalysis, ID: "other"},
		*job.Output,
	); !errors.Is(
		err,
		textractclient.ErrNoOutput,
	) {
		t.Errorf("error %v", err)
	}
}

func TestResultsOfAJobThatFailed(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		w := newWorld(t, withOutput)
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: "FAILED", Message: "document is encrypted"}
		}
		job := start(t, w, operation)
		_, _, err := drain(w.client.Results(t.Context(), job.Ref()))
		var failed *textractclient.JobError
		if !errors.Is(err, textractclient.ErrJobFailed) || !errors.As(err, &failed) || failed.JobID != job.ID ||
			failed.Operation != operation ||
			failed.Message != "document is encrypted" {
			t.Errorf("%s: error %v", operation, err)
		}
		if _, _, err = drain(w.client.OutputResults(t.Context(), job.Ref(), *job.Output)); !errors.Is(err, textractclient.ErrNoOutput) {
			t.Errorf("%s: output: error %v", operation, err)
		}
	}
}

func TestResultsOfAJobThatSucceededInPart(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		w := newWorld(t, withOutput)
		w.Textract.PageSize = 10
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{
				Status: "PARTIAL_SUCCESS", Items: items(operation),
				Warnings: []any{types.Warning{ErrorCode: aws.String("BAD_PAGE"), Pages: []int32{3, 7}}},
			}
		}
		job := start(t, w, operation)
		for source, results := range map[string]iter.Seq2[*textractdoc.Response, error]{
			"Get":    w.client.Results(t.Context(), job.Ref()),
			"output": w.client.OutputResults(t.Context(), job.Ref(), *job.Output),
		} {
			read := 0
			for page, err := range results {
				if err != nil {
					t.Fatalf("%s from %s: error %v: partial success is none", operation, source, err)
				}
				read += len(numbers(page))
				if page.JobStatus != types.JobStatusPartialSuccess || len(page.Warnings) != 1 ||
					!slices.Equal(page.Warnings[0].Pages, []int32{3, 7}) {
					t.Errorf("%s from %s: status %s, warnings %v", operation, source, page.JobStatus, page.Warnings)
				}
			}
			if read != 25 {
				t.Errorf("%s from %s: %d items, want all 25", operation, source, read)
			}
		}
	}
}

func TestResultsTooEarlyAndTooLate(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: time.Minute}
		}
		job := start(t, w, textractclient.TextDetection)
		for _, step := range []struct {
			wait time.Duration
			want error
		}{
			{0, textractclient.ErrJobInProgress},
			{time.Minute, nil},
			{8 * 24 * time.Hour, textractclient.ErrJobUnknown},
		} {
			time.Sleep(step.wait)
			if _, _, err := drain(w.client.Results(ctx, job.Ref())); !errors.Is(err, step.want) {
				t.Errorf("after %s: error %v, want %v", step.wait, err, step.want)
			}
		}
	})
}

func TestResultsOfAnotherOperation(t *testing.T) {
	w := newWorld(t)
	job := start(t, w, textractclient.TextDetection)
	_, _, err := drain(w.client.Results(t.Context(), textractclient.JobRef{Operation: textractclient.ExpenseAnalysis, ID: job.ID}))
	if !errors.Is(err, textractclient.ErrJobUnknown) {
		t.Errorf("error %v", err)
	}
	var invalid *types.InvalidJobIdException
	if !errors.As(err, &invalid) {
		t.Errorf("error %v does not wrap Textract's", err)
	}
	if _, _, err = drain(w.client.Results(t.Context(), textractclient.JobRef{Operation: "StartSomething", ID: job.ID})); err == nil {
		t.Error("an unknown operation was accepted")
	}
}

func TestResultsEndWhenTheCallerDoes(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 1
	w.succeed(items(textractclient.TextDetection)...)
	job := start(t, w, textractclient.TextDetection)
	before := w.Calls("GetDocumentTextDetection")
	for range w.client.Results(t.Context(), job.Ref()) {
		break
	}
	if calls := w.Calls("GetDocumentTextDetection") - before; calls < 1 || calls > 2 {
		t.Errorf("%d calls, want that of the response and at most the next one", calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pages, failed := 0, error(nil)
	for _, err := range w.client.Results(ctx, job.Ref()) {
		pages++
		failed = err
		cancel()
	}
	if pages > 3 || !errors.Is(failed, context.Canceled) { // the second response may be there already
		t.Errorf("%d responses, then %v", pages, failed)
	}
}

// A table's cells and words may come in later responses than the table itself.
func TestDocumentAcrossResponses(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 1
	child := func(id string) []types.Relationship {
		return []types.Relationship{{Type: types.RelationshipTypeChild, Ids: []string{id}}}
	}
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Status: "PARTIAL_SUCCESS", Items: []any{
			types.Block{BlockType: types.BlockTypeTable, Id: aws.String("t"), Page: aws.Int32(1), Relationships: child("c")},
			types.Block{
				BlockType: types.BlockTypeCell, Id: aws.String("c"), Page: aws.Int32(1), Relationships: child("w"),
				RowIndex: aws.Int32(1), ColumnIndex: aws.Int32(1),
			},
			types.Block{BlockType: types.BlockTypeWord, Id: aws.String("w"), Page: aws.Int32(1), Text: aws.String("cell")},
			line("l", "line", 2),
		}}
	}
	job := start(t, w, textractclient.DocumentAnalysis)
	document, err := textractdoc.Read(w.client.Results(t.Context(), job.Ref()))
	if err != nil {
		t.Fatal(err)
	}
	if len(document.Pages) != 2 || document.Pages[0].Tables[0].Cells[0].Text != "cell" || document.Pages[1].Text() != "line\n" {
		t.Errorf("document %+v", document)
	}
}

func TestOutputThatIsNotComplete(t *testing.T) {
	w := newWorld(t, withOutput)
	w.Textract.PageSize = 2
	w.succeed(items(textractclient.TextDetection)...)
	job := start(t, w, textractclient.TextDetection)
	results := w.client.OutputResults(t.Context(), job.Ref(), *job.Output)

	folder := "out/" + job.ID + "/"
	w.S3.Put("results", folder+"summary.json", []byte("mine"))
	w.S3.Put("results", folder+"more/1", []byte("mine"))
	if got, _, err := drain(results); len(got) != 25 || err != nil {
		t.Errorf("with objects of others: %v, error %v", got, err)
	}
	w.S3.Delete("results", folder+"3")
	if _, _, err := drain(results); err == nil || !strings.Contains(err.Error(), "object 3 is missing") {
		t.Errorf("with a gap: error %v", err)
	}
	w.S3.Put("results", folder+"3", []byte("<html>"))
	if _, _, err := drain(results); err == nil || !strings.Contains(err.Error(), "is no result of Textract") {
		t.Errorf("with rubbish: error %v", err)
	}
	if _, _, err := drain(
		w.client.OutputResults(t.Context(), textractclient.JobRef{Operation: textractclient.TextDetection, ID: "other"}, *job.Output),
	); !errors.Is(
		err,
		textractclient.ErrNoOutput,
	) {
		t.Errorf("of another job: error %v", err)
	}
}

func TestResponseJSON(t *testing.T) {
	w := newWorld(t)
	w.succeed(line("1", "Dear <Sir>", 1))
	job := start(t, w, textractclient.TextDetection)
	var got []string
	for response, err := range w.client.Results(t.Context(), job.Ref()) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	want := []string{`{"Blocks":[{"BlockType":"LINE","Confidence":99,"Id":"1","Page":1,"Text":"Dear \u003cSir\u003e"}],` +
		`"DetectDocumentTextModelVersion":"1.0","DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED"}`}
	if !slices.Equal(want, got) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A job or a bucket without a name is the caller's mistake, not a job that expired.
func TestResultsOfNoJob(t *testing.T) {
	w := newWorld(t)
	check := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, textractclient.ErrInvalidInput) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	known := textractclient.JobRef{Operation: textractclient.LendingAnalysis, ID: "1234abcd"}
	for _, job := range []textractclient.JobRef{{}, {Operation: known.Operation}, {ID: known.ID}, {Operation: "x", ID: known.ID}} {
		_, err := w.client.Status(t.Context(), job)
		check("status", err)
		_, err = w.client.Wait(t.Context(), job, time.Hour)
		check("wait", err)
		for _, err := range w.client.Results(t.Context(), job) {
			check("results", err)
		}
	}
	for job, bucket := range map[textractclient.JobRef]string{{Operation: known.Operation}: "results", known: ""} {
		for _, err := range w.client.OutputResults(t.Context(), job, textractclient.Output{Bucket: bucket}) {
			check("output", err)
		}
		_, err := w.client.OutputLendingSummary(t.Context(), job, textractclient.Output{Bucket: bucket})
		check("output summary", err)
	}
	_, err := w.client.LendingSummary(t.Context(), textractclient.JobRef{Operation: known.Operation})
	check("summary", err)
	if n := w.Calls("ListObjectsV2") + w.Calls("GetLendingAnalysis") + w.Calls("GetLendingAnalysisSummary"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// TestResultsAreAskedForOneAhead counts the calls that were made when the caller has a response.
func TestResultsAreAskedForOneAhead(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.succeed(items(textractclient.TextDetection)...)
		w.Textract.PageSize = 5
		job := start(t, w, textractclient.TextDetection)
		synctest.Wait()
		before, had := w.Calls("GetDocumentTextDetection"), 0
		for _, err := range w.client.Results(t.Context(), job.Ref()) {
			if err != nil {
				t.Fatal(err)
			}
			had++
			synctest.Wait()
			if calls := w.Calls("GetDocumentTextDetection") - before; calls != min(had+1, 5) {
				t.Errorf("%d calls when the caller has %d of 5 responses", calls, had)
			}
		}
		before = w.Calls("GetDocumentTextDetection")
		for range w.client.Results(t.Context(), job.Ref()) {
			break
		}
		if calls := w.Calls("GetDocumentTextDetection") - before; had != 5 || calls > 2 {
			t.Errorf("%d calls for a caller who wanted one of %d responses", calls, had)
		}
	})
}

// TestResultsThatReferBackEnd has Textract return a token again.
func TestResultsThatReferBackEnd(t *testing.T) {
	for _, tokens := range [][]string{{"a", "a"}, {"a", "b", "c", "a"}} {
		synctest.Test(t, func(t *testing.T) {
			fake := &tokenLoop{tokens: tokens}
			client, err := textractclient.New(
				aws.Config{Region: "us-east-1"}, textractclient.Config{}, func(o *textractclient.Options) { o.Textract = fake },
			)
			if err != nil {
				t.Fatal(err)
			}
			job := textractclient.JobRef{Operation: textractclient.TextDetection, ID: "1234"}
			_, n, err := drain(client.Results(t.Context(), job))
			if err == nil || !strings.Contains(err.Error(), "NextToken") || n != len(tokens) {
				t.Errorf("%v: %d responses, %v", tokens, n, err)
			}
		})
	}
}

type tokenLoop struct {
	textractclient.TextractAPI
	tokens []string
	calls  int
}

func (f *tokenLoop) GetDocumentTextDetection(
	context.Context, *textract.GetDocumentTextDetectionInput, ...func(*textract.Options),
) (*textract.GetDocumentTextDetectionOutput, error) {
	token := f.tokens[f.calls%len(f.tokens)]
	f.calls++
	return &textract.GetDocumentTextDetectionOutput{JobStatus: types.JobStatusSucceeded, NextToken: &token}, nil
}

// TestEmptyResponsesAreErrors has Textract respond with 200 and nothing else.
func TestEmptyResponsesAreErrors(t *testing.T) {
	for _, body := range []string{"", "{}"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			cfg := w.Config()
			cfg.HTTPClient = alwaysOK(body)
			client := w.newClient(t, cfg)
			job := textractclient.JobRef{Operation: textractclient.TextDetection, ID: "1234"}
			if _, _, err := drain(client.Results(t.Context(), job)); !errors.Is(err, textractclient.ErrUnavailable) {
				t.Errorf("Results of %q: %v", body, err)
			}
			if summary, err := client.LendingSummary(t.Context(), job); !errors.Is(err, textractclient.ErrUnavailable) {
				t.Errorf("LendingSummary of %q: %+v, %v", body, summary, err)
			}
			document := letter
			document.ETag = "e"
			started, err := client.Start(t.Context(), textractclient.StartInput{
				Operation: textractclient.TextDetection, Document: document,
			})
			if err == nil {
				t.Errorf("Start with %q: %+v", body, started)
			}
		})
	}
}

// alwaysOK is the body of each response.
type alwaysOK string

func (body alwaysOK) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))), Request: r,
	}, nil
}
