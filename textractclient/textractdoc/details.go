package textractdoc

import (
	"fmt"
	"strings"
)

// Details returns what Textract found on the page in addition to its text, as plain text: tables,
// form fields, check boxes, answers to queries, signatures, and the results of expense, identity
// and lending analysis. Each group has a heading; columns are separated by tabs.
func (p *Page) Details() string {
	var text strings.Builder
	for i := range p.Tables {
		title, rows, footer := p.Tables[i].readable()
		fmt.Fprintf(&text, "\nTable %d of page %d: %s\n", i+1, p.Number, title)
		writeRows(&text, rows)
		if footer != "" {
			text.WriteString(footer + "\n")
		}
	}
	var fields, answers [][]string
	for i := range p.Fields {
		fields = append(fields, []string{p.Fields[i].describeKey(), p.Fields[i].Value})
	}
	for _, answer := range p.Answers {
		question := answer.Query
		if answer.Alias != "" {
			question = joinNonEmpty(question, "("+answer.Alias+")")
		}
		answers = append(answers, []string{question, answer.Text})
	}
	p.writeDetail(&text, "Fields", fields)
	p.writeDetail(&text, "Check boxes", p.otherCheckBoxes())
	p.writeDetail(&text, "Answers", answers)
	p.writeDetail(&text, "Signatures", p.signatureRows())
	for i := range p.Expenses {
		fmt.Fprintf(&text, "\nExpense %d:\n%s", p.Expenses[i].Index, p.Expenses[i].Text())
	}
	for i := range p.Identities {
		fmt.Fprintf(&text, "\nIdentity document %d:\n%s", p.Identities[i].Index, p.Identities[i].Text())
	}
	for i := range p.Lending {
		fmt.Fprintf(&text, "\nPage %d: %s\n%s", p.Number, joinPredictions(p.Lending[i].Types), p.Lending[i].Text())
	}
	return text.String()
}

func (p *Page) writeDetail(text *strings.Builder, heading string, rows [][]string) {
	if len(rows) > 0 {
		fmt.Fprintf(text, "\n%s of page %d:\n", heading, p.Number)
		writeRows(text, rows)
	}
}

func writeRows(text *strings.Builder, rows [][]string) {
	for _, row := range rows {
		for i, column := range row {
			if i > 0 {
				text.WriteByte('\t')
			}
			text.WriteString(oneLine(column))
		}
		text.WriteByte('\n')
	}
}

// describeKey is the key with the state of the check boxes in it.
func (f *Field) describeKey() string { return withStates(f.Key, f.KeyCheckBoxes) }

func describeCaptions(captions []Caption) string {
	text := ""
	for i := range captions {
		text = joinNonEmpty(text, withStates(captions[i].Text, captions[i].CheckBoxes))
	}
	return text
}

func withStates(text string, boxes []CheckBox) string {
	for i := range boxes {
		text = joinNonEmpty(text, "("+boxes[i].state()+")")
	}
	return text
}

// otherCheckBoxes has the place and state of the check boxes that are in no field and no table.
func (p *Page) otherCheckBoxes() [][]string {
	placed := make(map[string]bool)
	place := func(boxes []CheckBox) {
		for i := range boxes {
			placed[boxes[i].ID] = true
		}
	}
	for i := range p.Fields {
		place(p.Fields[i].KeyCheckBoxes)
		for j := range p.Fields[i].Values {
			place(p.Fields[i].Values[j].CheckBoxes)
		}
	}
	for i := range p.Tables {
		for j := range p.Tables[i].Cells {
			place(p.Tables[i].Cells[j].CheckBoxes)
		}
		for _, caption := range p.Tables[i].Titles {
			place(caption.CheckBoxes)
		}
		for _, caption := range p.Tables[i].Footers {
			place(caption.CheckBoxes)
		}
	}
	var rows [][]string
	for i := range p.CheckBoxes {
		if box := &p.CheckBoxes[i]; !placed[box.ID] {
			rows = append(rows, []string{box.Geometry.describe(), box.state()})
		}
	}
	return rows
}

// signatureRows has the place and confidence of the signatures.
func (p *Page) signatureRows() [][]string {
	var rows [][]string
	for i := range p.Signatures {
		rows = append(rows, []string{p.describeSignature(&p.Signatures[i]), percent(p.Signatures[i].Confidence)})
	}
	return rows
}

func percent(confidence float32) string { return fmt.Sprintf("%.1f %%", confidence) }
