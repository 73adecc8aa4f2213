package textractclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Upload puts a document into a bucket in one request, which S3 takes up to 5 GB, ten times what Textract reads. The returned
// object has the ETag, so that the tokens derived from it tell one content from another.
func (c *Client) Upload(ctx context.Context, bucket, key string, body io.ReadSeeker) (S3Object, error) {
	object := S3Object{Bucket: bucket, Key: key}
	out, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: body})
	if err != nil {
		return S3Object{}, fmt.Errorf("upload to %s: %w", object, err)
	}
	object.ETag = bareETag(out.ETag)
	return object, nil
}

// Stat returns the object with the ETag that it has now. It needs s3:GetObject, as reading the document does.
func (c *Client) Stat(ctx context.Context, object S3Object) (S3Object, error) {
	out, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: aws.String(object.Bucket), Key: aws.String(object.Key), VersionId: optional(object.VersionID),
	})
	var missing *s3types.NotFound
	if errors.As(err, &missing) {
		return S3Object{}, fmt.Errorf("%s does not exist: %w", object, err)
	}
	if err != nil {
		return S3Object{}, fmt.Errorf("look at %s: %w", object, err)
	}
	object.ETag = bareETag(out.ETag)
	return object, nil
}

// bareETag is spelled as S3 events spell it, without the header's quotes.
func bareETag(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
