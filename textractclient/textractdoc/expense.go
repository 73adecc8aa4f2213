package textractdoc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Expense is an invoice or a receipt.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/invoices-receipts.html
type Expense struct {
	// Index is the number of the invoice or receipt in the document, from 1.
	Index int
	// Page is the number of the page on which it begins.
	Page int
	// Fields are the fields outside the line items, such as VENDOR_NAME, INVOICE_RECEIPT_DATE and
	// TOTAL.
	Fields []ExpenseField
	// Items are the line items of its tables.
	Items []LineItem
}

// LineItem is a line of a table of an invoice or a receipt.
type LineItem struct {
	// Group is the number of the table in the invoice or receipt, from 1.
	Group int
	// Fields are the fields of the line: ITEM, QUANTITY, UNIT_PRICE, PRICE, PRODUCT_CODE,
	// EXPENSE_ROW (the whole line) and OTHER.
	Fields []ExpenseField
}

// ExpenseField is a field of an invoice or a receipt. It has no block of its own.
type ExpenseField struct {
	// Type is Textract's name of the field, such as TOTAL, or OTHER.
	Type string
	// Label is the text of the field's label in the document. It is empty where there is none.
	Label string
	// Value is the text of the value. It may have several lines.
	Value string
	// Currency is the currency code of an amount, such as USD.
	Currency string
	// Groups are the groups that the field belongs to, such as the address of a VENDOR or RECEIVER.
	Groups []ExpenseGroup `json:",omitempty"`
	// Page is the number of the page that the field is on.
	Page int
	// The confidences are in percent.
	TypeConfidence, LabelConfidence, ValueConfidence, CurrencyConfidence float32
	LabelGeometry, ValueGeometry                                         Geometry
}

// ExpenseGroup is a group of fields that belong together, such as the parts of an address.
type ExpenseGroup struct {
	// ID is the same in all fields of the group.
	ID string
	// Types are Textract's names of the group, such as VENDOR, RECEIVER and RECEIVER_BILL_TO.
	Types []string
}

// FieldsByType returns all fields outside the line items with a type, such as TOTAL, the surest
// first: see [ExpenseField.Confidence]. A document often has several of a type, with different
// values.
func (e *Expense) FieldsByType(fieldType string) []ExpenseField {
	return expenseFieldsByType(e.Fields, fieldType)
}

// FieldsByType returns all fields of the line with a type, such as PRICE, the surest first.
func (i *LineItem) FieldsByType(fieldType string) []ExpenseField {
	return expenseFieldsByType(i.Fields, fieldType)
}

func expenseFieldsByType(fields []ExpenseField, fieldType string) []ExpenseField {
	var found []ExpenseField
	for i := range fields {
		if fields[i].Type == fieldType {
			found = append(found, fields[i])
		}
	}
	slices.SortStableFunc(found, func(x, y ExpenseField) int { return cmp.Compare(y.Confidence(), x.Confidence()) })
	return found
}

// Confidence returns how sure it is, in percent, that the value is right and of this type: the
// lower of TypeConfidence and ValueConfidence, or the one that there is.
func (f *ExpenseField) Confidence() float32 { return lowest(f.TypeConfidence, f.ValueConfidence) }

// Text returns one line for each field: type, groups in parentheses and label, a tab, value and
// currency. The fields of a line item are on one line, separated by tabs.
func (e *Expense) Text() string {
	var text strings.Builder
	for i := range e.Fields {
		text.WriteString(e.Fields[i].text() + "\n")
	}
	for i := range e.Items {
		fields := make([]string, len(e.Items[i].Fields))
		for j := range e.Items[i].Fields {
			fields[j] = e.Items[i].Fields[j].text()
		}
		text.WriteString(strings.Join(fields, "\t") + "\n")
	}
	return text.String()
}

func (f *ExpenseField) text() string {
	name := f.Type
	if groups := f.groupTypes(); groups != "" {
		name = joinNonEmpty(name, "("+groups+")")
	}
	return joinNonEmpty(name, oneLine(f.Label)) + "\t" + joinNonEmpty(oneLine(f.Value), f.Currency)
}

func (f *ExpenseField) groupTypes() string {
	var kinds []string
	for _, group := range f.Groups {
		kinds = append(kinds, group.Types...)
	}
	return strings.Join(kinds, ", ")
}

// oneLine is for values such as addresses, which have line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// addExpense adds an expense document, to the page of its fields or else of its blocks, unless page
// is that of a lending analysis.
func (a *assembler) addExpense(document *types.ExpenseDocument, page int) {
	a.addBlocks(document.Blocks, page)
	expense := newExpense(document, page)
	if expense.Page == 0 {
		expense.Page = max(a.current, 1)
		if len(document.Blocks) > 0 && aws.ToInt32(document.Blocks[0].Page) > 0 {
			expense.Page = int(aws.ToInt32(document.Blocks[0].Page))
		}
	}
	if key := (expenseKey{expense.Index, expense.Page}); key.index > 0 {
		if a.expenses[key] {
			a.fail(fmt.Errorf("%w: expense %d of page %d comes again", ErrSeveralDocuments, key.index, key.page))
		}
		a.expenses[key] = true
	}
	open := a.page(expense.Page)
	open.expenses = append(open.expenses, expense)
}

func newExpense(document *types.ExpenseDocument, page int) Expense {
	expense := Expense{Index: int(aws.ToInt32(document.ExpenseIndex)), Page: page}
	for i := range document.SummaryFields {
		expense.Fields = append(expense.Fields, newExpenseField(&document.SummaryFields[i], page))
	}
	for i, group := range document.LineItemGroups {
		number := int(aws.ToInt32(group.LineItemGroupIndex))
		if number == 0 {
			number = i + 1
		}
		for _, line := range group.LineItems {
			item := LineItem{Group: number}
			for j := range line.LineItemExpenseFields {
				item.Fields = append(item.Fields, newExpenseField(&line.LineItemExpenseFields[j], page))
			}
			expense.Items = append(expense.Items, item)
		}
	}
	if page == 0 {
		expense.Page = expense.firstPage()
	}
	return expense
}

// firstPage returns the lowest page number of the fields, or 0.
func (e *Expense) firstPage() int {
	first := 0
	see := func(fields []ExpenseField) {
		for i := range fields {
			if page := fields[i].Page; page > 0 && (first == 0 || page < first) {
				first = page
			}
		}
	}
	see(e.Fields)
	for i := range e.Items {
		see(e.Items[i].Fields)
	}
	return first
}

func newExpenseField(from *types.ExpenseField, page int) ExpenseField {
	field := ExpenseField{Page: page}
	if page == 0 {
		field.Page = int(aws.ToInt32(from.PageNumber))
	}
	if from.Type != nil {
		field.Type, field.TypeConfidence = aws.ToString(from.Type.Text), aws.ToFloat32(from.Type.Confidence)
	}
	if label := from.LabelDetection; label != nil {
		field.Label, field.LabelConfidence = aws.ToString(label.Text), aws.ToFloat32(label.Confidence)
		field.LabelGeometry = newGeometry(label.Geometry)
	}
	if value := from.ValueDetection; value != nil {
		field.Value, field.ValueConfidence = aws.ToString(value.Text), aws.ToFloat32(value.Confidence)
		field.ValueGeometry = newGeometry(value.Geometry)
	}
	if from.Currency != nil {
		field.Currency, field.CurrencyConfidence = aws.ToString(from.Currency.Code), aws.ToFloat32(from.Currency.Confidence)
	}
	for _, group := range from.GroupProperties {
		field.Groups = append(field.Groups, ExpenseGroup{ID: aws.ToString(group.Id), Types: group.Types})
	}
	return field
}
