package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// What a caller needs of S3, as the guide and the API reference have it.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
var (
	readDocumentActions = []string{"s3:GetObject", "s3:GetObjectVersion"}
	readResultActions   = []string{"s3:GetObject"}
	writeResultActions  = []string{
		"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads",
	}
)

// GrantStartJobs lets the grantee start the chosen operations: the Start actions, iam:PassRole on the service role, reading
// the documents, writing the results, and the keys of both.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func (p *pipeline) GrantStartJobs(grantee awsiam.IGrantable) awsiam.Grant {
	grant := p.grantTextract(grantee, startActions(p.operations))
	p.GrantPassRole(grantee)
	grant = p.grantReadInputs(grant, grantee)
	return p.grantOutput(grant, grantee, outputWrite)
}

// GrantConsumeNotifications lets the grantee receive, delete and extend the notifications in the queue, and decrypt them.
func (p *pipeline) GrantConsumeNotifications(grantee awsiam.IGrantable) awsiam.Grant {
	return p.queue.GrantConsumeMessages(grantee)
}

// GrantReadResults lets the grantee read results: the Get actions of the chosen operations, and listing, reading and
// decrypting what Textract wrote to the output.
func (p *pipeline) GrantReadResults(grantee awsiam.IGrantable) awsiam.Grant {
	grant := p.grantTextract(grantee, getActions(p.operations))
	return p.grantOutput(grant, grantee, outputRead)
}

// GrantRunJobs lets the grantee do all three: start jobs, consume notifications, read results.
func (p *pipeline) GrantRunJobs(grantee awsiam.IGrantable) awsiam.Grant {
	grant := p.grantTextract(grantee, append(startActions(p.operations), getActions(p.operations)...))
	p.GrantPassRole(grantee)
	p.GrantConsumeNotifications(grantee)
	grant = p.grantReadInputs(grant, grantee)
	return p.grantOutput(grant, grantee, outputWrite|outputRead)
}

// GrantPassRole lets the grantee pass the service role to Textract and to no other service: step 8 of the guide.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func (p *pipeline) GrantPassRole(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("iam:PassRole"),
		ResourceArns: jsii.Strings(p.serviceRoleArn()),
		Conditions: &map[string]*map[string]any{
			"StringEquals": {"iam:PassedToService": textractPrincipal},
		},
	})
}

func (p *pipeline) grantTextract(grantee awsiam.IGrantable, actions []string) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(actions...),
		ResourceArns: jsii.Strings("*"),
	})
}

// grantReadInputs adds the policies of buckets to the grant, which stands for the policy of the grantee already; those of keys are
// left out of it, as in the grants of the CDK's own buckets.
func (p *pipeline) grantReadInputs(grant awsiam.Grant, grantee awsiam.IGrantable) awsiam.Grant {
	for _, input := range p.inputs {
		objects := grantObjects(grantee, input, readDocumentActions, input.inputObjects())
		p.grantKey(grantee, input.key, readKeyActions)
		if isInBucketPolicy(objects) {
			grant = grant.Combine(objects)
		}
	}
	return grant
}

// outputUse says what a caller does with the output.
type outputUse int

const (
	outputWrite outputUse = 1 << iota
	outputRead
)

func (p *pipeline) grantOutput(grant awsiam.Grant, grantee awsiam.IGrantable, use outputUse) awsiam.Grant {
	if p.output == nil {
		return grant
	}
	output := *p.output
	actions, keyActions, resources := readResultActions, readKeyActions, []string{output.outputObjects()}
	if use&outputWrite != 0 {
		// One of the actions is the bucket's, the others are the objects'.
		actions, keyActions, resources = writeResultActions, outputKeyActions, []string{output.arn, output.outputObjects()}
	}
	objects := grantObjects(grantee, output, actions, resources...)
	p.grantKey(grantee, output.key, keyActions)
	inBucketPolicy := isInBucketPolicy(objects)
	if use&outputRead != 0 {
		grantList(grantee, output, inBucketPolicy)
	}
	if inBucketPolicy {
		grant = grant.Combine(objects)
	}
	return grant
}

func grantObjects(grantee awsiam.IGrantable, l location, actions []string, resources ...string) awsiam.Grant {
	return awsiam.Grant_AddToPrincipalOrResource(&awsiam.GrantWithResourceOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(actions...),
		ResourceArns: jsii.Strings(resources...),
		Resource:     l.bucket,
	})
}

// isInBucketPolicy says that the CDK wrote the objects' grant into the policy of the bucket, as it does for a grantee of another
// account or one without a policy of its own.
func isInBucketPolicy(objects awsiam.Grant) bool { return objects.ResourceStatement() != nil }

// grantList lets the grantee list the results and nothing beside them. A grant of the CDK would drop the condition on its way
// into the policy of the bucket.
func grantList(grantee awsiam.IGrantable, l location, inBucketPolicy bool) {
	belowPrefix := map[string]*map[string]any{"StringLike": {"s3:prefix": l.outputKeys()}}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("s3:ListBucket"),
		ResourceArns: jsii.Strings(l.arn),
		Conditions:   &belowPrefix,
	})
	if !inBucketPolicy {
		return
	}
	l.bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{grantee.GrantPrincipal()},
		Actions:    jsii.Strings("s3:ListBucket"),
		Resources:  jsii.Strings(l.arn),
		Conditions: &map[string]any{"StringLike": map[string]any{"s3:prefix": l.outputKeys()}},
	}))
}

// grantKey names the key even where it is another account's: the CDK would grant its actions on every key there.
func (p *pipeline) grantKey(grantee awsiam.IGrantable, key *locationKey, actions []string) {
	if key == nil {
		return
	}
	if !p.isForeign(key.place) {
		key.Grant(grantee, *jsii.Strings(actions...)...)
		return
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(actions...),
		ResourceArns: jsii.Strings(key.arn),
	})
}
