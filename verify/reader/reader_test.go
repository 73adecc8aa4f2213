// Package reader compares the documents that textractdoc makes with those of AWS's parser for
// JavaScript, on real answers.
package reader

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

const fetchReal = "no real answers of Textract: run make real-answers at the top of the repository"

// realFolder returns the folder of the real answers of Textract that make real-answers fetches.
func realFolder() string {
	if folder := os.Getenv("TEXTRACT_REAL_ANSWERS"); folder != "" {
		return folder
	}
	return "../../build/real"
}

// parsed is what trp.mjs prints of a response.
type parsed struct {
	Error string
	Pages []parsedPage
}

type parsedPage struct {
	Lines  []string
	Tables []struct {
		ID   string
		Rows [][]struct {
			Row, Column int
			Text        string
		}
	}
	Fields  []struct{ Key, Value string }
	Answers []struct{ Query, Answer string }
}

// parse runs trp.mjs on the files.
func parse(t *testing.T, files []string) []parsed {
	t.Helper()
	command := exec.Command("node", append([]string{"trp.mjs", "read"}, files...)...)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: run make verify, which installs what verify/package.json pins", err)
	}
	var all []parsed
	for line := range strings.Lines(string(out)) {
		var one parsed
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if len(all) != len(files) {
		t.Fatalf("%d documents of %d files", len(all), len(files))
	}
	return all
}

// read reads a response, or a list of the responses of one job.
func read(t *testing.T, file string) (*textractdoc.Document, []*textractdoc.Response) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var responses []*textractdoc.Response
	for response, err := range textractdoc.ParseResponses(text) {
		if err != nil {
			t.Fatal(err)
		}
		responses = append(responses, response)
	}
	document, err := textractdoc.Read(textractdoc.ParseResponses(text))
	if err != nil {
		return nil, nil // of a job without results
	}
	return document, responses
}

func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// differ returns what only one of two lists has.
func differ(ours, theirs []string) (onlyOurs, onlyTheirs []string) {
	rest := slices.Clone(theirs)
	for _, one := range ours {
		if i := slices.Index(rest, one); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			onlyOurs = append(onlyOurs, one)
		}
	}
	return onlyOurs, rest
}

// comparison counts what is the same in both documents, and what is not.
type comparison struct {
	*testing.T
	same, explained map[string]int
}

// compare counts a list of things. explanation is why the data has them differ, or empty.
func (c *comparison) compare(what string, ours, theirs []string, explanation string) {
	c.Helper()
	onlyOurs, onlyTheirs := differ(ours, theirs)
	if len(onlyOurs)+len(onlyTheirs) == 0 {
		c.same[what] += len(ours)
		return
	}
	if explanation == "" {
		c.Errorf("%s: ours %q, theirs %q, and nothing in the data explains it", what, onlyOurs, onlyTheirs)
		return
	}
	c.explained[what+": "+explanation]++
	c.Logf("%s: ours %q, theirs %q: %s", what, onlyOurs, onlyTheirs, explanation)
}

// The same lines, tables, fields and answers, but for what the data explains.
func TestDocumentsAreThoseOfTheJavaScriptParser(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realFolder(), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 && os.Getenv("CI") == "" {
		t.Skip(fetchReal)
	}
	if len(files) == 0 {
		t.Fatal(fetchReal)
	}
	c := comparison{t, make(map[string]int), make(map[string]int)}
	for i, theirs := range parse(t, files) {
		t.Run(filepath.Base(files[i]), func(t *testing.T) {
			c.T = t
			document, responses := read(t, files[i])
			hasBlocks := slices.ContainsFunc(responses, func(r *textractdoc.Response) bool { return len(r.Blocks) > 0 })
			if theirs.Error != "" {
				if hasBlocks {
					t.Errorf("theirs has the error %s", theirs.Error)
				}
				return // it reads blocks only
			}
			if document == nil || len(document.Pages) != len(theirs.Pages) {
				t.Fatalf("theirs has %d pages", len(theirs.Pages))
			}
			for j := range theirs.Pages {
				c.comparePage(&document.Pages[j], theirs.Pages[j], blocksByID(responses))
			}
		})
	}
	for _, what := range []string{"lines", "cells", "fields", "answers"} {
		t.Logf("%d %s are the same", c.same[what], what)
		if c.same[what] == 0 {
			t.Errorf("no %s were compared", what)
		}
	}
	t.Logf("explained by the data: %v", c.explained)
}

func blocksByID(responses []*textractdoc.Response) map[string]types.Block {
	blocks := make(map[string]types.Block)
	for _, response := range responses {
		for _, block := range response.Blocks {
			blocks[aws.ToString(block.Id)] = block
		}
	}
	return blocks
}

func (c *comparison) comparePage(page *textractdoc.Page, theirs parsedPage, blocks map[string]types.Block) {
	var lines []string
	lists := ""
	for _, line := range page.Lines {
		lines = append(lines, line.Text)
	}
	for _, element := range page.Layout {
		if element.Kind == types.BlockTypeLayoutList {
			lists = "theirs has the lines of a list twice"
		}
	}
	c.compare("lines", lines, theirs.Lines, lists)

	var fields, theirFields []string
	boxes := ""
	for i := range page.Fields {
		field := &page.Fields[i]
		fields = append(fields, words(field.Key)+"="+words(field.Value))
		if len(field.KeyCheckBoxes) > 0 || field.Signed() {
			boxes = "check boxes are not words of a key, and signatures are a part of the value"
		}
	}
	for _, field := range theirs.Fields {
		theirFields = append(theirFields, words(field.Key)+"="+words(field.Value))
	}
	c.compare("fields", fields, theirFields, boxes)

	var answers, theirAnswers []string
	for _, answer := range page.Answers {
		answers = append(answers, words(answer.Query)+"="+words(answer.Text))
	}
	for _, answer := range theirs.Answers {
		theirAnswers = append(theirAnswers, words(answer.Query)+"="+words(answer.Answer))
	}
	c.compare("answers", answers, theirAnswers, "")

	for _, theirTable := range theirs.Tables {
		i := slices.IndexFunc(page.Tables, func(table textractdoc.Table) bool { return table.ID == theirTable.ID })
		if i < 0 {
			c.Errorf("theirs alone has the table %s", theirTable.ID)
			continue
		}
		var cells, theirCells []string
		for _, cell := range page.Tables[i].Cells {
			cells = append(cells, fmt.Sprint(cell.Row, ",", cell.Column, ": ", words(cell.Text)))
		}
		for _, row := range theirTable.Rows {
			for _, cell := range row {
				theirCells = append(theirCells, fmt.Sprint(cell.Row, ",", cell.Column, ": ", words(cell.Text)))
			}
		}
		c.compare("cells", cells, theirCells, explainCells(&page.Tables[i], blocks))
	}
	if len(page.Tables) != len(theirs.Tables) {
		c.Errorf("%d tables, theirs has %d", len(page.Tables), len(theirs.Tables))
	}
}

// explainCells returns why a table may be another one in the JavaScript parser.
func explainCells(table *textractdoc.Table, blocks map[string]types.Block) string {
	for _, cell := range table.Cells {
		if len(cell.SignatureIDs) > 0 {
			return "a signature is a part of the text"
		}
		if len(cell.PartIDs) == 0 {
			continue
		}
		merged := blocks[cell.ID]
		if aws.ToInt32(merged.RowIndex) != int32(cell.Row) || aws.ToInt32(merged.ColumnIndex) != int32(cell.Column) ||
			aws.ToInt32(merged.RowSpan) != int32(cell.RowSpan) || aws.ToInt32(merged.ColumnSpan) != int32(cell.ColumnSpan) {
			return "the indices of a merged cell disagree with its children"
		}
		var inOrderOfParts []string
		for _, part := range cell.PartIDs {
			for _, relationship := range blocks[part].Relationships {
				inOrderOfParts = append(inOrderOfParts, relationship.Ids...)
			}
		}
		if !slices.Equal(inOrderOfParts, cell.WordIDs) {
			return "a merged cell of several lines reads line by line"
		}
	}
	return ""
}
