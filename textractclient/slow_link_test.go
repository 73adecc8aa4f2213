package textractclient_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
)

// slowLink sends 100 bytes of each body every 50 s.
type slowLink struct {
	fast interface {
		Do(*http.Request) (*http.Response, error)
	}
}

func (l slowLink) Do(r *http.Request) (*http.Response, error) {
	response, err := l.fast.Do(r)
	if err == nil {
		response.Body = slowBody{response.Body}
	}
	return response, err
}

type slowBody struct{ io.ReadCloser }

func (b slowBody) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Second)
	return b.ReadCloser.Read(p[:min(len(p), 100)])
}

// A response that takes minutes over a slow link is no response that hangs.
func TestResultsOverASlowLink(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		document := textractclient.S3Object{Bucket: "documents", Key: "slow"}
		w.put(document, strings.Repeat("x", 1000))
		job, err := w.client.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: document})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		want := storeResults(w, 3)
		cfg := w.Config()
		cfg.HTTPClient = slowLink{cfg.HTTPClient}
		slow := w.newClient(t, cfg)
		begin := time.Now()
		if _, responses, err := drain(slow.Results(t.Context(), job.Ref())); err != nil || responses == 0 {
			t.Errorf("Textract: %d responses, %v", responses, err)
		}
		if took := time.Since(begin); took < 2*time.Minute {
			t.Errorf("the link is not slow: %s", took)
		}
		if got, _, err := drain(slow.OutputResults(t.Context(), storedJob, storedOutput)); err != nil || len(got) != len(want) {
			t.Errorf("S3: %d of %d blocks, %v", len(got), len(want), err)
		}
		if n := w.log.count("trying again"); n > 0 {
			t.Errorf("%d retries", n)
		}
	})
}
