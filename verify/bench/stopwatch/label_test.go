package main

import "testing"

func TestLabelOf(t *testing.T) {
	for request, want := range map[string]string{
		`{"api":"create","fqn":"aws-cdk-lib.aws_sqs.Queue","args":[]}`:                                     "create aws_sqs.Queue",
		`{"api":"get","property":"topicArn","objref":{"$jsii.byref":"aws-cdk-lib.aws_sns.Topic@10007"}}`:   "get aws_sns.Topic.topicArn",
		`{"api":"sinvoke","fqn":"aws-cdk-lib.aws_iam.Grant","method":"addToPrincipal","args":[]}`:          "sinvoke aws_iam.Grant.addToPrincipal",
		`{"api":"invoke","method":"synth","objref":{"$jsii.byref":"aws-cdk-lib.App@10000"},"args":[null]}`: "invoke App.synth",
		`{"api":"load","name":"constructs","version":"10.6.0"}`:                                            "load constructs",
		`{"exit":0}`: "other",
		`nonsense`:   "other",
	} {
		if got := labelOf([]byte(request)); got != want {
			t.Errorf("labelOf(%s) = %q, want %q", request, got, want)
		}
	}
}
