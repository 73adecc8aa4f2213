package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

var (
	storedJob    = textractclient.JobRef{Operation: textractclient.TextDetection, ID: "1234"}
	storedOutput = textractclient.Output{Bucket: "results", Prefix: "out"}
)

// storeResults stores responses of one block each, and returns the ids of the blocks.
func storeResults(w *world, n int) []string {
	ids := make([]string, n)
	for i := range n {
		ids[i] = fmt.Sprint(i + 1)
		w.S3.Put("results", "out/1234/"+ids[i], fmt.Appendf(nil,
			`{"DocumentMetadata":{"Pages":%d},"JobStatus":"SUCCEEDED","Blocks":[{"BlockType":"LINE","Id":"%d","Page":%d}]}`, n, i+1, i+1))
	}
	return ids
}

func TestOutputIsReadAheadInOrder(t *testing.T) {
	for _, n := range []int{1, 2, 31, 32, 33, 200, 3000} {
		inBubble(t, func(t *testing.T, w *world) {
			w.Latency = 30 * time.Millisecond
			want := storeResults(w, n)
			begin := time.Now()
			got, responses, err := drain(w.client.OutputResults(t.Context(), storedJob, storedOutput))
			if err != nil || responses != n || !slices.Equal(got, want) {
				t.Errorf("%d objects: %d responses, %v, in order: %v", n, responses, err, slices.Equal(got, want))
			}
			listings := (n + 999) / 1000
			if calls := w.Calls("GetObject"); calls != n || w.Calls("ListObjectsV2") != listings {
				t.Errorf("%d objects: %d reads, %d listings", n, calls, w.Calls("ListObjectsV2"))
			}
			// In virtual time, which parsing does not take.
			if took, most := time.Since(begin), time.Duration(listings+n/16+2)*w.Latency; took > most {
				t.Errorf("%d objects took %s, want at most %s", n, took, most)
			}
		})
	}
}

func TestOutputStopsReadingWithItsCaller(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Latency = 30 * time.Millisecond
		storeResults(w, 3000)
		for range w.client.OutputResults(t.Context(), storedJob, storedOutput) {
			break
		}
		if calls := w.Calls("GetObject"); calls > 32 {
			t.Errorf("%d objects were read for a caller who wanted one", calls)
		}
		// A goroutine that is left would keep the bubble from ending.
	})
	inBubble(t, func(t *testing.T, w *world) {
		w.Latency = 30 * time.Millisecond
		storeResults(w, 3000)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		read := 0
		var last error
		for _, err := range w.client.OutputResults(ctx, storedJob, storedOutput) {
			last = err
			if err == nil {
				read++
			}
			if read == 5 {
				cancel()
			}
		}
		if !errors.Is(last, context.Canceled) || w.Calls("GetObject") > 5+32 {
			t.Errorf("error %v, %d objects read", last, w.Calls("GetObject"))
		}
	})
	inBubble(t, func(t *testing.T, w *world) {
		w.Latency = 30 * time.Millisecond
		storeResults(w, 100)
		func() {
			defer func() { _ = recover() }()
			for range w.client.OutputResults(t.Context(), storedJob, storedOutput) {
				panic("of the caller")
			}
		}()
	})
}

// TestOutputErrorComesAfterWhatIsBeforeIt denies and deletes an object in the middle.
func TestOutputErrorComesAfterWhatIsBeforeIt(t *testing.T) {
	for name, test := range map[string]struct {
		fault objectFault
		want  error
	}{
		"denied": {objectFault{"7", http.StatusForbidden, "AccessDenied"}, nil},
		"gone":   {objectFault{"7", http.StatusNotFound, "NoSuchKey"}, textractclient.ErrNoOutput},
		"5xx":    {objectFault{"7", http.StatusInternalServerError, "InternalError"}, textractclient.ErrUnavailable},
	} {
		inBubble(t, func(t *testing.T, w *world) {
			storeResults(w, 50)
			cfg := w.Config()
			cfg.HTTPClient = faulty{cfg.HTTPClient, test.fault}
			got, _, err := drain(w.newClient(t, cfg).OutputResults(t.Context(), storedJob, storedOutput))
			if !slices.Equal(got, []string{"1", "2", "3", "4", "5", "6"}) || err == nil || test.want != nil && !errors.Is(err, test.want) ||
				!strings.Contains(err.Error(), "s3://results/out/1234/7") {
				t.Errorf("%s: %v, then %v", name, got, err)
			}
		})
	}
}

// objectFault is the response to each request for one object.
type objectFault struct {
	key    string
	status int
	code   string
}

type faulty struct {
	aws.HTTPClient
	fault objectFault
}

func (f faulty) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/"+f.fault.key) {
		return f.HTTPClient.Do(r)
	}
	body := "<Error><Code>" + f.fault.code + "</Code></Error>"
	return &http.Response{
		StatusCode: f.fault.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func TestOutputWaitsWhileS3Throttles(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		want := storeResults(w, 100)
		slow := textracttest.Fault{Code: "SlowDown", Status: http.StatusServiceUnavailable}
		w.Fail("ListObjectsV2", slices.Repeat([]textracttest.Fault{slow}, 20)...)
		w.Fail("GetObject", slices.Repeat([]textracttest.Fault{slow}, 500)...)
		if got, _, err := drain(w.client.OutputResults(t.Context(), storedJob, storedOutput)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d results, %v", len(got), err)
		}
	})
}

// TestCallsToS3HaveADeadline leaves the first of each call without a response.
func TestCallsToS3HaveADeadline(t *testing.T) {
	for _, action := range []string{"ListObjectsV2", "GetObject"} {
		inBubble(t, func(t *testing.T, w *world) {
			storeResults(w, 3)
			w.Fail(action, textracttest.Fault{Hang: true})
			begin := time.Now()
			if _, n, err := drain(w.client.OutputResults(t.Context(), storedJob, storedOutput)); err != nil || n != 3 {
				t.Errorf("%s: %d responses, %v", action, n, err)
			}
			if took := time.Since(begin); took > 2*time.Minute {
				t.Errorf("%s: after %s", action, took)
			}
		})
	}
}

// TestOutputAheadIsBoundedByBytes reads objects of 4 MB: no more than 16 MB are read ahead.
func TestOutputAheadIsBoundedByBytes(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		padding := strings.Repeat(" ", 4<<20)
		for i := range 20 {
			w.S3.Put("results", fmt.Sprint("out/1234/", i+1), fmt.Appendf(nil,
				`{"DocumentMetadata":{"Pages":20},"JobStatus":"SUCCEEDED","Blocks":[{"BlockType":"LINE","Page":%d}]%s}`, i+1, padding))
		}
		read := 0
		for _, err := range w.client.OutputResults(t.Context(), storedJob, storedOutput) {
			if err != nil {
				t.Fatal(err)
			}
			read++
			synctest.Wait()
			if calls := w.Calls("GetObject"); calls > read+4 {
				t.Errorf("%d objects were read when the caller had %d", calls, read)
			}
		}
	})
}

// panicking is a client of S3 and Textract, such as a mock, whose second call panics.
type panicking struct {
	textractclient.S3API
	textractclient.TextractAPI
	calls atomic.Int64
}

func (p *panicking) GetObject(ctx context.Context, in *s3.GetObjectInput, fns ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if aws.ToString(in.Key) == "out/1234/2" {
		panic("of the client")
	}
	return p.S3API.GetObject(ctx, in, fns...)
}

func (p *panicking) GetDocumentTextDetection(
	context.Context, *textract.GetDocumentTextDetectionInput, ...func(*textract.Options),
) (*textract.GetDocumentTextDetectionOutput, error) {
	if p.calls.Add(1) == 2 {
		panic("of the client")
	}
	return &textract.GetDocumentTextDetectionOutput{JobStatus: types.JobStatusSucceeded, NextToken: aws.String("t")}, nil
}

// A panic while the next response is read does not end the process: no caller could recover from
// it.
func TestAPanicAheadOfTheCallerIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		storeResults(w, 3)
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			p := &panicking{S3API: s3.NewFromConfig(w.Config(), func(o *s3.Options) { o.UsePathStyle = true })}
			o.S3, o.Textract = p, p
		})
		for name, results := range map[string]iter.Seq2[*textractdoc.Response, error]{
			"OutputResults": client.OutputResults(t.Context(), storedJob, storedOutput),
			"Results":       client.Results(t.Context(), storedJob),
		} {
			if _, n, err := drain(results); n != 1 || err == nil || !strings.Contains(err.Error(), "panic: of the client") {
				t.Errorf("%s: %d responses, then %v", name, n, err)
			}
		}
	})
}

// sizeless removes the sizes from listings, as some servers have none.
type sizeless struct {
	server interface {
		Do(*http.Request) (*http.Response, error)
	}
}

var sizePattern = regexp.MustCompile(`<Size>\d+</Size>`)

func (s sizeless) Do(r *http.Request) (*http.Response, error) {
	response, err := s.server.Do(r)
	if err != nil || !r.URL.Query().Has("list-type") {
		return response, err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	without := sizePattern.ReplaceAllString(string(text), "")
	response.Body, response.ContentLength = io.NopCloser(strings.NewReader(without)), int64(len(without))
	return response, nil
}

// Where a listing has no sizes, reading ahead is bounded by the bytes that were read.
func TestOutputWithoutSizesIsReadAheadByBytes(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const n, size = 20, 3 << 20
		for i := range n {
			w.S3.Put("results", fmt.Sprint("out/1234/", i+1), fmt.Appendf(nil,
				`{"DocumentMetadata":{"Pages":%d},"JobStatus":"SUCCEEDED","Blocks":[{"BlockType":"LINE","Id":"%d","Page":%d}]%s}`,
				n, i+1, i+1, strings.Repeat(" ", size)))
		}
		cfg := w.Config()
		cfg.HTTPClient = sizeless{cfg.HTTPClient}
		handled := 0
		for _, err := range w.newClient(t, cfg).OutputResults(t.Context(), storedJob, storedOutput) {
			if err != nil {
				t.Fatal(err)
			}
			handled++
			time.Sleep(time.Minute)
			if ahead := w.Calls("GetObject") - handled; ahead > 5 {
				t.Fatalf("%d objects are ahead", ahead)
			}
		}
		if handled != n {
			t.Errorf("%d of %d objects", handled, n)
		}
	})
}
