package securitydoc_test

import (
	"flag"
	"os"
	"testing"

	"github.com/cdk-textract/textractasync/internal/snapshot"
	"github.com/cdk-textract/textractasync/verify/securitydoc"
)

const page = "../../docs/security-matrix.md"

var update = flag.Bool("update", false, "rewrite the generated part of docs/security-matrix.md")

func TestSecurityPageIsCurrent(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := securitydoc.Update(string(text))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	snapshot.Page(t, page, string(text), want, *update)
}
