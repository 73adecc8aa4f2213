package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// scale is how much larger than its coordinates a picture is shown where there is room. In 440 units text of 12 is still
// readable on a phone.
const scale = 1.5

// style has a palette for each color scheme. The background is painted: a page may have another scheme than its reader's system.
const style = `
  .ground { fill: #ffffff; }
  .card { fill: #f6f8fa; stroke: #8c959f; }
  .frame { fill: none; stroke: #57606a; stroke-dasharray: 5 4; }
  .line { fill: none; stroke: #57606a; stroke-width: 1.4; }
  .tip { fill: #57606a; }
  .axis { fill: none; stroke: #8c959f; }
  .alarm { fill: none; stroke: #cf222e; stroke-dasharray: 4 3; }
  .lamp { fill: #1a7f37; }
  .text, .header, .title { fill: #1f2328; font-weight: 600; }
  .text { font-size: 14px; }
  .header { font-size: 13px; }
  .title { font-size: 12px; }
  .muted { fill: #57606a; font-size: 12px; }
  .label { fill: #1f2328; font-size: 12px; }
  .storage { fill: #1a7f37; }
  .messaging { fill: #bf3989; }
  .identity { fill: #cf222e; }
  .intelligence { fill: #0969da; }
  text { font-family: -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    .card { fill: #161b22; stroke: #6e7681; }
    .frame { stroke: #8b949e; }
    .line { stroke: #8b949e; }
    .tip { fill: #8b949e; }
    .axis { stroke: #6e7681; }
    .alarm { stroke: #ff7b72; }
    .lamp { fill: #3fb950; }
    .text, .header, .title { fill: #e6edf3; }
    .muted { fill: #9da7b3; }
    .label { fill: #e6edf3; }
    .storage { fill: #3fb950; }
    .messaging { fill: #f778ba; }
    .identity { fill: #ff7b72; }
    .intelligence { fill: #58a6ff; }
  }
`

// canvas collects the elements of a picture.
type canvas struct {
	width, height float64
	body          strings.Builder
}

func (c *canvas) rect(x, y, width, height, radius float64, class string) {
	fmt.Fprintf(&c.body, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`+"\n",
		class, short(x), short(y), short(width), short(height), short(radius))
}

func (c *canvas) path(d, class string) {
	fmt.Fprintf(&c.body, `<path class="%s" d="%s"/>`+"\n", class, d)
}

func (c *canvas) arrow(d string) {
	fmt.Fprintf(&c.body, `<path class="line" marker-end="url(#tip)" d="%s"/>`+"\n", d)
}

func (c *canvas) text(x, y float64, class, anchor, text string) {
	fmt.Fprintf(&c.body, `<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`+"\n",
		class, short(x), short(y), anchor, escape(text))
}

// svg puts the elements on their ground, with what a screen reader reads.
func (c *canvas) svg(title, description string) string {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-labelledby="title desc">`+"\n",
		short(c.width), short(c.height), short(c.width*scale), short(c.height*scale))
	fmt.Fprintf(&out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n",
		escape(title), escape(description), style)
	out.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
		`<path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>` + "\n")
	fmt.Fprintf(&out, `<rect class="ground" width="%s" height="%s" rx="8"/>`+"\n", short(c.width), short(c.height))
	out.WriteString(c.body.String())
	out.WriteString("</svg>\n")
	return out.String()
}

// short writes a coordinate to a tenth of a unit.
func short(value float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0")
}

func escape(text string) string {
	var out bytes.Buffer
	if err := xml.EscapeText(&out, []byte(text)); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.String()
}

// averageAdvance is the width of a character in a sans-serif font, in parts of its size.
const averageAdvance = 0.56

// wrap breaks text at its spaces so that no line is wider than width, as far as words allow.
func wrap(text string, width, size float64) []string {
	most := int(width / (size * averageAdvance))
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= most {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
