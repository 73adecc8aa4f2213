package textractasync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Textract's own default for OutputConfig.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
const defaultOutputPrefix = "textract_output"

// bucketKeyPath is the property of a bucket that names its key.
var bucketKeyPath = []string{"bucketEncryption", "serverSideEncryptionConfiguration", "serverSideEncryptionByDefault", "kmsMasterKeyId"}

// location is an InputLocation or OutputLocation, read once.
type location struct {
	prop    string
	bucket  awss3.IBucket // nil where it is missing
	missing bool          // the location itself is nil
	arn     string
	env     validate.Environment
	prefix  string
	key     *key // nil where S3 encrypts without a key of yours, or the key is unknown

	made       *resource // of this app; nil where the bucket is imported
	kind       string    // the type of the resource of this app behind the bucket, which may be an access point
	unknownKey string    // a key that is known at deployment only
	keyText    string    // how the property of a bucket of this app names the key

	prefixProp          *string
	keyProp, bucketsKey *key
}

func newInputs(env environment, inputs *[]*InputLocation) []location {
	if inputs == nil {
		return nil
	}
	locations := []location{}
	for i, input := range *inputs {
		prop := fmt.Sprintf("Inputs[%d]", i)
		if input == nil {
			locations = append(locations, location{prop: prop, missing: true})
			continue
		}
		locations = append(locations, newLocation(env, prop, input.Bucket, input.Prefix, "", input.EncryptionKey))
	}
	return locations
}

func newOutput(env environment, output *OutputLocation) *location {
	if output == nil {
		return nil
	}
	l := newLocation(env, "Output", output.Bucket, output.Prefix, defaultOutputPrefix, output.EncryptionKey)
	return &l
}

func newLocation(
	env environment, prop string, bucket awss3.IBucket, prefix *string, defaultPrefix string, encryptionKey awskms.IKey,
) location {
	l := location{
		prop: prop, prefix: valueOr(prefix, defaultPrefix), prefixProp: env.spelled(prefix), keyProp: newKeyOf(env, encryptionKey),
	}
	l.key = l.keyProp
	if bucket == nil {
		return l
	}
	var behind *resource
	l.bucket = bucket
	l.arn, behind = answersOn(env.stack).bucket(bucket)
	if behind != nil {
		l.kind = behind.kind
	}
	l.made = behind.ofKind(typeBucket)
	l.env = env.withReach(env.of(bucket, l.made), l.made, l.arn)
	switch {
	case l.key != nil:
	case l.made == nil:
		l.bucketsKey = newKeyOf(env, bucket.EncryptionKey())
	default:
		l.keyText = l.made.text(bucketKeyPath...)
		if !strings.HasSuffix(l.keyText, "alias/aws/s3") { // which S3 needs no grant for
			l.bucketsKey, l.unknownKey = l.made.keyOf(env, bucket.EncryptionKey, bucketKeyPath...)
		}
	}
	l.key = cmp.Or(l.key, l.bucketsKey)
	return l
}

func (l location) isSameBucket(other location) bool {
	if l.made != nil && other.made != nil {
		return l.made.cfn == other.made.cfn
	}
	return l.bucket == other.bucket || sameARN(l.arn, other.arn)
}

func (l location) plain() validate.Location {
	plain := validate.Location{Missing: l.missing, Prefix: l.prefixProp, EncryptionKey: l.keyProp.plain()}
	if l.bucket != nil {
		plain.Bucket = &validate.Bucket{Environment: l.env, ARN: l.arn, Type: l.kind, Key: l.bucketsKey.plain()}
	}
	return plain
}

// inputObjects are the documents. S3 compares the prefix with the beginning of a key, and so does
// the pattern.
func (l location) inputObjects() string { return l.arn + "/" + l.prefix + "*" }

// outputObjects are the results, in the folder that Textract makes below the prefix.
func (l location) outputObjects() string { return l.arn + "/" + l.outputKeys() }

func (l location) outputKeys() string { return l.prefix + "/*" }

func (l location) readDocuments() permission {
	return permission{actions: readDocumentActions, resources: []string{l.inputObjects()}}
}

// writeResults names the bucket for s3:ListBucketMultipartUploads, which IAM knows for whole
// buckets only.
func (l location) writeResults() permission {
	return permission{actions: writeResultActions, resources: []string{l.arn, l.outputObjects()}}
}

func (l location) readResults() permission {
	return permission{actions: readResultActions, resources: []string{l.outputObjects()}}
}

// listResults lets S3 answer for an object that is not there with 404 instead of 403.
func (l location) listResults() permission {
	return permission{
		actions: []string{"s3:ListBucket"}, resources: []string{l.arn},
		condition: map[string]any{"StringLike": map[string]any{"s3:prefix": l.outputKeys()}},
	}
}

func (l location) policy() policy {
	return policy{prop: l.prop + ".Bucket", owner: l.bucket, add: addToResource(l.bucket)}
}

// requireLocations lets this account use buckets and keys of other accounts: the policies of
// callers do not reach that far alone.
func requireLocations(t constructs.Construct, env environment, inputs []location, output *location) {
	for _, input := range inputs {
		requireLocation(t, env, input, readKeyActions, input.readDocuments())
	}
	if output == nil {
		return
	}
	requireLocation(t, env, *output, outputKeyActions, output.writeResults(), output.listResults())
	for _, input := range inputs {
		warnOfLoop(t, input, *output)
	}
}

func requireLocation(t constructs.Construct, env environment, l location, keyActions []string, permissions ...permission) {
	if env.isOtherAccount(l.env.Account) {
		for _, p := range permissions {
			p.principal = map[string]any{"AWS": env.rootARN()}
			require(t, requirement{
				permission: p, in: l.policy(), warning: warningBucketPolicy,
				without: "account " + l.env.Account + ", which owns the bucket, denies access",
			})
		}
	}
	switch {
	case l.key != nil:
		requireKeyUse(t, env, l.key, l.prop, keyActions, warningBucketKeyPolicy)
	case l.unknownKey != "":
		warn(t, warningUnknownKey, fmt.Sprintf("%s.Bucket: %s is encrypted with a key that is known at deployment only, so no "+
			"permission for one is granted; set %s.EncryptionKey", l.prop, pathOf(l.bucket), l.prop))
	case l.made == nil && !validate.Dummy(l.arn):
		warn(t, warningUnknownKey, fmt.Sprintf("%s.Bucket: %s is imported without its key, so no permission for one is granted; "+
			"if the bucket is encrypted with a customer managed key, set %s.EncryptionKey, else acknowledge this warning",
			l.prop, pathOf(l.bucket), l.prop))
	}
}

// locations are the Inputs and the Output.
func (b *textractAsyncBase) locations() []location {
	all := slices.Clone(b.inputs)
	if b.output != nil {
		all = append(all, *b.output)
	}
	return all
}

// lookAtBucketsAgain warns, at synthesis, where a bucket has got another key since.
func (b *textractAsyncBase) lookAtBucketsAgain() {
	locations := slices.DeleteFunc(b.locations(), func(l location) bool { return l.made == nil || l.keyProp != nil })
	if len(locations) == 0 {
		return
	}
	b.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		for _, l := range locations {
			l.warnOfChangedKey(b.construct, app)
		}
		return nil
	})
}

func (l location) warnOfChangedKey(scope constructs.Construct, app *synthesizedApp) {
	now := app.read(l.made.cfn)
	text := now.text(bucketKeyPath...)
	if text == "" || text == l.keyText || strings.Contains(text, "alias/aws/") ||
		app.isSame(text, l.keyText) || now.isSameValue(text, l.keyText) {
		return
	}
	warn(scope, warningUnknownKey, fmt.Sprintf("%s.Bucket: %s has got the key %s after the construct, so no permission for it is granted; "+
		"set %[1]s.EncryptionKey, or encrypt the bucket before", l.prop, pathOf(l.bucket), app.nameOf(text)))
}

// warnOfLoop warns where results are documents as well: where uploads start jobs, each job would
// start the next ones.
func warnOfLoop(t constructs.Construct, input, output location) {
	results := output.prefix + "/"
	if validate.Dummy(results) || !strings.HasPrefix(results, input.prefix) || !input.isSameBucket(output) {
		return
	}
	warn(t, warningOutputInInputs, fmt.Sprintf("%s: Textract writes results below %q of the same bucket, which begins with the "+
		"Prefix %q of the documents; where an upload starts a job, each result would start another one, for ever; "+
		"use another Prefix or bucket for one of them", input.prop, results, input.prefix))
}
