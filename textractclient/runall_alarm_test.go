package textractclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient"
)

// metrics counts the responses of Textract as CloudWatch does. Throttled calls, and no others, are
// in ThrottledCount; LimitExceededException is a user error.
// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
type metrics struct {
	next aws.HTTPClient

	mu         sync.Mutex
	userErrors []time.Time
}

// Do implements aws.HTTPClient.
func (m *metrics) Do(request *http.Request) (*http.Response, error) {
	response, err := m.next.Do(request)
	if err != nil || response.StatusCode < 400 || response.StatusCode > 499 {
		return response, err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	var failure struct {
		Code string `json:"__type"`
	}
	if err := json.Unmarshal(text, &failure); err != nil {
		return nil, err
	}
	switch failure.Code {
	case "ProvisionedThroughputExceededException", "ThrottlingException":
	default:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.userErrors = append(m.userErrors, time.Now())
	}
	return response, nil
}

// mostWithin returns the highest number of user errors in a period of this length, whenever it
// begins.
func (m *metrics) mostWithin(period time.Duration) (most int) {
	for i, first := range m.userErrors {
		n := i
		for n < len(m.userErrors) && m.userErrors[n].Sub(first) < period {
			n++
		}
		most = max(most, n-i)
	}
	return most
}

// RunAll learns the quota of jobs from calls that Textract rejects, which are user errors. They are
// fewer than what the construct's alarm UserErrors takes by default: 10 in 5 minutes. In each load
// the quota of jobs decides how long the run takes.
func TestRunAllDoesNotSetOffTheAlarmOnUserErrors(t *testing.T) {
	const threshold, period, documents = 10, 5 * time.Minute, 400
	for _, l := range []load{
		{"20 s, 4 starts a second, 25 jobs", 20, 0.3, 1, quotas{4, 10, 25}},
		{"120 s, 2 starts a second, 100 jobs", 120, 0.3, 1, quotas{2, 10, 100}},
		{"30 s, 25 starts a second, 200 jobs", 30, 0.8, 1, quotas{25, 25, 200}},
		{"40 s, 5 starts and one Get a second, 50 jobs", 40, 1, 1, quotas{5, 1, 50}},
	} {
		for _, w := range []way{allWays[0], allWays[2]} {
			t.Run(l.name+", "+w.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake, queue := l.account(l.durations(documents, 1), allTokens[0])
					cfg := fake.Config()
					counted := &metrics{next: cfg.HTTPClient}
					cfg.HTTPClient = counted
					config := textractclient.Config{
						TopicARN: topicARN, RoleARN: roleARN, QueueURL: queue.URL, Output: &textractclient.Output{Bucket: "results"},
					}
					client, err := textractclient.New(cfg, config, func(o *textractclient.Options) { o.Logger = newLogRecorder().logger() })
					if err != nil {
						t.Fatal(err)
					}
					handle := func(_ context.Context, outcome *textractclient.Outcome) error { return outcome.Err }
					if err := client.RunAll(t.Context(), numberedInputs(documents, w.ownQueue), handle, func(o *textractclient.RunOptions) {
						o.OwnQueue = w.ownQueue
					}); err != nil {
						t.Fatal(err)
					}
					t.Logf("%d user errors, up to %d in %s", len(counted.userErrors), counted.mostWithin(period), period)
					if most := counted.mostWithin(period); most == 0 || most >= threshold {
						t.Errorf("%d user errors in %s, want the quota to be met, and fewer than %d", most, period, threshold)
					}
				})
			})
		}
	}
}
