package textractdoc_test

import (
	"slices"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func TestExpenseFieldsOfATypeHaveTheSurestFirst(t *testing.T) {
	field := func(kind, value string, ofType, ofValue float32) textractdoc.ExpenseField {
		return textractdoc.ExpenseField{Type: kind, Value: value, TypeConfidence: ofType, ValueConfidence: ofValue}
	}
	for name, test := range map[string]struct {
		fields []textractdoc.ExpenseField
		want   []string
	}{
		"by value":           {[]textractdoc.ExpenseField{field("TOTAL", "1", 90, 60), field("TAX", "2", 99, 99), field("TOTAL", "3", 90, 80)}, []string{"3", "1"}},
		"by type":            {[]textractdoc.ExpenseField{field("TOTAL", "1", 50, 99), field("TOTAL", "2", 80, 80)}, []string{"2", "1"}},
		"in order otherwise": {[]textractdoc.ExpenseField{field("TOTAL", "1", 80, 90), field("TOTAL", "2", 90, 80)}, []string{"1", "2"}},
		"none":               {[]textractdoc.ExpenseField{field("TAX", "1", 80, 90)}, nil},
	} {
		before := slices.Clone(test.fields)
		expense, item := textractdoc.Expense{Fields: test.fields}, textractdoc.LineItem{Fields: test.fields}
		for _, found := range [][]textractdoc.ExpenseField{expense.FieldsByType("TOTAL"), item.FieldsByType("TOTAL")} {
			var got []string
			for i := range found {
				got = append(got, found[i].Value)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
		}
		for i := range before {
			if before[i].Value != test.fields[i].Value {
				t.Errorf("%s: the fields themselves are in another order", name)
			}
		}
	}
}
