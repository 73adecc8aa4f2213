package textractclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// errNoDocument reports that Textract cannot read an object, whatever the permissions.
var errNoDocument = errors.New("not a document that Textract can read")

// uploadTimeout bounds an upload: 500 MB, as much as Textract reads, at 140 KB a second.
const uploadTimeout = time.Hour

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

// Stat returns the object with its present ETag. It needs s3:GetObject.
func (c *Client) Stat(ctx context.Context, object S3Object) (S3Object, error) {
	lookup, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	out, err := c.s3.HeadObject(lookup, &s3.HeadObjectInput{
		Bucket: aws.String(object.Bucket), Key: aws.String(object.Key), VersionId: optional(object.VersionID),
	})
	if err != nil {
		return S3Object{}, fmt.Errorf("look at %s: %w", object, objectCause(err))
	}
	object.ETag = bareETag(out.ETag)
	return object, nil
}

// objectCause adds the cause to an error of HeadObject, which is a status without a body.
func objectCause(err error) error {
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
		return fmt.Errorf("%w: it does not exist, or its bucket does not: %w", errNoDocument, err)
	case status == http.StatusForbidden, code == "Forbidden", code == "AccessDenied":
		return fmt.Errorf("%w: %s", err, noObjectHint)
	case status == http.StatusMovedPermanently:
		return fmt.Errorf(
			"%w: its bucket is in another Region, and Textract reads from buckets of its own Region only: %w",
			errNoDocument,
			err,
		)
	}
	return err
}

// bareETag is spelled as S3 events spell it, without the header's quotes.
func bareETag(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
