package textractasync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type recorder struct{ got *[]any }

func (r *recorder) record(id, message *string) bool {
	*r.got = []any{*id, message}
	return true
}

func TestCallWithFillsTheParametersBehindTheArguments(t *testing.T) {
	type options struct{ Suppress bool }
	type scope interface{ Node() string }
	var got []any
	id, message := "id", "message"
	for name, row := range map[string]struct {
		function  any
		arguments []any
		want      []any
	}{
		"as many parameters": {
			function:  func(id, message *string) { got = []any{*id, *message} },
			arguments: []any{&id, &message}, want: []any{"id", "message"},
		},
		"one more": {
			function:  func(id, message *string, o *options) { got = []any{*id, *message, o} },
			arguments: []any{&id, &message}, want: []any{"id", "message", (*options)(nil)},
		},
		"several more, of each kind": {
			function: func(id *string, n float64, o options, s scope, m *map[string]*string, list []string, f func()) {
				got = []any{*id, n, o, s, m, list, f == nil}
			},
			arguments: []any{&id},
			want:      []any{"id", 0.0, options{}, nil, (*map[string]*string)(nil), []string(nil), true},
		},
		"none of either": {function: func() { got = []any{} }, want: []any{}},
		"no argument":    {function: func(id *string) { got = []any{id} }, want: []any{(*string)(nil)}},
		"variadic, with nothing more": {
			function:  func(id *string, more ...string) { got = []any{*id, more} },
			arguments: []any{&id}, want: []any{"id", []string{}},
		},
		"variadic, with one parameter missing": {
			function:  func(id *string, o *options, more ...string) { got = []any{*id, o, more} },
			arguments: []any{&id}, want: []any{"id", (*options)(nil), []string{}},
		},
		"variadic, with more arguments": {
			function:  func(id *string, more ...string) { got = []any{*id, more} },
			arguments: []any{&id, "a", "b"}, want: []any{"id", []string{"a", "b"}},
		},
		"a method, with a result": {
			function:  (&recorder{&got}).record,
			arguments: []any{&id}, want: []any{"id", (*string)(nil)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got = nil
			callWith(row.function, row.arguments...)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// An argument that a function no longer takes must not be dropped.
func TestCallWithPanicsWhereAnArgumentDoesNotFit(t *testing.T) {
	for name, row := range map[string]struct {
		function  any
		arguments []any
	}{
		"more arguments than parameters": {func(string) {}, []any{"a", "b"}},
		"another type":                   {func(int) {}, []any{"a"}},
		"no function":                    {"a", nil},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			callWith(row.function, row.arguments...)
		})
	}
}
