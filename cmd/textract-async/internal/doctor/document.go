package doctor

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/textractclient"
)

func (d *inspection) checkDocument(ctx context.Context) {
	c := Check{ID: "document"}
	switch {
	case d.Document != nil:
		if b := d.readBucket(ctx, d.Document.Bucket); d.checkBucket(c, b) {
			d.checkObject(ctx, c, b)
		}
	case d.DocumentBucket != "":
		if b := d.readBucket(ctx, d.DocumentBucket); d.checkBucket(c, b) {
			c.Result, c.Found = OK, fmt.Sprintf("bucket %s is in %s", b.name, b.region)
			d.add(c)
		}
	}
}

// checkObject checks whether the document is there, and whether the caller may read it: Textract
// reads it with the caller's permissions.
func (d *inspection) checkObject(ctx context.Context, c Check, b *bucket) {
	object := *d.Document
	head, failure := read(&d.reader, "s3:GetObject", object.String(), func() (*s3.HeadObjectOutput, error) {
		return d.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &object.Bucket, Key: &object.Key}, b.inItsRegion)
	})
	isCaller := d.Caller == d.me
	switch {
	case failure == nil:
		d.judgeObject(&c, b, head)
	case failure.missing():
		c.Result, c.Found = Wrong, object.String()+": not found"
	case failure.denied() && isCaller:
		c.Result, c.Found = Wrong, object.String()+" is missing, or s3:GetObject on it is: S3 answers 403 to both"
		c.Add, c.To = allow([]string{"s3:GetObject"}, d.bucketARN(object.Bucket)+"/"+object.Key), d.caller.policyName()
	default:
		c.Result, c.Found = Unknown, "not judged: "+failure.Error()
	}
	d.add(c)
	if failure != nil && (failure.missing() || isCaller) {
		return
	}

	c = Check{ID: "document-access"}
	if d.skipCaller(c) {
		return
	}
	resource := d.bucketARN(object.Bucket) + "/" + object.Key
	c.Add, c.To = allow([]string{"s3:GetObject"}, resource), d.caller.policyName()
	var all decisions
	if !isCaller {
		all = decisions{d.mayTake(ctx, b, "s3:GetObject", resource)}
	}
	unknownKey := func(why string) policy.Decision {
		return policy.Decision{Answer: policy.Unsure, Doubts: []policy.Finding{{
			Policy: "the document's key", Why: "is not known: " + why, Unresolved: strings.Contains(why, notInTemplate),
		}}}
	}
	switch {
	case failure != nil:
		all = append(all, unknownKey(failure.Error()))
	case aws.ToString(head.SSEKMSKeyId) != "":
		k := d.readKey(ctx, *head.SSEKMSKeyId, b.region, d.account)
		switch {
		case k.unusable() != "" && d.isReported(k):
			c.Result, c.Found, c.Add, c.To = Skipped, "the key is not usable", nil, ""
			d.add(c)
			return
		case k.unusable() != "":
			c.Result, c.Found, c.Add, c.To = Wrong, "the document's "+k.unusable(), nil, ""
			d.add(c)
			return
		case k.unknown != "":
			all = append(all, unknownKey(k.unknown))
		default:
			use := d.mayUse(d.caller, k, "s3", "kms:Decrypt")
			if use.result() == Wrong {
				c.Add, c.To = allowUse(d.caller, k, []string{"kms:Decrypt"}, use)
			}
			all = append(all, use...)
		}
	}
	d.add(
		all.check(
			c, "the caller may read the document",
			"the caller may not read the document, or its key: jobs fail with InvalidS3ObjectException",
		),
	)
}

// judgeObject reports whether Textract reads such an object, by its key, size and storage class.
func (d *inspection) judgeObject(c *Check, b *bucket, head *s3.HeadObjectOutput) {
	object := *d.Document
	listed := textractclient.ListedObject{S3Object: textractclient.S3Object{Bucket: object.Bucket, Key: object.Key}, Size: 1}
	if head.ContentLength != nil {
		listed.Size = *head.ContentLength
	}
	isGlacier := head.StorageClass == types.StorageClassGlacier || head.StorageClass == types.StorageClassDeepArchive
	isRestored := strings.Contains(aws.ToString(head.Restore), `ongoing-request="false"`)
	listed.Archived = (isGlacier || head.ArchiveStatus != "") && !isRestored
	switch listed.WhyNot() {
	case "":
		c.Result, c.Found = OK, fmt.Sprintf("%s is in %s", object, b.region)
	case textractclient.NotDocumentFolder, textractclient.NotDocumentAccessCheck:
		c.Result, c.Found = Wrong, object.String()+" is no document: name one"
	case textractclient.NotDocumentEmpty:
		c.Result, c.Found = Wrong, object.String()+" is empty: Textract rejects it"
	case textractclient.NotDocumentTooLarge:
		c.Result, c.Found = Wrong, fmt.Sprintf("%s has %d bytes: PDF and TIFF may have %d, JPEG and PNG %d",
			object, listed.Size, textractclient.MaxDocumentSize, textractclient.MaxImageSize)
	case textractclient.NotDocumentArchived:
		c.Result, c.Found = Wrong, fmt.Sprintf("%s is archived (%s): restore it before jobs are started",
			object, cmp.Or(string(head.ArchiveStatus), string(head.StorageClass)))
		request := `{"Days":7}`
		if head.ArchiveStatus != "" {
			request = "{}" // Intelligent-Tiering takes no days
		}
		c.Run = fmt.Sprintf("aws s3api restore-object --region %s --bucket %s --key '%s' --restore-request '%s'",
			b.region, object.Bucket, strings.ReplaceAll(object.Key, "'", `'\''`), request)
	default:
		c.Result, c.Found = Warning, fmt.Sprintf("%s: Textract reads PDF, TIFF, JPEG and PNG, whatever the extension is", object)
	}
}
