package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// sink takes a job's results in as they are read: responses, the pages that they make, and the
// summary of a lending analysis.
type sink interface {
	response(*textractdoc.Response) error
	page(*textractdoc.Page) error
	summary(*textractdoc.LendingSummary) error
	end() error
}

// noSink has the methods that a sink does not need.
type noSink struct{}

func (noSink) response(*textractdoc.Response) error      { return nil }
func (noSink) page(*textractdoc.Page) error              { return nil }
func (noSink) summary(*textractdoc.LendingSummary) error { return nil }
func (noSink) end() error                                { return nil }

// pagesRead shows on a terminal how many pages are read.
type pagesRead struct {
	noSink
	progress *progress
	pages    int
}

func (s *pagesRead) page(*textractdoc.Page) error {
	s.pages++
	s.progress.show("reading the results", fmt.Sprintf("%d pages", s.pages))
	return nil
}

// textSink writes the lines of each page and then what else Textract found on it, with a form feed
// between pages.
type textSink struct {
	noSink
	w     io.Writer
	pages int
}

func (s *textSink) page(page *textractdoc.Page) error {
	s.pages++
	if s.pages > 1 {
		if _, err := io.WriteString(s.w, "\f"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(s.w, page.Text()+page.Details())
	return err
}

func (s *textSink) summary(summary *textractdoc.LendingSummary) error {
	_, err := io.WriteString(s.w, "\nDocuments:\n"+summary.Text())
	return err
}

// markdownSink writes what Document.Markdown returns.
type markdownSink struct {
	noSink
	w     io.Writer
	pages int
}

func (s *markdownSink) page(page *textractdoc.Page) error {
	s.pages++
	if s.pages > 1 {
		if _, err := io.WriteString(s.w, "\n---\n\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(s.w, page.Markdown())
	return err
}

func (s *markdownSink) summary(summary *textractdoc.LendingSummary) error {
	text := "### Documents\n\n"
	for line := range strings.Lines(summary.Text()) {
		text += "- " + strings.NewReplacer("\t", ": ", "_", `\_`, "[", `\[`, "]", `\]`).Replace(line)
	}
	_, err := io.WriteString(s.w, "\n---\n\n"+text+"\n")
	return err
}

// csvSink writes the tables, with an empty line between them.
type csvSink struct {
	noSink
	w     io.Writer
	count int
}

func (s *csvSink) page(page *textractdoc.Page) error {
	for i := range page.Tables {
		text := page.Tables[i].CSV()
		if s.count++; s.count > 1 {
			text = "\n" + text
		}
		if _, err := io.WriteString(s.w, text); err != nil {
			return err
		}
	}
	return nil
}

// reviewSink writes what has a confidence below the limit, one element a line.
type reviewSink struct {
	noSink

	w     io.Writer
	limit float32
}

func (s *reviewSink) page(page *textractdoc.Page) error {
	oneLine := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, e := range page.Below(s.limit) {
		if _, err := fmt.Fprintf(s.w, "%d\t%s\t%s\t%s\t%.1f\t%s\n",
			e.Page, e.Kind, oneLine(e.Name), oneLine(e.Text), e.Confidence, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// jsonSink writes the responses as they are, one a line.
type jsonSink struct {
	noSink
	w io.Writer
}

func (s *jsonSink) response(response *textractdoc.Response) error {
	return writeResponse(s.w, response)
}

func (s *jsonSink) summary(summary *textractdoc.LendingSummary) error {
	return writeJSON(s.w, summary)
}

// writeResponse omits the token of the next response, which is written as well.
func writeResponse(w io.Writer, response *textractdoc.Response) error {
	written := *response
	written.NextToken = ""
	return writeJSON(w, written)
}

func writeJSON(w io.Writer, v json.Marshaler) error {
	text, err := v.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}
