package textractclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// What Textract reads, in bytes.
// See: https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
const (
	maxImageSize    = 10 << 20
	maxDocumentSize = 500 << 20
)

// ListedObject is an object of [Client.List].
type ListedObject struct {
	// S3Object has the ETag of the listing, so that Start need not look it up.
	S3Object
	// Size is the size in bytes.
	Size int64
}

// List iterates over the objects of a bucket whose keys begin with prefix, in the order of their
// keys, with one response of S3 in memory at a time. It needs s3:ListBucket. An error ends the
// iteration.
func (c *Client) List(ctx context.Context, bucket, prefix string) iter.Seq2[ListedObject, error] {
	return func(yield func(ListedObject, error) bool) {
		pages := s3.NewListObjectsV2Paginator(c.s3, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: optional(prefix)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(ListedObject{}, fmt.Errorf("list s3://%s/%s: %w%s", bucket, prefix, err, listHint(err)))
				return
			}
			for _, object := range page.Contents {
				listed := ListedObject{
					S3Object: S3Object{Bucket: bucket, Key: aws.ToString(object.Key), ETag: bareETag(object.ETag)},
					Size:     aws.ToInt64(object.Size),
				}
				if !yield(listed, nil) {
					return
				}
			}
		}
	}
}

// listHint names the permission that a listing needs.
func listHint(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "Forbidden") {
		return ": the caller needs s3:ListBucket on the bucket"
	}
	return ""
}

// IsImage reports whether the object is a JPEG or PNG file, by the extension of its key. An image
// has one page.
func (o ListedObject) IsImage() bool {
	switch strings.ToLower(path.Ext(o.Key)) {
	case ".jpg", ".jpeg", ".png":
		return true
	}
	return false
}

// WhyNot returns why Textract does not read the object, as a plural noun for a summary: folders,
// access checks of Textract, empty files, too large files, or the type of file by its extension,
// such as ".docx files". It returns "" for an object that may be a document; one without an
// extension may be.
func (o ListedObject) WhyNot() string {
	extension := strings.ToLower(path.Ext(o.Key))
	switch {
	case strings.HasSuffix(o.Key, "/"):
		return "folders"
	case path.Base(o.Key) == accessCheck:
		return "access checks of Textract"
	case extension != "" && extension != ".pdf" && extension != ".tif" && extension != ".tiff" && !o.IsImage():
		return extension + " files"
	case o.Size == 0:
		return "empty files"
	case o.Size > maxDocumentSize, o.IsImage() && o.Size > maxImageSize:
		return "too large files"
	}
	return ""
}
