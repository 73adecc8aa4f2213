package localapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// outcome is that of the answer that was saved for the document, or a generated one.
func (a *API) outcome(action string, request textracttest.Request) textracttest.Outcome {
	key := request.DocumentLocation.S3Object.Name
	outcome, file, err := a.saved(action, key)
	switch {
	case err != nil:
		outcome = textracttest.Outcome{Status: "FAILED", Message: err.Error()}
		a.options.Log.Error("saved answer not used, the job fails", "file", file, "error", err)
	case file == "":
		outcome = synthetic(action, request)
	}
	outcome.Takes = a.options.JobTime
	document := request.DocumentLocation.S3Object.Bucket + "/" + key
	a.options.Log.Info("job started", "action", action, "document", document, "answer", cmp.Or(file, "generated"))
	return outcome
}

// saved reads the answer of a document: KEY.json, or the same by the key's last part, with or
// without the document's extension. file is empty where there is none.
func (a *API) saved(action, key string) (outcome textracttest.Outcome, file string, err error) {
	if a.options.Answers == "" {
		return outcome, "", nil
	}
	base := path.Base(key)
	for _, name := range []string{key, strings.TrimSuffix(key, path.Ext(key)), base, strings.TrimSuffix(base, path.Ext(base))} {
		local := filepath.FromSlash(name + ".json")
		if !filepath.IsLocal(local) {
			continue // such as a key with ../ in it
		}
		file = filepath.Join(a.options.Answers, local)
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			outcome, err = parseAnswer(action, text)
		}
		if err != nil {
			return outcome, file, fmt.Errorf("answer %s: %w", local, err)
		}
		return outcome, file, nil
	}
	return outcome, "", nil
}

// answer is a saved response of a Get action, with what it found as it is.
type answer struct {
	Blocks, ExpenseDocuments, Results []json.RawMessage
	DocumentMetadata                  struct{ Pages int }
	JobStatus, StatusMessage          string
	Warnings                          []json.RawMessage
	Summary                           json.RawMessage
}

// parseAnswer joins the responses of a text: one, several one after the other as --json prints
// them, or an array.
func parseAnswer(action string, text []byte) (textracttest.Outcome, error) {
	var outcome textracttest.Outcome
	responses, err := decodeAnswers(text)
	if err != nil {
		return outcome, err
	}
	name := map[string]string{"StartExpenseAnalysis": "ExpenseDocuments", "StartLendingAnalysis": "Results"}[action]
	if name == "" {
		name = "Blocks"
	}
	for _, response := range responses {
		items := map[string][]json.RawMessage{
			"Blocks": response.Blocks, "ExpenseDocuments": response.ExpenseDocuments, "Results": response.Results,
		}
		for other, found := range items {
			if other != name && len(found) > 0 {
				return outcome, fmt.Errorf("has %s, and %s answers with %s: save an answer of the same operation", other, action, name)
			}
		}
		for _, item := range items[name] {
			outcome.Items = append(outcome.Items, item)
		}
		for _, warning := range response.Warnings {
			if len(outcome.Warnings) < len(response.Warnings) { // each response repeats them
				outcome.Warnings = append(outcome.Warnings, warning)
			}
		}
		outcome.Pages = max(outcome.Pages, response.DocumentMetadata.Pages)
		outcome.Status, outcome.Message = response.JobStatus, response.StatusMessage
		if response.Summary != nil {
			outcome.Summary = response.Summary
		}
	}
	switch outcome.Status {
	case "", "SUCCEEDED", "PARTIAL_SUCCESS", "FAILED":
	default:
		return outcome, fmt.Errorf("has the JobStatus %q: save the answer of a job that has ended", outcome.Status)
	}
	if len(outcome.Items) == 0 && outcome.Status != "FAILED" {
		return outcome, fmt.Errorf("has no %s: save what the Get action of the operation returns", name)
	}
	return outcome, nil
}

func decodeAnswers(text []byte) (responses []answer, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var value json.RawMessage
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return responses, nil
		} else if err != nil {
			return nil, err
		}
		several := []answer{{}}
		target := any(&several[0])
		if value[0] == '[' {
			target = &several
		}
		if err := json.Unmarshal(value, target); err != nil {
			return nil, err
		}
		responses = append(responses, several...)
	}
}
