package textractclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// outputWorld has objects in the output bucket as results of a job.
func readOutput(t *testing.T, operation textractclient.Operation, objects ...any) error {
	t.Helper()
	w := newWorld(t, withOutput)
	folder := "out/1234/"
	if operation == textractclient.LendingAnalysis {
		folder += "detailedResponse/"
	}
	for i, object := range objects {
		text, isText := object.(string)
		if !isText {
			marshaled, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			text = string(marshaled)
		}
		w.S3.Put("results", folder+fmt.Sprint(i+1), []byte(text))
	}
	job := textractclient.JobRef{Operation: operation, ID: "1234"}
	_, _, err := drain(w.client.OutputResults(t.Context(), job, *w.config.Output))
	return err
}

func TestOutputIsCompleteOrAnError(t *testing.T) {
	type object = map[string]any
	block := func(page int) []any { return []any{object{"BlockType": "PAGE", "Id": fmt.Sprint(page), "Page": page}} }
	pages := func(n int) object { return object{"Pages": n} }
	partial := func(warnings ...any) object {
		return object{"JobStatus": "PARTIAL_SUCCESS", "DocumentMetadata": pages(3), "Blocks": block(1), "Warnings": warnings}
	}
	for name, test := range map[string]struct {
		operation textractclient.Operation
		objects   []any
		complete  bool
	}{
		"all pages": {textractclient.TextDetection, []any{
			object{"DocumentMetadata": pages(2), "Blocks": block(1), "NextToken": "x"}, object{"DocumentMetadata": pages(2), "Blocks": block(2)},
		}, true},
		"a token, and nothing after it": {textractclient.TextDetection, []any{
			object{"DocumentMetadata": pages(1), "Blocks": block(1), "NextToken": "x"},
		}, false},
		"a page too few":  {textractclient.TextDetection, []any{object{"DocumentMetadata": pages(2), "Blocks": block(1)}}, false},
		"no page at all":  {textractclient.TextDetection, []any{object{"DocumentMetadata": pages(2)}}, false},
		"one page, empty": {textractclient.TextDetection, []any{object{"DocumentMetadata": pages(1)}}, true},
		"expenses": {textractclient.ExpenseAnalysis, []any{object{"DocumentMetadata": pages(2), "ExpenseDocuments": []any{
			object{"SummaryFields": []any{object{"PageNumber": 1}}}, object{"Blocks": block(2)},
		}}}, true},
		"line items": {textractclient.ExpenseAnalysis, []any{object{"DocumentMetadata": pages(2), "ExpenseDocuments": []any{
			object{"SummaryFields": []any{object{"PageNumber": 1}}, "LineItemGroups": []any{
				object{"LineItems": []any{object{"LineItemExpenseFields": []any{object{"PageNumber": 2}}}}},
			}},
		}}}, true},
		"expenses, a page too few": {textractclient.ExpenseAnalysis, []any{object{"DocumentMetadata": pages(2), "ExpenseDocuments": []any{
			object{"SummaryFields": []any{object{"PageNumber": 1}}},
		}}}, false},
		"lending":                      {textractclient.LendingAnalysis, []any{object{"DocumentMetadata": pages(2), "Results": []any{object{"Page": 1}, object{"Page": 2}}}}, true},
		"lending, a page too few":      {textractclient.LendingAnalysis, []any{object{"DocumentMetadata": pages(2), "Results": []any{object{"Page": 2}}}}, false},
		"in part, as the warnings say": {textractclient.DocumentAnalysis, []any{partial(object{"ErrorCode": "X", "Pages": []int{2, 3}})}, true},
		"in part, less than they say":  {textractclient.DocumentAnalysis, []any{partial(object{"ErrorCode": "X", "Pages": []int{2}})}, false},
		"in part, without warnings":    {textractclient.DocumentAnalysis, []any{partial()}, true},
		"null for what is absent": {textractclient.TextDetection, []any{
			`{"DocumentMetadata":{"Pages":1},"JobStatus":null,"NextToken":null,"Warnings":null,"Blocks":[{"BlockType":"LINE","Page":null,"Text":null}]}`,
		}, true},
	} {
		err := readOutput(t, test.operation, test.objects...)
		if test.complete && err != nil || !test.complete && !errors.Is(err, textractclient.ErrOutputIncomplete) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestOutputThatIsNotTextracts(t *testing.T) {
	for _, text := range []string{`{}`, `null`, `[]`, `[{"a":1}]`, `{"a":1}`, `"text"`, `{"Results":[]}`, `{"Blocks":"x"}`, `{"JobStatus":`, ``} {
		if err := readOutput(
			t, textractclient.TextDetection, text,
		); err == nil ||
			!strings.Contains(err.Error(), "s3://results/out/1234/1 is no result of Textract") {
			t.Errorf("%s: error %v", text, err)
		}
		if _, err := textractdoc.ParseResponse([]byte(text)); err == nil {
			t.Errorf("%s: ParseResponse accepts it", text)
		}
	}
}

func TestOutputHolds(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for _, test := range []struct {
		prefix, key string
		want        bool
	}{
		{"", "textract_output/" + id + "/1", true},
		{"", "textract_output/" + id + "/.s3_access_check", true},
		{"", "textract_output/" + id, false},
		{"", "textract_output/letter.pdf", false},
		{"", "other/" + id + "/1", false},
		{"a/b/", "a/b/" + id + "/detailedResponse/1", true},
		{"a/b/", "textract_output/" + id + "/1", false},
		{"a", "ab/" + id + "/1", false},
		{"a", "a/" + strings.ToUpper(id) + "/1", false},
	} {
		output := textractclient.Output{Bucket: "results", Prefix: test.prefix}
		if got := output.Holds(test.key); got != test.want {
			t.Errorf("prefix %q, key %s: %t", test.prefix, test.key, got)
		}
	}
}

func TestOutputOfAnotherOperation(t *testing.T) {
	for operation, text := range map[textractclient.Operation]string{
		textractclient.TextDetection:   `{"JobStatus":"SUCCEEDED","ExpenseDocuments":[{}]}`,
		textractclient.ExpenseAnalysis: `{"JobStatus":"SUCCEEDED","Blocks":[{}]}`,
		textractclient.LendingAnalysis: `{"JobStatus":"SUCCEEDED","Blocks":[{}]}`,
	} {
		if err := readOutput(t, operation, text); err == nil || !strings.Contains(err.Error(), "the results are not of "+operation.Name()) {
			t.Errorf("%s: error %v", operation, err)
		}
	}
	if err := readOutput(
		t, textractclient.TextDetection, `{"JobStatus":"FAILED","StatusMessage":"encrypted"}`,
	); !errors.Is(
		err,
		textractclient.ErrJobFailed,
	) {
		t.Errorf("of a job that failed: error %v", err)
	}
}
