package docs

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Words of the picture for each resource, by its logical id without the hash, each type, and each
// action that the sample's policies allow. What needs no word of its own has none.
var (
	titles = map[string]string{
		"Documents":                    "Documents",
		"Results":                      "Results",
		"Caller":                       "Caller",
		"TextractAsyncServiceRole":     "Service role",
		"TextractAsyncTopic":           "Topic",
		"TextractAsyncQueue":           "Queue",
		"TextractAsyncDeadLetterQueue": "Dead-letter queue",
		"TextractAsyncEncryptionKey":   "Key",
	}
	// Types with a title have cards, the others are lines or part of a card.
	wordsOfTypes = map[string][]string{
		"AWS::S3::Bucket": {"S3 bucket"},
		"AWS::SNS::Topic": {"SNS", "AmazonTextract-…"},
		"AWS::SQS::Queue": {"SQS"},
		"AWS::IAM::Role":  {"IAM role"},
		"AWS::KMS::Key":   {"KMS"},
	}
	wordsOfLines = map[string][]string{
		"AWS::SNS::Subscription": {"delivers", "undeliverable"},
		"AWS::S3::BucketPolicy":  nil,
		"AWS::SNS::TopicPolicy":  nil,
		"AWS::SQS::QueuePolicy":  nil,
		"AWS::IAM::Policy":       nil,
	}
	wordsOfActions = map[string][]string{
		"textract:Start": {"Amazon Textract", "Start…"},
		"textract:Get":   {"Get…"},
		"iam:PassRole":   {"passes"},
		"sts:AssumeRole": {"assumes"},
		"sns:Publish":    {"publishes"},

		"sqs:SendMessage":             {"delivers", "undeliverable"},
		"sqs:ReceiveMessage":          {"receives"},
		"sqs:DeleteMessage":           {"deletes"},
		"sqs:ChangeMessageVisibility": nil,
		"sqs:GetQueueUrl":             nil,
		"sqs:GetQueueAttributes":      nil,

		"s3:GetObject":                  {"reads"},
		"s3:GetObjectVersion":           {"reads"},
		"s3:ListBucket":                 {"reads"},
		"s3:PutObject":                  {"writes"},
		"s3:AbortMultipartUpload":       {"writes"},
		"s3:ListMultipartUploadParts":   {"writes"},
		"s3:ListBucketMultipartUploads": {"writes"},

		"kms:*":                nil,
		"kms:Decrypt":          nil,
		"kms:GenerateDataKey*": nil,
	}
	captions = []string{
		"the construct", "Textract reads documents and writes results with the", "permissions of the caller.",
	}
)

type object = map[string]any

// TestArchitecturePicture checks that docs/images/architecture.svg has the words of the sample's
// template, and no others.
func TestArchitecturePicture(t *testing.T) {
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties object
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, root+"/testdata/flags-none/TextractAsyncSample.template.json")), &template); err != nil {
		t.Fatal(err)
	}
	var want []string
	ofKey := map[string]int{}
	for id, resource := range template.Resources {
		words, isCard := wordsOfTypes[resource.Type]
		if isCard {
			title, known := titles[id[:len(id)-len("01234567")]]
			if !known {
				t.Errorf("%s: this %s is not in the picture", id, resource.Type)
			}
			want = append(want, title)
		} else if words, isLine := wordsOfLines[resource.Type]; isLine {
			want = append(want, words...)
		} else {
			t.Errorf("%s: %s is not in the picture", id, resource.Type)
		}
		want = append(append(want, words...), wordsOfProperties(resource.Type, resource.Properties)...)
		for _, action := range allowed(resource.Properties) {
			words, known := wordsOfAction(action)
			if !known {
				t.Errorf("%s: %s is not in the picture", id, action)
			}
			want = append(want, words...)
		}
		if resource.Properties["KmsMasterKeyId"] != nil {
			ofKey[resource.Type]++
		}
	}
	if ofKey["AWS::SNS::Topic"] != 1 {
		t.Error("the key is not the topic's")
	}
	if ofKey["AWS::SQS::Queue"] != 1 {
		t.Error("the key is not that of one queue alone")
	}
	want = append(want, "of topic and queue")

	got := wordsOfPicture(t, readFile(t, root+"/docs/images/architecture.svg"))
	slices.Sort(want)
	for _, word := range slices.Compact(want) {
		if !slices.Contains(got, word) {
			t.Errorf("%q is in the template, and not in the picture", word)
		}
	}
	for _, word := range got {
		if !slices.Contains(want, word) && !slices.Contains(captions, word) {
			t.Errorf("%q is in the picture, and not in the template", word)
		}
	}
}

func wordsOfAction(action string) ([]string, bool) {
	for _, prefix := range []string{"textract:Start", "textract:Get"} {
		if strings.HasPrefix(action, prefix) {
			return wordsOfActions[prefix], true
		}
	}
	words, known := wordsOfActions[action]
	return words, known
}

func wordsOfProperties(kind string, properties object) []string {
	var words []string
	if redrive, ok := properties["RedrivePolicy"].(object); ok && redrive["maxReceiveCount"] != nil {
		words = append(words, fmt.Sprintf("after %v", redrive["maxReceiveCount"]), "receives")
	}
	if seconds, ok := properties["MessageRetentionPeriod"].(float64); ok {
		words = append(words, fmt.Sprintf("kept %v days", seconds/86_400))
	}
	if properties["KmsMasterKeyId"] != nil || properties["BucketEncryption"] != nil || properties["SqsManagedSseEnabled"] == true {
		words = append(words, "encrypted")
	}
	if properties["EnableKeyRotation"] == true {
		words = append(words, "rotated")
	}
	text := fmt.Sprint(properties)
	if strings.Contains(text, "aws:SecureTransport:false") {
		words = append(words, "TLS only")
	}
	if kind == "AWS::IAM::Role" && strings.Contains(text, "aws:SourceAccount") {
		words = append(words, "for this account alone")
	}
	return words
}

// allowed returns the actions of all statements that allow something, wherever a policy is in the
// properties.
func allowed(value any) []string {
	var actions []string
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			actions = append(actions, allowed(element)...)
		}
	case object:
		if v["Effect"] == "Allow" {
			list, isList := v["Action"].([]any)
			if !isList {
				list = []any{v["Action"]}
			}
			for _, action := range list {
				actions = append(actions, fmt.Sprint(action))
			}
		}
		for _, element := range v {
			actions = append(actions, allowed(element)...)
		}
	}
	return actions
}

// wordsOfPicture returns what the text elements of an SVG say, cut at commas.
func wordsOfPicture(t *testing.T, svg string) []string {
	t.Helper()
	var picture struct {
		Texts []string `xml:"text"`
	}
	if err := xml.Unmarshal([]byte(svg), &picture); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, text := range picture.Texts {
		if slices.Contains(captions, text) {
			words = append(words, text)
			continue
		}
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
	}
	return words
}
