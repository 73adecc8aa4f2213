package textractdoc_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// generator makes the blocks of a page as Textract does: the page lists all but words, cells and
// check boxes.
type generator struct {
	*rapid.T
	page   int32
	count  int
	blocks []types.Block
	listed []string
}

func (g *generator) add(kind types.BlockType, listed bool, change ...func(*types.Block)) string {
	g.count++
	id := fmt.Sprintf("%d-%d", g.page, g.count)
	place := func(label string) float32 { return rapid.Float32Range(0, 1).Draw(g.T, label) }
	change = append(change, func(b *types.Block) {
		b.Geometry = &types.Geometry{
			BoundingBox: &types.BoundingBox{Left: place("left"), Top: place("top"), Width: 0.1, Height: 0.1},
			Polygon:     []types.Point{{X: place("x")}},
		}
	})
	g.blocks = append(g.blocks, block(kind, id, g.page, change...))
	if listed {
		g.listed = append(g.listed, id)
	}
	return id
}

func (g *generator) some(label string, most int, make func() string) []string {
	var ids []string
	for range rapid.IntRange(0, most).Draw(g.T, label) {
		ids = append(ids, make())
	}
	return ids
}

// generatePage makes a page with everything on it.
func generatePage(t *rapid.T, page int32) []types.Block {
	g := &generator{T: t, page: page}
	var words []string
	var lines []string
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		inLine := g.some("words", 4, func() string {
			return g.add(types.BlockTypeWord, false, text(rapid.StringMatching(`[A-Za-z0-9|*#_-]{1,6}`).Draw(t, "word")))
		})
		words = append(words, inLine...)
		lines = append(lines, g.add(types.BlockTypeLine, true, children(inLine...), text("a line")))
	}
	anyWords := func() []string {
		if len(words) == 0 {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "of words")
	}
	checkBox := func() string {
		return g.add(types.BlockTypeSelectionElement, false, selected(types.SelectionStatusSelected))
	}
	signature := func() string { return g.add(types.BlockTypeSignature, true) }
	g.some("fields", 3, func() string {
		content := slices.Concat(anyWords(), g.some("boxes", 1, checkBox), g.some("signed", 1, signature))
		value := g.add(types.BlockTypeKeyValueSet, true, entity(types.EntityTypeValue), children(content...))
		return g.add(types.BlockTypeKeyValueSet, true, entity(types.EntityTypeKey), children(anyWords()...),
			refers(types.RelationshipTypeValue, value))
	})
	g.some("tables", 2, func() string { return g.table(anyWords) })
	g.some("queries", 2, func() string {
		answers := g.some("answers", 2, func() string { return g.add(types.BlockTypeQueryResult, true, text("answer")) })
		return g.add(types.BlockTypeQuery, true, refers(types.RelationshipTypeAnswer, answers...))
	})
	if rapid.Bool().Draw(t, "layout") {
		for inElement := range slices.Chunk(lines, 2) {
			kind := rapid.SampledFrom(
				[]types.BlockType{types.BlockTypeLayoutText, types.BlockTypeLayoutTitle, types.BlockTypeLayoutFooter},
			).Draw(
				t,
				"kind",
			)
			item := g.add(kind, true, children(inElement...))
			if rapid.Bool().Draw(t, "list") {
				g.add(types.BlockTypeLayoutList, true, children(item))
			}
		}
	}
	listed := g.listed
	g.add(types.BlockTypePage, false, children(listed...))
	last := len(g.blocks) - 1
	return append([]types.Block{g.blocks[last]}, g.blocks[:last]...) // the page first
}

func (g *generator) table(anyWords func() []string) string {
	rows, columns := rapid.Int32Range(1, 3).Draw(g.T, "rows"), rapid.Int32Range(1, 3).Draw(g.T, "columns")
	var cells []string
	for row := range rows {
		for column := range columns {
			cells = append(cells, g.add(types.BlockTypeCell, false, at(row+1, column+1, 1), children(anyWords()...)))
		}
	}
	var merged []string
	if columns > 1 && rapid.Bool().Draw(g.T, "merged") {
		merged = append(merged, g.add(types.BlockTypeMergedCell, false, at(rows, 1, 2), children(cells[0], cells[1])))
	}
	return g.add(types.BlockTypeTable, true, children(cells...), refers(types.RelationshipTypeMergedCell, merged...))
}

// cut deals blocks out to responses that end anywhere.
func cut(t *rapid.T, blocks []types.Block) []*textractdoc.Response {
	var responses []*textractdoc.Response
	for len(blocks) > 0 {
		size := rapid.IntRange(0, min(len(blocks), 40)).Draw(t, "response")
		responses = append(responses, &textractdoc.Response{JobStatus: types.JobStatusSucceeded, Blocks: blocks[:size]})
		blocks = blocks[size:]
	}
	return responses
}

func collectPages(t *rapid.T, responses []*textractdoc.Response) []textractdoc.Page {
	var got []textractdoc.Page
	for page, err := range textractdoc.Pages(results(responses...)) {
		if err != nil {
			t.Fatal(err)
		}
		page.Status = ""
		got = append(got, *page)
	}
	return got
}

func requireSame(t *rapid.T, want, got any) {
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("-want +got\n%s", cmp.Diff(want, got))
	}
}

// However the blocks of a page are cut into responses, and in whatever order, the document is the
// same, read at once or page by page.
func TestAnyCutAndOrderGivesTheSameDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blocks, shuffled []types.Block
		for page := range rapid.Int32Range(1, 4).Draw(t, "pages") {
			own := generatePage(t, page+1)
			blocks = append(blocks, own...)
			shuffled = append(shuffled, rapid.Permutation(own).Draw(t, "order")...)
		}
		want := textractdoc.FromBlocks(blocks)
		responses := cut(t, shuffled)
		requireSame(t, want.Pages, collectPages(t, responses))
		got, err := textractdoc.Read(results(responses...))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Pages {
			got.Pages[i].Status = ""
		}
		requireSame(t, want.Pages, got.Pages)
	})
}

// damage takes fields away, and gives others values that they never have.
func damage(t *rapid.T, b *types.Block) {
	numbers := rapid.SampledFrom([]int32{0, -1, 1, 2, 5, 1 << 20, math.MaxInt32, math.MinInt32})
	switch rapid.IntRange(0, 30).Draw(t, "damage") {
	case 0:
		b.Id = nil
	case 1:
		b.Text = nil
	case 2:
		b.Geometry = nil
	case 3:
		b.Geometry = &types.Geometry{BoundingBox: &types.BoundingBox{Left: float32(math.NaN()), Top: float32(math.Inf(1))}}
	case 4:
		b.Confidence = nil
	case 5:
		b.Page = nil
	case 6:
		b.Relationships = nil
	case 7:
		b.Relationships = append(
			b.Relationships,
			types.Relationship{Type: types.RelationshipTypeChild, Ids: []string{"missing", "", aws.ToString(b.Id)}},
		)
	case 8:
		b.EntityTypes = nil
	case 9:
		b.RowIndex = aws.Int32(numbers.Draw(t, "row"))
	case 10:
		b.ColumnIndex = aws.Int32(numbers.Draw(t, "column"))
	case 11:
		b.RowSpan, b.ColumnSpan = aws.Int32(numbers.Draw(t, "rows")), aws.Int32(numbers.Draw(t, "columns"))
	case 12:
		b.BlockType = rapid.SampledFrom(types.BlockType("").Values()).Draw(t, "type")
	case 13:
		b.Relationships = append(b.Relationships, types.Relationship{
			Type: rapid.SampledFrom(types.RelationshipType("").Values()).Draw(t, "relationship"),
			Ids:  []string{"1-1", "1-2", "1-3", "1-5", "1-8", "1-13"},
		})
	}
}

// Whatever is missing, nothing panics, a line is in the document once, and cuts do not matter.
func TestDamagedBlocksGiveADocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blocks []types.Block
		for page := range rapid.Int32Range(1, 2).Draw(t, "pages") {
			blocks = append(blocks, generatePage(t, page+1)...)
		}
		lines := make(map[string]bool)
		for i := range blocks {
			damage(t, &blocks[i])
			if blocks[i].BlockType == types.BlockTypeLine && aws.ToString(blocks[i].Id) != "" {
				lines[aws.ToString(blocks[i].Id)] = true
			}
		}
		document := textractdoc.FromBlocks(blocks)
		_ = document.Markdown() + document.Text() + document.BodyText()
		for _, table := range document.JoinedTables() {
			_ = table.CSV()
		}
		for i := range document.Pages {
			_ = document.Pages[i].Details()
			for _, line := range document.Pages[i].Lines {
				if line.ID != "" && !lines[line.ID] {
					t.Fatalf("line %s twice, or none", line.ID)
				}
				delete(lines, line.ID)
			}
		}
		if len(lines) > 0 {
			t.Fatalf("lines %v are lost", lines)
		}
		got, err := textractdoc.Read(results(cut(t, blocks)...))
		if errors.Is(err, textractdoc.ErrSeveralDocuments) {
			return // a block that became the PAGE block of its page
		}
		if err != nil {
			t.Fatal(err)
		}
		if want, got := fmt.Sprint(document.Pages), fmt.Sprint(withoutStatus(got.Pages)); want != got { // NaN is not NaN
			t.Fatalf("-want +got\n%s", cmp.Diff(want, got))
		}
	})
}

func withoutStatus(pages []textractdoc.Page) []textractdoc.Page {
	for i := range pages {
		pages[i].Status = ""
	}
	return pages
}
