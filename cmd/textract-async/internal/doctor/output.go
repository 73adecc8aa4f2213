package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// The actions that the guide asks for on the key of the results. ReEncrypt is two actions.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
var (
	outputKeyActions   = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	outputKeyStatement = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"}
	// writeActions are those on the results; the one on the bucket comes last in the statement.
	writeActions = []string{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}
)

// results is where Textract writes results.
type results struct {
	bucket *bucket // nil where none is set
	prefix string
	key    *key // nil without one: Textract then encrypts with SSE-S3, whatever the bucket's default is
}

// readResults returns no bucket where none is set.
func (d *inspection) readResults(ctx context.Context) *results {
	r := &results{}
	if d.Output == nil {
		return r
	}
	r.bucket = d.readBucket(ctx, d.Output.Bucket)
	if r.prefix = strings.TrimRight(d.Output.Prefix, "/"); r.prefix == "" {
		r.prefix = textractclient.DefaultOutputPrefix
	}
	if d.Output.KMSKeyID != "" {
		r.key = d.readKey(ctx, d.Output.KMSKeyID, d.Region, d.account)
	}
	return r
}

func (d *inspection) checkOutput(ctx context.Context) {
	r := d.results
	if r.bucket == nil {
		return
	}
	c := Check{ID: "output"}
	if !d.checkBucket(c, r.bucket) {
		return
	}
	c.Result, c.Found = OK, fmt.Sprintf("s3://%s/%s is in %s", r.bucket.name, r.prefix, r.bucket.region)
	d.add(c)
	d.checkOutputAccess(ctx)
	d.checkOutputKey()
	d.checkOutputLoop(ctx)
}

func (d *inspection) checkOutputAccess(ctx context.Context) {
	c := Check{ID: "output-access"}
	if d.skipCaller(c) {
		return
	}
	r, bucketARN := d.results, d.bucketARN(d.results.bucket.name)
	var all decisions
	for _, action := range writeActions {
		all = append(all, d.mayTake(ctx, r.bucket, action, fmt.Sprintf("%s/%s/0/1", bucketARN, r.prefix)))
	}
	const onBucket = "s3:ListBucketMultipartUploads"
	all = append(all, d.mayTake(ctx, r.bucket, onBucket, bucketARN))
	c.Add = allow(slices.Concat(writeActions, []string{onBucket}), bucketARN, fmt.Sprintf("%s/%s/*", bucketARN, r.prefix))
	c.To = d.caller.policyName()
	d.add(all.check(c, "the caller may write results", "the caller may not write results: jobs with an OutputConfig fail"))
}

// checkOutputKey asks for the caller and for the service role: the guide says the one on one page
// and the other on another.
func (d *inspection) checkOutputKey() {
	k, c := d.results.key, Check{ID: "output-key"}
	switch {
	case k == nil:
		return
	case k.unusable() != "":
		c.Result, c.Found = Skipped, "the key is not usable"
		d.add(c)
		return
	case k.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+k.unknown
		d.add(c)
		return
	case d.skipCaller(c), d.skipRole(c):
		return
	}
	byCaller := d.mayUse(d.caller, k, "", outputKeyActions...)
	c.Add, c.To = allowUse(d.caller, k, outputKeyStatement, byCaller)
	c = byCaller.check(
		c, "caller and service role may use the key of the results",
		"the caller may not use the key of the results: jobs with an OutputConfig fail",
	)
	if c.Result == OK {
		byRole := d.mayUse(d.role, k, "", outputKeyActions...)
		c.Add, c.To = allowUse(d.role, k, outputKeyStatement, byRole)
		c = byRole.check(
			c, c.Found,
			"the service role may not use the key of the results, which one page of the guide asks for and another does not",
		)
		if c.Result == Wrong {
			c.Result = Warning
		}
	}
	d.add(c)
}

// checkOutputLoop warns of results that start jobs: each job's results would be the next one's
// documents.
func (d *inspection) checkOutputLoop(ctx context.Context) {
	r := d.results
	documentKey, documents := "", d.DocumentBucket
	if d.Document != nil {
		documentKey, documents = d.Document.Key, d.Document.Bucket
	}
	if documents != r.bucket.name {
		return
	}
	c := Check{ID: "output-loop", Result: OK, Found: "no notification of the bucket covers documents and results"}
	out, failure := read(
		&d.reader,
		"s3:GetBucketNotification",
		r.bucket.name,
		func() (*s3.GetBucketNotificationConfigurationOutput, error) {
			return d.S3.GetBucketNotificationConfiguration(
				ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &r.bucket.name},
				r.bucket.inItsRegion,
			)
		},
	)
	switch {
	case failure != nil:
		c.Result, c.Found = Unknown, "not judged: "+failure.Error()
	case out.EventBridgeConfiguration != nil:
		c.Result, c.Found = Warning, fmt.Sprintf(
			"EventBridge is notified of documents and of results: exclude %s/ where jobs are started, or each job starts another",
			r.prefix,
		)
	case slices.ContainsFunc(createdRules(out), func(rule objectRule) bool {
		return rule.covers(r.prefix+"/0/1") && (documentKey == "" || rule.covers(documentKey))
	}):
		c.Result, c.Found = Warning, fmt.Sprintf(
			"a notification of the bucket covers documents and results: exclude %s/, or each job starts another",
			r.prefix,
		)
	}
	d.add(c)
}

// objectRule is the filter of a notification for objects that were created.
type objectRule struct{ prefix, suffix string }

func (r objectRule) covers(key string) bool {
	return strings.HasPrefix(key, r.prefix) && strings.HasSuffix(key, r.suffix)
}

func createdRules(out *s3.GetBucketNotificationConfigurationOutput) []objectRule {
	var rules []objectRule
	add := func(events []types.Event, filter *types.NotificationConfigurationFilter) {
		if !slices.ContainsFunc(events, func(e types.Event) bool { return strings.HasPrefix(string(e), "s3:ObjectCreated:") }) {
			return
		}
		var rule objectRule
		if filter != nil && filter.Key != nil {
			for _, r := range filter.Key.FilterRules {
				if strings.EqualFold(string(r.Name), "prefix") {
					rule.prefix = aws.ToString(r.Value)
				} else {
					rule.suffix = aws.ToString(r.Value)
				}
			}
		}
		rules = append(rules, rule)
	}
	for _, c := range out.LambdaFunctionConfigurations {
		add(c.Events, c.Filter)
	}
	for _, c := range out.QueueConfigurations {
		add(c.Events, c.Filter)
	}
	for _, c := range out.TopicConfigurations {
		add(c.Events, c.Filter)
	}
	return rules
}
