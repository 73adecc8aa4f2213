package textractclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/textract"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// link is a server of a job's results behind a network: S3 with one object a page, and the Get
// action with one response a page.
type link struct {
	pages         int
	before, after string // the page's number
	latency       time.Duration
	bitsPerSecond float64 // 0: no limit

	mu   sync.Mutex
	free time.Time // when the line has sent everything
}

// newLink has pages of so many blocks, of 560 bytes each, as real ones have.
func newLink(pages, blocks int, latency time.Duration, bitsPerSecond float64) *link {
	var rest strings.Builder
	for i := range blocks {
		fmt.Fprintf(&rest, `, {"BlockType": "WORD", "Id": "%08d-0000-4000-8000-000000000000", "Text": "word%04d", "Confidence": 99.87654,
			"TextType": "PRINTED", "Geometry": {"BoundingBox": {"Width": 0.03456789, "Height": 0.01234567, "Left": 0.12345678, "Top": 0.23456789},
			"Polygon": [{"X": 0.12345678, "Y": 0.23456789}, {"X": 0.15802467, "Y": 0.23456789}, {"X": 0.15802467, "Y": 0.24691356},
			{"X": 0.12345678, "Y": 0.24691356}]}%s}`, i, i, strings.Repeat(" ", 60))
	}
	return &link{
		pages:  pages,
		before: fmt.Sprintf(`{"DocumentMetadata": {"Pages": %d}, "JobStatus": "SUCCEEDED", "Blocks": [{"BlockType": "PAGE", "Page": `, pages),
		after: fmt.Sprintf(`, "Id": "p", "Geometry": {"BoundingBox": {"Width": 1, "Height": 1, "Left": 0, "Top": 0},
			"Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}, {"X": 1, "Y": 1}, {"X": 0, "Y": 1}]}}%s]`, rest.String()),
		latency: latency, bitsPerSecond: bitsPerSecond,
	}
}

func (l *link) size() int { return len(l.before) + len("0000") + len(l.after) + len("}") }

// send takes as long as the line does. Without a copy of the page, so that the heap is the
// reader's.
func (l *link) send(w http.ResponseWriter, page int, end string) {
	if l.bitsPerSecond > 0 {
		l.mu.Lock()
		if now := time.Now(); l.free.Before(now) {
			l.free = now
		}
		l.free = l.free.Add(time.Duration(float64(l.size()*8) / l.bitsPerSecond * float64(time.Second)))
		sent := l.free
		l.mu.Unlock()
		time.Sleep(time.Until(sent))
	}
	for _, part := range []string{l.before, fmt.Sprintf("%4d", page), l.after, end} {
		if _, err := io.WriteString(w, part); err != nil {
			return // the reader went away
		}
	}
}

func (l *link) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(l.latency)
	switch {
	case r.Method == http.MethodPost:
		var in struct{ NextToken string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			panic(err)
		}
		page := 1
		if in.NextToken != "" {
			page, _ = strconv.Atoi(in.NextToken)
		}
		end := "}"
		if page < l.pages {
			end = fmt.Sprintf(`, "NextToken": "%d"}`, page+1)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		l.send(w, page, end)
	case r.URL.Query().Get("list-type") != "":
		l.list(w, r)
	default:
		page, err := strconv.Atoi(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Length", strconv.Itoa(l.size()))
		l.send(w, page, "}")
	}
}

func (l *link) list(w http.ResponseWriter, r *http.Request) {
	first, _ := strconv.Atoi(r.URL.Query().Get("continuation-token"))
	last := min(first+1000, l.pages)
	_, _ = fmt.Fprintf(w, `<ListBucketResult><IsTruncated>%t</IsTruncated><NextContinuationToken>%d</NextContinuationToken>`, last < l.pages, last)
	for page := first + 1; page <= last; page++ {
		_, _ = fmt.Fprintf(w, `<Contents><Key>out/1234/%d</Key><Size>%d</Size></Contents>`, page, l.size())
	}
	_, _ = io.WriteString(w, `</ListBucketResult>`) // the reader may have gone away
}

// BenchmarkAhead reads results over a network, ahead and one after the other, as the client did
// before. It reports the largest heap of each.
func BenchmarkAhead(b *testing.B) {
	const small, dense = 212, 1160 // blocks: 119 kB and 650 kB
	for _, test := range []struct {
		name    string
		link    *link
		results bool
	}{
		{"200 objects", newLink(200, small, 0, 0), false},
		{"200 objects, 30 ms a call", newLink(200, small, 30*time.Millisecond, 0), false},
		{"1,000 objects of 650 kB, 30 ms a call, 1 Gbit a second", newLink(1000, dense, 30*time.Millisecond, 1e9), false},
		{"3,000 objects of 650 kB", newLink(3000, dense, 0, 0), false},
		{"200 responses, 150 ms a call, 50 ms a response", newLink(200, small, 150*time.Millisecond, 0), true},
	} {
		server := httptest.NewServer(test.link)
		b.Cleanup(server.Close)
		cfg := textracttest.New().Config()
		cfg.BaseEndpoint, cfg.HTTPClient = aws.String(server.URL), nil
		client, err := textractclient.New(cfg, textractclient.Config{}, func(o *textractclient.Options) { o.Logger = slog.New(slog.DiscardHandler) })
		if err != nil {
			b.Fatal(err)
		}
		ahead, inTurn := client.OutputResults(b.Context(), storedJob, storedOutput), objectsInTurn(b.Context(), cfg, test.link.pages)
		handle := func() {}
		if test.results {
			ahead, inTurn = client.Results(b.Context(), storedJob), responsesInTurn(b.Context(), cfg)
			handle = func() { time.Sleep(50 * time.Millisecond) }
		}
		for _, way := range []struct {
			name    string
			results iter.Seq2[*textractdoc.Response, error]
		}{{"in turn", inTurn}, {"ahead", ahead}} {
			b.Run(test.name+"/"+way.name, func(b *testing.B) {
				for b.Loop() {
					pages, peak := 0, 0.0
					for _, err := range textractdoc.Pages(way.results) {
						if err != nil {
							b.Fatal(err)
						}
						// Seldom, because it stops all goroutines.
						if pages++; pages%20 == 0 {
							peak = max(peak, heapMB())
						}
						handle()
					}
					if pages != test.link.pages {
						b.Fatal(pages, " pages")
					}
					b.ReportMetric(peak, "heap-MB")
				}
			})
		}
		if test.results {
			b.Run(test.name+"/amazon-textract-response-parser", func(b *testing.B) {
				for b.Loop() {
					command := exec.Command("node", "../verify/reader/trp.mjs", "loop", server.URL, "50")
					if out, err := command.CombinedOutput(); err != nil {
						b.Fatalf("%v: %s", err, out)
					}
				}
			})
		}
	}
}

// objectsInTurn reads one object after the other.
func objectsInTurn(ctx context.Context, cfg aws.Config, pages int) iter.Seq2[*textractdoc.Response, error] {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	return func(yield func(*textractdoc.Response, error) bool) {
		listed := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String("results")})
		for listed.HasMorePages() {
			if _, err := listed.NextPage(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		for page := 1; page <= pages; page++ {
			var text []byte
			out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("results"), Key: aws.String(fmt.Sprint("out/1234/", page))})
			if err == nil {
				text, err = io.ReadAll(out.Body)
				_ = out.Body.Close()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(textractdoc.ParseResponse(text)) {
				return
			}
		}
	}
}

// responsesInTurn asks for a response when the one before it was handled.
func responsesInTurn(ctx context.Context, cfg aws.Config) iter.Seq2[*textractdoc.Response, error] {
	client := textract.NewFromConfig(cfg)
	return func(yield func(*textractdoc.Response, error) bool) {
		in := &textract.GetDocumentTextDetectionInput{JobId: aws.String(storedJob.ID)}
		for {
			out, err := client.GetDocumentTextDetection(ctx, in)
			if err != nil {
				yield(nil, err)
				return
			}
			response := &textractdoc.Response{
				JobStatus: out.JobStatus, DocumentMetadata: out.DocumentMetadata, Blocks: out.Blocks,
				NextToken: aws.ToString(out.NextToken),
			}
			if !yield(response, nil) || out.NextToken == nil {
				return
			}
			in.NextToken = out.NextToken
		}
	}
}

func heapMB() float64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return float64(memory.HeapAlloc) / 1e6
}
