// Package sample is a stack to deploy unchanged: a bucket of documents, a bucket of results, and a
// caller that uses both.
package sample

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// The context values that the stack reads, set with -c on the command line.
const (
	// An existing user that gets the permissions of a caller.
	ContextCallerUser = "callerUser"
	// An existing role that gets the permissions of a caller.
	ContextCallerRole = "callerRole"
	// "true" adds alarms and a dashboard.
	ContextMonitoring = "monitoring"
)

// NewStack builds the sample. Without a caller in its context it makes a role that its account may
// assume.
func NewStack(scope constructs.Construct, id *string, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, id, props)

	documents := newBucket(stack, "Documents")
	results := newBucket(stack, "Results")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})

	caller, callerRole := newCaller(stack)
	textract.GrantRunJobs(caller)
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{ // to upload documents
		Grantee:      caller,
		Actions:      jsii.Strings("s3:PutObject"),
		ResourceArns: &[]*string{documents.ArnForObjects(jsii.String("*"))},
	})

	if contextValue(stack, ContextMonitoring) == "true" {
		textract.AddAlarms(nil)
		textract.AddDashboard(nil)
	}

	textract.AddOutputs(&textractasync.OutputsProps{CallerRole: callerRole})
	return stack
}

func newBucket(stack awscdk.Stack, id string) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}

// newCaller returns the caller, and its role where it is one. An existing user or role gets a
// managed policy: its name is CloudFormation's, while two deployments that use one name for an
// inline policy overwrite each other's permissions.
func newCaller(stack awscdk.Stack) (awsiam.IGrantable, awsiam.IRole) {
	userName, roleName := contextValue(stack, ContextCallerUser), contextValue(stack, ContextCallerRole)
	if userName != "" && roleName != "" {
		panic("callerUser " + userName + " and callerRole " + roleName + ": set one of the two")
	}
	if userName == "" && roleName == "" {
		role := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{
			Description: jsii.String("Starts Textract jobs, consumes their notifications and reads their results"),
			AssumedBy:   awsiam.NewAccountRootPrincipal(),
		})
		return role, role
	}
	policy := awsiam.NewManagedPolicy(stack, jsii.String("CallerPolicy"), nil)
	if userName != "" {
		policy.AttachToUser(awsiam.User_FromUserName(stack, jsii.String("Caller"), jsii.String(userName)))
		return policy, nil
	}
	role := awsiam.Role_FromRoleName(stack, jsii.String("Caller"), jsii.String(roleName), nil)
	policy.AttachToRole(role)
	return policy, role
}

// contextValue reads a value that -c sets as text, and cdk.json perhaps as true.
func contextValue(stack awscdk.Stack, key string) string {
	if value := stack.Node().TryGetContext(jsii.String(key)); value != nil {
		return fmt.Sprint(value)
	}
	return ""
}
