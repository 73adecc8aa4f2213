package textractdoc

import "cmp"

// UncertainKind is what an [Uncertain] element is.
type UncertainKind string

// The kinds of elements that [Page.Below] looks at. They are the types of their blocks, and names
// for the results of expense, identity and lending analysis, which have no blocks.
const (
	UncertainWord          UncertainKind = "WORD"
	UncertainKey           UncertainKind = "KEY"
	UncertainValue         UncertainKind = "VALUE"
	UncertainCell          UncertainKind = "CELL"
	UncertainTableTitle    UncertainKind = "TABLE_TITLE"
	UncertainTableFooter   UncertainKind = "TABLE_FOOTER"
	UncertainCheckBox      UncertainKind = "SELECTION_ELEMENT"
	UncertainAnswer        UncertainKind = "QUERY_RESULT"
	UncertainSignature     UncertainKind = "SIGNATURE"
	UncertainExpenseField  UncertainKind = "EXPENSE_FIELD"
	UncertainIdentityField UncertainKind = "IDENTITY_FIELD"
	UncertainLendingKey    UncertainKind = "LENDING_KEY"
	UncertainLendingValue  UncertainKind = "LENDING_VALUE"
)

// Uncertain is an element that a person may have to look at: see [Document.Below].
type Uncertain struct {
	// Page is the number of the page.
	Page int
	Kind UncertainKind
	// Name is what the text is the value of: the key of a value, the alias or text of a query, or
	// the type of a field. It is empty for others.
	Name string `json:",omitempty"`
	// Text is the text, or SELECTED or NOT_SELECTED for a check box.
	Text string
	// Confidence is in percent.
	Confidence float32
	// ID is the id of the block. It is empty where there is no block.
	ID       string `json:",omitempty"`
	Geometry Geometry
}

// Below returns the elements of all pages with a confidence below a limit in percent, page by page:
// see [Page.Below].
func (d *Document) Below(limit float32) []Uncertain {
	return collect(d, func(page *Page) []Uncertain { return page.Below(limit) })
}

// Below returns the page's elements with a confidence below a limit in percent: words, keys,
// values, cells, titles and footers of tables, check boxes, answers, signatures, and the fields of
// expense, identity and lending analysis. Each kind is in its order on the page.
//
// The confidence of a key, a value or a cell is that of its place; how sure its text is say its
// words, which are elements of their own. Lines are left out: theirs is that of their words. So are
// elements without a confidence, such as queries without an answer.
func (p *Page) Below(limit float32) []Uncertain {
	found := uncertain{page: p.Number, limit: limit}
	for i := range p.Words {
		word := &p.Words[i]
		found.add(UncertainWord, "", word.Text, word.Confidence, word.ID, word.Geometry)
	}
	for i := range p.Fields {
		field := &p.Fields[i]
		found.add(UncertainKey, "", field.Key, field.Confidence, field.ID, field.Geometry)
		for j := range field.Values {
			value := &field.Values[j]
			found.add(UncertainValue, field.Key, value.Text, value.Confidence, value.ID, value.Geometry)
		}
	}
	for i := range p.Tables {
		found.addTable(&p.Tables[i])
	}
	for i := range p.CheckBoxes {
		box := &p.CheckBoxes[i]
		found.add(UncertainCheckBox, "", box.state(), box.Confidence, box.ID, box.Geometry)
	}
	for i := range p.Answers {
		answer := &p.Answers[i]
		found.add(UncertainAnswer, cmp.Or(answer.Alias, answer.Query), answer.Text, answer.Confidence, answer.ID, answer.Geometry)
	}
	found.addSignatures(p.Signatures)
	found.addExpenses(p.Expenses)
	found.addIdentities(p.Identities)
	for i := range p.Lending {
		found.addLending(&p.Lending[i])
	}
	return found.elements
}

// uncertain collects the elements of a page.
type uncertain struct {
	page     int
	limit    float32
	elements []Uncertain
}

func (u *uncertain) add(kind UncertainKind, name, text string, confidence float32, id string, geometry Geometry) {
	if confidence > 0 && confidence < u.limit {
		u.elements = append(u.elements, Uncertain{
			Page: u.page, Kind: kind, Name: name, Text: text, Confidence: confidence, ID: id, Geometry: geometry,
		})
	}
}

func (u *uncertain) addTable(table *Table) {
	for i := range table.Titles {
		title := &table.Titles[i]
		u.add(UncertainTableTitle, "", title.Text, title.Confidence, title.ID, title.Geometry)
	}
	for i := range table.Cells {
		cell := &table.Cells[i]
		u.add(UncertainCell, "", cell.Text, cell.Confidence, cell.ID, cell.Geometry)
	}
	for i := range table.Footers {
		footer := &table.Footers[i]
		u.add(UncertainTableFooter, "", footer.Text, footer.Confidence, footer.ID, footer.Geometry)
	}
}

func (u *uncertain) addSignatures(signatures []Signature) {
	for i := range signatures {
		signature := &signatures[i]
		u.add(UncertainSignature, "", "", signature.Confidence, signature.ID, signature.Geometry)
	}
}

func (u *uncertain) addExpenses(expenses []Expense) {
	for i := range expenses {
		u.addExpenseFields(expenses[i].Fields)
		for j := range expenses[i].Items {
			u.addExpenseFields(expenses[i].Items[j].Fields)
		}
	}
}

// addExpenseFields names the page of each field: an invoice may go on on the next one.
func (u *uncertain) addExpenseFields(fields []ExpenseField) {
	for i := range fields {
		field := &fields[i]
		at := len(u.elements)
		u.add(UncertainExpenseField, field.Type, field.Value, lowest(field.Confidence(), field.CurrencyConfidence), "", field.ValueGeometry)
		if len(u.elements) > at && field.Page > 0 {
			u.elements[at].Page = field.Page
		}
	}
}

// lowest returns the lowest confidence, without those that are missing.
func lowest(confidences ...float32) float32 {
	least := float32(0)
	for _, confidence := range confidences {
		if confidence > 0 && (least == 0 || confidence < least) {
			least = confidence
		}
	}
	return least
}

func (u *uncertain) addIdentities(identities []Identity) {
	for i := range identities {
		for _, field := range identities[i].Fields {
			u.add(UncertainIdentityField, field.Type, field.Value, lowest(field.TypeConfidence, field.ValueConfidence), "", Geometry{})
		}
	}
}

func (u *uncertain) addLending(page *LendingPage) {
	for i := range page.Fields {
		field := &page.Fields[i]
		u.add(UncertainLendingKey, field.Type, field.Key.Text, field.Key.Confidence, "", field.Key.Geometry)
		for j := range field.Values {
			value := &field.Values[j]
			u.add(UncertainLendingValue, field.Type, value.Text, value.Confidence, "", value.Geometry)
		}
	}
	u.addSignatures(page.Signatures)
	u.addExpenses(page.Expenses)
	u.addIdentities(page.Identities)
}
