package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// bucket is a bucket of documents or results.
type bucket struct {
	name, region string
	failure      *readError // without which the region is known
	missing      bool
}

func (b *bucket) inItsRegion(o *s3.Options) { o.Region = b.region }

// readBucket finds the bucket's Region. S3 tells it to those who may not read the bucket, too.
func (d *inspection) readBucket(ctx context.Context, name string) *bucket {
	b := &bucket{name: name}
	out, failure := read(&d.reader, "s3:ListBucket", name, func() (*s3.HeadBucketOutput, error) {
		return d.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	})
	if failure == nil {
		b.region = aws.ToString(out.BucketRegion)
		if b.region == "" {
			b.region = d.Region // S3 answers in the bucket's Region only
		}
		return b
	}
	var response *smithyhttp.ResponseError
	if errors.As(failure, &response) && response.Response != nil {
		b.region = response.Response.Header.Get("X-Amz-Bucket-Region")
	}
	if b.region == "" {
		b.failure, b.missing = failure, failure.missing()
	}
	return b
}

// check returns false, and adds the check, where the bucket is of no use to Textract in this
// Region.
func (d *inspection) checkBucket(c Check, b *bucket) bool {
	switch {
	case b.missing:
		c.Result, c.Found = Wrong, "bucket "+b.name+": not found"
	case b.failure != nil:
		c.Result, c.Found = Unknown, "not judged: "+b.failure.Error()
	case b.region != d.Region:
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"bucket %s is in %s, and Textract is called in %s: use a bucket of its Region", b.name, b.region,
			d.Region,
		)
	default:
		return true
	}
	d.add(c)
	return false
}

func (d *inspection) bucketARN(name string) string {
	return fmt.Sprintf("arn:%s:s3:::%s", d.partition, name)
}

// mayTake judges the caller's action on an object or the bucket. A bucket whose policy can be read
// is of the reader's own account.
func (d *inspection) mayTake(ctx context.Context, b *bucket, action, resource string) policy.Decision {
	q := d.call(d.caller, action, resource, d.account)
	name := "the policy of bucket " + b.name
	out, failure := read(&d.reader, "s3:GetBucketPolicy", b.name, func() (*s3.GetBucketPolicyOutput, error) {
		return d.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.name}, b.inItsRegion)
	})
	var document policy.Document
	switch {
	case failure == nil:
		document = policy.Parse(name, aws.ToString(out.Policy))
	case failure.missing():
		document = policy.Document{Name: name}
	default:
		document = unread(name, failure)
	}
	q.ResourcePolicy = &document
	return policy.Judge(q)
}
