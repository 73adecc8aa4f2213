package textractclient_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
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

func TestList(t *testing.T) {
	w := newWorld(t)
	w.S3.PageSize = 2
	for key, content := range map[string]string{
		"in/": "", "in/a.pdf": "%PDF", "in/b.PNG": "x", "in/c.txt": "x", "in/d.tiff": "", "in/e": "x", "in/.s3_access_check": "", "other.pdf": "x",
	} {
		w.S3.Put("listed", key, []byte(content))
	}
	got := make(map[string]textractclient.NotDocument)
	for object, err := range w.client.List(t.Context(), "listed", "in/") {
		if err != nil {
			t.Fatal(err)
		}
		if object.WhyNot() == "" && (object.ETag == "" || object.Size == 0) {
			t.Errorf("%+v", object)
		}
		got[object.Key] = object.WhyNot()
	}
	want := map[string]textractclient.NotDocument{
		"in/": textractclient.NotDocumentFolder, "in/a.pdf": "", "in/b.PNG": "", "in/c.txt": textractclient.NotDocumentFileType,
		"in/d.tiff": textractclient.NotDocumentEmpty, "in/e": "", "in/.s3_access_check": textractclient.NotDocumentAccessCheck,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhyNotKnowsTheSizes(t *testing.T) {
	for _, test := range []struct {
		key  string
		size int64
		want textractclient.NotDocument
	}{
		{"a.pdf", textractclient.MaxDocumentSize, ""},
		{"a.pdf", textractclient.MaxDocumentSize + 1, textractclient.NotDocumentTooLarge},
		{"a.jpeg", textractclient.MaxImageSize, ""},
		{"a.jpeg", textractclient.MaxImageSize + 1, textractclient.NotDocumentTooLarge},
	} {
		object := textractclient.ListedObject{S3Object: textractclient.S3Object{Bucket: "b", Key: test.key}, Size: test.size}
		if got := object.WhyNot(); got != test.want {
			t.Errorf("%s of %d bytes: %q, want %q", test.key, test.size, got, test.want)
		}
	}
}

func TestListNamesThePermission(t *testing.T) {
	w := newWorld(t)
	w.Fail("ListObjectsV2", textracttest.Fault{Code: "AccessDenied", Status: http.StatusForbidden})
	for _, err := range w.client.List(t.Context(), "documents", "in/") {
		if err == nil || !strings.Contains(err.Error(), "list s3://documents/in/: ") || !strings.Contains(err.Error(), "s3:ListBucket") {
			t.Errorf("got %v", err)
		}
	}
}

// What is no listing, or a listing without an end, does not pass for a whole one.
func TestListEndsWithAnErrorWhereItIsNotWhole(t *testing.T) {
	const object = "<Contents><Key>a.pdf</Key><Size>1</Size></Contents>"
	for name, test := range map[string]struct{ body, want string }{
		"empty":                {"", "cut off"},
		"nothing of a listing": {"<ListBucketResult/>", "cut off"},
		"more, without a token": {
			"<ListBucketResult><IsTruncated>true</IsTruncated>" + object + "</ListBucketResult>", "NextContinuationToken",
		},
		"the same token again": {
			"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>" + object +
				"</ListBucketResult>", "NextContinuationToken",
		},
	} {
		inBubble(t, func(t *testing.T, w *world) {
			cfg := w.Config()
			cfg.HTTPClient = alwaysOK(test.body)
			listed := 0
			var last error
			for _, err := range w.newClient(t, cfg).List(t.Context(), "documents", "") {
				if last = err; err == nil {
					listed++
				}
				if listed > 100 {
					break
				}
			}
			if last == nil || !strings.Contains(last.Error(), test.want) || listed > 2 {
				t.Errorf("%s: %d objects, then %v", name, listed, last)
			}
		})
	}
	inBubble(t, func(t *testing.T, w *world) {
		for object, err := range w.client.List(t.Context(), "empty", "") {
			t.Errorf("an empty bucket has %v, %v", object, err)
		}
	})
}
