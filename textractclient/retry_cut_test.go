package textractclient_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient"
)

// cutter is a server in front of a handler. It closes the connection of its first request after
// some bytes of the response, and responds to all others.
type cutter struct {
	handler  http.Handler
	after    int
	requests atomic.Int64
	whole    atomic.Bool // whether the first response was no longer than after
}

func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.requests.Add(1) > 1 {
		c.handler.ServeHTTP(w, r)
		return
	}
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.ContentLength = int64(recorder.Body.Len())
	var raw bytes.Buffer
	if err := response.Write(&raw); err != nil {
		panic(err)
	}
	if r.Method == http.MethodHead {
		raw.Truncate(raw.Len() - recorder.Body.Len())
	}
	c.whole.Store(c.after >= raw.Len())
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = connection.Write(raw.Bytes()[:min(c.after, raw.Len())]) // the client may have gone away
	_ = connection.Close()
}

// TestResponsesCutAtEachByteAreRepeated closes the connection after each number of bytes of a
// response: each call succeeds nevertheless.
func TestResponsesCutAtEachByteAreRepeated(t *testing.T) {
	job := textractclient.JobRef{Operation: textractclient.TextDetection, ID: "1234"}
	output := textractclient.Output{Bucket: "results", Prefix: "out"}
	response := []byte(`{"DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED","Blocks":[{"BlockType":"LINE","Text":"a"}]}`)
	for name, test := range map[string]struct {
		results bool // whether the job is in the output bucket
		call    func(ctx context.Context, client *textractclient.Client, id string) error
	}{
		"start": {false, func(ctx context.Context, client *textractclient.Client, _ string) error {
			document := letter
			document.ETag = "e"
			job, err := client.Start(ctx, textractclient.StartInput{
				Operation: textractclient.TextDetection, Document: document, WithoutNotification: true,
			})
			if err == nil && job.ID == "" {
				return fmt.Errorf("no id")
			}
			return err
		}},
		"results": {false, func(ctx context.Context, client *textractclient.Client, id string) error {
			got, _, err := drain(client.Results(ctx, textractclient.JobRef{Operation: textractclient.TextDetection, ID: id}))
			if err == nil && len(got) != 1 {
				return fmt.Errorf("%d results", len(got))
			}
			return err
		}},
		"output": {true, func(ctx context.Context, client *textractclient.Client, _ string) error {
			pages, _, err := drain(client.OutputResults(ctx, job, output))
			if err == nil && len(pages) != 1 {
				return fmt.Errorf("%d responses", len(pages))
			}
			return err
		}},
		"list": {true, func(ctx context.Context, client *textractclient.Client, _ string) error {
			listed := 0
			for _, err := range client.List(ctx, "results", "") {
				if err != nil {
					return err
				}
				listed++
			}
			if listed != 1 {
				return fmt.Errorf("%d objects", listed)
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var running sync.WaitGroup
			defer running.Wait()
			slots, whole := make(chan struct{}, 64), make(chan struct{})
			for after := 0; ; after++ {
				select {
				case <-whole:
					return
				case slots <- struct{}{}:
				}
				running.Go(func() {
					defer func() { <-slots }()
					w := newWorld(t)
					w.succeed(line("1", "a", 1))
					w.put(letter, "%PDF-1.7")
					if test.results {
						w.S3.Put("results", "out/1234/1", response)
					}
					id := ""
					if !test.results {
						started, err := w.newClient(t, w.Config()).Start(t.Context(), textractclient.StartInput{
							Operation: textractclient.TextDetection, Document: letter, WithoutNotification: true,
						})
						if err != nil {
							t.Error(err)
							return
						}
						id = started.ID
					}
					front := &cutter{handler: w, after: after}
					server := httptest.NewServer(front)
					defer server.Close()
					cfg := w.Config()
					cfg.BaseEndpoint, cfg.HTTPClient = aws.String(server.URL), server.Client()
					if err := test.call(t.Context(), w.newClient(t, cfg), id); err != nil {
						t.Errorf("cut after %d bytes: %v", after, err)
					}
					if front.whole.Load() {
						select {
						case whole <- struct{}{}:
						default:
						}
					}
				})
			}
		})
	}
}
