package textractasync

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/validate"
)

const warningPrefix = "@cdk-textract/textractasync:"

// The ids that Annotations.AcknowledgeWarning takes.
const (
	warningQueuePolicy          = warningPrefix + "queuePolicy"
	warningKeyPolicy            = warningPrefix + "keyPolicy"
	warningTopicPattern         = warningPrefix + "topicPattern"
	warningServiceRoleTrust     = warningPrefix + "serviceRoleTrust"
	warningServiceRoleOpenTrust = warningPrefix + "serviceRoleOpenTrust"
	warningServiceRolePolicy    = warningPrefix + "serviceRolePolicy"
	warningBucketPolicy         = warningPrefix + "bucketPolicy"
	warningBucketKeyPolicy      = warningPrefix + "bucketKeyPolicy"
	warningUnknownKey           = warningPrefix + "unknownKey"
	warningOutputInInputs       = warningPrefix + "outputInInputs"
	warningGrantee              = warningPrefix + "grantee"
	warningPolicySize           = warningPrefix + "policySize"
	warningRegion               = warningPrefix + "region"
	warningAlarmTopicPolicy     = warningPrefix + "alarmTopicPolicy"
	warningAlarmTopicKeyPolicy  = warningPrefix + "alarmTopicKeyPolicy"
)

func warn(scope constructs.IConstruct, id, message string) {
	callWith(awscdk.Annotations_Of(scope).AddWarningV2, jsii.String(id), jsii.String(readable(scope, message)))
}

// readable writes the tokens of a text as the printed statements have them.
func readable(scope constructs.IConstruct, text string) string {
	if !strings.Contains(text, "${Token[") {
		return text
	}
	return fmt.Sprint(fnsub.Flatten(awscdk.Stack_Of(scope).Resolve(text)))
}

// warnStatement prints the statement to add, with ARNs as far as they are known; what is not is
// written as in Fn::Sub.
func warnStatement(scope constructs.IConstruct, id, problem string, p permission) {
	warnPolicy(scope, id, problem, p.statement())
}

// warnStatements prints a whole policy to add.
func warnStatements(scope constructs.IConstruct, id, problem string, permissions []permission) {
	statements := make([]any, len(permissions))
	for i, p := range permissions {
		statements[i] = p.statement()
	}
	warnPolicy(scope, id, problem, map[string]any{"Version": "2012-10-17", "Statement": statements})
}

func warnPolicy(scope constructs.IConstruct, id, problem string, policy map[string]any) {
	stack := awscdk.Stack_Of(scope)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fnsub.Flatten(stack.Resolve(policy))); err != nil {
		panic(fmt.Errorf("encoding the statement of warning %s: %w", id, err))
	}
	statement := strings.TrimSpace(text.String())
	if partition := validate.PartitionOf(*stack.Region()); partition != "" {
		statement = strings.ReplaceAll(statement, "${AWS::Partition}", partition)
	}
	if strings.Contains(statement, "${") {
		problem += " (replace each ${…} by its value: to IAM it would be a policy variable)"
	}
	warn(scope, id, problem+": "+statement)
}

// warnOfUnknownKeys warns of an existing topic and queue that were imported without a key: they may
// have one.
func warnOfUnknownKeys(t constructs.Construct, s settings) {
	if s.topic != nil {
		warnOfUnknownKey(t, "Topic", s.topic.ITopic, s.topic.MasterKey(), "the service role", "awssns.Topic_FromTopicAttributes")
	}
	if s.queue != nil {
		warnOfUnknownKey(t, "Queue", s.queue.IQueue, s.queue.EncryptionMasterKey(), "SNS and consumers", "awssqs.Queue_FromQueueAttributes")
	}
}

func warnOfUnknownKey(t constructs.Construct, prop string, resource awscdk.IResource, key awskms.IKey, users, importer string) {
	if key != nil || isNew(resource) {
		return
	}
	warn(t, warningUnknownKey, prop+": "+pathOf(resource)+" is imported without its key, so "+users+" may not use one; if it is encrypted "+
		"with a customer managed key, import it with "+importer+" and KeyArn, else acknowledge this warning")
}

func warnOfRegion(t constructs.Construct, env environment) {
	if has, known := validate.HasTextract(env.region); known && !has {
		warn(t, warningRegion, "Region "+env.region+" is not known to have Amazon Textract; deploy to one that has, "+
			"because the topic must be in the Region of the endpoint that is called")
	}
}
