package textractclient_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// faultyTransport answers calls of Textract with an error where decide names one, and passes the others on.
type faultyTransport struct {
	next   aws.HTTPClient
	decide func(action, body string) (code string)
}

// Do implements aws.HTTPClient.
func (f faultyTransport) Do(request *http.Request) (*http.Response, error) {
	_, action, found := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	if !found {
		return f.next.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	code := f.decide(action, string(body))
	if code == "" {
		return f.next.Do(request)
	}
	status := http.StatusBadRequest
	if code == "InternalServerError" {
		status = http.StatusInternalServerError
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"` + code + `","message":"injected fault"}`)), Request: request,
	}, nil
}

// fail has calls of Textract fail as decide says.
func (w *world) fail(t *testing.T, decide func(action, body string) (code string), optFns ...func(*textractclient.Options)) {
	t.Helper()
	cfg := w.Config()
	cfg.HTTPClient = faultyTransport{cfg.HTTPClient, decide}
	w.client = w.newClient(t, cfg, optFns...)
}

// After Textract throttled all calls for hours, the pace is soon what the quotas allow again.
func TestRunAllRecoversFromHoursOfThrottling(t *testing.T) {
	for _, throttled := range []string{"StartDocumentTextDetection", "GetDocumentTextDetection"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(time.Minute)
			w.Textract.StartRate, w.Textract.GetRate = textracttest.Rate{PerSecond: 5}, textracttest.Rate{PerSecond: 5}
			begin := time.Now()
			from, until := begin.Add(2*time.Minute), begin.Add(3*time.Hour)
			w.fail(t, func(action, _ string) string {
				if now := time.Now(); action == throttled && now.After(from) && now.Before(until) {
					return "ThrottlingException"
				}
				return ""
			})
			var told outcomes
			if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(2000, false)), told.handle); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(until); len(told.keys) != 2000 || took > 20*time.Minute {
				t.Errorf("%s: %d documents, %s after the end of the throttling", throttled, len(told.keys), took)
			}
		})
	}
}
