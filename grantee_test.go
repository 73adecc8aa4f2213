package textractasync_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func importedRole(scope constructs.Construct, account string, mutable bool) awsiam.IRole {
	return awsiam.Role_FromRoleArn(scope, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/service/Role"),
		&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(mutable)})
}

// What nobody can write is printed, and the grant does not claim it.
func TestGranteeThatTakesNoPolicy(t *testing.T) {
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"Mutable false": func(stack awscdk.Stack) awsiam.IGrantable { return importedRole(stack, account, false) },
		"another account's role": func(stack awscdk.Stack) awsiam.IGrantable {
			return importedRole(stack, otherAccount, true)
		},
		"WithoutPolicyUpdates": func(stack awscdk.Stack) awsiam.IGrantable {
			return newLambdaRole(stack, "Role").WithoutPolicyUpdates(nil)
		},
		"AddGrantsToResources": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/x"),
				&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false), AddGrantsToResources: jsii.Bool(true)})
		},
		"an ARN": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":role/x"))
		},
		"an account":      func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAccountPrincipal(account) },
		"another account": func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAccountPrincipal(otherAccount) },
		"a service": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil)
		},
		"an organization": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewOrganizationPrincipal(jsii.String("o-1234567890"))
		},
		"a composite": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewCompositePrincipal(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + otherAccount + ":role/x")))
		},
		"the account's root": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":root"))
		},
		"a group's ARN": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":group/ops"))
		},
		"a SAML provider": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewFederatedPrincipal(jsii.String("arn:aws:iam::"+account+":saml-provider/x"), nil, nil)
		},
		"anybody": func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAnyPrincipal() },
		"an imported lambda": func(stack awscdk.Stack) awsiam.IGrantable {
			return awslambda.Function_FromFunctionArn(stack, jsii.String("Function"),
				jsii.String("arn:aws:lambda:"+region+":"+account+":function:f"))
		},
		"another account's user": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.User_FromUserArn(stack, jsii.String("User"), jsii.String("arn:aws:iam::"+otherAccount+":user/ann"))
		},
		"another account's group": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String("arn:aws:iam::"+otherAccount+":group/ops"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), withInputAndOutput(home))
				grant := textract.GrantRunJobs(grantee(home))
				if *grant.Success() {
					t.Error("the grant reports success")
				}
				got := synthesizeApp(t, app)
				printed := got.warnings.printed(t)
				for _, action := range []string{"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis", "iam:PassRole"} {
					if !hasAction(printed, action) {
						t.Errorf("no statement for %s in %v", action, got.warnings)
					}
				}
				if strings.HasPrefix(name, "another account's") &&
					!strings.Contains(fmt.Sprint(got.warnings["grantee"]), "iam:PassRole does not reach") {
					t.Errorf("%v does not say that iam:PassRole does not reach another account", got.warnings)
				}
				for _, a := range got.allowed {
					if len(a.to) > 0 && !strings.HasPrefix(a.to[0], "${TextractAsyncServiceRole") {
						t.Errorf("%s is in a policy of %v", a.action, a.to)
					}
				}
			})
		})
	}
}

func hasAction(found []allowed, action string) bool {
	for _, a := range found {
		if a.action == action {
			return true
		}
	}
	return false
}

// What only a whole account or nobody can be granted by a resource is no success.
func TestConsumersThatAResourceCannotGrant(t *testing.T) {
	for name, grantee := range map[string]awsiam.IGrantable{
		"this account":          awsiam.NewAccountPrincipal(account),
		"its root":              awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":root")),
		"another account":       awsiam.NewAccountPrincipal(otherAccount),
		"another account's ARN": awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + otherAccount + ":role/x")),
		"a group":               awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":group/x")),
		"everybody":             awsiam.NewAnyPrincipal(),
		"an organization":       awsiam.NewOrganizationPrincipal(jsii.String("o-1234567890")),
		"a SAML provider":       awsiam.NewFederatedPrincipal(jsii.String("arn:aws:iam::"+account+":saml-provider/x"), nil, nil),
	} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(nil)
			textract := textractasync.NewTextractAsync(homeIn(app), jsii.String("TextractAsync"), nil)
			if *textract.GrantConsumeNotifications(grantee).Success() {
				t.Error("the grant reports success")
			}
			synthesizeApp(t, app).warnings.expect(t, "grantee", true, "sqs:ReceiveMessage")
		})
	}
}

// A stack that is environment-agnostic says nothing of its account, and the ARNs of the attributes
// do.
func TestRoleOfAnotherAccountThanTheAttributes(t *testing.T) {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), importedAttributes())
	if *textract.GrantRunJobs(importedRole(stack, otherAccount, true)).Success() {
		t.Error("the grant reports success")
	}
	synthesizeApp(t, app).warnings.expect(t, "grantee", true, "iam:PassRole does not reach")
}

func TestRolesThatTakeNoPolicyAreRejected(t *testing.T) {
	for name, arn := range map[string]string{
		"a service-linked role":            "arn:aws:iam::" + account + ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
		"a role of IAM Identity Center":    "arn:aws:iam::" + account + ":role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_1",
		"a user's ARN":                     "arn:aws:iam::" + account + ":user/ann",
		"a session's ARN":                  "arn:aws:sts::" + account + ":assumed-role/x/y",
		"the ARN of a role in a partition": "arn:aws-us-gov:iam::" + account + ":role/x",
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
			role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String(arn), nil)
			err := panicOf(t, func() { textract.GrantRunJobs(role) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != "GrantRunJobs grantee" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An inline policy counts with those of the user that it is attached to.
func TestInlinePolicyOfAUserThatGrowsTooLong(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	policy := awsiam.NewPolicy(home, jsii.String("Policy"), &awsiam.PolicyProps{
		Users: &[]awsiam.IUser{awsiam.NewUser(home, jsii.String("User"), nil)},
	})
	for _, id := range []string{"One", "Two"} {
		scope := constructs.NewConstruct(home, jsii.String(id))
		textractasync.NewTextractAsync(scope, jsii.String("TextractAsync"), withInputAndOutput(scope)).GrantRunJobs(policy)
	}
	synthesizeApp(t, app).warnings.expect(t, "policySize", true, "2048")
}

// The policies of all constructs count for one role, also where it is imported more than once.
func TestPoliciesOfOneRoleAddUp(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	for i := range 10 {
		scope := constructs.NewConstruct(home, jsii.String(fmt.Sprintf("Scope%d", i)))
		textractasync.NewTextractAsync(scope, jsii.String("TextractAsync"), withInputAndOutput(scope)).
			GrantRunJobs(importedRole(scope, account, true))
	}
	synthesizeApp(t, app).warnings.expect(t, "policySize", true, "pass several awsiam.ManagedPolicy as the grantees, attached to the role")
}

// Where the policies of bucket, queue and key are enough, all of it is granted.
func TestPrincipalGrantedByResources(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
		grant := textract.GrantConsumeNotifications(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":role/x")))
		if !*grant.Success() {
			t.Error("the grant reports no success")
		}
		got := synthesizeApp(t, app)
		for kind, action := range map[string]string{"AWS::SQS::QueuePolicy": "sqs:ReceiveMessage", "AWS::KMS::Key": "kms:Decrypt"} {
			if found := got.where(
				kind, action, func(a allowed) bool { return strings.HasSuffix(a.principal, ":role/x") },
			); len(
				found,
			) == 0 {
				t.Errorf("no %s in a policy of %s", action, kind)
			}
		}
		if len(got.warnings) > 0 {
			t.Errorf("unexpected warnings %v", got.warnings)
		}
	})
}

// A role can only be passed within its account; the CDK's own error names nothing of the user's.
func TestGranteeMadeInAnotherAccountIsRejected(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(otherAccount), Region: jsii.String(region)},
	})
	textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
	for name, grantee := range map[string]awsiam.IGrantable{
		"role":   newLambdaRole(other, "Role"),
		"user":   awsiam.NewUser(other, jsii.String("User"), nil),
		"policy": awsiam.NewManagedPolicy(other, jsii.String("Policy"), nil),
		"nil":    nil,
	} {
		err := panicOf(t, func() { textract.GrantRunJobs(grantee) })
		if len(err.Problems) != 1 || err.Problems[0].Prop != "GrantRunJobs grantee" {
			t.Errorf("%s: got %v", name, err)
		}
		if name != "nil" && !strings.Contains(err.Error(), "can only be passed within its account") {
			t.Errorf("%s: %v does not say why", name, err)
		}
	}
}

// A user's inline policies may have 2,048 characters together, and a group's 5,120.
func TestUsersAndGroupsGetManagedPolicies(t *testing.T) {
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"a user": func(stack awscdk.Stack) awsiam.IGrantable { return awsiam.NewUser(stack, jsii.String("User"), nil) },
		"an imported user": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.User_FromUserName(stack, jsii.String("User"), jsii.String("ann"))
		},
		"a group": func(stack awscdk.Stack) awsiam.IGrantable { return awsiam.NewGroup(stack, jsii.String("Group"), nil) },
		"an imported group": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupName(stack, jsii.String("Group"), jsii.String("ops"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				who := grantee(home)
				for _, id := range []string{"One", "Two"} {
					scope := constructs.NewConstruct(home, jsii.String(id+"Buckets"))
					textract := textractasync.NewTextractAsync(home, jsii.String(id), withInputAndOutput(scope))
					if !*textract.GrantRunJobs(who).Success() {
						t.Error("the grant reports no success")
					}
					textract.GrantPassRole(who)
				}
				got := synthesizeApp(t, app)
				if len(got.warnings) > 0 {
					t.Errorf("unexpected warnings %v", got.warnings)
				}
				policies := map[string]bool{}
				for _, a := range got.where("AWS::IAM::ManagedPolicy", "", nil) {
					policies[a.id] = true
				}
				if len(policies) != 2 {
					t.Errorf("managed policies %v, want one for each construct", policies)
				}
				for _, a := range got.where("AWS::IAM::Policy", "", nil) {
					if !strings.HasPrefix(a.to[0], "${One") && !strings.HasPrefix(a.to[0], "${Two") {
						t.Errorf("an inline policy of %v", a.to)
					}
				}
			})
		})
	}
}

// One inline policy of a role may have 10,240 characters, and the CDK splits that of a role of its
// own only.
func TestPolicyThatGrowsTooLongWarns(t *testing.T) {
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"an imported role": func(stack awscdk.Stack) awsiam.IGrantable { return importedRole(stack, account, true) },
		"a managed policy": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewManagedPolicy(stack, jsii.String("Policy"), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				who := grantee(home)
				for i := range 12 {
					scope := constructs.NewConstruct(home, jsii.String(fmt.Sprintf("Buckets%d", i)))
					textractasync.NewTextractAsync(
						home, jsii.String(fmt.Sprintf("TextractAsync%d", i)), withInputAndOutput(scope),
					).GrantRunJobs(
						who,
					)
				}
				got := synthesizeApp(t, app)
				got.warnings.expect(t, "policySize", true, "ManagedPolicy")
			})
		})
	}
}

// One grant is far from any limit.
func TestPolicyOfUsualLengthDoesNotWarn(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), withInputAndOutput(home))
	textract.GrantRunJobs(importedRole(home, account, true))
	textract.GrantRunJobs(awsiam.NewUser(home, jsii.String("User"), nil))
	if got := synthesizeApp(t, app); len(got.warnings) > 0 {
		t.Errorf("unexpected warnings %v", got.warnings)
	}
}

// IAM puts an inline policy under its name: a second deployment with the same name would take the
// first one's permissions away.
func TestImportedRoleGetsPoliciesOfTheirOwnName(t *testing.T) {
	names := map[string]string{}
	note := func(where string, s synthesis) {
		for stack, template := range s.templates {
			for _, name := range policyNamesOf(template, "Role") {
				if before, taken := names[name]; taken {
					t.Errorf("%s is the policy of %s and of %s/%s", name, before, where, stack)
				}
				names[name] = where + "/" + stack
			}
		}
	}
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		clear(names)
		for _, id := range []string{"One", "Two"} {
			stack := awscdk.NewStack(app, jsii.String(id), nil)
			role := importedRole(stack, account, true)
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil).GrantPassRole(role)
			textractasync.NewTextractAsync(stack, jsii.String("Other"), &textractasync.TextractAsyncProps{ServiceRole: role})
		}
		note("two stacks", synthesizeApp(t, app))
	})
	clear(names)
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		for _, stackName := range []string{"Home", "Custom"} {
			app := awscdk.NewApp(nil)
			stack := awscdk.NewStack(app, jsii.String("Home"), &awscdk.StackProps{
				StackName: jsii.String(stackName),
				Env:       &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
			})
			role := importedRole(stack, account, true)
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role})
			textractasync.NewTextractAsync(stack, jsii.String("Caller"), nil).GrantPassRole(role)
			note(region+" "+stackName, synthesizeApp(t, app))
		}
	}
	if len(names) != 8 {
		t.Errorf("%d policies, want 8: %v", len(names), names)
	}
}

// policyNamesOf returns the names of the inline policies of an imported role.
func policyNamesOf(template map[string]any, role string) []string {
	var names []string
	resources, _ := template["Resources"].(map[string]any)
	for _, resource := range resources {
		r := resource.(map[string]any)
		properties, _ := r["Properties"].(map[string]any)
		roles, _ := json.Marshal(properties["Roles"])
		if r["Type"] == "AWS::IAM::Policy" && string(roles) == `["`+role+`"]` {
			name, _ := json.Marshal(properties["PolicyName"])
			names = append(names, string(name))
		}
	}
	return names
}

// A bucket of another account, but of this app, gets the statement in its own policy.
func TestBucketOfThisAppInAnotherAccount(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String(otherAccount), Region: jsii.String(region)},
		})
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Output: &textractasync.OutputLocation{Bucket: awss3.NewBucket(other, jsii.String("Results"), &awss3.BucketProps{
				BucketName: jsii.String("results-of-the-other-account"),
			})},
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		got := synthesizeApp(t, app)
		for _, action := range []string{"s3:PutObject", "s3:ListBucket", "s3:GetObject"} {
			if found := got.where("AWS::S3::BucketPolicy", action, func(a allowed) bool {
				return strings.HasSuffix(a.principal, ":iam::"+account+":root")
			}); len(found) == 0 {
				t.Errorf("no %s in the bucket's policy", action)
			}
		}
		if len(got.warnings) > 0 {
			t.Errorf("unexpected warnings %v", got.warnings)
		}
	})
}
