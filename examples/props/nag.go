package props

import (
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// region nag

// SuppressNag acknowledges the findings of AwsSolutions that the construct's own permissions raise,
// and no others. Callers are the roles that are grantees; objects are the patterns of Inputs and
// Output, such as "<BUCKET.Arn>/textract_output/*" with the logical id of the bucket.
func SuppressNag(textract constructs.IConstruct, objects []string, callers ...constructs.IConstruct) {
	suppress := func(c constructs.IConstruct, findings map[string]string) {
		var all []*cdknag.NagPackSuppression
		for _, finding := range slices.Sorted(maps.Keys(findings)) { // in the same order each time: they are in the template
			all = append(all, &cdknag.NagPackSuppression{
				Id: jsii.String("AwsSolutions-IAM5"), Reason: jsii.String(findings[finding]), AppliesTo: &[]any{finding},
			})
		}
		cdknag.NagSuppressions_AddResourceSuppressions(c, &all, jsii.Bool(true))
	}
	const reEncrypt = "Textract's guide asks for it; on the output's key alone."
	suppress(textract, map[string]string{
		"Action::kms:GenerateDataKey*": "SNS documents this pattern for publishers; on the topic's key alone.",
		"Action::kms:ReEncrypt*":       reEncrypt,
	})
	for _, caller := range callers {
		findings := map[string]string{
			"Resource::*":            "Textract's actions have no resource; the statement has nothing else.",
			"Action::kms:ReEncrypt*": reEncrypt,
		}
		for _, pattern := range objects {
			findings["Resource::"+pattern] = "Objects below the prefix of the documents or results."
		}
		suppress(caller, findings)
	}
}

// endregion
