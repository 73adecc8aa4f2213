package securitydoc_test

import (
	"flag"
	"os"
	"testing"

	"github.com/cdk-textract/textractasync/verify/securitydoc"
)

const page = "../../docs/security.md"

var update = flag.Bool("update", false, "rewrite the generated part of docs/security.md")

func TestSecurityPageIsCurrent(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := securitydoc.Update(string(text))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the proof and the rule packs say; go test ./securitydoc -update in verify rewrites it", page)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
