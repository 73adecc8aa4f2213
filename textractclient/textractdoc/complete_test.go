package textractdoc_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// savedPage has a page of a document of so many, with a line.
func savedPage(document string, number, pages int, more string) string {
	return fmt.Sprintf(`{"JobStatus":"SUCCEEDED","DocumentMetadata":{"Pages":%d},"Blocks":[
		{"BlockType":"PAGE","Id":"%[2]s-p%[3]d","Page":%[3]d,"Relationships":[{"Type":"CHILD","Ids":["%[2]s-l%[3]d"]}]},
		{"BlockType":"LINE","Id":"%[2]s-l%[3]d","Page":%[3]d,"Text":"%[2]s %[3]d"}]%[4]s}`, pages, document, number, more)
}

const (
	token = `,"NextToken":"x"`
)

// inPart makes a saved response one of a job that succeeded in part.
func inPart(text string) string { return strings.Replace(text, "SUCCEEDED", "PARTIAL_SUCCESS", 1) }

func TestReadAndPagesNeedAllResponsesOfOneDocument(t *testing.T) {
	incomplete, several := textractdoc.ErrIncomplete, textractdoc.ErrSeveralDocuments
	for name, test := range map[string]struct {
		responses []string
		want      error
		pages     int // that come before the error
		says      string
	}{
		"all of them":                           {[]string{savedPage("a", 1, 2, token), savedPage("a", 2, 2, "")}, nil, 2, ""},
		"the first alone":                       {[]string{savedPage("a", 1, 13, token)}, incomplete, 1, "NextToken"},
		"the first alone, of one page":          {[]string{savedPage("a", 1, 1, token)}, incomplete, 1, "NextToken"},
		"without the last":                      {[]string{savedPage("a", 1, 3, token), savedPage("a", 2, 3, token)}, incomplete, 2, "NextToken"},
		"without the first":                     {[]string{savedPage("a", 2, 2, "")}, incomplete, 1, "1 of 2 pages"},
		"without one between":                   {[]string{savedPage("a", 1, 3, token), savedPage("a", 3, 3, "")}, incomplete, 2, "2 of 3 pages"},
		"none":                                  {nil, incomplete, 0, "there is none"},
		"as an object of a bucket, no status":   {[]string{`{"DocumentMetadata":{"Pages":2},"Blocks":[{"BlockType":"PAGE","Id":"p","Page":1}]}`}, incomplete, 1, "1 of 2"},
		"pages without numbers":                 {[]string{`{"DocumentMetadata":{"Pages":2},"Blocks":[{"BlockType":"PAGE","Id":"p"}]}`}, incomplete, 1, "1 of 2"},
		"of a synchronous operation":            {[]string{`{"DocumentMetadata":{"Pages":1},"Blocks":[{"BlockType":"PAGE","Id":"p"}]}`}, nil, 1, ""},
		"of a page that is empty":               {[]string{`{"JobStatus":"SUCCEEDED","DocumentMetadata":{"Pages":1}}`}, nil, 0, ""},
		"of a license with its back":            {[]string{`{"DocumentMetadata":{"Pages":2},"IdentityDocuments":[{"DocumentIndex":1},{"DocumentIndex":2}]}`}, nil, 1, ""},
		"in part, other pages named":            {[]string{inPart(savedPage("a", 1, 3, `,"Warnings":[{"ErrorCode":"X","Pages":[2,3]}]`))}, nil, 1, ""},
		"in part, one page not named":           {[]string{inPart(savedPage("a", 1, 3, `,"Warnings":[{"ErrorCode":"X","Pages":[2]}]`))}, incomplete, 1, "2 of 3"},
		"in part, no page named":                {[]string{inPart(savedPage("a", 1, 3, ""))}, nil, 1, ""},
		"in part, and more follows":             {[]string{inPart(savedPage("a", 1, 3, token))}, incomplete, 1, "NextToken"},
		"of lending":                            {[]string{`{"DocumentMetadata":{"Pages":2},"Results":[{"Page":1},{"Page":2}]}`}, nil, 2, ""},
		"of lending, a page too few":            {[]string{`{"DocumentMetadata":{"Pages":3},"Results":[{"Page":1},{"Page":3}]}`}, incomplete, 2, "2 of 3"},
		"of expenses":                           {[]string{`{"DocumentMetadata":{"Pages":2},"ExpenseDocuments":[{"ExpenseIndex":1,"SummaryFields":[{"PageNumber":1},{"PageNumber":2}]}]}`}, nil, 1, ""},
		"of expenses, a page too few":           {[]string{`{"DocumentMetadata":{"Pages":2},"ExpenseDocuments":[{"ExpenseIndex":1,"SummaryFields":[{"PageNumber":1}]}]}`}, incomplete, 1, "1 of 2"},
		"two documents, other numbers of pages": {[]string{savedPage("a", 1, 2, token), savedPage("a", 2, 2, ""), savedPage("b", 1, 1, "")}, several, 1, "one of 2 pages and one of 1"},
		"two documents, as many pages":          {[]string{savedPage("a", 1, 2, token), savedPage("a", 2, 2, ""), savedPage("b", 1, 2, token), savedPage("b", 2, 2, "")}, several, 1, "page 1 comes again"},
		"two documents of one page":             {[]string{savedPage("a", 1, 1, ""), savedPage("b", 1, 1, "")}, several, 0, "page 1 comes again"},
		"two loan packages":                     {[]string{`{"JobStatus":"SUCCEEDED","Results":[{"Page":1}]}`, `{"JobStatus":"SUCCEEDED","Results":[{"Page":1}]}`}, several, 0, "page 1 comes again"},
		"two invoices":                          {slices.Repeat([]string{`{"ExpenseDocuments":[{"ExpenseIndex":1,"SummaryFields":[{"PageNumber":1}]}]}`}, 2), several, 0, "expense 1 of page 1 comes again"},
		"two images":                            {[]string{`{"DocumentMetadata":{"Pages":1},"Blocks":[{"BlockType":"PAGE","Id":"p"}]}`, `{"DocumentMetadata":{"Pages":1},"Blocks":[{"BlockType":"PAGE","Id":"q"}]}`}, nil, 2, ""},
	} {
		document, err := textractdoc.Read(saved(test.responses...))
		if !errors.Is(err, test.want) || test.want != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: Read: error %v, want %v", name, err, test.want)
		}
		if !errors.Is(test.want, several) && len(document.Pages) != test.pages {
			t.Errorf("%s: Read: %d pages, want %d", name, len(document.Pages), test.pages)
		}
		pages := 0
		err = nil
		for page, pageErr := range textractdoc.Pages(saved(test.responses...)) {
			if err != nil {
				t.Errorf("%s: page %v after the error", name, page)
			}
			if err = pageErr; err == nil {
				pages++
			}
		}
		if !errors.Is(err, test.want) || pages != test.pages {
			t.Errorf("%s: Pages: %d pages, want %d, error %v, want %v", name, pages, test.pages, err, test.want)
		}
	}
}

// Complete passes responses on, and an error of theirs is the last.
func TestCompleteKeepsResponsesAndErrors(t *testing.T) {
	count := 0
	var last error
	for response, err := range textractdoc.Complete(saved(savedPage("a", 1, 2, token), `{}`, savedPage("a", 2, 2, ""))) {
		if last = err; response != nil {
			count++
		}
	}
	if count != 1 || last == nil || errors.Is(last, textractdoc.ErrIncomplete) {
		t.Errorf("%d responses, error %v", count, last)
	}
	for range textractdoc.Complete(saved(savedPage("a", 1, 2, token))) {
		break // and no error is passed to a loop that has ended
	}
}
