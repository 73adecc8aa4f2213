package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Textract's own default for OutputConfig.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
const defaultOutputPrefix = "textract_output"

// location is a part of a bucket with what grants need of it, each attribute read once.
type location struct {
	bucket awss3.IBucket
	arn    string
	place  validate.Place
	prefix string
	key    *locationKey // nil where S3 encrypts without a key of yours
}

type locationKey struct {
	awskms.IKey
	arn   string
	place validate.Place
}

func newInputs(env environment, inputs *[]*InputLocation) []location {
	var locations []location
	for _, input := range valueOr(inputs, nil) {
		if input == nil || input.Bucket == nil {
			locations = append(locations, location{})
			continue
		}
		locations = append(locations, newLocation(env, input.Bucket, valueOr(input.Prefix, ""), nil))
	}
	return locations
}

func newOutput(env environment, output *OutputLocation) *location {
	if output == nil {
		return nil
	}
	if output.Bucket == nil {
		return &location{}
	}
	l := newLocation(env, output.Bucket, valueOr(output.Prefix, defaultOutputPrefix), output.EncryptionKey)
	return &l
}

func newLocation(env environment, bucket awss3.IBucket, prefix string, key awskms.IKey) location {
	if key == nil {
		key = bucket.EncryptionKey()
	}
	return location{
		bucket: bucket,
		arn:    *bucket.BucketArn(),
		place:  env.placeOf(bucket),
		prefix: prefix,
		key:    newLocationKey(env, key),
	}
}

func newLocationKey(env environment, key awskms.IKey) *locationKey {
	if key == nil {
		return nil
	}
	return &locationKey{IKey: key, arn: *key.KeyArn(), place: env.placeOf(key)}
}

// inputObjects are the documents. S3 compares the prefix with the beginning of a key, and so does the pattern.
func (l location) inputObjects() string { return l.arn + "/" + l.prefix + "*" }

// outputObjects are the results, in the folder that Textract makes below the prefix.
func (l location) outputObjects() string { return l.arn + "/" + l.outputKeys() }

func (l location) outputKeys() string { return l.prefix + "/*" }
