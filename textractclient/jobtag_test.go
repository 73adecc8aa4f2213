package textractclient_test

import (
	"strings"
	"testing"
	"testing/quick"

	"github.com/cdk-textract/textractasync/textractclient"
)

func TestCheckJobTag(t *testing.T) {
	for _, tag := range []string{"a", "Invoice_2026.01-a:b", strings.Repeat("x", 64)} {
		if err := textractclient.CheckJobTag(tag); err != nil {
			t.Errorf("%q: %v", tag, err)
		}
	}
	for _, tag := range []string{"", " ", "a b", "a/b", "ü", "a\n", strings.Repeat("x", 65)} {
		if err := textractclient.CheckJobTag(tag); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v", tag, err)
		}
	}
}

func TestDeriveJobTag(t *testing.T) {
	valid := func(s string) bool { return textractclient.CheckJobTag(textractclient.DeriveJobTag(s)) == nil }
	if err := quick.Check(valid, nil); err != nil {
		t.Error(err)
	}
	seen := make(map[string]string)
	for _, s := range []string{"", "/", "//", "a/b", "a-b", "a b", "ü", "ö", strings.Repeat("x", 65), strings.Repeat("x", 66), "tag"} {
		tag := textractclient.DeriveJobTag(s)
		if other, taken := seen[tag]; taken {
			t.Errorf("%q and %q have one tag %q", s, other, tag)
		}
		seen[tag] = s
		if again := textractclient.DeriveJobTag(tag); again != tag {
			t.Errorf("tag %q became %q", tag, again)
		}
	}
	if tag := textractclient.DeriveJobTag("tag"); tag != "tag" {
		t.Errorf("a valid tag became %q", tag)
	}
	if tag := textractclient.DeriveJobTag("letters/march 2026.pdf"); !strings.HasPrefix(tag, "letters-march-2026.pdf-") {
		t.Errorf("tag %q does not show what it is of", tag)
	}
}
