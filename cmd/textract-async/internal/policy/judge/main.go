// Command judge answers questions about policies: a line of JSON in, a line with the answer out, in
// the same order. The tests in verify compare its answers with those of another evaluator.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// question is a policy.Question in JSON. Policies are JSON documents.
type question struct {
	Principal      string            `json:"principal"`
	Action         string            `json:"action"`
	Resource       string            `json:"resource"`
	Account        string            `json:"account"`
	Context        map[string]value  `json:"context"`
	Identity       []json.RawMessage `json:"identity"`
	Boundary       json.RawMessage   `json:"boundary"`
	ResourcePolicy json.RawMessage   `json:"resourcePolicy"`
}

// value is a policy.Value in JSON. Known is exactly, beginning or absent.
type value struct {
	Known    string `json:"known"`
	Text     string `json:"text"`
	OrAbsent bool   `json:"orAbsent"`
}

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func answer(in io.Reader, out io.Writer) error {
	decoder, buffer := json.NewDecoder(in), bufio.NewWriter(out)
	for {
		var q question
		if err := decoder.Decode(&q); errors.Is(err, io.EOF) {
			return buffer.Flush()
		} else if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(buffer, policy.Judge(q.policy()).Answer); err != nil {
			return err
		}
	}
}

func (q question) policy() policy.Question {
	asked := policy.Question{
		Principal: q.Principal, Action: q.Action, Resource: q.Resource, Account: q.Account, Context: make(map[string]policy.Value),
	}
	for key, v := range q.Context {
		value := policy.Exactly(v.Text)
		switch v.Known {
		case "beginning":
			value = policy.Beginning(v.Text)
		case "absent":
			value = policy.Absent()
		}
		if v.OrAbsent {
			value = value.OrAbsent()
		}
		asked.Context[key] = value
	}
	for _, text := range q.Identity {
		asked.Identity = append(asked.Identity, policy.Parse("identity", string(text)))
	}
	asked.Boundary, asked.ResourcePolicy = document(q.Boundary), document(q.ResourcePolicy)
	return asked
}

func document(text json.RawMessage) *policy.Document {
	if len(text) == 0 {
		return nil
	}
	d := policy.Parse("policy", string(text))
	return &d
}
