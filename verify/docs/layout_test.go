package docs

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
)

// box is a rectangle of the picture, in its own units.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

func (b box) holds(o box) bool {
	return b.left <= o.left && o.right <= b.right && b.top <= o.top && o.bottom <= b.bottom
}

// shape is an element of the picture, of which the later are drawn over the earlier.
type shape struct {
	XMLName xml.Name
	Class   string  `xml:"class,attr"`
	Anchor  string  `xml:"text-anchor,attr"`
	X       float64 `xml:"x,attr"`
	Y       float64 `xml:"y,attr"`
	Width   float64 `xml:"width,attr"`
	Height  float64 `xml:"height,attr"`
	D       string  `xml:"d,attr"`
	Text    string  `xml:",chardata"`
}

func (s shape) rectangle() box { return box{s.X, s.Y, s.X + s.Width, s.Y + s.Height} }

type drawing struct {
	ViewBox string  `xml:"viewBox,attr"`
	Style   string  `xml:"style"`
	Shapes  []shape `xml:",any"`
}

// fonts are those that browsers of other systems put in the place of the picture's first one: as
// wide as Arial, and wider than most.
var fonts = map[string]struct{ regular, bold []byte }{
	"Liberation Sans": {liberationsansregular.TTF, liberationsansbold.TTF},
	"DejaVu Sans":     {dejavusans.TTF, dejavusansbold.TTF},
}

// TestPictureHasRoomForItsTexts measures each text: in a card it ends before the card does, and
// elsewhere it meets no card, no line and no other text.
func TestPictureHasRoomForItsTexts(t *testing.T) {
	for name, f := range fonts {
		t.Run(name, func(t *testing.T) {
			var d drawing
			if err := xml.Unmarshal([]byte(readFile(t, root+"/docs/images/architecture.svg")), &d); err != nil {
				t.Fatal(err)
			}
			for _, problem := range d.problems(t, f.regular, f.bold) {
				t.Error(problem)
			}
		})
	}
}

// TestPictureWithoutRoomIsFound narrows the cards, and moves a line over a text.
func TestPictureWithoutRoomIsFound(t *testing.T) {
	svg := readFile(t, root+"/docs/images/architecture.svg")
	for name, change := range map[string]struct{ from, to, problem string }{
		"a narrow card":      {`width="190"`, `width="156"`, "does not fit"},
		"a line over a text": {`d="M150 194V364"`, `d="M94 194V364"`, "is crossed by a line"},
		"a text over a card": {`<text class="label" x="158"`, `<text class="label" x="300"`, "meets a card"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.ReplaceAll(svg, change.from, change.to)
			var d drawing
			if err := xml.Unmarshal([]byte(changed), &d); err != nil || changed == svg {
				t.Fatal("nothing changed", err)
			}
			problems := strings.Join(d.problems(t, dejavusans.TTF, dejavusansbold.TTF), "\n")
			if !strings.Contains(problems, change.problem) {
				t.Errorf("got %q, want %q in it", problems, change.problem)
			}
		})
	}
}

func (d drawing) problems(t *testing.T, regular, bold []byte) []string {
	t.Helper()
	const padding = 6
	var page box
	if _, err := fmt.Sscan(d.ViewBox, &page.left, &page.top, &page.right, &page.bottom); err != nil {
		t.Fatal(err)
	}
	var cards, texts []box
	var problems []string
	for _, s := range d.Shapes {
		if s.XMLName.Local == "rect" && s.Class == "card" {
			cards = append(cards, s.rectangle())
		}
	}
	for i, s := range d.Shapes {
		if s.XMLName.Local != "text" {
			continue
		}
		b := d.boundsOf(t, s, regular, bold)
		complain := func(format string, arguments ...any) {
			problems = append(problems, fmt.Sprintf("%q "+format, append([]any{s.Text}, arguments...)...))
		}
		inCard := false
		for _, card := range cards {
			if s.X > card.left && s.X < card.right && s.Y > card.top && s.Y < card.bottom {
				inCard = true
				if card.right -= padding; !card.holds(b) {
					complain("does not fit into its card: it ends at %.0f of %.0f", b.right, card.right)
				}
			} else if card.meets(b) {
				complain("meets a card")
			}
		}
		if b.right += padding; !page.holds(b) {
			complain("does not fit into the picture")
		}
		b.right -= padding
		for _, other := range texts {
			if other.meets(b) {
				complain("meets another text")
			}
		}
		texts = append(texts, b)
		if !inCard && d.crossed(t, i, b) {
			complain("is crossed by a line")
		}
	}
	return problems
}

// boundsOf returns where a text is, from its baseline up to the height of a small letter: arrows
// may touch what is above and below.
func (d drawing) boundsOf(t *testing.T, s shape, regular, bold []byte) box {
	t.Helper()
	style := regexp.MustCompile(`\.` + s.Class + ` \{[^}]*font-size: (\d+)px`).FindStringSubmatch(d.Style)
	if style == nil {
		t.Fatalf("class %s has no size", s.Class)
	}
	size, err := strconv.ParseFloat(style[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	data := regular
	if s.Class == "text" {
		data = bold
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	// At 100 units a pixel, because hinting rounds to pixels.
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size * 100, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	width := float64(font.MeasureString(face, s.Text)) / 64 / 100
	left := s.X
	if s.Anchor == "middle" {
		left -= width / 2
	}
	return box{left, s.Y - size/2, left + width, s.Y}
}

// crossed reports whether a line runs through a text without a ground between them.
func (d drawing) crossed(t *testing.T, text int, b box) bool {
	t.Helper()
	for i, s := range d.Shapes {
		if s.XMLName.Local != "path" || s.Class != "line" {
			continue
		}
		covered := false
		for _, over := range d.Shapes[min(i, text):text] {
			covered = covered || over.Class == "ground" && over.rectangle().holds(b)
		}
		for _, p := range points(t, s.D) {
			if !covered && p[0] > b.left && p[0] < b.right && p[1] > b.top && p[1] < b.bottom {
				return true
			}
		}
	}
	return false
}

// points follows the two kinds of lines that the picture has: vertical ones and curves.
func points(t *testing.T, d string) [][2]float64 {
	t.Helper()
	var x0, y0, x1, y1, x2, y2, x3, y3 float64
	if _, err := fmt.Sscanf(d, "M%f %fV%f", &x0, &y0, &y3); err == nil {
		x1, y1, x2, y2, x3 = x0, y0, x0, y3, x0
	} else if _, err := fmt.Sscanf(d, "M%f %fC%f %f %f %f %f %f", &x0, &y0, &x1, &y1, &x2, &y2, &x3, &y3); err != nil {
		t.Fatalf("line %q: %v", d, err)
	}
	var all [][2]float64
	for i := 0.0; i <= 1; i += 1.0 / 512 {
		j := 1 - i
		all = append(all, [2]float64{
			j*j*j*x0 + 3*j*j*i*x1 + 3*j*i*i*x2 + i*i*i*x3,
			j*j*j*y0 + 3*j*j*i*y1 + 3*j*i*i*y2 + i*i*i*y3,
		})
	}
	return all
}
