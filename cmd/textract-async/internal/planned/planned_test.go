package planned_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/planned"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

const region = "eu-west-1"

// write writes templates into files of a new folder.
func write(t *testing.T, templates ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for i, text := range templates {
		file := filepath.Join(dir, fmt.Sprintf("stack%d.yaml", i+1))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func inspect(t *testing.T, files []string, c planned.Choice, parameters map[string]string) []*doctor.Report {
	t.Helper()
	set, err := template.Load(files, template.Options{Region: region, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return reports(t, set, c)
}

func reports(t *testing.T, set *template.Set, c planned.Choice) []*doctor.Report {
	t.Helper()
	source := planned.New(set)
	setUps, err := source.SetUps(c)
	if err != nil {
		t.Fatal(err)
	}
	var all []*doctor.Report
	for _, setUp := range setUps {
		report, err := doctor.Run(t.Context(), source.Clients(setUp.Env), setUp.Settings)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, report)
	}
	return all
}

// findings are "RESULT ID" of the checks that are neither right nor skipped.
func findings(all ...*doctor.Report) []string {
	var found []string
	for _, report := range all {
		for _, c := range report.Checks {
			if c.Result != doctor.OK && c.Result != doctor.Skipped {
				found = append(found, string(c.Result)+" "+c.ID)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func text(t *testing.T, all ...*doctor.Report) string {
	t.Helper()
	var out bytes.Buffer
	for _, report := range all {
		if err := report.WriteText(&out, doctor.Style{ASCII: true}, 0); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func complete(t *testing.T) string {
	t.Helper()
	return read(t, "testdata/complete.yaml")
}

// change replaces texts of a template, each of which it has.
func change(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the template has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func TestACompleteTemplateIsRight(t *testing.T) {
	all := inspect(t, write(t, complete(t)), planned.Choice{OutputKey: "ResultsKey"}, nil)
	if len(all) != 1 || len(findings(all...)) > 0 || len(all[0].Checks) != 20 {
		t.Errorf("got\n%s", text(t, all...))
	}
}

// The faults of verify/doctor, as far as templates can have them.
func TestFaultsOfTemplates(t *testing.T) {
	const queueRole = "            Principal: {Service: sns.amazonaws.com}\n            Action: sqs:SendMessage\n            Resource: !GetAtt Queue.Arn"
	for _, test := range []struct {
		name   string
		change []string
		choice planned.Choice
		want   []string
		text   string
	}{
		{
			name: "a FIFO topic", change: []string{"{TopicName: !Sub 'AmazonTextract-${Stage}',", "{FifoTopic: true, TopicName: !Sub 'AmazonTextract-${Stage}.fifo',", ":AmazonTextract-${Stage}'}}", ":AmazonTextract-${Stage}.fifo'}}"},
			want: []string{"wrong topic"}, text: "AmazonTextract-prod.fifo is a FIFO topic",
		},
		{
			name: "a FIFO queue", change: []string{"{KmsMasterKeyId: alias/notifications,", "{FifoQueue: true, KmsMasterKeyId: alias/notifications,"},
			want: []string{"wrong queue"}, text: "is a FIFO queue",
		},
		{
			name: "not subscribed", change: []string{"Endpoint: !GetAtt Queue.Arn", "Endpoint: !Sub 'arn:aws:sqs:eu-west-1:${AWS::AccountId}:other'"},
			choice: planned.Choice{Queue: "Queue"},
			want:   []string{"wrong subscription"}, text: "its subscriptions are sqs arn:aws:sqs:eu-west-1:111122223333:other",
		},
		{
			name: "subscribed with a wrong protocol", change: []string{"Protocol: sqs", "Protocol: https"},
			want: []string{"wrong subscription"}, text: `the protocol "https"`,
		},
		{
			name: "a filter on attributes", change: []string{"      Protocol: sqs", "      FilterPolicy: {type: [textract]}\n      Protocol: sqs"},
			want: []string{"wrong subscription"}, text: "Textract sends no message attributes",
		},
		{
			name: "a filter on a field that is not there", change: []string{"      Protocol: sqs", "      FilterPolicyScope: MessageBody\n      FilterPolicy: {state: [SUCCEEDED]}\n      Protocol: sqs"},
			want: []string{"wrong subscription"}, text: "completions have no field state",
		},
		{
			name: "a filter on the status", change: []string{"      Protocol: sqs", "      FilterPolicyScope: MessageBody\n      FilterPolicy: {Status: [SUCCEEDED]}\n      Protocol: sqs"},
			want: []string{"warning subscription"}, text: "SNS drops completions that do not match",
		},
		{
			name: "a filter on a status that there is not", change: []string{"      Protocol: sqs", "      FilterPolicyScope: MessageBody\n      FilterPolicy: {Status: [Succeeded]}\n      Protocol: sqs"},
			want: []string{"wrong subscription"}, text: "Status of completions is one of SUCCEEDED",
		},
		{
			name: "the queue keeps messages for a minute", change: []string{"MessageRetentionPeriod: 604800", "MessageRetentionPeriod: 60"},
			want: []string{"warning queue"}, text: "keeps messages for 1m0s only",
		},
		{
			name: "the results' key is in another Region", change: nil,
			choice: planned.Choice{OutputKey: "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000001"},
			want:   []string{"wrong keys"}, text: "is in us-east-1, and is used in eu-west-1",
		},
		{
			name: "the caller may start and not get", change: []string{"'textract:Start*', 'textract:Get*'", "'textract:Start*'"},
			want: []string{"warning start"}, text: "not call GetDocumentTextDetection",
		},
		{
			name: "no queue policy", change: []string{"Queues: [!Ref Queue]", "Queues: [!Ref DeadLetterQueue]"},
			want: []string{"unknown dead-letter-queue", "wrong queue-policy"}, text: "SNS may not send to stack1-Queue",
		},
		{
			name: "the queue policy names another topic", change: []string{queueRole + "\n            Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}", queueRole + "\n            Condition: {ArnEquals: {aws:SourceArn: !Sub 'arn:aws:sns:eu-west-1:${AWS::AccountId}:Old'}}"},
			want: []string{"wrong queue-policy"}, text: "statement 1 of the policy of queue stack1-Queue would allow it but for ArnEquals aws:SourceArn arn:aws:sns:eu-west-1:111122223333:Old",
		},
		{
			name: "the queue policy names the role", change: []string{queueRole, strings.Replace(queueRole, "{Service: sns.amazonaws.com}", "{AWS: !GetAtt ServiceRole.Arn}", 1)},
			want: []string{"wrong queue-policy"}, text: "but for its principal arn:aws:iam::111122223333:role/ocr/stack1-ServiceRole",
		},
		{
			name: "the queue policy is open to every topic", change: []string{queueRole + "\n            Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}", queueRole},
			want: []string{"warning queue-policy"}, text: "the topics of every account may send",
		},
		{
			name: "the queue policy depends on the organization", change: []string{queueRole + "\n            Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}", queueRole + "\n            Condition: {StringEquals: {aws:SourceOrgID: o-1234567890}}"},
			want: []string{"unknown queue-policy"}, text: "StringEquals aws:SourceOrgID o-1234567890",
		},
		{
			name: "the queue is encrypted with the key of AWS", change: []string{"KmsMasterKeyId: alias/notifications", "KmsMasterKeyId: alias/aws/sqs"},
			want: []string{"wrong queue-key"}, text: "alias/aws/sqs, which SNS can never use",
		},
		{
			name: "SNS may not use the queue's key", change: []string{"TargetKeyId: !Ref QueueKey", "TargetKeyId: !Ref ResultsKey"},
			want: []string{"wrong queue-key"}, text: `"kms:GenerateDataKey*"`,
		},
		{
			name: "SNS may not use the queue's key for this topic", change: []string{":AmazonTextract-${Stage}'}}", ":Old'}}"},
			want: []string{"wrong queue-key"}, text: "but for ArnEquals aws:SourceArn",
		},
		{
			name: "a key is disabled", change: []string{"  TopicKey:\n    Type: AWS::KMS::Key\n    Properties:", "  TopicKey:\n    Type: AWS::KMS::Key\n    Properties:\n      Enabled: false"},
			want: []string{"wrong keys"}, text: "is Disabled",
		},
		{
			name: "the role may not use the topic's key", change: []string{"['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: !GetAtt TopicKey.Arn", "['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: !GetAtt ResultsKey.Arn"},
			want: []string{"wrong topic-key"}, text: `"Action":["kms:Decrypt","kms:GenerateDataKey*"]`,
		},
		{
			name: "the topic's key does not count on the account", change: []string{"          - &account {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}", "          - &account {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/Admin'}"},
			want: []string{"wrong topic-key"}, text: "the policy of key arn:aws:kms",
		},
		{
			name: "the trust is of another service", change: []string{"Principal: {Service: textract.amazonaws.com}", "Principal: {Service: rekognition.amazonaws.com}"},
			want: []string{"wrong trust"}, text: "but for its principal rekognition.amazonaws.com",
		},
		{
			name: "the trust is of another account", change: []string{"{'aws:SourceAccount': !Ref AWS::AccountId}", "{'aws:SourceAccount': !Join ['', ['4444', '55556666']]}"},
			want: []string{"wrong trust"}, text: "StringEquals aws:SourceAccount 444455556666",
		},
		{
			name: "the trust is open to every account", change: []string{"StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}", "Bool: {'aws:SecureTransport': true}", "':textract:*:', !Ref AWS::AccountId, ':*'", "':textract:*:*:*'"},
			want: []string{"warning trust"}, text: "for jobs of any account",
		},
		{
			name: "the role may not publish", change: []string{"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}", "{Effect: Allow, Action: sns:Subscribe, Resource: !Ref Topic}"},
			want: []string{"wrong publish"}, text: `"Action":["sns:Publish"]`,
		},
		{
			name: "a deny", change: []string{"              - {Effect: Allow, Action: sns:Publish,", "              - {Sid: Nobody, Effect: Deny, Action: 'sns:*', Resource: '*'}\n              - {Effect: Allow, Action: sns:Publish,"},
			want: []string{"wrong publish"}, text: "statement 1 (Nobody) of inline policy Publish denies it",
		},
		{
			name: "a boundary", change: []string{"      Path: /ocr/", "      Path: /ocr/\n      PermissionsBoundary: !Ref KeysOnly", "  Documents:", "  KeysOnly:\n    Type: AWS::IAM::ManagedPolicy\n    Properties: {ManagedPolicyName: KeysOnly, PolicyDocument: {Statement: {Effect: Allow, Action: 'kms:*', Resource: '*'}}}\n  Documents:"},
			want: []string{"wrong publish"}, text: "the permissions boundary KeysOnly does not allow it",
		},
		{
			name: "no PassRole", change: []string{"Action: iam:PassRole", "Action: iam:GetRole"},
			want: []string{"wrong pass-role"}, text: `"iam:PassedToService":"textract.amazonaws.com"`,
		},
		{
			name: "PassRole without the role's path", change: []string{"Resource: !GetAtt ServiceRole.Arn", "Resource: !Sub 'arn:aws:iam::${AWS::AccountId}:role/${ServiceRole}'"},
			want: []string{"wrong pass-role"}, text: "but for its resource arn:aws:iam::111122223333:role/stack1-ServiceRole",
		},
		{
			name: "PassRole to another service", change: []string{"{'iam:PassedToService': textract.amazonaws.com}", "{'iam:PassedToService': ec2.amazonaws.com}"},
			want: []string{"wrong pass-role"}, text: "but for StringEquals iam:PassedToService ec2.amazonaws.com",
		},
		{
			name: "the caller may not start jobs", change: []string{"['textract:Start*', 'textract:Get*']", "['textract:Get*']"},
			want: []string{"wrong start"}, text: "the caller may not start jobs",
		},
		{
			name: "the caller may not read the document", change: []string{"Action: s3:GetObject, Resource: !Sub '${Documents.Arn}/in/*'", "Action: s3:GetObjectTagging, Resource: !Sub '${Documents.Arn}/in/*'"},
			choice: planned.Choice{Document: &doctor.Object{Bucket: "Documents", Key: "in/letter.pdf"}},
			want:   []string{"wrong document-access"}, text: "s3:GetObject",
		},
		{
			name: "the caller may not use the document's key", change: []string{"KMSMasterKeyID: !GetAtt ResultsKey.Arn", "KMSMasterKeyID: !Ref TopicKey"},
			want: []string{"wrong document-access"}, text: `"Action":["kms:Decrypt"]`,
		},
		{
			name: "the caller may not write results", change: []string{"s3:PutObject, ", ""},
			want: []string{"wrong output-access"}, text: "s3:AbortMultipartUpload",
		},
		{
			name: "the caller may not use the results' key", choice: planned.Choice{OutputKey: "TopicKey"},
			want: []string{"wrong output-key"}, text: "kms:ReEncrypt*",
		},
		{
			name: "the role may not use the results' key", change: []string{"Roles: [!Ref ServiceRole]", "Roles: [another]"}, choice: planned.Choice{OutputKey: "ResultsKey"},
			want: []string{"warning output-key"}, text: "the service role may not use the key of the results",
		},
		{
			name: "results start jobs", change: []string{"{Name: prefix, Value: in/}", "{Name: suffix, Value: ''}"},
			want: []string{"warning output-loop"}, text: "a notification of the bucket covers documents and results",
		},
		{
			name: "the subscription's dead-letter queue cannot be reached", change: []string{"Resource: !GetAtt DeadLetterQueue.Arn", "Resource: !GetAtt Queue.Arn"},
			want: []string{"warning dead-letter-queue"}, text: "SNS may not send to",
		},
		{
			name: "two policies of the queue overwrite each other", change: []string{"Queues: [!Ref DeadLetterQueue]", "Queues: [!Ref DeadLetterQueue, !Ref Queue]"},
			want: []string{"unknown queue-policy"}, text: "DeadLetterPolicy and QueuePolicy overwrite each other",
		},
		{
			name: "a topic without the prefix", change: []string{"AmazonTextract-${Stage}", "jobs-${Stage}"},
			want: []string{"warning topic"}, text: "begins with AmazonTextract",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := inspect(t, write(t, change(t, complete(t), test.change...)), withRole(test.name, test.choice), nil)
			if len(all) != 1 || !slices.Equal(findings(all...), test.want) || !strings.Contains(text(t, all...), test.text) {
				t.Errorf("got %v, want %v and %q\n%s", findings(all...), test.want, test.text, text(t, all...))
			}
		})
	}
}

// withRole names the role where nothing else can: one that Textract may not assume is not found.
func withRole(name string, c planned.Choice) planned.Choice {
	if name == "the trust is of another service" {
		c.Role = "ServiceRole"
	}
	return c
}

// snapshots are the templates of the construct's own scenarios.
const snapshots = "../../../../testdata/"

func TestTheConstructsOwnTemplatesAreRight(t *testing.T) {
	files, err := filepath.Glob(snapshots + "*/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d templates, and error %v", len(files), err)
	}
	// A choice of the scenario, which the guide allows.
	publishes := map[string]bool{"ExistingKey.template.json": true, "ServiceManaged.template.json": true}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "CrossStack.template.json" {
			continue // a part of the next test
		}
		all := inspect(t, []string{file}, planned.Choice{}, map[string]string{template.PseudoAccount: "111122223333"})
		for _, finding := range findings(all...) {
			isChosen := publishes[name] && finding == "warning publish"
			if !isChosen && !strings.HasPrefix(finding, string(doctor.NotInTemplate)) {
				t.Errorf("%s: %s\n%s", file, finding, text(t, all...))
			}
		}
	}
}

// What AddPropertyOverride and setters change where the construct does not look: it is in the
// template alone.
func TestOverridesOfTheConstructsOwnResources(t *testing.T) {
	const ownKey = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-00000000000f"
	for _, test := range []struct {
		name, resource, property string
		value                    any
		want                     string
	}{
		{"queue FIFO", "TextractAsyncQueueB5B88E70", "FifoQueue", true, "wrong queue"},
		{"queue with alias/aws/sqs", "TextractAsyncQueueB5B88E70", "KmsMasterKeyId", "alias/aws/sqs", "wrong queue-key"},
		{"queue with another key", "TextractAsyncQueueB5B88E70", "KmsMasterKeyId", ownKey, "not-in-template queue-key"},
		{"topic FIFO", "TextractAsyncTopicA1FAB1BD", "FifoTopic", true, "wrong topic"},
		{"topic with another name", "TextractAsyncTopicA1FAB1BD", "TopicName", "AmazonTextract-Other", "wrong queue-policy"},
		{"topic with another key", "TextractAsyncTopicA1FAB1BD", "KmsMasterKeyId", ownKey, "not-in-template topic-key"},
		{"subscription with a filter", "TextractAsyncSubscriptionDC448ADE", "FilterPolicy", map[string]any{"a": []any{"b"}}, "wrong subscription"},
		{"subscription of another queue", "TextractAsyncSubscriptionDC448ADE", "Endpoint", "arn:aws:sqs:eu-west-1:111122223333:other", "wrong subscription"},
		{"subscription of another protocol", "TextractAsyncSubscriptionDC448ADE", "Protocol", "email", "wrong subscription"},
		{"key disabled", "TextractAsyncEncryptionKey5F613BA0", "Enabled", false, "wrong keys"},
		{"key without SNS", "TextractAsyncEncryptionKey5F613BA0", "KeyPolicy", map[string]any{"Statement": []any{}}, "wrong queue-key"},
		{"queue policy without SNS", "TextractAsyncQueuePolicyB22B1227", "PolicyDocument", map[string]any{"Statement": []any{}}, "wrong queue-policy"},
		{"service role of others", "TextractAsyncServiceRole624BC363", "AssumeRolePolicyDocument", map[string]any{"Statement": []any{}}, "wrong trust"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var content map[string]any
			if err := json.Unmarshal([]byte(read(t, snapshots+"flags-none/Default.template.json")), &content); err != nil {
				t.Fatal(err)
			}
			resource := content["Resources"].(map[string]any)[test.resource].(map[string]any)
			resource["Properties"].(map[string]any)[test.property] = test.value
			changed, err := json.Marshal(content)
			if err != nil {
				t.Fatal(err)
			}
			choice := planned.Choice{Topic: "TextractAsyncTopicA1FAB1BD", Queue: "TextractAsyncQueueB5B88E70", Role: "TextractAsyncServiceRole624BC363"}
			all := inspect(t, write(t, string(changed)), choice, map[string]string{template.PseudoAccount: "111122223333"})
			if found := findings(all...); !slices.ContainsFunc(found, func(f string) bool { return f == test.want }) {
				t.Errorf("got %v, want %s\n%s", found, test.want, text(t, all...))
			}
		})
	}
}

func TestStacksOfOneAppAreRightTogether(t *testing.T) {
	files, err := filepath.Glob(snapshots + "flags-recommended/CrossStack*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("found %v, and error %v", files, err)
	}
	if all := inspect(t, files, planned.Choice{}, nil); len(findings(all...)) > 0 {
		t.Errorf("got\n%s", text(t, all...))
	}
}
