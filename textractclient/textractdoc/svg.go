package textractdoc

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// SVGOptions are the settings of [Page.SVG].
type SVGOptions struct {
	// Width and Height are the size of the page in pixels, because Textract does not return that of
	// the document. Default: 850 and 1100, the proportions of US Letter.
	Width, Height float64
	// Image is the URL of a picture of the page, such as a data URL, which is below the boxes and
	// in the place of the texts. Default: none.
	Image string
}

// SVG returns a picture of the page for people, as a file of SVG: the words at their places, and
// boxes around lines, words, layout, tables and their cells, keys and values of fields, answers,
// check boxes and signatures. Browsers show the text and the confidence of the box that the pointer
// is on. Elements without a Geometry are not in it.
//
//	err := os.WriteFile("page.svg", []byte(page.SVG()), 0o644)
func (p *Page) SVG(optFns ...func(*SVGOptions)) string {
	o := SVGOptions{Width: 850, Height: 1100}
	for _, fn := range optFns {
		fn(&o)
	}
	s := &svgWriter{SVGOptions: o, used: make(map[string]bool), fieldsOnly: len(p.Lines)+len(p.Words) == 0}
	for i := range p.Layout {
		s.shape("layout", string(p.Layout[i].Kind), p.Layout[i].Confidence, p.Layout[i].Geometry)
	}
	s.tables(p)
	s.fields(p)
	for i := range p.Answers {
		answer := &p.Answers[i]
		s.shape("answer", joinNonEmpty(answer.Query, answer.Text), answer.Confidence, answer.Geometry)
	}
	s.words(p)
	s.marks(p)
	return s.file()
}

// svgKinds are the classes of boxes, with the names that the legend has for them.
var svgKinds = [][2]string{
	{"line", "line"},
	{"word", "word"},
	{"layout", "layout"},
	{"table", "table"},
	{"cell", "cell"},
	{"header", "column header"},
	{"key", "key"},
	{"value", "value"},
	{"answer", "answer"},
	{"box", "check box"},
	{"selected", "selected"},
	{"signature", "signature"},
}

const svgStyle = `
text { font-family: Helvetica, Arial, sans-serif; fill: #222; pointer-events: none; white-space: pre }
rect, polygon { fill-opacity: .12; stroke-width: 1 }
.page { fill: #fff; fill-opacity: 1; stroke: #999 }
.line { fill: #777; fill-opacity: 0; stroke: #bbb }
.word { fill: #777; fill-opacity: .06; stroke: none }
.layout { fill: #777; fill-opacity: 0; stroke: #999; stroke-dasharray: 6 4 }
.table { fill: #1565c0; fill-opacity: 0; stroke: #1565c0; stroke-width: 2.5 }
.cell { fill: #1565c0; fill-opacity: .03; stroke: #1565c0; stroke-width: .7 }
.header { fill: #1565c0; fill-opacity: .18; stroke: #1565c0; stroke-width: .7 }
.key { fill: #e65100; stroke: #e65100 }
.value { fill: #2e7d32; stroke: #2e7d32 }
.link { stroke: #2e7d32; stroke-opacity: .5; stroke-dasharray: 3 2 }
.answer { fill: #00838f; stroke: #00838f; stroke-width: 2 }
.box { fill: #6a1b9a; stroke: #6a1b9a; stroke-width: 1.5 }
.selected { fill: #6a1b9a; fill-opacity: .5; stroke: #6a1b9a; stroke-width: 1.5 }
.signature { fill: #c62828; stroke: #c62828; stroke-width: 2 }
`

// svgWriter collects the shapes of a page, the later over the earlier.
type svgWriter struct {
	SVGOptions

	shapes strings.Builder
	used   map[string]bool // classes of the shapes
	// fieldsOnly is whether fields are the only texts, as in lending analysis.
	fieldsOnly bool
}

func (s *svgWriter) tables(p *Page) {
	for i := range p.Tables {
		t := &p.Tables[i]
		s.shape("table", "table "+t.Title, t.Confidence, t.Geometry)
		for j := range t.Cells {
			cell := &t.Cells[j]
			class := "cell"
			if cell.Header {
				class = "header"
			}
			s.shape(class, fmt.Sprintf("row %d, column %d: %s", cell.Row, cell.Column, cell.Text), cell.Confidence, cell.Geometry)
		}
	}
}

func (s *svgWriter) fields(p *Page) {
	for i := range p.Fields {
		f := &p.Fields[i]
		s.shape("key", f.Key, f.Confidence, f.Geometry)
		for _, value := range f.Values {
			s.shape("value", joinNonEmpty(f.Key, value.Text), value.Confidence, value.Geometry)
			s.link(f.Geometry, value.Geometry)
		}
	}
	s.expenses(p.Number, p.Expenses)
	for i := range p.Lending {
		lending := &p.Lending[i]
		for j := range lending.Fields {
			f := &lending.Fields[j]
			s.typed("key", f.Type, f.Key.Text, f.Key.Confidence, f.Key.Geometry)
			for _, value := range f.Values {
				text := value.Text
				if value.IsCheckBox {
					text = ""
				}
				s.typed("value", f.Type, text, value.Confidence, value.Geometry)
				s.link(f.Key.Geometry, value.Geometry)
			}
		}
		s.expenses(p.Number, lending.Expenses)
	}
}

func (s *svgWriter) expenses(page int, expenses []Expense) {
	for i := range expenses {
		s.expenseFields(page, expenses[i].Fields)
		for j := range expenses[i].Items {
			s.expenseFields(page, expenses[i].Items[j].Fields)
		}
	}
}

func (s *svgWriter) expenseFields(page int, fields []ExpenseField) {
	for i := range fields {
		f := &fields[i]
		if f.Page != 0 && f.Page != page {
			continue
		}
		s.typed("key", f.Type, f.Label, f.LabelConfidence, f.LabelGeometry)
		s.typed("value", f.Type, f.Value, f.Confidence(), f.ValueGeometry)
		s.link(f.LabelGeometry, f.ValueGeometry)
	}
}

// typed draws the key or value of a field that has a type.
func (s *svgWriter) typed(class, fieldType, text string, confidence float32, at Geometry) {
	s.shape(class, joinNonEmpty(fieldType, text), confidence, at)
	if s.fieldsOnly {
		s.text(oneLine(text), at)
	}
}

// link draws a line from a key to its value.
func (s *svgWriter) link(key, value Geometry) {
	if key.isZero() || value.isZero() {
		return
	}
	from, to := key.center(), value.center()
	fmt.Fprintf(&s.shapes, "<path class=\"link\" d=\"M%sL%s\"/>\n", s.point(from), s.point(to))
}

func (s *svgWriter) words(p *Page) {
	for i := range p.Lines {
		line := &p.Lines[i]
		s.shape("line", line.Text, line.Confidence, line.Geometry)
		if len(line.Words) == 0 {
			s.text(line.Text, line.Geometry)
		}
	}
	for i := range p.Words {
		word := &p.Words[i]
		s.shape("word", word.Text, word.Confidence, word.Geometry)
		s.text(word.Text, word.Geometry)
	}
}

func (s *svgWriter) marks(p *Page) {
	for i := range p.CheckBoxes {
		box := &p.CheckBoxes[i]
		s.checkBox(box.Selected, box.Confidence, box.Geometry)
	}
	signatures := p.Signatures
	for i := range p.Lending {
		signatures = append(signatures[:len(signatures):len(signatures)], p.Lending[i].Signatures...)
		for _, f := range p.Lending[i].Fields {
			for _, value := range f.Values {
				if value.IsCheckBox {
					s.checkBox(value.Selected, value.Confidence, value.Geometry)
				}
			}
		}
	}
	for i := range signatures {
		s.shape("signature", "signature", signatures[i].Confidence, signatures[i].Geometry)
	}
}

func (s *svgWriter) checkBox(selected bool, confidence float32, at Geometry) {
	if selected {
		s.shape("selected", "selected", confidence, at)
	} else {
		s.shape("box", "not selected", confidence, at)
	}
}

// shape draws a box, with a title that browsers show.
func (s *svgWriter) shape(class, title string, confidence float32, at Geometry) {
	if at.isZero() {
		return
	}
	s.used[class] = true
	points := make([]string, 0, 4)
	for _, corner := range corners(at) {
		points = append(points, s.point(corner))
	}
	fmt.Fprintf(&s.shapes, "<polygon class=%q points=%q><title>%s (%.1f %%)</title></polygon>\n",
		class, strings.Join(points, " "), escapeXML(oneLine(title)), confidence)
}

// corners returns the polygon, or the corners of the bounding box in the order of a polygon.
func corners(at Geometry) []Point {
	if len(at.Polygon) > 2 {
		return at.Polygon
	}
	b := at.BoundingBox
	right, bottom := b.Left+b.Width, b.Top+b.Height
	return []Point{{b.Left, b.Top}, {right, b.Top}, {right, bottom}, {b.Left, bottom}}
}

// text writes a word into its place, turned as that is, and as long in viewers that know
// textLength.
func (s *svgWriter) text(text string, at Geometry) {
	if at.isZero() || s.Image != "" || text == "" {
		return
	}
	all := corners(at)
	topLeft, topRight, bottomLeft := s.pixels(all[0]), s.pixels(all[1]), s.pixels(all[len(all)-1])
	length := math.Hypot(topRight[0]-topLeft[0], topRight[1]-topLeft[1])
	height := math.Hypot(bottomLeft[0]-topLeft[0], bottomLeft[1]-topLeft[1])
	angle := math.Atan2(topRight[1]-topLeft[1], topRight[0]-topLeft[0]) * 180 / math.Pi
	above, below := letterHeights(text)
	size := min(height/(above+below), length/letterWidths(text))
	baseline := size*above + (height-size*(above+below))/2
	fmt.Fprintf(
		&s.shapes,
		"<text transform=\"translate(%s %s) rotate(%s)\" y=%q font-size=%q textLength=%q lengthAdjust=\"spacingAndGlyphs\">%s</text>\n",
		decimal(topLeft[0]),
		decimal(topLeft[1]),
		decimal(angle),
		decimal(baseline),
		decimal(size),
		decimal(length),
		escapeXML(text),
	)
}

// letterHeights returns how far the letters of a word reach above and below its base line, in parts
// of the font's size, because the word's box ends there.
func letterHeights(word string) (above, below float64) {
	above = 0.53
	if strings.Trim(word, "acegmnopqrsuvwxyz.,:;-–") != "" {
		above = 0.73
	}
	if strings.ContainsAny(word, "gjpqy()[],;") {
		below = 0.2
	}
	return above, below
}

// letterWidths returns about how long a word is, in parts of the font's size.
func letterWidths(word string) (width float64) {
	for _, letter := range word {
		switch {
		case strings.ContainsRune("fijlrt.,:;'|!()[]- ", letter):
			width += 0.3
		case unicode.IsUpper(letter) || letter == 'm' || letter == 'w':
			width += 0.72
		case unicode.Is(unicode.Han, letter):
			width++
		default:
			width += 0.56
		}
	}
	return width
}

func (s *svgWriter) pixels(p Point) [2]float64 {
	return [2]float64{float64(p.X) * s.Width, float64(p.Y) * s.Height}
}

func (s *svgWriter) point(p Point) string {
	at := s.pixels(p)
	return decimal(at[0]) + "," + decimal(at[1])
}

func decimal(number float64) string { return strconv.FormatFloat(number, 'f', 1, 64) }

// escapeXML also replaces what XML cannot have.
func escapeXML(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // a strings.Builder has no errors
	return escaped.String()
}

const svgLegend = 36 // pixels below the page

func (s *svgWriter) file() string {
	var file strings.Builder
	width, height := decimal(s.Width), decimal(s.Height+svgLegend)
	fmt.Fprintf(&file, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=%q height=%q>\n<style>%s</style>\n",
		width, height, width, height, svgStyle)
	fmt.Fprintf(&file, "<rect class=\"page\" width=%q height=%q/>\n", width, decimal(s.Height))
	if s.Image != "" {
		fmt.Fprintf(
			&file,
			"<image href=\"%s\" width=%q height=%q preserveAspectRatio=\"none\"/>\n",
			escapeXML(s.Image),
			width,
			decimal(s.Height),
		)
	}
	file.WriteString(s.shapes.String())
	x := 8.0
	for _, kind := range svgKinds {
		if s.used[kind[0]] {
			y := s.Height + 12
			fmt.Fprintf(&file, "<rect class=%q x=%q y=%q width=\"14\" height=\"14\"/><text x=%q y=%q font-size=\"12\">%s</text>\n",
				kind[0], decimal(x), decimal(y), decimal(x+19), decimal(y+11), kind[1])
			x += 29 + 6*float64(len(kind[1]))
		}
	}
	file.WriteString("</svg>\n")
	return file.String()
}
