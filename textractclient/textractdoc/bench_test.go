package textractdoc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// manyPages makes responses of any number of pages from one dense real page.
type manyPages struct {
	text         []byte
	ids, numbers []int // where the ids and the page numbers are in the text
}

// firstPage is the number of the first page: all numbers have as many digits.
const firstPage = 1000

var uuid = regexp.MustCompile(`"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"`)

func newManyPages(tb testing.TB) *manyPages {
	tb.Helper()
	var page struct {
		DocumentMetadata any
		JobStatus        string
		Blocks           []map[string]any
	}
	if err := json.Unmarshal(realAnswer(tb, "paystub_with_signature.json"), &page); err != nil {
		tb.Fatal(err)
	}
	page.JobStatus = "SUCCEEDED"
	for _, block := range page.Blocks {
		block["Page"] = firstPage
	}
	text, err := json.MarshalIndent(page, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	m := &manyPages{text: text}
	for _, at := range uuid.FindAllIndex(text, -1) {
		m.ids = append(m.ids, at[0]+1)
	}
	for rest := text; ; {
		_, after, found := bytes.Cut(rest, []byte(`"Page": `))
		if !found {
			break
		}
		m.numbers = append(m.numbers, len(text)-len(after))
		rest = after
	}
	return m
}

// response returns the JSON of page i, which is good until the next call.
func (m *manyPages) response(i int) []byte {
	for _, at := range m.ids {
		copy(m.text[at:], fmt.Sprintf("%08x", i))
	}
	for _, at := range m.numbers {
		copy(m.text[at:], fmt.Sprint(firstPage+i))
	}
	return m.text
}

func (m *manyPages) results(n int, parse func([]byte) (*textractdoc.Response, error)) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		for i := range n {
			if !yield(parse(m.response(i))) {
				return
			}
		}
	}
}

func heapMB() float64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return float64(memory.HeapAlloc) / 1e6
}

// Memory is that of some pages, however long the document is.
func TestPagesKeepMemoryFlat(t *testing.T) {
	many := newManyPages(t)
	const pages = 300
	runtime.GC()
	before, count := heapMB(), 0
	for page, err := range textractdoc.Pages(many.results(pages, textractdoc.ParseResponse)) {
		if err != nil {
			t.Fatal(err)
		}
		if page.Number != firstPage+count || len(page.Lines) != 144 {
			t.Fatalf("page %d with %d lines", page.Number, len(page.Lines))
		}
		if count++; count%100 == 0 {
			runtime.GC()
			if grown := heapMB() - before; grown > 10 {
				t.Errorf("%.0f MB more than before, after %d pages of less than 1 MB", grown, count)
			}
		}
	}
	if count != pages {
		t.Errorf("%d pages", count)
	}
}

// BenchmarkResults reads the JSON of 1,000 dense real pages.
func BenchmarkResults(b *testing.B) {
	const pages = 1000
	parsers := map[string]func([]byte) (*textractdoc.Response, error){
		"ParseResponse": textractdoc.ParseResponse,
		"encoding/json": func(text []byte) (*textractdoc.Response, error) {
			page := new(textractdoc.Response)
			return page, json.Unmarshal(text, page)
		},
	}
	for _, parser := range []string{"ParseResponse", "encoding/json"} {
		run := func(name string, read func(iter.Seq2[*textractdoc.Response, error], func())) {
			b.Run(name+"/"+strings.ReplaceAll(parser, "/", "."), func(b *testing.B) {
				many := newManyPages(b)
				b.SetBytes(int64(len(many.text)) * pages)
				b.ReportAllocs()
				peak := 0.0
				for b.Loop() {
					count := 0
					read(many.results(pages, parsers[parser]), func() {
						if count++; count%50 == 0 {
							peak = max(peak, heapMB())
						}
					})
				}
				b.ReportMetric(max(peak, heapMB()), "heap-MB")
			})
		}
		run("Pages", func(results iter.Seq2[*textractdoc.Response, error], each func()) {
			for _, err := range textractdoc.Pages(results) {
				if err != nil {
					b.Fatal(err)
				}
				each()
			}
		})
		run("Read", func(results iter.Seq2[*textractdoc.Response, error], each func()) {
			document, err := textractdoc.Read(results)
			if err != nil || len(document.Pages) != pages {
				b.Fatal(err)
			}
			each()
		})
	}
	b.Run("amazon-textract-response-parser", func(b *testing.B) { benchmarkJavaScript(b, pages) })
}

// benchmarkJavaScript has AWS's parser for JavaScript read the same pages, from files.
func benchmarkJavaScript(b *testing.B, pages int) {
	if _, err := os.Stat("../../verify/node_modules/amazon-textract-response-parser"); err != nil {
		b.Skip("amazon-textract-response-parser is not installed: run npm ci in verify")
	}
	many, folder := newManyPages(b), b.TempDir()
	for i := range pages {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("page-%d.json", i+1)), many.response(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(many.text)) * int64(pages))
	var used struct{ Seconds, Megabytes float64 }
	for b.Loop() {
		out, err := exec.Command(
			"node", "--max-old-space-size=12000", "../../verify/reader/trp.mjs", "bench", folder,
			fmt.Sprint(pages),
		).Output()
		if err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(out, &used); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(used.Seconds, "s-without-start")
	b.ReportMetric(used.Megabytes, "RSS-MB")
}
