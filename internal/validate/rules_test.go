package validate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	stackAccount = "111122223333"
	otherAccount = "444455556666"
	stackRegion  = "us-east-1"
	otherRegion  = "eu-west-1"
)

var (
	inStack        = Environment{Account: stackAccount, Region: stackRegion}
	inOtherAccount = Environment{Account: otherAccount, Region: stackRegion}
	elsewhere      = Environment{Account: otherAccount, Region: otherRegion}
	unknown        = Environment{Account: aToken, Region: aToken}
)

// ruleCase changes settings that are right, for one rule.
type ruleCase[S any] struct {
	rule   string
	name   string
	change func(*S)
	want   []Problem // what the rule finds; nil where it must find nothing
	others int       // how many problems other rules find in the same case
}

var settingsCases = slices.Concat(
	choiceCases, listTokenCases, arnCases, bucketCases, prefixCases, existingCases, keyCases,
	environmentCases, topicNameCases, accountCases, limitCases, conflictCases,
)

func TestSettingsRules(t *testing.T) {
	testRules(t, settingsRules, settingsCases, Check, func() Settings { return Settings{Stack: inStack} })
}

func TestAttributeRules(t *testing.T) {
	testRules(t, allAttributeRules, attributeCases, CheckAttributes, func() Attributes {
		return Attributes{
			Stack:          inStack,
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
			t.Errorf("two rules have the name %q", r.name)
		}
		seen[r.name] = true
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

func TestFixesAreInstructions(t *testing.T) {
	imperatives := []string{"begin ", "encrypt ", "import ", "name ", "remove ", "use "}
	check := func(problems []Problem) {
		for _, p := range problems {
			starts := func(verb string) bool { return strings.HasPrefix(p.Fix, verb) }
			if !slices.ContainsFunc(imperatives, starts) || strings.HasSuffix(p.Fix, ".") {
				t.Errorf("%s: the fix is not an instruction: %q", p.Prop, p.Fix)
			}
			if p.Value == "" {
				t.Errorf("%s: no value", p.Prop)
			}
			if slices.Contains(position(p.Prop), -1) {
				t.Errorf("%s: unknown prop", p.Prop)
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

func TestNothingSet(t *testing.T) {
	if got := Check(Settings{}); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}

func TestProblemsComeInTheOrderOfTheProps(t *testing.T) {
	s := Settings{
		Stack:             inStack,
		Operations:        []string{"OCR", OperationTextDetection, OperationTextDetection},
		Inputs:            manyInputs(12),
		Output:            &Location{Bucket: in(elsewhere), Prefix: ptr("/out/"), EncryptionKey: keyIn(Environment{Region: "eu-west-2"})},
		Topic:             &Topic{Environment: elsewhere, ARN: "arn:aws:sns:eu-west-1:444455556666:orders:id", Name: "orders", FIFO: true},
		TopicName:         ptr("orders"),
		Queue:             &Queue{Environment: elsewhere, FIFO: true, AWSManaged: true, Statements: 21},
		VisibilityTimeout: &Seconds{Value: 43_201},
		RetentionPeriod:   &Seconds{Value: 59},
		DeadLetterQueue:   &DeadLetterQueue{Disabled: ptr(true), MaxReceiveCount: ptr(0.5), RetentionPeriod: &Seconds{Value: math.NaN()}},
		ServiceRole:       &Role{Environment: elsewhere},
		ServiceRolePolicy: ptr(ServiceRolePolicyAWSManaged),
		TrustedAccounts:   []string{"1", "1"},
		Encryption:        ptr(EncryptionServiceManaged),
		EncryptionKey:     keyIn(elsewhere),
		RemovalPolicy:     ptr(RemovalPolicySnapshot),
	}
	want := []string{
		"Operations[0]", "Operations[2]",
		"Inputs[2].Prefix", "Inputs[10]", "Inputs[11].Bucket",
		"Output.Bucket", "Output.Prefix", "Output.Prefix", "Output.EncryptionKey",
		"Topic", "Topic", "Topic", "Topic",
		"TopicName", "TopicName",
		"Queue", "Queue", "Queue", "Queue", "Queue",
		"VisibilityTimeout", "VisibilityTimeout",
		"RetentionPeriod", "RetentionPeriod",
		"DeadLetterQueue",
		"DeadLetterQueue.MaxReceiveCount", "DeadLetterQueue.MaxReceiveCount",
		"DeadLetterQueue.RetentionPeriod", "DeadLetterQueue.RetentionPeriod",
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

// manyInputs are right except for three, whose order by number differs from that by string.
func manyInputs(n int) []Location {
	inputs := make([]Location, n)
	for i := range inputs {
		inputs[i].Bucket = in(inStack)
	}
	inputs[2].Prefix = ptr("")
	inputs[10] = Location{Missing: true}
	inputs[11].Bucket = nil
	return inputs
}

func TestAttributeProblemsComeInOrder(t *testing.T) {
	a := Attributes{
		Stack:            inStack,
		QueueArn:         ptr("arn:aws:sqs:us-east-1:444455556666:jobs.fifo"),
		ServiceRoleArn:   ptr("textract"),
		EncryptionKeyArn: ptr("arn:aws:kms:us-east-1:111122223333:alias/jobs"),
		Operations:       []string{},
		Inputs:           []Location{{Bucket: in(inStack), Prefix: ptr("*")}, {Missing: true}},
		Output:           &Location{Bucket: in(elsewhere)},
	}
	want := []string{
		"TopicArn", "QueueArn", "QueueArn", "ServiceRoleArn", "EncryptionKeyArn",
		"Operations", "Inputs[0].Prefix", "Inputs[1]", "Output.Bucket",
	}
	if diff := cmp.Diff(want, paths(CheckAttributes(a))); diff != "" {
		t.Errorf("props of the problems (-want +got):\n%s", diff)
	}
}

func TestTokensPassWhereSynthesisNeedsNoValue(t *testing.T) {
	for _, token := range []string{
		aToken, "Amazon" + aToken, "${Token[AWS::Region.4]}", "-1.8881545897087626e+289", "jobs.fifo/*?" + aDummy, aDummy,
	} {
		t.Run(token, func(t *testing.T) {
			s := settingsOf(token)
			if strings.HasPrefix(token, "Amazon") {
				s.TrustedAccounts = nil // of digits
			}
			if got := Check(s); got != nil {
				t.Errorf("settings: got %+v, want nil", got)
			}
			if got := CheckAttributes(attributesOf(token)); got != nil {
				t.Errorf("attributes: got %+v, want nil", got)
			}
		})
	}
}

func TestDummyValuesOfLookupsPassEverywhere(t *testing.T) {
	s, a := settingsOf(aDummy), attributesOf(aDummy)
	s.Operations, a.Operations = []string{aDummy, aDummy}, []string{aDummy}
	s.ServiceRolePolicy, s.Encryption, s.RemovalPolicy = ptr(aDummy), ptr(aDummy), ptr(aDummy)
	if got := Check(s); got != nil {
		t.Errorf("settings: got %+v, want nil", got)
	}
	if got := CheckAttributes(a); got != nil {
		t.Errorf("attributes: got %+v, want nil", got)
	}
}

func settingsOf(unknown string) Settings {
	environment := Environment{Account: unknown, Region: unknown}
	key := &Key{Environment: environment, ARN: unknown}
	location := Location{
		Bucket: &Bucket{Environment: environment, ARN: unknown, Key: key}, Prefix: &unknown, EncryptionKey: key,
	}
	return Settings{
		Stack:           inStack,
		Inputs:          []Location{location},
		Output:          &location,
		TopicName:       &unknown,
		Queue:           &Queue{Environment: environment, ARN: unknown, Key: key},
		TrustedAccounts: []string{unknown, unknown},
		EncryptionKey:   key,
	}
}

func attributesOf(unknown string) Attributes {
	s := settingsOf(unknown)
	return Attributes{
		Stack:            inStack,
		TopicArn:         &unknown,
		QueueArn:         ptr("arn:aws:sqs:" + unknown + ":111122223333:jobs"),
		ServiceRoleArn:   &unknown,
		EncryptionKeyArn: &unknown,
		Inputs:           s.Inputs,
		Output:           s.Output,
	}
}

func TestUnresolvedNumbersPass(t *testing.T) {
	s := Settings{
		VisibilityTimeout: &Seconds{Value: -1, Unresolved: true},
		RetentionPeriod:   &Seconds{Value: -1, Unresolved: true},
		DeadLetterQueue:   &DeadLetterQueue{RetentionPeriod: &Seconds{Value: -1, Unresolved: true}},
	}
	if got := Check(s); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}

func TestUnknownEnvironmentsPass(t *testing.T) {
	s := Settings{
		Stack: unknown,
		Inputs: []Location{
			{Bucket: in(elsewhere), EncryptionKey: keyIn(unknown)},
			{Bucket: in(inStack), EncryptionKey: keyIn(Environment{})},
		},
		Output:      &Location{Bucket: in(unknown), EncryptionKey: keyIn(elsewhere)},
		Topic:       &Topic{Environment: unknown, Name: aToken},
		Queue:       &Queue{Environment: unknown, Key: keyIn(elsewhere)},
		ServiceRole: &Role{Environment: elsewhere},
	}
	if got := Check(s); got != nil {
		t.Errorf("got %+v, want nil", got)
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
