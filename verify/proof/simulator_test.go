package proof

import (
	"strings"
	"testing"
)

func receiving(change func(*request)) request {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:queue"
	r := request{
		Principal: "arn:aws:iam::111122223333:role/worker", Action: "sqs:ReceiveMessage", Resource: queue, Account: "111122223333",
		Context:  overTLS(),
		Identity: []*Document{newDocument(Statement{Effect: "Allow", Action: texts{"sqs:ReceiveMessage"}, Resource: texts{queue}})},
	}
	change(&r)
	return r
}

func TestSimulatorAnswers(t *testing.T) {
	s := <-startSimulators(t, 1)
	answers, err := s.allowed([]request{
		receiving(func(*request) {}),
		receiving(func(r *request) { r.Action = "sqs:DeleteMessage" }),
		receiving(func(r *request) {
			r.ResourcePolicy = newDocument(Statement{Effect: "Deny", Principal: "*", Action: texts{"sqs:*"}, Resource: texts{"*"}})
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false} {
		if answers[i] != want {
			t.Errorf("answer %d is %v", i, answers[i])
		}
	}
}

// TestSimulatorDoesNotGuess where it would answer another question than was asked; it answers the
// next one.
func TestSimulatorDoesNotGuess(t *testing.T) {
	s := <-startSimulators(t, 1)
	for name, row := range map[string]struct {
		change func(*request)
		want   string
	}{
		"a context key that the action does not have": {
			func(r *request) { r.Context = overTLS("s3:prefix", "results/") }, "ignored context keys: s3:prefix",
		},
		"a misspelled action":           {func(r *request) { r.Action = "sqs:RecieveMessage" }, "invalid.action"},
		"a pattern for a resource":      {func(r *request) { r.Resource = "arn:aws:sqs:eu-west-1:111122223333:*" }, "wildcard"},
		"a resource of another service": {func(r *request) { r.Resource = "arn:aws:s3:::bucket" }, "no.resource.types"},
		"an invalid policy": {func(r *request) {
			r.Identity[0].Statement[0].Effect = "Perhaps"
		}, "policy.errors"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.allowed([]request{receiving(row.change), receiving(func(*request) {})})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got error %v, want one with %q", err, row.want)
			}
			if answers, err := s.allowed([]request{receiving(func(*request) {})}); err != nil || !answers[0] {
				t.Errorf("the next answer is %v with error %v", answers, err)
			}
		})
	}
}
