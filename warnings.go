package textractasync

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
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

var token = regexp.MustCompile(`\$\{Token\[[^\]]*\]\}`)

func warn(scope constructs.IConstruct, id, message string) {
	callWith(awscdk.Annotations_Of(scope).AddWarningV2, jsii.String(id), jsii.String(readable(scope, message)))
}

// readable writes the tokens of a text as the printed statements have them.
func readable(scope constructs.IConstruct, text string) (out string) {
	if !token.MatchString(text) {
		return text
	}
	defer func() {
		if recover() != nil { // what the CDK cannot refer to from here
			out = token.ReplaceAllLiteralString(text, "${…}")
		}
	}()
	return fmt.Sprint(fnsub.Flatten(awscdk.Stack_Of(scope).Resolve(text)))
}

// warnStatement prints the statement to add, with ARNs as far as they are known; what is not is
// written as in Fn::Sub.
func warnStatement(scope constructs.IConstruct, id, problem string, p permission) {
	warnPrinted(scope, id, problem, encode(scope, p.statement()))
}

// warnStatements prints a whole policy to add, each statement on a line of its own.
func warnStatements(scope constructs.IConstruct, id, problem string, permissions []permission) {
	statements := make([]string, len(permissions))
	for i, p := range permissions {
		statements[i] = encode(scope, p.statement())
	}
	warnPrinted(scope, id, problem, `{"Version":"2012-10-17","Statement":[`+"\n"+strings.Join(statements, ",\n")+"\n]}")
}

func encode(scope constructs.IConstruct, statement map[string]any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fnsub.Flatten(awscdk.Stack_Of(scope).Resolve(statement))); err != nil {
		panic(fmt.Errorf("encoding a statement: %w", err))
	}
	return strings.TrimSpace(text.String())
}

func warnPrinted(scope constructs.IConstruct, id, problem, printed string) {
	if partition := validate.PartitionOf(*awscdk.Stack_Of(scope).Region()); partition != "" {
		printed = strings.ReplaceAll(printed, "${AWS::Partition}", partition)
	}
	if strings.Contains(printed, "${") {
		problem += " (replace each ${…} by its value: to IAM it would be a policy variable)"
	}
	warn(scope, id, problem+": "+printed)
}

// warnOfUnknownKeys warns of an existing topic and queue that were imported without a key: they may
// have one.
func warnOfUnknownKeys(t constructs.Construct, s settings) {
	if s.topic != nil {
		s.topic.warnOfUnknownKey(t, "Topic", "the service role")
	}
	if s.queue != nil {
		s.queue.warnOfUnknownKey(t)
	}
}

func (t *existingTopic) warnOfUnknownKey(scope constructs.Construct, prop, users string) {
	switch {
	case t.key != nil:
	case t.unknownKey != "":
		warnOfKeyAtDeployment(scope, prop, t.ITopic, users)
	case t.made == nil:
		warn(scope, warningUnknownKey, prop+": "+pathOf(t.ITopic)+" is imported without its key, so "+users+" may not use one; if it is "+
			"encrypted with a customer managed key, import it with awssns.Topic_FromTopicAttributes and "+
			"KeyArn, else acknowledge this warning")
	}
}

func (q *existingQueue) warnOfUnknownKey(scope constructs.Construct) {
	switch {
	case q.key != nil || q.isAWSManaged:
	case q.unknownKey != "":
		warnOfKeyAtDeployment(scope, "Queue", q.IQueue, "SNS and consumers")
	case q.made == nil:
		warn(
			scope,
			warningUnknownKey,
			"Queue: "+pathOf(q.IQueue)+" is imported without its key, so SNS and consumers may not use one; if it "+
				"is encrypted with a customer managed key, import it with awssqs.Queue_FromQueueAttributes and "+
				"KeyArn; if with alias/aws/sqs, "+
				"change its encryption, because SNS cannot use that key and drops every notification; else acknowledge this warning",
		)
	}
}

func warnOfKeyAtDeployment(scope constructs.Construct, prop string, owner constructs.IConstruct, users string) {
	warn(scope, warningUnknownKey, prop+": "+pathOf(owner)+" is encrypted with a key that is known at deployment only, so "+users+
		" may not use it; name the key by a construct of it")
}

func warnOfRegion(t constructs.Construct, region string) {
	if has, known := validate.HasTextract(region); known && !has {
		warn(t, warningRegion, "Region "+region+" is not known to have Amazon Textract; deploy to one that has, "+
			"because the topic must be in the Region of the endpoint that is called")
	}
}
