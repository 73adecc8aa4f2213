package proof

import (
	"strings"
	"testing"
)

func startSimulator(t *testing.T) *Simulator {
	t.Helper()
	s, err := StartSimulator("simulator.mjs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func receiving(change func(*request)) request {
	r := request{
		Principal: "arn:aws:iam::111122223333:role/worker", Action: "sqs:ReceiveMessage",
		Resource: "arn:aws:sqs:eu-west-1:111122223333:queue", Account: "111122223333", Context: overTLS(),
		Identity: []*Document{{Version: policyVersion, Statement: []Statement{{
			"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:queue",
		}}}},
	}
	change(&r)
	return r
}

func TestSimulatorAnswers(t *testing.T) {
	s := startSimulator(t)
	requests := []request{
		receiving(func(*request) {}),
		receiving(func(r *request) { r.Action = "sqs:DeleteMessage" }),
		receiving(func(r *request) {
			r.Policy = &Document{policyVersion, []Statement{{
				"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
			}}}
		}),
	}
	answers, err := s.allowed(requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false} {
		if answers[i] != want {
			t.Errorf("answer %d is %v", i, answers[i])
		}
	}
	if _, err := s.allowed(requests); err != nil || s.Asked() != len(requests) {
		t.Errorf("%d evaluations and error %v after the same requests again, want %d", s.Asked(), err, len(requests))
	}
}

// TestSimulatorRefusesToGuess where an answer would say something else than was asked, and goes on answering afterwards.
func TestSimulatorRefusesToGuess(t *testing.T) {
	s := startSimulator(t)
	rows := []struct {
		name   string
		change func(*request)
		want   string
	}{
		{"a context key that the action does not know", func(r *request) {
			r.Context = overTLS("s3:prefix", "results/")
		}, "ignored context keys: s3:prefix"},
		{"a misspelled action", func(r *request) { r.Action = "sqs:RecieveMessage" }, "invalid.action"},
		{"a pattern for a resource", func(r *request) { r.Resource = "arn:aws:sqs:eu-west-1:111122223333:*" }, "wildcard"},
		{"a resource of another service", func(r *request) { r.Resource = "arn:aws:s3:::bucket" }, "no.resource.types"},
		{"a policy that is none", func(r *request) {
			r.Identity[0].Statement[0] = Statement{"Effect": "Perhaps", "Action": "sqs:*", "Resource": "*"}
		}, "policy.errors"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := s.allowed([]request{receiving(row.change), receiving(func(*request) {})})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got error %v, want one that says %q", err, row.want)
			}
			if answers, err := s.allowed([]request{receiving(func(*request) {})}); err != nil || !answers[0] {
				t.Errorf("the next answer is %v with error %v", answers, err)
			}
		})
	}
}
