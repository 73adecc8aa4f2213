package textractasync

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/plaintext"
	"github.com/cdk-textract/textractasync/internal/validate"
)

const warningPrefix = "@cdk-textract/textractasync:"

// The ids by which Annotations.AcknowledgeWarning silences each.
const (
	warningQueuePolicy          = warningPrefix + "queuePolicy"
	warningKeyPolicy            = warningPrefix + "keyPolicy"
	warningTopicPattern         = warningPrefix + "topicPattern"
	warningServiceRoleTrust     = warningPrefix + "serviceRoleTrust"
	warningServiceRoleOpenTrust = warningPrefix + "serviceRoleOpenTrust"
	warningServiceRolePolicy    = warningPrefix + "serviceRolePolicy"
	warningBucketPolicy         = warningPrefix + "bucketPolicy"
	warningBucketKeyPolicy      = warningPrefix + "bucketKeyPolicy"
	warningRegion               = warningPrefix + "region"
)

func warn(scope constructs.Construct, id, message string) {
	awscdk.Annotations_Of(scope).AddWarningV2(jsii.String(id), jsii.String(message))
}

// warnStatement says what must be added by hand, with ARNs as far as they are known; what is not is written as in Fn::Sub.
func warnStatement(scope constructs.Construct, id, problem string, s statement) {
	stack := awscdk.Stack_Of(scope)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plaintext.Flatten(stack.Resolve(s))); err != nil {
		panic(fmt.Errorf("encoding the statement of warning %s: %w", id, err))
	}
	statement := strings.TrimSpace(text.String())
	if partition := validate.PartitionOf(*stack.Region()); partition != "" {
		statement = strings.ReplaceAll(statement, "${AWS::Partition}", partition)
	}
	if strings.Contains(statement, "${") {
		problem += " (put in what each ${…} stands for: to IAM it would be a policy variable)"
	}
	warn(scope, id, problem+": "+statement)
}

func (t *textractAsync) warnOfRegion() {
	if has, known := validate.HasTextract(t.env.region); known && !has {
		warn(t, warningRegion, "Region "+t.env.region+" is not known to have Amazon Textract; "+
			"deploy to one that has, for the topic must be in the Region of the endpoint that is called")
	}
}

// warnOfForeignLocations says what the owner of another account's bucket or key must add: grants reach only this side.
func (p *pipeline) warnOfForeignLocations(scope constructs.Construct) {
	for i, input := range p.inputs {
		p.warnOfForeign(scope, fmt.Sprintf("Inputs[%d]", i), input, readKeyActions,
			bucketStatement{readDocumentActions, []string{input.inputObjects()}, nil})
	}
	if p.output == nil {
		return
	}
	p.warnOfForeign(scope, "Output", *p.output, outputKeyActions,
		bucketStatement{writeResultActions, []string{p.output.arn, p.output.outputObjects()}, nil},
		bucketStatement{[]string{"s3:ListBucket"}, []string{p.output.arn}, map[string]any{
			"StringLike": map[string]any{"s3:prefix": p.output.outputKeys()},
		}})
}

type bucketStatement struct {
	actions   []string
	resources []string
	condition map[string]any
}

func (p *pipeline) warnOfForeign(
	scope constructs.Construct, prop string, l location, keyActions []string, needed ...bucketStatement,
) {
	account := map[string]any{"AWS": p.env.rootArn()}
	if p.isForeign(l.place) {
		for _, n := range needed {
			s := statement{"Effect": "Allow", "Principal": account, "Action": n.actions, "Resource": n.resources}
			if n.condition != nil {
				s["Condition"] = n.condition
			}
			warnStatement(scope, warningBucketPolicy, prop+".Bucket: account "+l.place.Account+
				" must add this statement to the policy of "+*l.bucket.Node().Path(), s)
		}
	}
	if l.key != nil && p.isForeign(l.key.place) {
		warnStatement(scope, warningBucketKeyPolicy, prop+": account "+l.key.place.Account+
			" must add this statement to the policy of "+*l.key.Node().Path(),
			statement{"Effect": "Allow", "Principal": account, "Action": keyActions, "Resource": "*"})
	}
}
