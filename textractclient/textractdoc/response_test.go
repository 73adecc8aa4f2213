package textractdoc_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func TestParseResponseOfASummary(t *testing.T) {
	text := []byte(`{"JobStatus":"succeeded","Summary":{"UndetectedDocumentTypes":["1040"]}}`)
	if _, err := textractdoc.ParseResponse(text); err == nil || !strings.Contains(err.Error(), "decode it with ParseLendingSummary") {
		t.Errorf("error %v", err)
	}
	summary, err := textractdoc.ParseLendingSummary(text)
	if err != nil || summary.Text() != "1040\tnot detected\n" || summary.JobStatus != types.JobStatusSucceeded {
		t.Errorf("summary %+v, error %v", summary, err)
	}
	var decoded textractdoc.LendingSummary
	if err := json.Unmarshal(text, &decoded); err != nil || decoded.Text() != summary.Text() {
		t.Errorf("text %q, error %v", decoded.Text(), err)
	}
	for _, text := range []string{`{}`, `{"Summary":`, `[]`, `{"Summary":"x"}`, ``} {
		if summary, err := textractdoc.ParseLendingSummary([]byte(text)); err == nil {
			t.Errorf("%s is the summary %+v", text, summary)
		}
	}
}

// The token of the next response is the API's own, in JSON too.
func TestResponseHasTheTokenOfTheNext(t *testing.T) {
	const text = `{"Blocks":[{"BlockType":"PAGE","Page":1}],"JobStatus":"SUCCEEDED","NextToken":"x"}`
	parsed, err := textractdoc.ParseResponse([]byte(text))
	if err != nil || parsed.NextToken != "x" {
		t.Errorf("response %+v, error %v", parsed, err)
	}
	if got, err := json.Marshal(parsed); err != nil || string(got) != text {
		t.Errorf("JSON %s, error %v", got, err)
	}
	var decoded textractdoc.Response
	if err := json.Unmarshal([]byte(text), &decoded); err != nil || decoded.NextToken != "x" || len(decoded.Blocks) != 1 {
		t.Errorf("decoded %+v, error %v", decoded, err)
	}
}

// Saved responses are in a list, or one after the other.
func TestParseResponses(t *testing.T) {
	const (
		one = `{"JobStatus":"SUCCEEDED","DocumentMetadata":{"Pages":2},"NextToken":"x","Blocks":[{"BlockType":"LINE","Id":"a","Page":1,"Text":"one"}]}`
		two = `{"JobStatus":"SUCCEEDED","DocumentMetadata":{"Pages":2},"Blocks":[{"BlockType":"LINE","Id":"b","Page":2,"Text":"two"}]}`
	)
	for name, tt := range map[string]struct{ text, want, err string }{
		"list":              {"[" + one + ",\n" + two + "]", "one\n\ftwo\n", ""},
		"lines":             {one + "\n" + two + "\n", "one\n\ftwo\n", ""},
		"lists":             {"[" + one + "]\n[" + two + "]", "one\n\ftwo\n", ""},
		"one":               {strings.Replace(two, ":2", ":1", 2), "two\n", ""},
		"the first alone":   {"[" + one + "]", "one\n", "NextToken"},
		"nothing":           {"", "", "response 1: the JSON is not a response of Textract"},
		"an empty list":     {"[]", "", "response 1: the JSON is not a response of Textract"},
		"a cut list":        {"[" + one + "," + two[:40], "", "response 2: "},
		"a list of others":  {"[" + one + `,{"Records":[]}]`, "", "response 2: the JSON is not a response of Textract"},
		"no JSON":           {"Dear Sir,", "", "response 1: "},
		"text after a list": {"[" + one + "]x", "", "response 2: "},
		"a list of texts":   {`["a"]`, "", "response 1: the text is not the JSON of one response"},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := textractdoc.Read(textractdoc.ParseResponses([]byte(tt.text)))
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if tt.want != "" && (document == nil || document.Text() != tt.want) {
				t.Errorf("text %q, want %q", document.Text(), tt.want)
			}
		})
	}
}

func TestParseResponseNamesTheDecoderOfSeveral(t *testing.T) {
	for _, text := range []string{`[{"JobStatus":"SUCCEEDED"}]`, `{"JobStatus":"SUCCEEDED"}` + "\n" + `{"JobStatus":"SUCCEEDED"}`} {
		if _, err := textractdoc.ParseResponse([]byte(text)); err == nil || !strings.Contains(err.Error(), "ParseResponses") {
			t.Errorf("%s: error %v", text, err)
		}
	}
}
