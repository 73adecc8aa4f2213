package textractdoc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// rowsOn makes a page with a table, a cell for each text, in which a text that begins with #, ! or
// ~ is a column header, a title or a footer.
func rowsOn(page int32, rows ...[]string) []types.Block {
	var blocks []types.Block
	var cells []string
	for i, row := range rows {
		for j, value := range row {
			id := fmt.Sprintf("%d-%d-%d", page, i, j)
			kind := func(*types.Block) {}
			switch {
			case strings.HasPrefix(value, "#"):
				kind = entity(types.EntityTypeColumnHeader)
			case strings.HasPrefix(value, "!"):
				kind = entity(types.EntityTypeTableTitle)
			case strings.HasPrefix(value, "~"):
				kind = entity(types.EntityTypeTableFooter)
			}
			var words []string
			if value = strings.TrimLeft(value, "#!~"); value != "" {
				words = []string{"w" + id}
				blocks = append(blocks, block(types.BlockTypeLine, "l"+id, page, text(value), children("w"+id)),
					block(types.BlockTypeWord, "w"+id, page, text(value)))
			}
			blocks = append(blocks, block(types.BlockTypeCell, "c"+id, page, at(int32(i)+1, int32(j)+1, 1), children(words...), kind,
				box(float32(j)/10, 0.1, 0.1, 0.1)))
			cells = append(cells, "c"+id)
		}
	}
	return append(blocks, block(types.BlockTypeTable, fmt.Sprint("t", page), page, children(cells...)))
}

// captioned adds a caption of words to the table that is the last block.
func captioned(blocks []types.Block, kind types.BlockType, relationship types.RelationshipType, words ...string) []types.Block {
	id := string(kind) + words[0]
	refers(relationship, id)(&blocks[len(blocks)-1])
	return slices.Insert(blocks, 0, block(kind, id, *blocks[len(blocks)-1].Page, children(words...)))
}

func titled(blocks []types.Block, words ...string) []types.Block {
	return captioned(blocks, types.BlockTypeTableTitle, types.RelationshipTypeTableTitle, words...)
}

func footed(blocks []types.Block, words ...string) []types.Block {
	return captioned(blocks, types.BlockTypeTableFooter, types.RelationshipTypeTableFooter, words...)
}

func TestCaptionInsideTheTableStandsOnce(t *testing.T) {
	outside := func(blocks []types.Block, value string) []types.Block {
		return slices.Insert(
			blocks, 0, block(types.BlockTypeLine, "out", 1, text(value), children("out-w")),
			block(types.BlockTypeWord, "out-w", 1, text(value)),
		)
	}
	for name, test := range map[string]struct {
		blocks []types.Block
		want   string
	}{
		"a title row": {
			titled(rowsOn(1, []string{"!Prices", ""}, []string{"#Item", "#Price"}, []string{"pen", "1"}), "w1-0-0"),
			"**Prices**\n\n| Item | Price |\n| --- | --- |\n| pen | 1 |\n\n",
		},
		"a title of two rows": {
			titled(rowsOn(1, []string{"!Prices", ""}, []string{"", "!2026"}, []string{"pen", "1"}), "w1-0-0", "w1-1-1"),
			"**Prices 2026**\n\n| pen | 1 |\n| --- | --- |\n\n",
		},
		"a footer row": {
			footed(rowsOn(1, []string{"#Item", "#Price"}, []string{"pen", "1"}, []string{"~without tax", ""}), "w1-2-0"),
			"| Item | Price |\n| --- | --- |\n| pen | 1 |\n\nwithout tax\n\n",
		},
		"both": {
			footed(titled(rowsOn(1, []string{"!Prices", ""}, []string{"pen", "1"}, []string{"~without tax", ""}), "w1-0-0"), "w1-2-0"),
			"**Prices**\n\n| pen | 1 |\n| --- | --- |\n\nwithout tax\n\n",
		},
		"a title in a row that has more": {
			titled(rowsOn(1, []string{"Prices", "EUR"}, []string{"pen", "1"}), "w1-0-0"),
			"| Prices | EUR |\n| --- | --- |\n| pen | 1 |\n\n",
		},
		"a footer between rows": {
			footed(rowsOn(1, []string{"pen", "1"}, []string{"subtotal", ""}, []string{"ink", "2"}), "w1-1-0"),
			"| pen | 1 |\n| --- | --- |\n| subtotal |  |\n| ink | 2 |\n\n",
		},
		"a title that only begins in the table": {
			titled(outside(rowsOn(1, []string{"!Prices", ""}, []string{"pen", "1"}), "of 2026"), "w1-0-0", "out-w"),
			"**Prices of 2026**\n\n| pen | 1 |\n| --- | --- |\n\n",
		},
		"a title outside the table": {
			titled(outside(rowsOn(1, []string{"pen", "1"}), "Prices"), "out-w"),
			"**Prices**\n\n| pen | 1 |\n| --- | --- |\n\n",
		},
		"nothing but a title": {titled(rowsOn(1, []string{"!Prices", ""}), "w1-0-0"), "**Prices**\n\n"},
	} {
		document := textractdoc.FromBlocks(test.blocks)
		if diff := cmp.Diff(test.want, document.Markdown()); diff != "" {
			t.Errorf("%s: Markdown: -want +got\n%s", name, diff)
		}
		details := document.Pages[0].Details()
		table := document.Pages[0].Tables[0]
		for _, caption := range slices.Concat(table.Titles, table.Footers) {
			if count := strings.Count(details, caption.Text); count != 1 {
				t.Errorf("%s: %q %d times in details\n%s", name, caption.Text, count, details)
			}
		}
	}
}

func TestRealTitleInATableStandsOnce(t *testing.T) {
	document := realDocument(t, "in-table-title.json")
	for name, text := range map[string]string{"Markdown": document.Markdown(), "details": document.Pages[0].Details()} {
		if count := strings.Count(text, "COPPER"); count != 1 {
			t.Errorf("the title is %d times in the %s\n%s", count, name, text)
		}
	}
	if markdown := document.Markdown(); !strings.Contains(markdown, "\n\n|  | EPA's Action Level") {
		t.Errorf("the first row is not the header\n%s", markdown)
	}
	if rows := document.Pages[0].Tables[0].Rows(); len(rows) != 4 {
		t.Errorf("Rows has %d rows, not all", len(rows))
	}
}

// A table that continues may repeat its title and header, which are then in the joined one once.
func TestJoinedTablesWithTitlesAndHeaders(t *testing.T) {
	title, header := []string{"!Prices", ""}, []string{"#Item", "#Price"}
	first := func() []types.Block { return rowsOn(1, title, header, []string{"pen", "1"}) }
	for name, test := range map[string]struct {
		first, second []types.Block
		want          [][]string // of the only table, or nil for two
	}{
		"title and header again": {first(), rowsOn(2, title, header, []string{"ink", "2"}), [][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}}},
		"the header again":       {first(), rowsOn(2, header, []string{"ink", "2"}), [][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}}},
		"the title again":        {first(), rowsOn(2, title, []string{"ink", "2"}), [][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}}},
		"neither":                {first(), rowsOn(2, []string{"ink", "2"}), [][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}}},
		"another title":          {first(), rowsOn(2, []string{"!Costs", ""}, header, []string{"ink", "2"}), nil},
		"another header":         {first(), rowsOn(2, title, []string{"#Name", "#Age"}, []string{"Ana", "2"}), nil},
		"a row of one cell as the title": {
			rowsOn(1, []string{"Jobs", ""}, header, []string{"pen", "1"}), rowsOn(2, []string{"Jobs", ""}, header, []string{"ink", "2"}),
			[][]string{{"Jobs", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}},
		},
		"a header of two rows": {
			rowsOn(1, title, []string{"#Item", "#Price"}, []string{"", "#EUR"}, []string{"pen", "1"}),
			rowsOn(2, title, []string{"#Item", "#Price"}, []string{"", "#EUR"}, []string{"ink", "2"}),
			[][]string{{"Prices", ""}, {"Item", "Price"}, {"", "EUR"}, {"pen", "1"}, {"ink", "2"}},
		},
		"a header that is one only in part": {
			rowsOn(1, []string{"Item", "#Price"}, []string{"pen", "1"}), rowsOn(2, []string{"Item", "#Price"}, []string{"ink", "2"}),
			[][]string{{"Item", "Price"}, {"pen", "1"}, {"ink", "2"}},
		},
		"cells that head their row": {
			rowsOn(1, header, []string{"#pen", "1"}), rowsOn(2, header, []string{"#ink", "2"}),
			[][]string{{"Item", "Price"}, {"pen", "1"}, {"ink", "2"}},
		},
		"a header further down": {
			first(), rowsOn(2, []string{"ink", "2"}, header, []string{"pad", "3"}),
			[][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}, {"Item", "Price"}, {"pad", "3"}},
		},
		"a title that is a caption too, again": {
			titled(first(), "w1-0-0"), titled(rowsOn(2, title, header, []string{"ink", "2"}), "w2-0-0"),
			[][]string{{"Prices", ""}, {"Item", "Price"}, {"pen", "1"}, {"ink", "2"}},
		},
	} {
		tables := textractdoc.FromBlocks(slices.Concat(test.first, test.second)).JoinedTables()
		if test.want == nil {
			if len(tables) != 2 {
				t.Errorf("%s: %d tables, want 2", name, len(tables))
			}
			continue
		}
		if len(tables) != 1 {
			t.Errorf("%s: %d tables, want 1", name, len(tables))
			continue
		}
		if diff := cmp.Diff(test.want, tables[0].Rows()); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// Only headers and footers may stand between the parts of a table.
func TestJoinedTablesContinueOverHeadersAndFootersOnly(t *testing.T) {
	type mark struct {
		top   float32
		texts [2]string
		kind  types.BlockType
	}
	for name, test := range map[string]struct {
		mark
		joined bool
	}{
		"a page number at the edge":                 {mark{0.95, [2]string{"Page 1 of 2", "Page 2 of 2"}, ""}, true},
		"a page number of a longer document":        {mark{0.95, [2]string{"Seite 17/40", "Seite 18/40"}, ""}, true},
		"a number alone":                            {mark{0.95, [2]string{"- 7 -", "- 8 -"}, ""}, true},
		"a company's name at the edge":              {mark{0.03, [2]string{"Acme Ltd.", "Acme Ltd."}, ""}, true},
		"a company's name in the middle":            {mark{0.3, [2]string{"Acme Ltd.", "Acme Ltd."}, ""}, false},
		"the number of an invoice":                  {mark{0.3, [2]string{"Invoice No. 1001", "Invoice No. 1002"}, ""}, false},
		"the number of an invoice at the edge":      {mark{0.03, [2]string{"Invoice No. 1001", "Invoice No. 1002"}, ""}, false},
		"the numbers of two pages far from another": {mark{0.95, [2]string{"Page 1 of 1", "Page 1 of 3"}, ""}, false},
		"a total":                                    {mark{0.8, [2]string{"Total: 120.00", "Total: 75.50"}, ""}, false},
		"a total at the edge":                        {mark{0.95, [2]string{"Total: 120.00", "Total: 75.50"}, ""}, false},
		"the same total at the edge":                 {mark{0.95, [2]string{"Total: 50.00", "Total: 50.00"}, ""}, false},
		"a heading at the height of page numbers":    {mark{0.34, [2]string{"Page (1)", "Page (2)"}, ""}, false},
		"a header that LAYOUT finds":                 {mark{0.2, [2]string{"Acme Ltd.", "Acme Ltd."}, types.BlockTypeLayoutHeader}, true},
		"a footer that LAYOUT finds, of other words": {mark{0.8, [2]string{"see over", "thank you"}, types.BlockTypeLayoutFooter}, true},
		"a page number that LAYOUT finds":            {mark{0.8, [2]string{"A-7", "A-9"}, types.BlockTypeLayoutPageNumber}, true},
		"an invoice's number in a header":            {mark{0.05, [2]string{"Invoice No. 1001", "Invoice No. 1002"}, types.BlockTypeLayoutHeader}, false},
		"text that LAYOUT finds":                     {mark{0.3, [2]string{"Acme Ltd.", "Acme Ltd."}, types.BlockTypeLayoutText}, false},
	} {
		var blocks []types.Block
		for i, value := range test.texts {
			page := int32(i) + 1
			id := fmt.Sprint("mark", page)
			own := []types.Block{block(types.BlockTypeLine, id, page, text(value), box(0, test.top, 1, 0.01))}
			table := rowsOn(page, []string{"pen", "1"})
			if test.top < 0.5 {
				blocks = slices.Concat(blocks, own, table)
			} else {
				blocks = slices.Concat(blocks, table, own)
			}
			if test.kind != "" {
				blocks = append(blocks, block(test.kind, "e"+id, page, children(id)))
			}
			for j := range blocks { // the page lists its lines in their order
				if blocks[j].BlockType == types.BlockTypeLine && test.kind != "" && !strings.HasPrefix(*blocks[j].Id, "mark") &&
					*blocks[j].Page == page {
					blocks = append(blocks, block(types.BlockTypeLayoutTable, fmt.Sprint("e", page, j), page, children(*blocks[j].Id)))
				}
			}
			if test.kind != "" && test.top >= 0.5 { // after the table
				blocks = append(
					slices.DeleteFunc(blocks, func(b types.Block) bool { return *b.Id == "e"+id }),
					block(test.kind, "e"+id, page, children(id)),
				)
			}
		}
		tables := textractdoc.FromBlocks(blocks).JoinedTables()
		if joined := len(tables) == 1; joined != test.joined {
			t.Errorf("%s: %d tables", name, len(tables))
		}
	}
}

func TestRealTablesOfOneTemplateStayApart(t *testing.T) {
	document := realDocument(t, "textractor-test_textractor_start_document_analysis_multipage_pdf_s3.json")
	tables := document.JoinedTables()
	if len(tables) != 2 || len(tables[0].Rows()) != 3 || len(tables[1].Rows()) != 3 {
		t.Errorf("%d tables, want 2 of 3 rows", len(tables))
	}
}
