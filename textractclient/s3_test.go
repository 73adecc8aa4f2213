package textractclient_test

import (
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient"
)

func TestUploadAndStat(t *testing.T) {
	w := newWorld(t)
	object, err := w.client.Upload(t.Context(), "documents", "in/a b.pdf", strings.NewReader("%PDF-1.7"))
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := w.S3.Get("documents", "in/a b.pdf"); string(content) != "%PDF-1.7" {
		t.Errorf("content %q", content)
	}
	seen, err := w.client.Stat(t.Context(), textractclient.S3Object{Bucket: "documents", Key: "in/a b.pdf"})
	if err != nil || seen != object || len(object.ETag) != 32 {
		t.Errorf("uploaded %+v, saw %+v, error %v", object, seen, err)
	}
	if _, err := w.client.Stat(t.Context(), textractclient.S3Object{Bucket: "documents", Key: "other"}); err == nil ||
		!strings.Contains(err.Error(), "it does not exist") {
		t.Errorf("error %v", err)
	}
}
