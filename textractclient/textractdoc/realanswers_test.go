package textractdoc_test

import (
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// realAnswer returns the text of a real answer.
func realAnswer(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(realFolder(), name))
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip(fetchReal)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, fetchReal)
	}
	return text
}

// eachRealAnswer runs a test on each answer, as raw JSON and as responses.
func eachRealAnswer(t *testing.T, test func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response)) {
	t.Helper()
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
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			raw, responses := parseReal(t, realAnswer(t, name))
			test(t, raw, responses)
		})
	}
}

// parseReal reads one answer, or a list of the answers of one job.
func parseReal(t testing.TB, text []byte) (rawAnswers, []*textractdoc.Response) {
	t.Helper()
	texts := []json.RawMessage{text}
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		if err := json.Unmarshal(text, &texts); err != nil {
			t.Fatal(err)
		}
	}
	var raw rawAnswers
	var responses []*textractdoc.Response
	for _, text := range texts {
		var answer rawAnswer
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		response, err := textractdoc.ParseResponse(text)
		if err != nil {
			t.Fatal(err)
		}
		raw, responses = append(raw, answer), append(responses, response)
	}
	return raw, responses
}

// realDocument reads the document of a real answer.
func realDocument(t testing.TB, name string) *textractdoc.Document {
	t.Helper()
	_, responses := parseReal(t, realAnswer(t, name))
	document, err := textractdoc.Read(results(responses...))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// results iterates over responses.
func results(responses ...*textractdoc.Response) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		for _, response := range responses {
			if !yield(response, nil) {
				return
			}
		}
	}
}

// rawBlock is what the tests read of a block, apart from the SDK's types.
type rawBlock struct {
	ID              string `json:"Id"`
	BlockType, Text string
	Confidence      float32
	Geometry        textractdoc.Geometry
	EntityTypes     []string
	Relationships   []struct {
		Type string
		IDs  []string `json:"Ids"`
	}
}

func (b rawBlock) related(kind string) []string {
	var ids []string
	for _, relationship := range b.Relationships {
		if relationship.Type == kind {
			ids = append(ids, relationship.IDs...)
		}
	}
	return ids
}

type rawExpense struct {
	Blocks         []rawBlock
	SummaryFields  []any
	LineItemGroups []struct {
		LineItems []struct{ LineItemExpenseFields []any }
	}
}

type rawLendingField struct {
	ValueDetections []struct{ SelectionStatus string }
	KeyDetection    *struct{ Text string }
}

type rawAnswer struct {
	JobStatus        string
	Blocks           []rawBlock
	ExpenseDocuments []rawExpense
	// IdentityDocuments are those of AnalyzeID.
	IdentityDocuments []struct{ Blocks []rawBlock }
	Results           []struct {
		Extractions []struct {
			ExpenseDocument  *rawExpense
			IdentityDocument *struct {
				Blocks                 []rawBlock
				IdentityDocumentFields []any
			}
			LendingDocument *struct {
				LendingFields       []rawLendingField
				SignatureDetections []any
			}
		}
	}
}

type rawAnswers []rawAnswer

// blocks are those of all operations.
func (r rawAnswers) blocks() []rawBlock {
	var blocks []rawBlock
	for _, answer := range r {
		blocks = append(blocks, answer.Blocks...)
		for _, expense := range answer.ExpenseDocuments {
			blocks = append(blocks, expense.Blocks...)
		}
		for _, identity := range answer.IdentityDocuments {
			blocks = append(blocks, identity.Blocks...)
		}
		for _, result := range answer.Results {
			for _, extraction := range result.Extractions {
				if extraction.ExpenseDocument != nil {
					blocks = append(blocks, extraction.ExpenseDocument.Blocks...)
				}
				if extraction.IdentityDocument != nil {
					blocks = append(blocks, extraction.IdentityDocument.Blocks...)
				}
			}
		}
	}
	return blocks
}

func (r rawAnswers) hasResults() bool {
	return r[0].JobStatus != "FAILED" && r[0].JobStatus != "IN_PROGRESS"
}

// elementIDs are the ids of a document's elements by the type of their block, each as often as it
// occurs.
func elementIDs(document *textractdoc.Document) map[string][]string {
	ids := make(map[string][]string)
	add := func(kind, id string) {
		if id != "" {
			ids[kind] = append(ids[kind], id)
		}
	}
	for _, page := range document.Pages {
		add("PAGE", page.ID)
		for _, line := range page.Lines {
			add("LINE", line.ID)
		}
		for _, word := range page.Words {
			add("WORD", word.ID)
		}
		for _, element := range page.Layout {
			add(string(element.Kind), element.ID)
		}
		for _, table := range page.Tables {
			add("TABLE", table.ID)
			for _, caption := range table.Titles {
				add("TABLE_TITLE", caption.ID)
			}
			for _, caption := range table.Footers {
				add("TABLE_FOOTER", caption.ID)
			}
			for _, cell := range table.Cells {
				if cell.PartIDs == nil {
					add("CELL", cell.ID)
				} else {
					add("MERGED_CELL", cell.ID)
				}
				for _, id := range cell.PartIDs {
					add("CELL", id)
				}
			}
		}
		for _, field := range page.Fields {
			add("KEY", field.ID)
			for _, value := range field.Values {
				add("VALUE", value.ID)
			}
		}
		for _, box := range page.CheckBoxes {
			add("SELECTION_ELEMENT", box.ID)
		}
		queries := make(map[string]bool)
		for _, answer := range page.Answers {
			if !queries[answer.QueryID] { // a query may have several answers
				add("QUERY", answer.QueryID)
			}
			queries[answer.QueryID] = true
			add("QUERY_RESULT", answer.ID)
		}
		for _, signature := range page.Signatures {
			add("SIGNATURE", signature.ID)
		}
	}
	for _, list := range ids {
		slices.Sort(list)
	}
	return ids
}

// kind is the block's type, of keys and values that of the part, and today's name of what had
// another one.
func (b rawBlock) kind() string {
	switch {
	case b.BlockType == "TITLE" || b.BlockType == "FOOTER":
		return "TABLE_" + b.BlockType
	case b.BlockType == "KEY_VALUE_SET" && slices.Contains(b.EntityTypes, "KEY"):
		return "KEY"
	case b.BlockType == "KEY_VALUE_SET":
		return "VALUE"
	}
	return b.BlockType
}

func TestRealAnswersAreInTheDocumentOnce(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		document, err := textractdoc.Read(results(responses...))
		if !raw.hasResults() {
			if err == nil {
				t.Error("no error for an answer without results")
			}
			return
		}
		blocks := raw.blocks()
		if err != nil {
			t.Fatal(err)
		}
		want := make(map[string][]string)
		for _, block := range blocks {
			want[block.kind()] = append(want[block.kind()], block.ID)
		}
		for kind, list := range want {
			slices.Sort(list)
			want[kind] = slices.Compact(list) // two receipts of a page may have the same blocks
		}
		if diff := cmp.Diff(want, elementIDs(document)); diff != "" {
			t.Errorf("ids by type of block: -want +got\n%s", diff)
		}
	})
}

func TestRealLinesHaveTheirText(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...))
		blocks := make(map[string]rawBlock)
		for _, block := range raw.blocks() {
			blocks[block.ID] = block
		}
		for _, page := range document.Pages {
			words := 0
			for _, line := range page.Lines {
				want := blocks[line.ID]
				if line.Text != want.Text || line.Confidence != want.Confidence {
					t.Errorf("line %s: %q, confidence %v, want %q, %v", line.ID, line.Text, line.Confidence, want.Text, want.Confidence)
				}
				if !reflect.DeepEqual(line.Geometry, want.Geometry) {
					t.Errorf("line %s: geometry %v, want %v", line.ID, line.Geometry, want.Geometry)
				}
				words += len(line.Words)
			}
			if words > len(page.Words) {
				t.Errorf("lines have %d words, the page %d", words, len(page.Words))
			}
		}
	})
}

func TestRealCellsHaveAllTheirWords(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...))
		blocks := make(map[string]rawBlock)
		for _, block := range raw.blocks() {
			blocks[block.ID] = block
		}
		for _, page := range document.Pages {
			for _, table := range page.Tables {
				taken := make(map[[2]int]bool)
				var inRows []string
				for _, row := range table.Rows() {
					for _, text := range row {
						inRows = append(inRows, strings.Fields(text)...)
					}
				}
				var inCells []string
				for i, cell := range table.Cells {
					parts := cell.PartIDs
					if parts == nil {
						parts = []string{cell.ID}
					}
					var want []string
					for _, part := range parts {
						for _, id := range blocks[part].related("CHILD") {
							if word, ok := blocks[id]; ok && word.BlockType == "WORD" {
								want = append(want, id)
								inCells = append(inCells, strings.Fields(word.Text)...)
							} else if ok {
								inCells = append(inCells, "") // a check box or a signature
							}
						}
					}
					got := slices.Clone(cell.WordIDs)
					slices.Sort(want)
					slices.Sort(got)
					if !slices.Equal(want, got) {
						t.Errorf("cell %s: words %v, want %v", cell.ID, got, want)
					}
					if i > 0 && cell.Row < table.Cells[i-1].Row {
						t.Errorf("table %s: row %d after row %d", table.ID, cell.Row, table.Cells[i-1].Row)
					}
					if taken[[2]int{cell.Row, cell.Column}] {
						t.Errorf("table %s: two cells at row %d, column %d", table.ID, cell.Row, cell.Column)
					}
					taken[[2]int{cell.Row, cell.Column}] = true
				}
				if len(inRows) != len(inCells) {
					t.Errorf("table %s: %d words in the rows, %d in the cells", table.ID, len(inRows), len(inCells))
				}
			}
		}
	})
}

func TestRealFieldsAreInReadingOrder(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, _ rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...))
		for _, page := range document.Pages {
			at := make(map[string]int)
			for i, word := range page.Words {
				at[word.ID] = i
			}
			last := 0
			for _, field := range page.Fields {
				if len(field.KeyWordIDs) == 0 {
					continue
				}
				if place := at[field.KeyWordIDs[0]]; place < last {
					t.Errorf("field %q comes after a later one", field.Key)
				} else {
					last = place
				}
				for _, state := range []string{"SELECTED", "NOT_SELECTED"} {
					if slices.Contains(strings.Fields(field.Key), state) {
						t.Errorf("key %q has the state of a check box", field.Key)
					}
				}
			}
		}
	})
}

func TestRealExpensesAndLending(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...))
		type count struct{ expenseFields, items, lendingFields, keys, checkBoxes, signatures, identityFields int }
		var want, got count
		countExpense := func(expense rawExpense) {
			want.expenseFields += len(expense.SummaryFields)
			for _, group := range expense.LineItemGroups {
				want.items += len(group.LineItems)
				for _, item := range group.LineItems {
					want.expenseFields += len(item.LineItemExpenseFields)
				}
			}
		}
		for _, answer := range raw {
			for _, expense := range answer.ExpenseDocuments {
				countExpense(expense)
			}
			for _, result := range answer.Results {
				for _, extraction := range result.Extractions {
					if extraction.ExpenseDocument != nil {
						countExpense(*extraction.ExpenseDocument)
					}
					if extraction.IdentityDocument != nil {
						want.identityFields += len(extraction.IdentityDocument.IdentityDocumentFields)
					}
					if extraction.LendingDocument == nil {
						continue
					}
					want.signatures += len(extraction.LendingDocument.SignatureDetections)
					want.lendingFields += len(extraction.LendingDocument.LendingFields)
					for _, field := range extraction.LendingDocument.LendingFields {
						if field.KeyDetection != nil && field.KeyDetection.Text != "" {
							want.keys++
						}
						for _, value := range field.ValueDetections {
							if value.SelectionStatus != "" {
								want.checkBoxes++
							}
						}
					}
				}
			}
		}
		countGot := func(expenses []textractdoc.Expense) {
			for _, expense := range expenses {
				got.expenseFields += len(expense.Fields)
				got.items += len(expense.Items)
				for _, item := range expense.Items {
					got.expenseFields += len(item.Fields)
				}
				for _, field := range expense.Fields {
					for _, word := range strings.Fields(field.Label + " " + field.Value) {
						if !strings.Contains(expense.Text(), word) {
							t.Errorf("%q of field %s is not in the text", word, field.Type)
						}
					}
				}
			}
		}
		countGot(document.Expenses())
		for _, page := range document.Lending() {
			countGot(page.Expenses)
			got.lendingFields += len(page.Fields)
			got.signatures += len(page.Signatures)
			text := page.Text()
			for _, field := range page.Fields {
				if field.Key.Text != "" {
					got.keys++
				}
				for _, value := range field.Values {
					if value.IsCheckBox {
						got.checkBoxes++
					}
					for _, word := range strings.Fields(field.Key.Text + " " + value.Text) {
						if !strings.Contains(text, word) {
							t.Errorf("%q of field %s is not in the text", word, field.Type)
						}
					}
				}
			}
			for _, identity := range page.Identities {
				got.identityFields += len(identity.Fields)
			}
		}
		if want != got {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// What is written is what was read, under the API's names.
func TestRealAnswersAsJSON(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realFolder(), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	eachRealAnswer(t, func(*testing.T, rawAnswers, []*textractdoc.Response) {}) // says what to fetch
	apiNames := make(map[string]bool)
	addNames(apiNames, reflect.TypeFor[textractdoc.Response]())
	for _, file := range files {
		text := realAnswer(t, filepath.Base(file))
		response, err := textractdoc.ParseResponse(text)
		if err != nil {
			continue // a list of answers
		}
		written, err := json.Marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal(written, &got)); err != nil {
			t.Fatal(err)
		}
		if want, got := comparable(want, apiNames), comparable(got, nil); !reflect.DeepEqual(want, got) {
			t.Errorf("%s: -want +got\n%.2000s", file, cmp.Diff(want, got))
		}
	}
}

// A document that was kept as JSON is the same when it is read again, also as Markdown.
func TestRealDocumentsAsJSON(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		if !raw.hasResults() {
			return
		}
		document, err := textractdoc.Read(results(responses...))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		var read textractdoc.Document
		if err := json.Unmarshal(written, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(document, &read, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-written +read\n%.2000s", diff)
		}
		if diff := cmp.Diff(document.Markdown(), read.Markdown()); diff != "" {
			t.Errorf("Markdown: -written +read\n%.2000s", diff)
		}
	})
}

// addNames adds the names of all fields.
func addNames(names map[string]bool, of reflect.Type) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		addNames(names, of.Elem())
	case reflect.Struct:
		for i := range of.NumField() {
			if field := of.Field(i); field.IsExported() {
				names[field.Name] = true
				addNames(names, field.Type)
			}
		}
	}
}

// comparable leaves out nulls, empty lists and names that are not the API's, and rounds numbers to
// what the SDK keeps of them.
func comparable(tree any, names map[string]bool) any {
	switch node := tree.(type) {
	case map[string]any:
		clean := make(map[string]any)
		for name, value := range node {
			if value = comparable(value, names); value != nil && (names == nil || names[name]) {
				clean[name] = value
			}
		}
		return clean
	case []any:
		if len(node) == 0 {
			return nil
		}
		list := make([]any, len(node))
		for i := range node {
			list[i] = comparable(node[i], names)
		}
		return list
	case float64:
		return float32(node)
	}
	return tree
}

// Wherever answers end, the document is the same.
func TestRealAnswersCutAnywhere(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		if !raw.hasResults() {
			t.Skip("no results")
		}
		whole, wholeErr := textractdoc.Read(results(responses...))
		for _, size := range []int{1, 7, 100} {
			var cut []*textractdoc.Response
			for _, r := range responses {
				for blocks := range slices.Chunk(r.Blocks, size) {
					cut = append(cut, &textractdoc.Response{JobStatus: r.JobStatus, Blocks: blocks})
				}
				for documents := range slices.Chunk(r.ExpenseDocuments, size) {
					cut = append(cut, &textractdoc.Response{JobStatus: r.JobStatus, ExpenseDocuments: documents})
				}
				for documents := range slices.Chunk(r.IdentityDocuments, size) {
					cut = append(cut, &textractdoc.Response{JobStatus: r.JobStatus, IdentityDocuments: documents})
				}
				for lending := range slices.Chunk(r.Results, size) {
					cut = append(cut, &textractdoc.Response{JobStatus: r.JobStatus, Results: lending})
				}
			}
			got, err := textractdoc.Read(results(cut...))
			if !errors.Is(err, wholeErr) {
				t.Fatalf("cut to %d: error %v, want %v", size, err, wholeErr)
			}
			if !reflect.DeepEqual(whole, got) {
				diff := cmp.Diff(whole, got)
				t.Errorf("cut to %d: -want +got\n%s", size, diff)
			}
			var streamed []textractdoc.Page
			for page, err := range textractdoc.Pages(results(cut...)) {
				if err != nil {
					t.Fatal(err)
				}
				streamed = append(streamed, *page)
			}
			if !reflect.DeepEqual(whole.Pages, streamed) {
				diff := cmp.Diff(whole.Pages, streamed)
				t.Errorf("cut to %d, page by page: -want +got\n%s", size, diff)
			}
		}
	})
}

func TestRealMergedCellsAreWhereTheirChildrenAre(t *testing.T) {
	rows := realDocument(t, "tables_with_headers_and_merged_cells.json").Pages[0].Tables[0].Rows()
	if rows[0][0] != "Previous Employment History" {
		t.Errorf("row 1: %q", rows[0])
	}
	if !slices.ContainsFunc(rows[2], func(text string) bool { return strings.Contains(text, "1/15/2009") }) {
		t.Errorf("row 3: %q", rows[2])
	}
}

func TestRealExpenseAnswerHasItsText(t *testing.T) {
	document := realDocument(t, "analyzeExpenseResponse-multipage.json")
	lines := 0
	for _, page := range document.Pages {
		lines += len(page.Lines)
	}
	if len(document.Pages) != 2 || lines != 77 || !strings.Contains(document.Text(), "12 March 2020") {
		t.Errorf("%d pages, %d lines", len(document.Pages), lines)
	}
	expenses := document.Expenses()
	total := expenses[1].FieldsByType("TOTAL")
	if len(total) != 1 || total[0].Value != "$5,715.00" || total[0].Currency != "USD" || total[0].Label != "Total:" || total[0].Page != 2 {
		t.Errorf("total %+v", total)
	}
	names := make(map[string]string)
	for _, field := range expenses[0].FieldsByType("NAME") {
		names[field.Groups[0].Types[0]] = field.Value
	}
	if names["VENDOR"] != "META\n-" || names["RECEIVER"] != "Abstractors and Design Co." {
		t.Errorf("names %v", names)
	}
}

func TestRealTurnedPagesKeepTextractsOrder(t *testing.T) {
	for _, name := range []string{"gib__25_degrees.json", "gib__180_degrees.json"} {
		raw, _ := parseReal(t, realAnswer(t, name))
		var want []string
		for _, block := range raw.blocks() {
			if block.BlockType == "LINE" {
				want = append(want, block.Text)
			}
		}
		document := realDocument(t, name)
		if got := strings.Split(strings.TrimSuffix(document.Text(), "\n"), "\n"); !slices.Equal(want, got) {
			t.Errorf("%s: -want +got\n%s", name, cmp.Diff(want, got))
		}
	}
}

func TestRealLayoutKinds(t *testing.T) {
	document := realDocument(t, "financial-document-response.json")
	kinds := make(map[types.BlockType]int)
	for _, element := range document.Pages[0].Layout {
		kinds[element.Kind]++
	}
	want := map[types.BlockType]int{
		"LAYOUT_HEADER": 2, "LAYOUT_TITLE": 1, "LAYOUT_TEXT": 8, "LAYOUT_TABLE": 1, "LAYOUT_LIST": 1, "LAYOUT_PAGE_NUMBER": 1,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	all, body := strings.Count(document.Text(), "\n"), strings.Count(document.BodyText(), "\n")
	running := 0
	for _, element := range document.Pages[0].Layout {
		if element.Kind == "LAYOUT_HEADER" || element.Kind == "LAYOUT_PAGE_NUMBER" {
			running += len(element.Lines)
		}
	}
	if running == 0 || body != all-running {
		t.Errorf("%d lines, %d without %d of header and page number", all, body, running)
	}
}

// In whatever order the blocks come, the document is the same.
func TestRealAnswersInAnyOrder(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, raw rawAnswers, responses []*textractdoc.Response) {
		if !raw.hasResults() || len(responses) > 1 {
			t.Skip("no results, or several responses, whose pages may have no numbers")
		}
		want, _ := textractdoc.Read(results(responses...))
		slices.Reverse(responses[0].Blocks)
		got, _ := textractdoc.Read(results(responses...))
		if !reflect.DeepEqual(want, got) {
			t.Errorf("-want +got\n%.3000s", cmp.Diff(want, got))
		}
	})
}
