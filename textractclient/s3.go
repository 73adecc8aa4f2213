package textractclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3Object identifies a document in S3.
type S3Object struct {
	// Bucket is the bucket's name, not its ARN. The bucket must be in the Region of Textract.
	Bucket string
	// Key is the object's key, not URL-encoded.
	Key string
	// VersionID is the id of a version, for which the caller needs s3:GetObjectVersion. Default:
	// none, the newest version.
	VersionID string
	// ETag is that of the object's content. It is not sent, but is a part of the derived client
	// request token, so that an overwritten document is a new job. Default: none, Start gets it
	// from S3, unless VersionID identifies the content.
	ETag string
}

// String returns the object's URI: s3://BUCKET/KEY.
func (o S3Object) String() string { return "s3://" + o.Bucket + "/" + o.Key }

// The sizes of documents that Textract reads, in bytes.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
const (
	// MaxImageSize is that of a JPEG or PNG file.
	MaxImageSize = 10 << 20
	// MaxDocumentSize is that of a PDF or TIFF file.
	MaxDocumentSize = 500 << 20
)

// uploadTimeout bounds an upload: 500 MB, as much as Textract reads, at 140 KB a second.
const uploadTimeout = time.Hour

// errNoDocument reports that Textract cannot read an object, whatever the permissions.
var errNoDocument = errors.New("not a document that Textract can read")

// Upload writes a document to a bucket, in one request of at most an hour. It needs s3:PutObject.
// The returned object has the ETag, so that Start need not look it up.
func (c *Client) Upload(ctx context.Context, bucket, key string, body io.ReadSeeker) (S3Object, error) {
	object := S3Object{Bucket: bucket, Key: key}
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	out, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: body})
	if err != nil {
		return S3Object{}, fmt.Errorf("upload to %s: %w", object, err)
	}
	object.ETag = bareETag(out.ETag)
	return object, nil
}

// Stat returns the object with its present ETag. It needs s3:GetObject, for a version
// s3:GetObjectVersion.
func (c *Client) Stat(ctx context.Context, object S3Object) (S3Object, error) {
	lookup, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var out *s3.HeadObjectOutput
	err := c.callS3(lookup, "HeadObject", func(ctx context.Context, option func(*s3.Options)) (err error) {
		out, err = c.s3.HeadObject(ctx, &s3.HeadObjectInput{
			Bucket: aws.String(object.Bucket), Key: aws.String(object.Key), VersionId: optional(object.VersionID),
		}, option)
		return err
	})
	if err != nil && lookup.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return S3Object{}, fmt.Errorf("look at %s: %w", object, objectCause(object, err))
	}
	object.ETag = bareETag(out.ETag)
	return object, nil
}

// objectCause adds the cause to an error of HeadObject, which is a status without a body.
func objectCause(object S3Object, err error) error {
	var missing *s3types.NotFound
	var response interface{ HTTPStatusCode() int }
	var api smithy.APIError
	status, code := 0, ""
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	switch {
	case errors.As(err, &missing), status == http.StatusNotFound:
		hint := ""
		if strings.HasPrefix(object.Key, "/") {
			hint = fmt.Sprintf(" (the key %q begins with a slash; s3://BUCKET/KEY has one slash before the key)", object.Key)
		}
		return fmt.Errorf("%w: it does not exist, or its bucket does not%s: %w", errNoDocument, hint, err)
	case status == http.StatusForbidden, code == "Forbidden", code == "AccessDenied":
		return fmt.Errorf("%w: %s", err, noObjectHint(object))
	case status == http.StatusMovedPermanently:
		return fmt.Errorf(
			"%w: its bucket is in another Region, and Textract reads from buckets of its own Region only: %w",
			errNoDocument, err,
		)
	}
	return err
}

// bareETag is spelled as S3 events spell it, without the header's quotes.
func bareETag(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// readObject reads an object of this size, where the size is known.
func (c *Client) readObject(ctx context.Context, object S3Object, size int64) (text []byte, err error) {
	err = c.callS3(ctx, "GetObject", func(ctx context.Context, option func(*s3.Options)) error {
		out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(object.Bucket), Key: aws.String(object.Key)}, option)
		if err != nil {
			return err
		}
		text, err = io.ReadAll(out.Body)
		if err = errors.Join(err, out.Body.Close()); err != nil {
			return fmt.Errorf("%w: %w", errCut, err)
		}
		// Without a Content-Length, a body that is cut off ends like a whole one.
		if want := max(size, aws.ToInt64(out.ContentLength)); int64(len(text)) < want {
			return fmt.Errorf("%w: %d of %d bytes", errCut, len(text), want)
		}
		return nil
	})
	return text, err
}

// ListedObject is an object of [Client.List].
type ListedObject struct {
	// S3Object has the ETag of the listing, so that Start need not look it up.
	S3Object
	// Size is the size in bytes.
	Size int64
	// Archived is whether the object has to be restored before anything can read it: its storage
	// class is GLACIER or DEEP_ARCHIVE, and there is no restored copy.
	Archived bool
}

// List iterates over the objects of a bucket whose keys begin with prefix, in the order of their
// keys, with one response of S3 in memory at a time. It needs s3:ListBucket. An error ends the
// iteration.
func (c *Client) List(ctx context.Context, bucket, prefix string) iter.Seq2[ListedObject, error] {
	return func(yield func(ListedObject, error) bool) {
		for object, err := range c.listed(ctx, bucket, prefix) {
			if err != nil {
				yield(ListedObject{}, err)
				return
			}
			listed := ListedObject{
				S3Object: S3Object{Bucket: bucket, Key: *object.Key, ETag: bareETag(object.ETag)},
				Size:     aws.ToInt64(object.Size),
				Archived: isArchived(object),
			}
			if !yield(listed, nil) {
				return
			}
		}
	}
}

func isArchived(object s3types.Object) bool {
	switch object.StorageClass {
	case s3types.ObjectStorageClassGlacier, s3types.ObjectStorageClassDeepArchive:
		restored := object.RestoreStatus
		return restored == nil || restored.RestoreExpiryDate == nil || aws.ToBool(restored.IsRestoreInProgress)
	}
	return false
}

// listed iterates over what S3 says of the objects. S3 is asked to encode keys, because XML, in
// which it responds, has no form for some characters that a key may have.
func (c *Client) listed(ctx context.Context, bucket, prefix string) iter.Seq2[s3types.Object, error] {
	return func(yield func(s3types.Object, error) bool) {
		in := &s3.ListObjectsV2Input{
			Bucket: aws.String(bucket), Prefix: optional(prefix), EncodingType: s3types.EncodingTypeUrl,
			OptionalObjectAttributes: []s3types.OptionalObjectAttributes{s3types.OptionalObjectAttributesRestoreStatus},
		}
		asked := make(map[string]bool)
		for {
			var page *s3.ListObjectsV2Output
			err := c.callS3(ctx, "ListObjectsV2", func(ctx context.Context, option func(*s3.Options)) (err error) {
				page, err = c.s3.ListObjectsV2(ctx, in, option)
				if err == nil && page.IsTruncated == nil && page.KeyCount == nil && page.Name == nil && len(page.Contents) == 0 {
					err = fmt.Errorf("%w: it is no listing", errCut)
				}
				return err
			})
			if err != nil {
				yield(s3types.Object{}, fmt.Errorf("list s3://%s/%s: %w%s", bucket, prefix, err, listHint(err)))
				return
			}
			for _, object := range page.Contents {
				key := aws.ToString(object.Key)
				if page.EncodingType == s3types.EncodingTypeUrl {
					if key, err = url.QueryUnescape(key); err != nil {
						err = fmt.Errorf("list s3://%s/%s: key %q: %w", bucket, prefix, aws.ToString(object.Key), err)
					}
				}
				object.Key = &key
				if !yield(object, err) || err != nil {
					return
				}
			}
			if !aws.ToBool(page.IsTruncated) {
				return
			}
			token := aws.ToString(page.NextContinuationToken)
			if token == "" || asked[token] { // as from a server that does not know this action
				yield(s3types.Object{}, fmt.Errorf(
					"list s3://%s/%s: there are more objects, and the NextContinuationToken %q does not lead to them",
					bucket, prefix, token,
				))
				return
			}
			asked[token] = true
			in.ContinuationToken = &token
		}
	}
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

// NotDocument is a reason why Textract does not read an object.
type NotDocument string

// The reasons of [ListedObject.WhyNot].
const (
	// NotDocumentFolder is an object that the S3 console creates for a folder.
	NotDocumentFolder NotDocument = "FOLDER"
	// NotDocumentAccessCheck is the empty object that Textract writes next to results.
	NotDocumentAccessCheck NotDocument = "ACCESS_CHECK"
	// NotDocumentFileType is a file with another extension than those of PDF, TIFF, JPEG and PNG.
	NotDocumentFileType NotDocument = "FILE_TYPE"
	// NotDocumentEmpty is an empty file.
	NotDocumentEmpty NotDocument = "EMPTY"
	// NotDocumentTooLarge is a file larger than MaxDocumentSize, or an image larger than
	// MaxImageSize.
	NotDocumentTooLarge NotDocument = "TOO_LARGE"
	// NotDocumentArchived is an archived object.
	NotDocumentArchived NotDocument = "ARCHIVED"
)

// WhyNot returns why Textract does not read the object, by its key, size and storage class. It
// returns "" for an object that may be a document; one without an extension may be.
func (o ListedObject) WhyNot() NotDocument {
	extension := strings.ToLower(path.Ext(o.Key))
	switch {
	case strings.HasSuffix(o.Key, "/"):
		return NotDocumentFolder
	case path.Base(o.Key) == accessCheck:
		return NotDocumentAccessCheck
	case extension != "" && extension != ".pdf" && extension != ".tif" && extension != ".tiff" && !o.IsImage():
		return NotDocumentFileType
	case o.Size == 0:
		return NotDocumentEmpty
	case o.Size > MaxDocumentSize, o.IsImage() && o.Size > MaxImageSize:
		return NotDocumentTooLarge
	case o.Archived:
		return NotDocumentArchived
	}
	return ""
}
