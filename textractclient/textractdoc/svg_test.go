package textractdoc_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

var update = flag.Bool("update", false, "rewrite testdata/page.svg")

// drawn is a page with an element of each kind.
func drawn() *textractdoc.Page {
	polygon := func(corners ...float32) func(*types.Block) {
		return func(b *types.Block) {
			b.Geometry = &types.Geometry{}
			for i := 0; i < len(corners); i += 2 {
				b.Geometry.Polygon = append(b.Geometry.Polygon, types.Point{X: corners[i], Y: corners[i+1]})
			}
		}
	}
	blocks := []types.Block{
		block(types.BlockTypeLayoutTitle, "title", 1, children("l1"), box(0.08, 0.08, 0.6, 0.04)),
		block(types.BlockTypeLine, "l1", 1, text("Invoice & <b>"), children("w1", "w2"), box(0.1, 0.1, 0.3, 0.02), confidence(99.5)),
		block(types.BlockTypeWord, "w1", 1, text("Invoice"), box(0.1, 0.1, 0.15, 0.02), confidence(99.9)),
		block(types.BlockTypeWord, "w2", 1, text("& <b>\x01"), box(0.3, 0.1, 0.1, 0.02)),
		block(types.BlockTypeLine, "l2", 1, text("turned"), polygon(0.9, 0.1, 0.9, 0.3, 0.88, 0.3, 0.88, 0.1)),
		block(types.BlockTypeLine, "l3", 1, text("nowhere")),
		block(
			types.BlockTypeKeyValueSet, "k1", 1, entity(types.EntityTypeKey), children("w1"), refers(types.RelationshipTypeValue, "v1"),
			box(0.1, 0.2, 0.1, 0.02),
		),
		block(types.BlockTypeKeyValueSet, "v1", 1, entity(types.EntityTypeValue), children("w2", "x1", "x2"), box(0.3, 0.2, 0.2, 0.02)),
		block(types.BlockTypeSelectionElement, "x1", 1, selected(types.SelectionStatusSelected), box(0.3, 0.2, 0.02, 0.02)),
		block(types.BlockTypeSelectionElement, "x2", 1, selected(types.SelectionStatusNotSelected), box(0.4, 0.2, 0.02, 0.02)),
		block(types.BlockTypeTable, "t1", 1, children("c1", "c2"), box(0.1, 0.3, 0.6, 0.1), confidence(97)),
		block(types.BlockTypeCell, "c1", 1, at(1, 1, 1), entity(types.EntityTypeColumnHeader), box(0.1, 0.3, 0.6, 0.05)),
		block(types.BlockTypeCell, "c2", 1, at(2, 1, 1), children("w1"), box(0.1, 0.35, 0.6, 0.05)),
		block(types.BlockTypeQuery, "q1", 1, refers(types.RelationshipTypeAnswer, "a1")),
		block(types.BlockTypeQueryResult, "a1", 1, text("12.50"), box(0.1, 0.5, 0.1, 0.02)),
		block(types.BlockTypeSignature, "s1", 1, box(0.6, 0.8, 0.2, 0.05)),
	}
	return &textractdoc.FromBlocks(blocks).Pages[0]
}

func TestPictureOfAPage(t *testing.T) {
	const path = "testdata/page.svg"
	got := drawn().SVG()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s, -want +got:\n%s", path, diff)
	}
	parseSVG(t, got)
}

func TestPictureOverAnImage(t *testing.T) {
	got := drawn().SVG(func(o *textractdoc.SVGOptions) {
		o.Width, o.Height, o.Image = 1100, 850, `scan.png?a&"b"`
	})
	parsed := parseSVG(t, got)
	if parsed.count["text"] != 0 || parsed.count["image"] != 1 || !strings.Contains(got, `viewBox="0 0 1100.0 886.0"`) {
		t.Errorf("%v in %s", parsed.count, got)
	}
}

// The picture of a real page has a box for each element with a place, inside the page, and all of
// its words.
func TestPicturesOfRealPages(t *testing.T) {
	eachRealAnswer(t, func(t *testing.T, _ rawAnswers, responses []*textractdoc.Response) {
		document, _ := textractdoc.Read(results(responses...)) // of an answer without results it has no pages
		for i := range document.Pages {
			page := &document.Pages[i]
			want := map[string]int{}
			words := 0
			add := func(class string, at textractdoc.Geometry) {
				if at.BoundingBox != (textractdoc.BoundingBox{}) {
					want[class]++
				}
			}
			for _, line := range page.Lines {
				add("line", line.Geometry)
			}
			for _, word := range page.Words {
				add("word", word.Geometry)
				words++
			}
			for _, element := range page.Layout {
				add("layout", element.Geometry)
			}
			for _, table := range page.Tables {
				add("table", table.Geometry)
				for _, cell := range table.Cells {
					if cell.Header {
						add("header", cell.Geometry)
					} else {
						add("cell", cell.Geometry)
					}
				}
			}
			for _, answer := range page.Answers {
				add("answer", answer.Geometry)
			}
			if len(page.Lending)+len(page.Expenses) == 0 {
				for _, field := range page.Fields {
					add("key", field.Geometry)
					for _, value := range field.Values {
						add("value", value.Geometry)
					}
				}
				for _, signature := range page.Signatures {
					add("signature", signature.Geometry)
				}
			}
			got := parseSVG(t, page.SVG())
			for class, count := range want {
				if got.count[class] != count {
					t.Errorf("page %d: %d %s, not %d", page.Number, got.count[class], class, count)
				}
			}
			if words > 0 && got.count["text"] < words {
				t.Errorf("page %d: %d texts for %d words", page.Number, got.count["text"], words)
			}
		}
	})
}

// svgFile has what a test looks at.
type svgFile struct {
	count map[string]int // of shapes by class, and of the elements text and image
}

// parseSVG is an error for what is no XML, and for boxes outside the page.
func parseSVG(t *testing.T, source string) svgFile {
	t.Helper()
	file := svgFile{count: map[string]int{}}
	var width, height float64
	depth := 0
	for decoder := xml.NewDecoder(strings.NewReader(source)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, source)
		}
		start, isStart := token.(xml.StartElement)
		if !isStart {
			continue
		}
		depth++
		attributes := map[string]string{}
		for _, a := range start.Attr {
			attributes[a.Name.Local] = a.Value
		}
		switch start.Name.Local {
		case "svg":
			if _, err := fmt.Sscanf(attributes["viewBox"], "0 0 %g %g", &width, &height); err != nil || depth != 1 {
				t.Fatalf("viewBox %q: %v", attributes["viewBox"], err)
			}
		case "polygon":
			file.count[attributes["class"]]++
			for _, point := range strings.Fields(attributes["points"]) {
				var x, y float64
				// Boxes of turned pages reach a little beyond the edge.
				if _, err := fmt.Sscanf(
					point,
					"%g,%g",
					&x,
					&y,
				); err != nil || x < -width/4 || x > width*1.25 || y < -height/4 ||
					y > height*1.25 {
					t.Errorf("%s: point %s of a page of %g by %g: %v", attributes["class"], point, width, height, err)
				}
			}
		case "image":
			file.count["image"]++
		case "text":
			if attributes["transform"] != "" { // those of the legend have none
				file.count["text"]++
			}
		}
	}
	return file
}
