package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// resultFile matches the names of the files that filesSink writes.
var resultFile = regexp.MustCompile(`^(?:text\.txt|document\.md|table-\d+-\d+\.csv|page-\d+\.svg|result-\d+\.json|summary\.json)$`)

// filesSink writes text.txt, document.md, table-PAGE-NUMBER.csv, result-NUMBER.json,
// page-NUMBER.svg where that is wanted, and, of a lending analysis, summary.json. They replace
// those of an earlier run, also of one with more pages, once all are written.
type filesSink struct {
	folder, partial string // partial is a folder in the folder
	release         func() // lets other runs remove partial
	text, markdown  *file
	forms           []sink
	responses       int
	svg             bool
}

// file is a file that is written bit by bit.
type file struct {
	file   *os.File
	buffer *bufio.Writer
}

func (f *file) Write(p []byte) (int, error) { return f.buffer.Write(p) }

func (f *file) close() error { return errors.Join(f.buffer.Flush(), f.file.Close()) }

func newFiles(folder string) (*filesSink, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	if err := removePartial(folder); err != nil {
		return nil, err
	}
	partial, release, err := newPartial(folder)
	if err != nil {
		return nil, err
	}
	f := &filesSink{folder: folder, partial: partial, release: release}
	if f.text, err = f.create("text.txt"); err == nil {
		f.markdown, err = f.create("document.md")
	}
	if err != nil {
		f.discard()
		return nil, err
	}
	f.forms = []sink{&textSink{w: f.text}, &markdownSink{w: f.markdown}}
	return f, nil
}

func (f *filesSink) create(name string) (*file, error) {
	created, err := os.OpenFile(filepath.Join(f.partial, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{created, bufio.NewWriter(created)}, nil
}

func (f *filesSink) response(response *textractdoc.Response) error {
	f.responses++
	return f.write(fmt.Sprintf("result-%d.json", f.responses), func(w io.Writer) error { return writeResponse(w, response) })
}

func (f *filesSink) page(page *textractdoc.Page) error {
	for i := range page.Tables {
		err := f.write(fmt.Sprintf("table-%d-%d.csv", page.Number, i+1), func(w io.Writer) error {
			_, err := io.WriteString(w, page.Tables[i].CSV())
			return err
		})
		if err != nil {
			return err
		}
	}
	if f.svg {
		err := f.write(fmt.Sprintf("page-%d.svg", page.Number), func(w io.Writer) error {
			_, err := io.WriteString(w, page.SVG())
			return err
		})
		if err != nil {
			return err
		}
	}
	return each(f.forms, func(s sink) error { return s.page(page) })
}

func (f *filesSink) summary(summary *textractdoc.LendingSummary) error {
	err := f.write("summary.json", func(w io.Writer) error { return writeJSON(w, summary) })
	if err != nil {
		return err
	}
	return each(f.forms, func(s sink) error { return s.summary(summary) })
}

func (f *filesSink) write(name string, write func(io.Writer) error) error {
	created, err := f.create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(created), created.close())
}

// end puts the files in place of those of an earlier run.
func (f *filesSink) end() error {
	err := errors.Join(f.text.close(), f.markdown.close())
	f.text, f.markdown = nil, nil
	if err != nil {
		return err
	}
	earlier, err := os.ReadDir(f.folder)
	if err != nil {
		return err
	}
	for _, entry := range earlier {
		if resultFile.MatchString(entry.Name()) {
			if err := os.Remove(filepath.Join(f.folder, entry.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	written, err := os.ReadDir(f.partial)
	if err != nil {
		return err
	}
	for _, entry := range written {
		if err := os.Rename(filepath.Join(f.partial, entry.Name()), filepath.Join(f.folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what did not become complete. After end there is nothing left of it.
func (f *filesSink) discard() {
	for _, open := range []*file{f.text, f.markdown} {
		if open != nil {
			_ = open.close()
		}
	}
	_ = os.RemoveAll(f.partial)
	f.release()
}
