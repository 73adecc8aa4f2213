package textractdoc_test

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func TestMarkdownOfALayout(t *testing.T) {
	query := func(b *types.Block) { b.Query = &types.Query{Text: aws.String("Who?"), Alias: aws.String("who")} }
	document := textractdoc.FromBlocks([]types.Block{
		block(types.BlockTypeLayoutHeader, "y1", 1, children("l1")),
		line("l1", "Annual report", 1),
		block(types.BlockTypeLayoutTitle, "y2", 1, children("l2")),
		line("l2", "2025 in *figures*", 1),
		block(types.BlockTypeLayoutSectionHeader, "y3", 1, children("l3")),
		line("l3", "Sales", 1),
		block(types.BlockTypeLayoutText, "y4", 1, children("l4", "l5")),
		line("l4", "They grew by", 1),
		line("l5", "- 5 |", 1),
		block(types.BlockTypeLayoutList, "y5", 1, children("y6", "y7")),
		block(types.BlockTypeLayoutText, "y6", 1, children("l6", "l7")),
		line("l6", "• one", 1),
		line("l7", "item", 1),
		block(types.BlockTypeLayoutText, "y7", 1, children("l8")),
		line("l8", "2. two", 1),
		block(types.BlockTypeLayoutTable, "y8", 1, children("l9", "l10")),
		block(
			types.BlockTypeLine, "l9", 1, text("Region"), children("w1"),
		),
		block(types.BlockTypeLine, "l10", 1, text("a|b 7"), children("w2", "w3")),
		word("w1", "Region"),
		word("w2", "a|b"),
		word("w3", "7"),
		block(types.BlockTypeTable, "t", 1, children("c1", "c2", "c3", "c4")),
		block(types.BlockTypeCell, "c1", 1, at(1, 1, 1), children("w1")),
		block(types.BlockTypeCell, "c2", 1, at(1, 2, 1)),
		block(types.BlockTypeCell, "c3", 1, at(2, 1, 1), children("w2")),
		block(types.BlockTypeCell, "c4", 1, at(2, 2, 1), children("w3")),
		block(types.BlockTypeLayoutFigure, "y9", 1),
		line("x", "1. not in the layout", 1),
		block(
			types.BlockTypeQuery, "q", 1, query, refers(types.RelationshipTypeAnswer, "a"),
		),
		block(types.BlockTypeQueryResult, "a", 1, text("Ana")),
		block(types.BlockTypePage, "p2", 2, children("z")),
		line("z", "# second page", 2),
	})
	want := `*Annual report*

# 2025 in \*figures\*

## Sales

They grew by
\- 5 \|

- one item
2. two

| Region |  |
| --- | --- |
| a\|b | 7 |

*(figure)*

1\. not in the layout

### Answers

| Query | Alias | Answer |
| --- | --- | --- |
| Who? | who | Ana |


---

\# second page

`
	if diff := cmp.Diff(want, document.Markdown()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Markdown drops number signs at the end of a heading, reads a line of hyphens and colons as the
// border of a table, and starts lists and headings within items.
func TestMarkdownKeepsSigns(t *testing.T) {
	for _, test := range []struct {
		kind       types.BlockType
		text, want string
	}{
		{types.BlockTypeLayoutTitle, "Social Security #", `# Social Security \#`},
		{types.BlockTypeLayoutSectionHeader, "C ##", `## C \##`},
		{types.BlockTypeLayoutSectionHeader, "#", `## \#`},
		{types.BlockTypeLayoutSectionHeader, "C#", `## C#`},
		{types.BlockTypeLayoutText, ":-:", `\:-:`},
		{types.BlockTypeLayoutText, "-:", `\-:`},
		{types.BlockTypeLayoutList, "• one", `- one`},
		{types.BlockTypeLayoutList, "•one", `- one`},
		{types.BlockTypeLayoutList, "- one", `- one`},
		{types.BlockTypeLayoutList, "* one", `- one`},
		{types.BlockTypeLayoutList, "-5 %", `- -5 %`},
		{types.BlockTypeLayoutList, "–5 %", `- –5 %`},
		{types.BlockTypeLayoutList, "*required", `- \*required`},
		{types.BlockTypeLayoutList, "-", `- \-`},
		{types.BlockTypeLayoutList, "• 7. seven", `- 7\. seven`},
		{types.BlockTypeLayoutList, "• # of shares", `- \# of shares`},
	} {
		document := textractdoc.FromBlocks([]types.Block{block(test.kind, "e", 1, children("l")), line("l", test.text, 1)})
		if got := strings.TrimSpace(document.Markdown()); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.kind, test.text, got, test.want)
		}
	}
}

// Markdown numbers the items of a list from the number of the first one.
func TestMarkdownKeepsTheNumbersOfItems(t *testing.T) {
	list := func(id string, items ...string) []types.Block {
		var ids []string
		var blocks []types.Block
		for i, item := range items {
			ids = append(ids, fmt.Sprint(id, i))
			blocks = append(blocks, line(ids[i], item, 1))
		}
		return append(blocks, block(types.BlockTypeLayoutList, id, 1, children(ids...)))
	}
	document := textractdoc.FromBlocks(slices.Concat(
		list("a", "1. one", "2. two", "4. four", "5. five"), list("b", "6. six"), list("c", "1. one"),
		[]types.Block{block(types.BlockTypeLayoutText, "d", 1, children("l")), line("l", "text", 1)}, list("e", "3. three"),
	))
	want := "1. one\n2. two\n- 4\\. four\n5. five\n\n6. six\n\n- 1\\. one\n\ntext\n\n3. three\n\n"
	if diff := cmp.Diff(want, document.Markdown()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

var space = regexp.MustCompile(`\s+`)

// plain is text as one line, without what Markdown adds to escape.
func plain(text string) string { return space.ReplaceAllString(strings.ReplaceAll(text, `\`, ""), " ") }

// Nothing is left out of the readable forms.
func TestRealAnswersInReadableForms(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, _ rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...))
		for i := range document.Pages {
			page := &document.Pages[i]
			for name, text := range map[string]string{"Markdown": page.Markdown(), "text": page.Text() + page.Details()} {
				text = plain(text)
				has := func(what, part string) {
					if part = plain(strings.TrimSpace(part)); !strings.Contains(text, part) {
						t.Errorf("%s %q is not in the %s of page %d", what, part, name, page.Number)
					}
				}
				for _, word := range page.Words {
					has("word", strings.TrimLeft(word.Text, "•·∙‣◦▪●○■□–—*+-")) // marks of lists
				}
				for _, table := range page.Tables {
					has("title", table.Title)
					has("footer", table.Footer)
					for _, cell := range table.Cells {
						has("cell", cell.Text)
					}
				}
				for _, field := range page.Fields {
					has("key", field.Key)
					has("value", field.Value)
				}
				for _, answer := range page.Answers {
					has("query", answer.Query)
					has("answer", answer.Text)
				}
				expenses := slices.Clone(page.Expenses)
				for _, lending := range page.Lending {
					expenses = append(expenses, lending.Expenses...)
					for _, field := range lending.Fields {
						has("type", field.Type)
						has("key", field.Key.Text)
						for _, value := range field.Values {
							has("value", value.Text)
						}
					}
					for _, identity := range lending.Identities {
						for _, field := range identity.Fields {
							has("value", field.Value)
						}
					}
				}
				for _, expense := range expenses {
					for _, item := range append(expense.Items, textractdoc.LineItem{Fields: expense.Fields}) {
						for _, field := range item.Fields {
							has("type", field.Type)
							has("label", field.Label)
							has("value", field.Value)
							has("currency", field.Currency)
							for _, group := range field.Groups {
								has("group", strings.Join(group.Types, ", "))
							}
						}
					}
				}
			}
		}
	})
}

func TestTableCSV(t *testing.T) {
	table := textractdoc.Table{Cells: []textractdoc.Cell{
		{Row: 1, Column: 1, Text: `a "quoted", word`}, {Row: 1, Column: 2, Text: "b"}, {Row: 2, Column: 2, Text: "c"},
	}}
	text := table.CSV()
	if want := "\"a \"\"quoted\"\", word\",b\n,c\n"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if diff := cmp.Diff(table.Rows(), rows); diff != "" || err != nil {
		t.Errorf("-want +got\n%s\nerror %v", diff, err)
	}
}

// tableOn makes a page with a table between lines of text. The first row of the table is a header
// where it is one.
func tableOn(page int32, before, after string, header bool, title string, columns int, rows ...string) []types.Block {
	id := func(kind string, i int) string { return kind + string(rune('0'+page)) + string(rune('a'+i)) }
	var blocks []types.Block
	if before != "" {
		blocks = append(blocks, block(types.BlockTypeLine, id("before", 0), page, text(before), box(0, 0.05, 1, 0.01)))
	}
	var cells []string
	for i, row := range rows {
		kind := func(*types.Block) {}
		if header && i < columns {
			kind = entity(types.EntityTypeColumnHeader)
		}
		blocks = append(blocks,
			block(types.BlockTypeLine, id("l", i), page, text(row), children(id("w", i))),
			block(types.BlockTypeWord, id("w", i), page, text(row)),
			block(types.BlockTypeCell, id("c", i), page, at(int32(i/columns)+1, int32(i%columns)+1, 1), children(id("w", i)), kind,
				box(float32(i%columns)/10, 0.1, 0.1, 0.1)))
		cells = append(cells, id("c", i))
	}
	table := block(types.BlockTypeTable, id("t", 0), page, children(cells...))
	if title != "" {
		refers(types.RelationshipTypeTableTitle, id("title", 0))(&table)
		blocks = append(blocks, block(types.BlockTypeTableTitle, id("title", 0), page, children(id("w", 0))))
	}
	blocks = append(blocks, table)
	if after != "" {
		blocks = append(blocks, block(types.BlockTypeLine, id("after", 0), page, text(after), box(0, 0.95, 1, 0.01)))
	}
	return blocks
}

func TestJoinedTables(t *testing.T) {
	first := tableOn(1, "Text", "Page 1 of 3", true, "", 2, "Item", "Price", "pen", "$1")
	third := tableOn(3, "", "Page 3 of 3", false, "", 2, "ink", "$3")
	for name, test := range map[string]struct {
		second []types.Block
		want   int // tables
		rows   [][]string
	}{
		"with its header again": {
			tableOn(2, "", "Page 2 of 3", true, "", 2, "Item", "Price", "pad", "$2"), 1,
			[][]string{{"Item", "Price"}, {"pen", "$1"}, {"pad", "$2"}, {"ink", "$3"}},
		},
		"without a header": {
			tableOn(2, "", "Page 2 of 3", false, "", 2, "pad", "$2"), 1,
			[][]string{{"Item", "Price"}, {"pen", "$1"}, {"pad", "$2"}, {"ink", "$3"}},
		},
		"another header":    {tableOn(2, "", "Page 2 of 3", true, "", 2, "Name", "Age", "Ana", "7"), 2, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"text before it":    {tableOn(2, "More", "Page 2 of 3", false, "", 2, "pad", "$2"), 2, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"text after it":     {tableOn(2, "", "The end", false, "", 2, "pad", "$2"), 3, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"a title":           {tableOn(2, "", "Page 2 of 3", false, "yes", 2, "pad", "$2"), 2, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"a column more":     {tableOn(2, "", "Page 2 of 3", false, "", 3, "pad", "$2", "7"), 3, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"no table":          {[]types.Block{line("x", "text", 2)}, 2, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
		"nothing in a page": {nil, 2, [][]string{{"Item", "Price"}, {"pen", "$1"}}},
	} {
		document := textractdoc.FromBlocks(slices.Concat(first, test.second, third))
		before := document.Markdown()
		tables := document.JoinedTables()
		if len(tables) != test.want {
			t.Errorf("%s: %d tables, want %d", name, len(tables), test.want)
		}
		if diff := cmp.Diff(test.rows, tables[0].Rows()); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		for _, table := range tables {
			for _, cell := range table.Cells {
				if !strings.HasPrefix(cell.ID[1:], string(rune('0'+cell.Page))) {
					t.Errorf("%s: cell %s is on page %d", name, cell.ID, cell.Page)
				}
			}
		}
		if document.Markdown() != before {
			t.Errorf("%s: joining changed the document", name)
		}
	}
}

// Tables with text between them are not joined.
func TestRealTablesOfTwoPagesStayApart(t *testing.T) {
	document := realDocument(t, "gib_multi_page_tables.json")
	if tables := document.JoinedTables(); len(tables) != 4 {
		t.Errorf("%d tables, want 4", len(tables))
	}
}
