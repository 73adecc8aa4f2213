package textractclient

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/aws/smithy-go"
)

// noObjectHint names every cause of S3's 403 and of Textract's InvalidS3ObjectException.
func noObjectHint(object S3Object) string {
	return "the object does not exist (without s3:ListBucket S3 responds with 403 for that " +
		"too), the caller lacks " + readAction(object) + " on it " +
		"or kms:Decrypt on its key, the bucket is in another Region than Textract or has the requester pay, or the object is " +
		"archived (GLACIER, DEEP_ARCHIVE) or encrypted with a key that S3 does not keep (SSE-C)"
}

// readAction returns the action that reads the object: that of a version is another.
func readAction(object S3Object) string {
	if object.VersionID != "" {
		return "s3:GetObjectVersion"
	}
	return "s3:GetObject"
}

// startHint names the causes of an error of a Start action, which Textract's message seldom
// does.
func startHint(err error, document S3Object) string {
	var (
		object   *types.InvalidS3ObjectException
		mismatch *types.IdempotentParameterMismatchException
		invalid  *types.InvalidParameterException
		denied   *types.AccessDeniedException
		tooLarge *types.DocumentTooLargeException
		bad      *types.BadDocumentException
		badFile  *types.UnsupportedDocumentException
		kms      *types.InvalidKMSKeyException
	)
	switch {
	case errors.As(err, &object):
		return ": " + noObjectHint(document)
	case errors.As(err, &mismatch):
		return ": the client request token was used with other parameters within 7 days; leave it empty to derive one"
	case errors.As(err, &invalid):
		return ": if the document is well-formed, check that topic and role exist, that Textract may " +
			"assume the role, that the caller may pass it, " +
			"and that the output bucket exists in Textract's Region"
	case errors.As(err, &denied):
		return ": the caller needs the Start action, iam:PassRole on the service role, " + readAction(document) + " on " +
			"the document, and s3:PutObject on the output"
	case errors.As(err, &tooLarge):
		return ": PDF and TIFF may have 500 MB and 3,000 pages, JPEG and PNG 10 MB"
	case errors.As(err, &bad):
		return ": the file is damaged, encrypted with a password, or has more than 3,000 pages"
	case errors.As(err, &badFile):
		return ": use PDF, TIFF, JPEG or PNG"
	case errors.As(err, &kms):
		return ": the key does not exist, is disabled or in another Region, or the caller lacks " +
			"kms:Decrypt, kms:GenerateDataKey or kms:DescribeKey on it"
	}
	return ""
}

// getHint names the causes of an error of a Get action.
func getHint(err error) string {
	var (
		object  *types.InvalidS3ObjectException
		invalid *types.InvalidParameterException
		denied  *types.AccessDeniedException
		kms     *types.InvalidKMSKeyException
	)
	switch {
	case errors.As(err, &object):
		return ": " + noObjectHint(S3Object{})
	case errors.As(err, &invalid):
		return ": check the job id, and that the page token belongs to this job and is not older than its results"
	case errors.As(err, &denied):
		return ": the caller needs the Get action of the job's operation, and for results in an output " +
			"bucket s3:GetObject and kms:Decrypt there"
	case errors.As(err, &kms):
		return ": the output's key does not exist, is disabled or in another Region, or the caller lacks kms:Decrypt on it"
	}
	return ""
}

// listHint names the permission that a listing needs.
func listHint(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "Forbidden") {
		return ": the caller needs s3:ListBucket on the bucket"
	}
	return ""
}

// receiveHint names the permissions that a consumer of the queue needs.
func receiveHint(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied") {
		return ": the caller needs sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue, and " +
			"kms:Decrypt on its key"
	}
	return ""
}
