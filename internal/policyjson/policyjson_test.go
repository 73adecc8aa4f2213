package policyjson

import (
	"encoding/json"
	"strings"
	"testing"
)

func read(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// A policy without references has as many characters as its JSON without white space.
func TestSizeIsThatOfTheJSON(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`{"Statement":[]}`,
		`{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Resource":"arn:aws:s3:::docs/<a>&b"}],"Version":"2012-10-17"}`,
		`{"Statement":{"Action":["a:b","c:d"],"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Resource":"*"}}`,
	} {
		if got := Size(read(t, text)); got != len(text) {
			t.Errorf("%s has %d characters, want %d", text, got, len(text))
		}
	}
}

func TestSizeOfReferences(t *testing.T) {
	for name, row := range map[string]struct {
		value string
		want  int
	}{
		"a reference":        {`{"Resource":{"Ref":"Topic"}}`, len(`{"Resource":""}`) + referenceSize},
		"an attribute":       {`{"Resource":{"Fn::GetAtt":["Queue","Arn"]}}`, len(`{"Resource":""}`) + referenceSize},
		"a pseudo parameter": {`{"Resource":{"Ref":"AWS::AccountId"}}`, len(`{"Resource":""}`) + pseudoSize},
		"a join": {
			`{"Resource":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":s3:::docs/*"]]}}`,
			len(`{"Resource":"arn::s3:::docs/*"}`) + pseudoSize,
		},
		"a function of a function": {
			`{"Resource":{"Fn::Select":[0,{"Fn::Split":["/",{"Ref":"Path"}]}]}}`, len(`{"Resource":""}`) + referenceSize,
		},
		"two in a row": {`[{"Ref":"A"},{"Ref":"B"}]`, len(`["",""]`) + 2*referenceSize},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Size(read(t, row.value)); got != row.want {
				t.Errorf("got %d, want %d", got, row.want)
			}
		})
	}
}

func TestSizeOfAnUnclosedReference(t *testing.T) {
	if got := Size("${open"); got != referenceSize+1 {
		t.Errorf("got %d, want %d", got, referenceSize+1)
	}
}

func TestConditionsAreCountedByTheirKeys(t *testing.T) {
	policy := read(t, `{"Statement":[
		{"Effect":"Deny","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Allow","Condition":{"ArnEquals":{"aws:SourceArn":["a","b"]},"StringEquals":{"a":"1","b":"2"}}},
		{"Effect":"Allow"}]}`)
	if got := Conditions(policy); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
	if got := len(Statements(policy)); got != 3 {
		t.Errorf("%d statements, want 3", got)
	}
	if got := Statements("no policy"); got != nil {
		t.Errorf("statements %v in what is no policy", got)
	}
}

func TestLeavesToAccount(t *testing.T) {
	account := []any{"arn:aws:iam::111122223333:root", "111122223333", map[string]any{"Ref": "AWS::AccountId"}, "*"}
	statement := func(changed ...string) string {
		text := `{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:root"}}`
		return `{"Statement":[` + strings.NewReplacer(changed...).Replace(text) + `]}`
	}
	for name, row := range map[string]struct {
		policy string
		want   bool
	}{
		"the root":               {statement(), true},
		"one statement, no list": {strings.NewReplacer("[", "", "]", "").Replace(statement()), true},
		"a list of actions":      {statement(`"kms:*"`, `["kms:Get*","kms:*"]`), true},
		"a list of principals":   {statement(`"arn:aws:iam::111122223333:root"`, `["arn:aws:iam::111122223333:role/x","111122223333"]`), true},
		"a reference":            {statement(`"arn:aws:iam::111122223333:root"`, `{"Ref":"AWS::AccountId"}`), true},
		"everybody":              {statement(`{"AWS":"arn:aws:iam::111122223333:root"}`, `"*"`), true},
		"a role":                 {statement("root", "role/admin"), false},
		"another account":        {statement("111122223333", "444455556666"), false},
		"some actions":           {statement("kms:*", "kms:Get*"), false},
		"a condition":            {statement(`"Resource"`, `"Condition":{"Bool":{"a":"b"}},"Resource"`), false},
		"a denial":               {statement("Allow", "Deny"), false},
		"a service":              {statement(`"AWS":"arn:aws:iam::111122223333:root"`, `"Service":"s3.amazonaws.com"`), false},
		"nothing":                {`{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LeavesToAccount(read(t, row.policy), account); got != row.want {
				t.Errorf("got %t for %s", got, row.policy)
			}
		})
	}
}

func TestIsOpenTo(t *testing.T) {
	const service = "textract.amazonaws.com"
	trust := func(principal, condition string) string {
		return `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + condition + `}]}`
	}
	textract := func(condition string) string { return trust(`{"Service":"`+service+`"}`, `,"Condition":`+condition) }
	for name, row := range map[string]struct {
		trust string
		want  bool
	}{
		"another service":         {trust(`{"Service":"lambda.amazonaws.com"}`, ""), false},
		"no condition":            {trust(`{"Service":"`+service+`"}`, ""), true},
		"one of several services": {trust(`{"Service":["lambda.amazonaws.com","`+service+`"]}`, ""), true},
		"an account":              {textract(`{"StringEquals":{"aws:SourceAccount":"111122223333"}}`), false},
		"a key in capitals":       {textract(`{"StringEquals":{"AWS:SOURCEACCOUNT":"111122223333"}}`), false},
		"an organization":         {textract(`{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-1/*"}}`), false},
		"an ARN":                  {textract(`{"ArnLike":{"aws:SourceArn":"arn:aws:textract:*:111122223333:*"}}`), false},
		"an ARN of any account":   {textract(`{"ArnLike":{"aws:SourceArn":"arn:aws:textract:*:*:*"}}`), true},
		"what is no ARN":          {textract(`{"ArnLike":{"aws:SourceArn":"*"}}`), true},
		"a list with a wildcard":  {textract(`{"StringLike":{"aws:SourceAccount":["111122223333","*"]}}`), true},
		"an empty list":           {textract(`{"StringLike":{"aws:SourceAccount":[]}}`), true},
		"a reference":             {textract(`{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}`), false},
		"a negation":              {textract(`{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}`), true},
		"IfExists":                {textract(`{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}`), true},
		"all values, or none":     {textract(`{"ForAllValues:StringEquals":{"aws:SourceAccount":"111122223333"}}`), true},
		"a denial":                {strings.Replace(trust(`{"Service":"`+service+`"}`, ""), "Allow", "Deny", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := IsOpenTo(read(t, row.trust), service); got != row.want {
				t.Errorf("got %t for %s", got, row.trust)
			}
		})
	}
}

func TestAllowsService(t *testing.T) {
	for _, row := range []struct {
		statement string
		want      bool
	}{
		{`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish"}`, true},
		{`{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","cloudwatch.amazonaws.com"]},"Action":["SNS:*"]}`, true},
		{`{"Effect":"Allow","Principal":"*","Action":"*"}`, true},
		{`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"]}`, true}, // the default policy of SNS
		{`{"Effect":"Deny","Principal":"*","Action":"sns:Publish"}`, false},
		{`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish"}`, false},
		{`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Subscribe"}`, false},
		{`{"Effect":"Allow","Principal":{"AWS":{"Fn::GetAtt":["Role","Arn"]}},"Action":"sns:Publish"}`, false},
		{`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":{"Ref":"Action"}}`, false},
	} {
		policy := read(t, `{"Statement":`+row.statement+`}`)
		if got := AllowsService(policy, "cloudwatch.amazonaws.com", "sns:Publish"); got != row.want {
			t.Errorf("%s: %t, want %t", row.statement, got, row.want)
		}
	}
	if AllowsService(nil, "cloudwatch.amazonaws.com", "sns:Publish") {
		t.Error("no policy allows it")
	}
}
