package command_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// tablePages has a table of one cell on each page.
func tablePages(texts ...string) []any {
	var blocks []any
	for i, text := range texts {
		page := aws.Int32(int32(i + 1))
		child := func(ids ...string) []types.Relationship {
			return []types.Relationship{{Type: types.RelationshipTypeChild, Ids: ids}}
		}
		id := func(kind string) *string { return aws.String(kind + text) }
		blocks = append(
			blocks,
			types.Block{Id: id("p"), BlockType: types.BlockTypePage, Page: page, Relationships: child(*id("l"), *id("t"))},
			types.Block{Id: id("l"), BlockType: types.BlockTypeLine, Page: page, Text: aws.String(text), Relationships: child(*id("w"))},
			types.Block{Id: id("t"), BlockType: types.BlockTypeTable, Page: page, Relationships: child(*id("c"))},
			types.Block{
				Id:            id("c"),
				BlockType:     types.BlockTypeCell,
				Page:          page,
				RowIndex:      aws.Int32(1),
				ColumnIndex:   aws.Int32(1),
				Relationships: child(*id("w")),
			},
			types.Block{Id: id("w"), BlockType: types.BlockTypeWord, Page: page, Text: aws.String(text)},
		)
	}
	return blocks
}

func TestFormsOfResults(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 3
	w.end(textracttest.Outcome{Items: tablePages("one", "two")})
	file := letter(t)
	analyze := []string{"run", file, "--bucket", "mine", "--features", "TABLES"}
	run(t, analyze...).want(t, 0, "one\n\nTable 1 of page 1: \none\n\ftwo\n\nTable 1 of page 2: \ntwo\n", "")
	run(t, append(analyze, "--csv")...).want(t, 0, "one\n\ntwo\n", "")
	run(t, append(analyze, "--markdown")...).want(t, 0, "| one |\n| --- |\n\n\n---\n\n| two |\n| --- |\n\n", "")
	run(t, append(analyze, "--markdown", "--json")...).want(t, 2, "", "--json, --markdown and --csv exclude each other")
	run(t, "results", "1", "--csv", "--json").want(t, 2, "", "--json, --markdown and --csv exclude each other")
	w.end(textracttest.Outcome{Items: lines([]string{"text"})})
	run(t, append(analyze, "--csv", "--new-job")...).want(t, 0, "", "no tables: Textract looks for them with the feature TABLES")
}

func TestPicturesOfPages(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{Items: tablePages("one", "two")})
	folder := t.TempDir()
	pictures := func() (names []string) {
		t.Helper()
		paths, err := filepath.Glob(filepath.Join(folder, "*.svg"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			names = append(names, filepath.Base(path))
			if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "<svg ") {
				t.Errorf("%s: %v, %.100s", path, err, text)
			}
		}
		return names
	}
	analyze := []string{"run", letter(t), "--bucket", "mine", "--features", "TABLES", "--out", folder}
	const printed = "one\n\nTable 1 of page 1: \none\n\ftwo\n\nTable 1 of page 2: \ntwo\n"
	run(t, append(analyze, "--svg")...).want(t, 0, printed, "")
	if got := pictures(); !slices.Equal(got, []string{"page-1.svg", "page-2.svg"}) {
		t.Errorf("pictures %q", got)
	}
	run(t, analyze...).want(t, 0, printed, "")
	if got := pictures(); got != nil {
		t.Errorf("pictures %q of the run before are left", got)
	}
	run(t, "results", "1", "--svg").want(t, 2, "", "--svg needs --out")
}

func TestResultsToReview(t *testing.T) {
	w := newWorld(t)
	blocks := tablePages("one", "two")
	for i, block := range blocks {
		value := block.(types.Block)
		value.Confidence = aws.Float32(99)
		if value.BlockType == types.BlockTypeCell {
			value.Confidence = aws.Float32(61.25)
		}
		blocks[i] = value
	}
	w.end(textracttest.Outcome{Items: blocks})
	analyze := []string{"run", letter(t), "--bucket", "mine", "--features", "TABLES"}
	run(t, append(analyze, "--min-confidence", "90")...).want(t, 0, "1\tCELL\t\tone\t61.2\tcone\n2\tCELL\t\ttwo\t61.2\tctwo\n", "")
	run(t, append(analyze, "--min-confidence", "61")...).want(t, 0, "", "")
	run(t, append(analyze, "--min-confidence", "90", "--csv")...).want(t, 2, "", "--min-confidence excludes --json, --markdown and --csv")
	run(t, append(analyze, "--min-confidence", "101")...).want(t, 2, "", "--min-confidence 101 is no percentage")
	run(t, append(analyze, "--min-confidence", "NaN")...).want(t, 2, "", "is no percentage")
}

// Files of an earlier, longer document do not stay, and those of others do.
func TestOutReplacesEarlierFiles(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 3
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	analyze := []string{"run", letter(t), "--bucket", "mine", "--features", "TABLES", "--new-job", "--out", folder}
	w.end(textracttest.Outcome{Items: tablePages("one", "two")})
	run(t, analyze...)
	want := []string{
		"document.md",
		"mine.txt",
		"result-1.json",
		"result-2.json",
		"result-3.json",
		"result-4.json",
		"table-1-1.csv",
		"table-2-1.csv",
		"text.txt",
	}
	if got := names(t, folder); !slices.Equal(want, got) {
		t.Errorf("files %q, want %q", got, want)
	}
	first, err := os.ReadFile(filepath.Join(folder, "result-1.json"))
	if err != nil || !strings.Contains(string(first), `"Blocks":`) || strings.Contains(string(first), "NextToken") {
		t.Errorf("result-1.json has a token of another response: %s, error %v", first, err)
	}
	w.end(textracttest.Outcome{Items: tablePages("one")})
	run(t, analyze...)
	if got, want := names(
		t,
		folder,
	), []string{
		"document.md",
		"mine.txt",
		"result-1.json",
		"result-2.json",
		"table-1-1.csv",
		"text.txt",
	}; !slices.Equal(
		want,
		got,
	) {
		t.Errorf("files %q, want %q", got, want)
	}
	w.end(textracttest.Outcome{Status: "FAILED"})
	run(t, analyze...)
	if got := names(t, folder); len(got) != 6 {
		t.Errorf("files %q after a job that failed", got)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A job that expires while its results are read is an error, not a document with pages twice.
func TestResultsThatExpireOnTheWay(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 1
	w.end(textracttest.Outcome{Items: lines([]string{"one"}, []string{"two"}, []string{"three"}, []string{"four"})})
	run(t, "run", letter(t), "--stack", "Sample").want(t, 0, "one\n\ftwo\n\fthree\n\ffour\n", "")
	id, _ := w.onlyRequest(t)
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if strings.HasSuffix(in.Header.Get("X-Amz-Target"), ".GetDocumentTextDetection") {
			if calls++; calls == 3 {
				w.Textract.Expire(id)
			}
		}
		w.ServeHTTP(out, in)
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	run(
		t, "results", id, "--stack", "Sample", "--operation", "text-detection",
	).want(
		t, 5, "one\n", "read all of them with results --from=output",
	)
	run(t, "results", id, "--stack", "Sample").want(t, 0, "one\n\ftwo\n\fthree\n\ffour\n", "")
}

// Without --operation the error is that of the results, not of an operation that has none.
func TestResultsThatCannotBeReadFromTheOutput(t *testing.T) {
	for _, test := range []struct {
		text, want string // of the first object, removed where it is empty
		code       int
	}{
		{"", "object 1 is missing", 1},
		{`{"a":1}`, "is no result of Textract", 1},
		{`{"JobStatus":"FAILED","StatusMessage":"encrypted"}`, "encrypted", 3},
	} {
		w := newWorld(t)
		w.Textract.PageSize = 1
		w.end(textracttest.Outcome{Items: lines([]string{"one"}, []string{"two"})})
		run(t, "run", letter(t), "--stack", "Sample")
		id, _ := w.onlyRequest(t)
		w.S3.Delete("results", "out/"+id+"/1")
		if test.text != "" {
			w.S3.Put("results", "out/"+id+"/1", []byte(test.text))
		}
		run(t, "results", id, "--stack", "Sample", "--from=output").want(t, test.code, "", test.want)
		w.Textract.Expire(id)
		run(t, "results", id, "--stack", "Sample").want(t, test.code, "", test.want)
	}
}

// What expense and lending analysis say of a value is printed: label, group, currency, key, check
// box, signature.
func TestAllOfExpensesAndLending(t *testing.T) {
	w := newWorld(t)
	detection := func(text string) *types.ExpenseDetection { return &types.ExpenseDetection{Text: aws.String(text)} }
	w.end(textracttest.Outcome{Items: []any{types.ExpenseDocument{ExpenseIndex: aws.Int32(1), SummaryFields: []types.ExpenseField{
		{
			Type:            &types.ExpenseType{Text: aws.String("NAME")},
			ValueDetection:  detection("Shop"),
			GroupProperties: []types.ExpenseGroupProperty{{Types: []string{"VENDOR"}}},
		},
		{
			Type:           &types.ExpenseType{Text: aws.String("OTHER")},
			LabelDetection: detection("Cashier:"),
			ValueDetection: detection("Ana"),
			Currency:       &types.ExpenseCurrency{Code: aws.String("USD")},
		},
	}}}})
	run(t, "run", letter(t), "--bucket", "mine", "--operation", "expense-analysis").
		want(t, 0, "\nExpense 1:\nNAME (VENDOR)\tShop\nOTHER Cashier:\tAna USD\n", "")

	w.end(textracttest.Outcome{
		Items: []any{types.LendingResult{Page: aws.Int32(1), Extractions: []types.Extraction{{LendingDocument: &types.LendingDocument{
			LendingFields: []types.LendingField{{
				Type: aws.String("OTHER"), KeyDetection: &types.LendingDetection{Text: aws.String("Conventional")},
				ValueDetections: []types.LendingDetection{{SelectionStatus: types.SelectionStatusSelected}},
			}},
			SignatureDetections: []types.SignatureDetection{{Confidence: aws.Float32(90)}},
		}}}}},
		Summary: types.LendingSummary{
			DocumentGroups: []types.DocumentGroup{
				{
					Type:           aws.String("1003"),
					SplitDocuments: []types.SplitDocument{{Index: aws.Int32(1), Pages: []int32{1}}},
					DetectedSignatures: []types.DetectedSignature{
						{Page: aws.Int32(1)},
					},
					UndetectedSignatures: []types.UndetectedSignature{{Page: aws.Int32(2)}},
				},
			},
			UndetectedDocumentTypes: []string{"PAYSLIPS"},
		},
	})
	run(t, "run", letter(t), "--bucket", "mine", "--operation", "lending-analysis").want(t, 0, "\nPage 1: \nOTHER Conventional\tSELECTED\n"+
		"SIGNATURE\ton the page, 90.0 %\n\nDocuments:\n1003 1\tpages [1]\n1003\tsignature on page 1\n1003\tno signature on page 2\nPAYSLIPS\tnot detected\n", "")
	got := run(t, "run", letter(t), "--bucket", "mine", "--operation", "lending-analysis", "--markdown")
	if !strings.Contains(got.stdout, "- PAYSLIPS: not detected\n") || !strings.Contains(got.stdout, "| OTHER | Conventional | SELECTED |") {
		t.Errorf("Markdown %s", got.stdout)
	}
}
