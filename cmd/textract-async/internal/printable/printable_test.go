package printable_test

import (
	"encoding/json"
	"testing"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/printable"
)

func TestTextHasNoControlSequences(t *testing.T) {
	for text, want := range map[string]string{
		"Rechnung Nr. 5 – Köln.pdf": "Rechnung Nr. 5 – Köln.pdf",
		"a\x1b]0;title\x07.pdf":     "a?]0;title?.pdf",
		"a\u009b2Jb\x7f":            "a?2Jb?",
		"two\nlines\tand\rmore":     "two lines and?more",
		"right\u202eto left":        "right?to left",
		"文書 😀":                      "文書 😀",
	} {
		if got := printable.Text(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestJSONStaysTheSame(t *testing.T) {
	for _, text := range []string{"a\u009b2J\x7f\x1b\n", "right\u202eto left", "plain – 文書 😀", "tag \U000e0001"} {
		encoded, err := json.MarshalIndent(map[string]string{"Key": text}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		shown := printable.JSON(string(encoded))
		var got map[string]string
		if err := json.Unmarshal([]byte(shown), &got); err != nil || got["Key"] != text {
			t.Errorf("%q: %q, error %v", text, got["Key"], err)
		}
		if printable.JSON(shown) != shown || printable.Text(shown) == "" {
			t.Errorf("%q is not printable", shown)
		}
	}
}
