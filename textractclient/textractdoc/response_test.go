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
