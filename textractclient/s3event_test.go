package textractclient_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const (
	s3Records = `{"Records":[
		{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0","bucket":{"name":"documents","arn":"arn:aws:s3:::documents"},"object":{"key":"in/a+b%2Bc%C3%BC.pdf","size":1024,"eTag":"e1","versionId":"v1","sequencer":"0055AED6DCD90281E5"}}},
		{"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"documents"},"object":{"key":"gone"}}},
		{"eventName":"s3:ObjectCreated:Copy","s3":{"bucket":{"name":"documents"},"object":{"key":"plain.pdf"}}}]}`
	eventBridge = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"111122223333",
		"time":"2021-11-12T00:00:00Z","region":"ca-central-1","resources":["arn:aws:s3:::documents"],
		"detail":{"version":"0","bucket":{"name":"documents"},"object":{"key":"in/a+b%2Bc ü.pdf","size":5,"etag":"e1","version-id":"v1","sequencer":"617f08299329d189"},
		"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"1.2.3.4","reason":"PutObject"}}`
	s3TestEvent = `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z","Bucket":"documents","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE"}`
)

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// inSQS and inSNS are what Lambda hands to a function.
func inSQS(bodies ...string) string {
	records := make([]string, 0, len(bodies))
	for _, body := range bodies {
		records = append(
			records,
			`{"messageId":"19dd0b57","receiptHandle":"MessageReceiptHandle","body":`+quoted(
				body,
			)+`,"attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs","awsRegion":"us-east-1"}`,
		)
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func inSNS(message string) string {
	return `{"Records":[{"EventVersion":"1.0","EventSource":"aws:sns","Sns":{"Type":"Notification","MessageId":"95df01b4","Subject":"Amazon S3 Notification","Message":` + quoted(
		message,
	) + `}}]}`
}

func TestParseS3Event(t *testing.T) {
	s3Objects := []textractclient.S3Object{
		{Bucket: "documents", Key: "in/a b+cü.pdf", ETag: "e1", VersionID: "v1"},
		{Bucket: "documents", Key: "plain.pdf"},
	}
	// EventBridge does not encode keys.
	bridgeObjects := []textractclient.S3Object{{Bucket: "documents", Key: "in/a+b%2Bc ü.pdf", ETag: "e1", VersionID: "v1"}}
	for form, wrap := range map[string]func(string) string{
		"plain":                     func(s string) string { return s },
		"in SNS":                    textracttest.Envelope,
		"in SQS for Lambda":         func(s string) string { return inSQS(s) },
		"in SNS for Lambda":         inSNS,
		"in SNS and SQS for Lambda": func(s string) string { return inSQS(textracttest.Envelope(s)) },
	} {
		for name, event := range map[string]struct {
			body string
			want []textractclient.S3Object
		}{
			"S3": {s3Records, s3Objects}, "EventBridge": {eventBridge, bridgeObjects}, "test event": {s3TestEvent, nil},
			"EventBridge deletion": {strings.Replace(eventBridge, "Object Created", "Object Deleted", 1), nil},
		} {
			got, err := textractclient.ParseS3Event([]byte(wrap(event.body)))
			if err != nil {
				t.Errorf("%s %s: %v", name, form, err)
			}
			if diff := cmp.Diff(event.want, got); diff != "" {
				t.Errorf("%s %s: -want +got\n%s", name, form, diff)
			}
		}
	}
	got, err := textractclient.ParseS3Event([]byte(inSQS(s3Records, eventBridge, s3TestEvent, textracttest.Envelope(eventBridge))))
	want := append(append(s3Objects, bridgeObjects...), bridgeObjects...)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("a batch: error %v, -want +got\n%s", err, diff)
	}
}

// What is not a document must not start a job: with the output inside the input each start would
// make the next.
func TestParseS3EventLeavesOutWhatIsNoDocument(t *testing.T) {
	for _, key := range []string{"in/2026/", "in/", ".s3_access_check", "out/0a1b/.s3_access_check"} {
		for name, body := range map[string]string{
			"S3":          `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"documents"},"object":{"key":` + quoted(key) + `}}}]}`,
			"EventBridge": strings.Replace(eventBridge, `"in/a+b%2Bc ü.pdf"`, quoted(key), 1),
		} {
			if got, err := textractclient.ParseS3Event([]byte(body)); err != nil || len(got) != 0 {
				t.Errorf("%s of %s: %v, error %v", name, key, got, err)
			}
		}
	}
}

var malformedS3Events = []string{
	"",
	" ",
	"null",
	"0",
	`"x"`,
	"[]",
	"{}",
	"hello",
	`{"Records":[]}`,
	`{"Records":null}`,
	`{"Records":[{}]}`,
	`{"Records":[null]}`,
	`{"Records":[{"eventName":"ObjectCreated:Put"}]}`,
	`{"Message":""}`,
	`{"Message":"hello"}`,
	`{"Message":"{}"}`,
	`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%zz"}}}]}`,
	`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{}}}]}`,
	`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"k"}}}]}`,
	`{"source":"aws.s3","detail-type":"Object Created","detail":{}}`,
	`{"source":"aws.s3"}`,
	`{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"PutObject","requestParameters":{"bucketName":"b","key":"k"}}}`,
	`{"source":"aws.ec2","detail-type":"Object Created","detail":{}}`,
	`{"Event":"s3:TestEvent"}`,
	rawNotification,
	textracttest.Envelope(rawNotification),
	inSQS(rawNotification),
	inSQS(s3Records, "{}"),
	textracttest.Envelope(textracttest.Envelope(textracttest.Envelope(textracttest.Envelope(textracttest.Envelope(s3Records))))),
}

// A text that is not an S3 event is an error: a worker that deletes its message would lose a
// document.
func TestParseS3EventRejects(t *testing.T) {
	for _, body := range malformedS3Events {
		if got, err := textractclient.ParseS3Event([]byte(body)); !errors.Is(err, textractclient.ErrNotS3Event) || got != nil {
			t.Errorf("%q: %v, error %v", body, got, err)
		}
	}
}

func FuzzS3Event(f *testing.F) {
	for _, body := range append([]string{s3Records, eventBridge, s3TestEvent, inSQS(s3Records), inSNS(eventBridge)}, malformedS3Events...) {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		objects, err := textractclient.ParseS3Event(body)
		if err != nil && (!errors.Is(err, textractclient.ErrNotS3Event) || objects != nil) {
			t.Errorf("objects %v, error %v", objects, err)
		}
		for _, object := range objects {
			if object.Bucket == "" || object.Key == "" || strings.HasSuffix(object.Key, "/") ||
				strings.HasSuffix("/"+object.Key, "/.s3_access_check") {
				t.Errorf("not a document: %+v", object)
			}
		}
		// The same in an SQS message.
		if !json.Valid(body) {
			return
		}
		wrapped, wrappedErr := textractclient.ParseS3Event([]byte(inSQS(string(body))))
		if err == nil && wrappedErr == nil && !cmp.Equal(objects, wrapped) {
			t.Errorf("plain %v, in SQS %v", objects, wrapped)
		}
	})
}
