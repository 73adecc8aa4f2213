package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documents are those that the PDF is checked with: the sample's, and what is hard on a writer.
var documents = map[string]document{
	"sample":     sample,
	"one page":   {{"alone"}},
	"escapes":    {{`a (b) \ c)`, ``}},
	"many pages": make(document, 40),
}

// readTable reads the table of objects as a reader does, from the end of the file, and returns their texts by their numbers.
func readTable(t *testing.T, pdf []byte) map[int]string {
	t.Helper()
	end := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(pdf)
	if end == nil {
		t.Fatalf("no startxref at the end of:\n%s", pdf)
	}
	table := pdf[number(t, end[1]):]
	head := regexp.MustCompile(`^xref\n0 (\d+)\n`).FindSubmatch(table)
	if head == nil {
		t.Fatalf("startxref leads to %.40q", table)
	}
	size, entries := number(t, head[1]), table[len(head[0]):]
	if trailer := fmt.Sprintf("trailer\n<< /Size %d /Root 1 0 R >>\n", size); !bytes.HasPrefix(entries[20*size:], []byte(trailer)) {
		t.Errorf("after %d entries of 20 bytes comes %.60q, not %q", size, entries[20*size:], trailer)
	}
	objects := make(map[int]string)
	for i := 1; i < size; i++ {
		entry := entries[20*i : 20*i+20]
		if string(entry[10:]) != " 00000 n \n" {
			t.Fatalf("entry %d is %q", i, entry)
		}
		text, found := strings.CutPrefix(string(pdf[number(t, entry[:10]):]), fmt.Sprintf("%d 0 obj\n", i))
		if !found {
			t.Fatalf("entry %d leads to %.40q", i, text)
		}
		objects[i], _, _ = strings.Cut(text, "\nendobj\n")
	}
	return objects
}

func number(t *testing.T, digits []byte) int {
	t.Helper()
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPDFTableLeadsToObjects(t *testing.T) {
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) {
			objects := readTable(t, doc.pdf())
			if expected := firstPageObject - 1 + 2*len(doc); len(objects) != expected {
				t.Errorf("%d objects, not %d", len(objects), expected)
			}
		})
	}
}

func TestPDFPages(t *testing.T) {
	kid := regexp.MustCompile(`(\d+) 0 R`)
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) {
			objects := readTable(t, doc.pdf())
			pages := objects[pagesObject]
			if count := fmt.Sprintf("/Count %d ", len(doc)); !strings.Contains(pages, count) {
				t.Errorf("pages are %q, without %q", pages, count)
			}
			kids := kid.FindAllStringSubmatch(pages, -1)
			if len(kids) != len(doc) {
				t.Fatalf("%d kids, not %d", len(kids), len(doc))
			}
			for i, match := range kids {
				page := objects[number(t, []byte(match[1]))]
				if !strings.HasPrefix(page, "<< /Type /Page ") {
					t.Errorf("page %d is %q", i+1, page)
				}
				content := regexp.MustCompile(`/Contents (\d+) 0 R`).FindStringSubmatch(page)
				if got := shownLines(t, objects[number(t, []byte(content[1]))]); !cmp.Equal(got, append([]string(nil), doc[i]...)) {
					t.Errorf("page %d shows %q, not %q", i+1, got, doc[i])
				}
			}
		})
	}
}

// shownLines reads a content stream back.
func shownLines(t *testing.T, object string) []string {
	t.Helper()
	stream := regexp.MustCompile(`(?s)^<< /Length (\d+) >>\nstream\n(.*)\nendstream$`).FindStringSubmatch(object)
	if stream == nil {
		t.Fatalf("no stream: %q", object)
	}
	if length := number(t, []byte(stream[1])); length != len(stream[2]) {
		t.Errorf("stream of %d bytes has the length %d", len(stream[2]), length)
	}
	var lines []string
	escape := regexp.MustCompile(`\\(.)`)
	for _, shown := range regexp.MustCompile(`(?m)^\(((?:[^()\\]|\\.)*)\) Tj T\*$`).FindAllStringSubmatch(stream[2], -1) {
		lines = append(lines, escape.ReplaceAllString(shown[1], "$1"))
	}
	return lines
}

func TestPDFIsTheSameEachTime(t *testing.T) {
	first := sample.pdf()
	if !bytes.Equal(first, sample.pdf()) {
		t.Error("two PDFs of one document differ")
	}
	if kind := http.DetectContentType(first); kind != "application/pdf" {
		t.Errorf("the PDF passes for %s", kind)
	}
}

func TestBlocksHoldTheText(t *testing.T) {
	text, err := sample.blocksJSON()
	if err != nil {
		t.Fatal(err)
	}
	var blocks []struct {
		BlockType, Text, ID string
		Page                int
		Relationships       []struct{ Ids []string }
	}
	if err := json.Unmarshal(text, &blocks); err != nil {
		t.Fatal(err)
	}
	known := make(map[string]string)
	for _, block := range blocks {
		if known[block.ID] != "" {
			t.Errorf("two blocks have the id %s", block.ID)
		}
		known[block.ID] = block.BlockType
	}
	read := make(document, len(sample))
	for _, block := range blocks {
		if block.BlockType == "LINE" {
			read[block.Page-1] = append(read[block.Page-1], block.Text)
		}
		for _, relationship := range block.Relationships {
			for _, id := range relationship.Ids {
				if child := map[string]string{"PAGE": "LINE", "LINE": "WORD"}[block.BlockType]; known[id] != child {
					t.Errorf("%s %s has the child %s %s, not a %s", block.BlockType, block.ID, known[id], id, child)
				}
			}
		}
	}
	if diff := cmp.Diff(sample, read); diff != "" {
		t.Errorf("lines differ (-document +blocks):\n%s", diff)
	}
}
