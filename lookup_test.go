package textractasync_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// The CDK looks a value up only after a first pass with dummy values, so that pass must get through
// Synth.
func TestFirstPassOfLookups(t *testing.T) {
	text := func(stack awscdk.Stack, name string) *string {
		return awsssm.StringParameter_ValueFromLookup(stack, jsii.String("/textract/"+name), nil, nil)
	}
	role := func(stack awscdk.Stack) awsiam.IRole {
		return awsiam.Role_FromLookup(stack, jsii.String("Role"), &awsiam.RoleLookupOptions{RoleName: jsii.String("textract")})
	}
	key := func(stack awscdk.Stack) awskms.IKey {
		return awskms.Key_FromLookup(stack, jsii.String("Key"), &awskms.KeyLookupOptions{AliasName: jsii.String("alias/textract")})
	}
	for name, build := range map[string]func(awscdk.Stack){
		"ServiceRole": func(stack awscdk.Stack) {
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role(stack)})
		},
		"a grantee": func(stack awscdk.Stack) {
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil).GrantRunJobs(role(stack))
		},
		"EncryptionKey": func(stack awscdk.Stack) {
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{EncryptionKey: key(stack)})
		},
		"texts": func(stack awscdk.Stack) {
			bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				TopicName:         text(stack, "topic"),
				TrustedAccounts:   &[]*string{text(stack, "account")},
				Operations:        &[]textractasync.Operation{textractasync.Operation(*text(stack, "operation"))},
				Encryption:        textractasync.Encryption(*text(stack, "encryption")),
				ServiceRolePolicy: textractasync.ServiceRolePolicy(*text(stack, "policy")),
				Inputs:            &[]*textractasync.InputLocation{{Bucket: bucket, Prefix: text(stack, "in")}},
				Output:            &textractasync.OutputLocation{Bucket: bucket, Prefix: text(stack, "out")},
			}).GrantRunJobs(newLambdaRole(stack, "Caller"))
		},
		"attributes": func(stack awscdk.Stack) {
			textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncAttributes{
				TopicArn: text(stack, "topic"), QueueArn: text(stack, "queue"), ServiceRoleArn: text(stack, "role"),
				EncryptionKeyArn: text(stack, "key"),
			}).GrantRunJobs(newLambdaRole(stack, "Caller"))
		},
		"alarms and dashboard": func(stack awscdk.Stack) {
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
			textract.AddAlarms(nil)
			textract.AddDashboard(&textractasync.DashboardProps{DashboardName: text(stack, "dashboard")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				build(homeIn(app))
				var manifest struct{ Missing []any }
				content, err := os.ReadFile(filepath.Join(*app.Synth(nil).Directory(), "manifest.json"))
				if err == nil {
					err = json.Unmarshal(content, &manifest)
				}
				if err != nil || len(manifest.Missing) == 0 {
					t.Errorf("the manifest asks for no lookup: %v", err)
				}
			})
		})
	}
}

// Aspects and look-ups get what the constructors returned, first construct of a stack or not.
func TestConstructsInTheTree(t *testing.T) {
	stack := newStack("Tree")
	made := []textractasync.ITextractAsync{
		newTextractAsync(stack, nil),
		textractasync.NewTextractAsync(stack, jsii.String("Further"), nil),
		textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Imported"), &textractasync.TextractAsyncAttributes{
			TopicArn: jsii.String("arn:aws:sns:" + region + ":" + account + ":AmazonTextract"), QueueArn: jsii.String("arn:aws:sqs:" + region + ":" + account + ":queue"),
			ServiceRoleArn: jsii.String("arn:aws:iam::" + account + ":role/textract"),
		}),
	}
	var seen []textractasync.ITextractAsync
	awscdk.Aspects_Of(stack).Add(&visitor{func(node constructs.IConstruct) {
		if textract, ok := node.(textractasync.ITextractAsync); ok {
			seen = append(seen, textract)
		}
	}}, nil)
	awscdk.App_Of(stack).Synth(nil)
	if !slices.Equal(seen, made) {
		t.Errorf("the aspect saw %v, want %v", seen, made)
	}
	for _, each := range made {
		if found := stack.Node().FindChild(each.Node().Id()); found != each {
			t.Errorf("found %T %v, want %v", found, found, each)
		}
	}
}
