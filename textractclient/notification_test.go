package textractclient_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const rawNotification = `{"JobId":"1ab","Status":"SUCCEEDED","API":"StartDocumentAnalysis","JobTag":"tag","Timestamp":1700000000123,` +
	`"DocumentLocation":{"S3ObjectName":"in/a+b%20c.pdf","S3Bucket":"documents"}}`

func TestParseNotification(t *testing.T) {
	want := textractclient.Notification{
		JobID: "1ab", Status: "SUCCEEDED", Operation: textractclient.DocumentAnalysis, JobTag: "tag",
		Timestamp: time.UnixMilli(1700000000123).UTC(),
		Document:  textractclient.S3Object{Bucket: "documents", Key: "in/a+b%20c.pdf"},
	}
	for name, body := range map[string]string{
		"raw":             rawNotification,
		"in an envelope":  textracttest.Envelope(rawNotification),
		"lower case":      strings.Replace(rawNotification, "SUCCEEDED", "Succeeded", 1),
		"unknown field":   strings.Replace(rawNotification, "{", `{"New":{"deep":[1]},`, 1),
		"time as string":  strings.Replace(rawNotification, "1700000000123", `"1700000000123"`, 1),
		"with whitespace": "\n " + rawNotification + "\n",
	} {
		got, err := textractclient.ParseNotification([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if !got.HasResults() {
			t.Errorf("%s: has no results", name)
		}
	}
}

func TestParseNotificationTolerates(t *testing.T) {
	for body, want := range map[string]textractclient.Notification{
		`{"JobId":"1","Status":"Error"}`:                            {JobID: "1", Status: textractclient.StatusError},
		`{"JobId":"1","Status":"ASLEEP","API":"StartSomethingNew"}`: {JobID: "1", Status: "ASLEEP", Operation: "StartSomethingNew"},
		`{"JobId":"1","Status":"failed","JobTag":null}`:             {JobID: "1", Status: "FAILED"},
		`{"JobId":"1","Status":"FAILED","Timestamp":"yesterday"}`:   {JobID: "1", Status: "FAILED"},
		`{"JobId":"1","Status":"FAILED","Message":"why it failed"}`: {JobID: "1", Status: "FAILED"},
	} {
		got, err := textractclient.ParseNotification([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", body, diff)
		}
		if got.HasResults() {
			t.Errorf("%s: has results", body)
		}
	}
}

var malformedBodies = []string{
	"", " ", "hello", "null", "[]", "0", `"x"`, "{", "{}", `{"JobId":"1"}`, `{"Status":"SUCCEEDED"}`, `{"JobId":1,"Status":"SUCCEEDED"}`,
	`{"Message":"hello"}`, `{"Message":"{}"}`, `{"Message":{"JobId":"1","Status":"FAILED"}}`, "\x00\xff", `{"JobId":"1","Status":"FAILED"`,
	`{"Records":[{"eventName":"ObjectCreated:Put"}]}`,
}

func TestParseNotificationRefuses(t *testing.T) {
	for _, body := range malformedBodies {
		got, err := textractclient.ParseNotification([]byte(body))
		if !errors.Is(err, textractclient.ErrNotNotification) {
			t.Errorf("%q: %+v, error %v", body, got, err)
		}
	}
}

func TestParseNotificationNamesEventsOfFunctions(t *testing.T) {
	for body, want := range map[string]string{
		`{"Records":[{"Sns":{"Message":"{}"}}]}`: "Records[i].Sns.Message",
		`{"Records":[{"body":"{}"}]}`:            "Records[i].body",
	} {
		_, err := textractclient.ParseNotification([]byte(body))
		if !errors.Is(err, textractclient.ErrNotNotification) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", body, err)
		}
	}
}

func FuzzNotification(f *testing.F) {
	f.Add([]byte(rawNotification))
	f.Add([]byte(textracttest.Envelope(rawNotification)))
	for _, body := range malformedBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := textractclient.ParseNotification(body)
		if err != nil {
			if !errors.Is(err, textractclient.ErrNotNotification) {
				t.Errorf("error %v does not wrap ErrNotNotification", err)
			}
			if n != (textractclient.Notification{}) {
				t.Errorf("error %v comes with %+v", err, n)
			}
			return
		}
		if n.JobID == "" || n.Status == "" {
			t.Errorf("accepted without job or status: %+v", n)
		}
		// Delivery in an envelope must make no difference.
		enveloped, err := textractclient.ParseNotification([]byte(textracttest.Envelope(textracttest.Notification(
			n.JobID, string(n.Status), string(n.Operation), n.JobTag, n.Document.Bucket, n.Document.Key))))
		if err != nil {
			t.Fatalf("in an envelope: %v", err)
		}
		n.Timestamp, enveloped.Timestamp = time.Time{}, time.Time{}
		if n != enveloped {
			t.Errorf("raw %+v, in an envelope %+v", n, enveloped)
		}
	})
}
