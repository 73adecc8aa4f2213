package validate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	homeAccount  = "111122223333"
	otherAccount = "444455556666"
	homeRegion   = "us-east-1"
	otherRegion  = "eu-west-1"
	aToken       = "${Token[TOKEN.42]}"
)

var (
	home      = Place{Account: homeAccount, Region: homeRegion}
	elsewhere = Place{Account: otherAccount, Region: otherRegion}
	unknown   = Place{Account: aToken, Region: aToken}
)

// ruleCase is one use of a rule, on top of what is otherwise right.
type ruleCase[S any] struct {
	rule   string
	name   string
	change func(*S)
	want   []Problem // what the rule finds; nothing where the case must pass
	others int       // how many problems other rules find in the same case
}

var settingsCases = slices.Concat(
	choiceCases,
	nameCases,
	kindCases,
	accountCases,
	limitCases,
	prefixCases,
	placeCases,
	contradictionCases,
)

func TestSettingsRules(t *testing.T) {
	testRules(t, settingsRules, settingsCases, Check, func() Settings { return Settings{Stack: home} })
}

func TestAttributeRules(t *testing.T) {
	testRules(t, attributeRules, attributeCases, CheckAttributes, func() Attributes {
		return Attributes{
			Stack:          home,
			TopicArn:       ptr("arn:aws:sns:us-east-1:111122223333:AmazonTextractJobs"),
			QueueArn:       ptr("arn:aws:sqs:us-east-1:111122223333:jobs"),
			ServiceRoleArn: ptr("arn:aws:iam::111122223333:role/textract"),
		}
	})
}

func testRules[S any](t *testing.T, rules []rule[S], cases []ruleCase[S], all func(S) []Problem, right func() S) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			i := slices.IndexFunc(rules, func(r rule[S]) bool { return r.name == c.rule })
			if i < 0 {
				t.Fatalf("no rule %q", c.rule)
			}
			s := right()
			c.change(&s)
			if diff := cmp.Diff(c.want, rules[i].check(&s)); diff != "" {
				t.Errorf("the rule's problems (-want +got):\n%s", diff)
			}
			found := all(s)
			for _, want := range c.want {
				if !slices.Contains(found, want) {
					t.Errorf("all problems lack %+v: %+v", want, found)
				}
			}
			if want := len(c.want) + c.others; len(found) != want {
				t.Errorf("got %d problems in all, want %d: %+v", len(found), want, found)
			}
		})
	}
}

func TestEveryRuleHasCases(t *testing.T) {
	requireCases(t, settingsRules, settingsCases)
	requireCases(t, attributeRules, attributeCases)
}

func requireCases[S any](t *testing.T, rules []rule[S], cases []ruleCase[S]) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		if !strings.HasSuffix(strings.SplitN(r.doc, " See: https://", 2)[0], ".") {
			t.Errorf("rule %q: the doc is no sentence: %q", r.name, r.doc)
		}
		var passing, failing bool
		for _, c := range cases {
			if c.rule == r.name {
				passing = passing || c.want == nil
				failing = failing || c.want != nil
			}
		}
		if !passing || !failing {
			t.Errorf("rule %q: a case that passes: %t, one that fails: %t", r.name, passing, failing)
		}
	}
}

func TestMendsAreInstructions(t *testing.T) {
	imperatives := []string{"begin ", "encrypt ", "give ", "leave ", "name ", "use "}
	check := func(problems []Problem) {
		for _, p := range problems {
			starts := func(verb string) bool { return strings.HasPrefix(p.Mend, verb) }
			if !slices.ContainsFunc(imperatives, starts) || strings.HasSuffix(p.Mend, ".") {
				t.Errorf("%s: the mend is no instruction: %q", p.Prop, p.Mend)
			}
			if p.Value == "" {
				t.Errorf("%s: no value", p.Prop)
			}
			if slices.Contains(position(p.Prop), -1) {
				t.Errorf("%s: no such prop", p.Prop)
			}
		}
	}
	for _, c := range settingsCases {
		check(c.want)
	}
	for _, c := range attributeCases {
		check(c.want)
	}
}

func TestNothingGiven(t *testing.T) {
	if got := Check(Settings{}); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}

func TestProblemsComeInTheOrderOfTheProps(t *testing.T) {
	s := Settings{
		Stack:             home,
		Operations:        []string{"OCR", OperationTextDetection, OperationTextDetection},
		Inputs:            manyInputs(12),
		Output:            &Location{Bucket: &elsewhere, Prefix: ptr("/out/"), Key: &Place{Region: "eu-west-2"}},
		Topic:             &Topic{Place: elsewhere, Name: "orders", FIFO: true},
		TopicName:         ptr("orders"),
		Queue:             &Queue{Place: elsewhere, FIFO: true, AWSManaged: true},
		VisibilityTimeout: &Seconds{Value: 43_201},
		MessageRetention:  &Seconds{Value: 59},
		DeadLetters:       &DeadLetters{Disabled: ptr(true), MaxReceiveCount: ptr(0.5), Retention: &Seconds{Value: math.NaN()}},
		ServiceRole:       &elsewhere,
		ServiceRolePolicy: ptr(ServiceRolePolicyAWSManaged),
		TrustedAccounts:   []string{"1", "1"},
		Encryption:        ptr(EncryptionServiceManaged),
		EncryptionKey:     &elsewhere,
		RemovalPolicy:     ptr(RemovalPolicySnapshot),
	}
	want := []string{
		"Operations[0]", "Operations[2]",
		"Inputs[2].Prefix", "Inputs[10]", "Inputs[11].Bucket",
		"Output.Bucket", "Output.Prefix", "Output.Prefix", "Output.EncryptionKey",
		"Topic", "Topic", "Topic",
		"TopicName", "TopicName",
		"Queue", "Queue", "Queue", "Queue",
		"VisibilityTimeout", "VisibilityTimeout",
		"MessageRetention", "MessageRetention",
		"DeadLetters",
		"DeadLetters.MaxReceiveCount", "DeadLetters.MaxReceiveCount",
		"DeadLetters.Retention", "DeadLetters.Retention",
		"ServiceRole",
		"ServiceRolePolicy", "ServiceRolePolicy",
		"TrustedAccounts", "TrustedAccounts[0]", "TrustedAccounts[1]", "TrustedAccounts[1]",
		"Encryption",
		"EncryptionKey", "EncryptionKey", "EncryptionKey",
		"RemovalPolicy",
	}
	if diff := cmp.Diff(want, paths(Check(s))); diff != "" {
		t.Errorf("props of the problems (-want +got):\n%s", diff)
	}
}

// manyInputs are right but for three, so that the order of numbers differs from that of strings.
func manyInputs(n int) []Location {
	inputs := make([]Location, n)
	for i := range inputs {
		inputs[i].Bucket = &home
	}
	inputs[2].Prefix = ptr("")
	inputs[10] = Location{Missing: true}
	inputs[11].Bucket = nil
	return inputs
}

func TestAttributeProblemsComeInOrder(t *testing.T) {
	a := Attributes{
		Stack:            home,
		QueueArn:         ptr("arn:aws:sqs:us-east-1:444455556666:jobs.fifo"),
		ServiceRoleArn:   ptr("textract"),
		EncryptionKeyArn: ptr("arn:aws:kms:us-east-1:111122223333:alias/jobs"),
		Operations:       []string{},
		Inputs:           []Location{{Bucket: &home, Prefix: ptr("*")}, {Missing: true}},
		Output:           &Location{Bucket: &elsewhere},
	}
	want := []string{
		"TopicArn", "QueueArn", "QueueArn", "ServiceRoleArn", "EncryptionKeyArn",
		"Operations", "Inputs[0].Prefix", "Inputs[1]", "Output.Bucket",
	}
	if diff := cmp.Diff(want, paths(CheckAttributes(a))); diff != "" {
		t.Errorf("props of the problems (-want +got):\n%s", diff)
	}
}

func TestTokensPassEverywhere(t *testing.T) {
	for _, token := range []string{aToken, "jobs.fifo/*?" + aToken, "#{Token[TOKEN.7]}", "/-1.8881545897087626e+289"} {
		t.Run(token, func(t *testing.T) {
			if got := Check(settingsOfTokens(token)); got != nil {
				t.Errorf("settings: got %+v, want nil", got)
			}
			if got := CheckAttributes(attributesOfTokens(token)); got != nil {
				t.Errorf("attributes: got %+v, want nil", got)
			}
		})
	}
}

func settingsOfTokens(token string) Settings {
	place := Place{Account: token, Region: token}
	location := Location{Bucket: &place, Prefix: &token, Key: &place}
	return Settings{
		Stack:             home,
		Operations:        []string{token, token},
		Inputs:            []Location{location},
		Output:            &location,
		TopicName:         &token,
		Queue:             &Queue{Place: place, Key: &place},
		ServiceRolePolicy: &token,
		TrustedAccounts:   []string{token, token},
		Encryption:        &token,
		EncryptionKey:     &place,
		RemovalPolicy:     &token,
	}
}

func attributesOfTokens(token string) Attributes {
	s := settingsOfTokens(token)
	return Attributes{
		Stack:            home,
		TopicArn:         &token,
		QueueArn:         ptr("arn:aws:sqs:" + token + ":1:jobs.fifo"),
		ServiceRoleArn:   &token,
		EncryptionKeyArn: &token,
		Operations:       s.Operations,
		Inputs:           s.Inputs,
		Output:           s.Output,
	}
}

func TestUnresolvedNumbersPass(t *testing.T) {
	s := Settings{
		VisibilityTimeout: &Seconds{Value: -1, Unresolved: true},
		MessageRetention:  &Seconds{Value: -1, Unresolved: true},
		DeadLetters:       &DeadLetters{Retention: &Seconds{Value: -1, Unresolved: true}},
	}
	if got := Check(s); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}

func TestUnresolvedPlacesPass(t *testing.T) {
	s := Settings{
		Stack:       unknown,
		Inputs:      []Location{{Bucket: &elsewhere, Key: &unknown}, {Bucket: &home, Key: &Place{}}},
		Output:      &Location{Bucket: &unknown, Key: &elsewhere},
		Topic:       &Topic{Place: unknown, Name: aToken},
		Queue:       &Queue{Place: unknown, Key: &elsewhere},
		ServiceRole: &elsewhere,
	}
	if got := Check(s); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}

func TestUnresolved(t *testing.T) {
	for text, want := range map[string]bool{
		"":                              false,
		"jobs":                          false,
		"${aws:username}":               false,
		"${Token[":                      false,
		"${Token[]}":                    false,
		"${Token[a b]}":                 false,
		"-1.5e+289":                     false,
		"${Token[AWS.Region.4]}":        true,
		"a-${Token[TOKEN.0]}-b":         true,
		"#{Token[TOKEN.0]}":             true,
		"-1.8881545897087626e+289":      true,
		"${Token[TOKEN.0]}${aws:token}": true,
	} {
		if got := Unresolved(text); got != want {
			t.Errorf("Unresolved(%q): got %t, want %t", text, got, want)
		}
	}
}

func paths(problems []Problem) []string {
	var found []string
	for _, p := range problems {
		found = append(found, p.Prop)
	}
	return found
}

func ptr[T any](value T) *T { return &value }
