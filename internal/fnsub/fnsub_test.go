package fnsub_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

func TestFlatten(t *testing.T) {
	for _, row := range []struct{ reason, resolved, want string }{
		{"plain values stay", `{"Action":["a","b"],"Effect":"Allow"}`, `{"Action":["a","b"],"Effect":"Allow"}`},
		{"a reference", `{"Resource":{"Ref":"Topic"}}`, `{"Resource":"${Topic}"}`},
		{"an attribute", `{"Resource":{"Fn::GetAtt":["Queue","Arn"]}}`, `{"Resource":"${Queue.Arn}"}`},
		{
			"joined text",
			`{"Resource":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":sns:",{"Fn::GetAtt":["Queue","Arn"]}]]}}`,
			`{"Resource":"arn:${AWS::Partition}:sns:${Queue.Arn}"}`,
		},
		{"within a list", `{"Resource":[{"Ref":"Topic"}]}`, `{"Resource":["${Topic}"]}`},
		{"a function without a form in Fn::Sub", `{"Resource":{"Fn::ImportValue":"Other:Arn"}}`, `{"Resource":"${Fn::ImportValue Other:Arn}"}`},
		{
			"a function with named arguments", `{"Resource":{"Fn::GetStackOutput":{"StackName":"S","Region":{"Ref":"AWS::Region"},"OutputName":"O"}}}`,
			`{"Resource":"${Fn::GetStackOutput O ${AWS::Region} S}"}`,
		},
		{"an object with more than the function", `{"Ref":"a","Other":"b"}`, `{"Ref":"a","Other":"b"}`},
	} {
		t.Run(row.reason, func(t *testing.T) {
			var resolved, want any
			for text, into := range map[string]*any{row.resolved: &resolved, row.want: &want} {
				if err := json.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			if row.resolved == row.want {
				want = resolved
			}
			if diff := cmp.Diff(want, fnsub.Flatten(resolved)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
