package main

import (
	"bytes"
	"fmt"
	"strings"
)

// document is a document of plain text: pages of lines, printable ASCII.
type document [][]string

// sample is the document that goes through the pipeline.
var sample = document{
	{
		"Delivery note 2041",
		"Twelve boxes (A4, white) left the warehouse on Monday.",
		"Signed by the driver.",
	},
	{
		"Delivery note 2041, page two",
		"Two boxes came back damaged.",
	},
}

// text is the document as the command textract-async prints it.
func (d document) text() string {
	var pages []string
	for _, lines := range d {
		pages = append(pages, strings.Join(lines, "\n")+"\n")
	}
	return strings.Join(pages, "\f")
}

// The layout of a page: A4 in points of 1/72 inch, from the lower left corner.
const (
	pageWidth, pageHeight  = 595, 842
	marginLeft, marginTop  = 72, 72
	fontSize, lineDistance = 12, 18
)

// The numbers of the PDF's objects. After them come two for each page: the page and its content.
const (
	catalogObject = iota + 1
	pagesObject
	fontObject
	firstPageObject
)

// pdf returns the document as a PDF, the same bytes each time.
// See: ISO 32000-1, chapter 7.5, file structure
func (d document) pdf() []byte {
	var file pdfFile
	file.text.WriteString("%PDF-1.4\n")
	var kids []string
	for i := range d {
		kids = append(kids, fmt.Sprintf("%d 0 R", firstPageObject+2*i))
	}
	file.object("<< /Type /Catalog /Pages %d 0 R >>", pagesObject)
	file.object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(d))
	file.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, lines := range d {
		file.object("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F1 %d 0 R >> >> /Contents %d 0 R >>",
			pagesObject, pageWidth, pageHeight, fontObject, firstPageObject+2*i+1)
		content := pageContent(lines)
		file.object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	file.end()
	return file.text.Bytes()
}

func pageContent(lines []string) string {
	var content strings.Builder
	fmt.Fprintf(&content, "BT /F1 %d Tf %d TL %d %d Td", fontSize, lineDistance, marginLeft, pageHeight-marginTop)
	escape := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`)
	for _, line := range lines {
		fmt.Fprintf(&content, "\n(%s) Tj T*", escape.Replace(line))
	}
	content.WriteString("\nET")
	return content.String()
}

// pdfFile is a PDF in the making.
type pdfFile struct {
	text    bytes.Buffer
	offsets []int
}

func (f *pdfFile) object(format string, args ...any) {
	f.offsets = append(f.offsets, f.text.Len())
	fmt.Fprintf(&f.text, "%d 0 obj\n%s\nendobj\n", len(f.offsets), fmt.Sprintf(format, args...))
}

// end writes the table of the objects' places, whose entries have 20 bytes each, and the trailer.
func (f *pdfFile) end() {
	table, size := f.text.Len(), len(f.offsets)+1
	fmt.Fprintf(&f.text, "xref\n0 %d\n0000000000 65535 f \n", size)
	for _, offset := range f.offsets {
		fmt.Fprintf(&f.text, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&f.text, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", size, catalogObject, table)
}
