package main

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// newTestClient has a bucket with documents, one of them damaged, and what is none.
func newTestClient(t *testing.T) (*textractclient.Client, *textracttest.AWS) {
	t.Helper()
	fake := textracttest.New()
	for _, key := range []string{"2024/1.pdf", "2024/2.png", "2024/damaged.pdf", "2024/notes.txt", "2025/3.pdf"} {
		fake.S3.Put("scans", key, []byte(key))
	}
	fake.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
		key := r.DocumentLocation.S3Object.Name
		if strings.HasSuffix(key, "damaged.pdf") {
			return textracttest.Outcome{Takes: time.Minute, Status: "FAILED"}
		}
		return textracttest.Outcome{Takes: time.Minute, Items: []any{
			types.Block{Id: aws.String("1"), BlockType: types.BlockTypeLine, Text: aws.String("text of " + key), Page: aws.Int32(1)},
		}}
	}
	client, err := textractclient.New(fake.Config(), textractclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return client, fake
}

// TestReadAll reads each document below the prefix once, and starts no second job in a second run.
// Time is virtual.
func TestReadAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, fake := newTestClient(t)
		for range 2 {
			var mu sync.Mutex
			got := make(map[string]string)
			err := readAll(t.Context(), client, "scans", "2024/", func(document, text string) error {
				mu.Lock()
				defer mu.Unlock()
				got[document] += text
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{
				"s3://scans/2024/1.pdf": "text of 2024/1.pdf\n", "s3://scans/2024/2.png": "text of 2024/2.png\n",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if started := len(fake.Textract.Started()); started != 3 {
				t.Errorf("%d jobs were started", started)
			}
		}
	})
}

func TestReadAllEndsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, fake := newTestClient(t)
		full := errors.New("disk full")
		if err := readAll(t.Context(), client, "scans", "2024/", func(string, string) error { return full }); !errors.Is(err, full) {
			t.Errorf("error %v for a full disk", err)
		}
		fake.Fail("ListObjectsV2", textracttest.Fault{Code: "AccessDenied", Status: 403})
		err := readAll(t.Context(), client, "scans", "2024/", func(string, string) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "list s3://scans/2024/") {
			t.Errorf("error %v for a bucket that may not be listed", err)
		}
	})
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"scans"}, {"s3://a", "s3://b"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "s3://BUCKET/PREFIX") {
			t.Errorf("%q: error %v", args, err)
		}
	}
}
