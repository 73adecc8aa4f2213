package textractasync_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/policyjson"
)

var onlyTLS = map[string]any{"Bool": map[string]any{"aws:SecureTransport": "true"}}

func newServiceAccount(stack awscdk.Stack, identity awseks.IdentityType) awsiam.IGrantable {
	return awseks.Cluster_FromClusterAttributes(stack, jsii.String("Cluster"), &awseks.ClusterAttributes{
		ClusterName:    jsii.String("cluster"),
		KubectlRoleArn: jsii.String("arn:aws:iam::" + account + ":role/kubectl"),
		KubectlLayer: awslambda.LayerVersion_FromLayerVersionArn(stack, jsii.String("Kubectl"),
			jsii.String("arn:aws:lambda:"+region+":"+account+":layer:kubectl:1")),
		OpenIdConnectProvider: awsiam.OpenIdConnectProvider_FromOpenIdConnectProviderArn(stack, jsii.String("Provider"),
			jsii.String("arn:aws:iam::"+account+":oidc-provider/oidc.eks.example.com/id/X")),
	}).AddServiceAccount(jsii.String("Account"), &awseks.ServiceAccountOptions{IdentityType: identity})
}

// worker is a grantee of a Go program.
type worker struct{ awsiam.Role }

// passing is a principal of a Go program that passes statements on, as a construct of the CDK does.
type passing struct {
	awsiam.ArnPrincipal
	role awsiam.Role
}

func (p *passing) GrantPrincipal() awsiam.IPrincipal { return p.role }

// Where the CDK's own grant writes into the policy of a role, so do these.
func TestGranteesThatPassStatementsOn(t *testing.T) {
	tags := func(p awsiam.IPrincipal) awsiam.IGrantable { return awsiam.NewSessionTagsPrincipal(p) }
	for name, row := range map[string]struct {
		grantee func(awscdk.Stack) awsiam.IGrantable
		owner   string // of the policies
	}{
		"an EKS service account": {func(stack awscdk.Stack) awsiam.IGrantable {
			return newServiceAccount(stack, awseks.IdentityType_IRSA)
		}, "ClusterAccountRole"},
		"session tags of a new role": {func(stack awscdk.Stack) awsiam.IGrantable { return tags(newLambdaRole(stack, "Caller")) }, "Caller"},
		"session tags of an imported role": {func(stack awscdk.Stack) awsiam.IGrantable {
			return tags(importedRole(stack, account, true))
		}, "Role"},
		"session tags of an imported user": {func(stack awscdk.Stack) awsiam.IGrantable {
			return tags(awsiam.User_FromUserArn(stack, jsii.String("User"), jsii.String("arn:aws:iam::"+account+":user/dev/ann")))
		}, "ann"},
		"conditions on a new role": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewPrincipalWithConditions(newLambdaRole(stack, "Caller"), &onlyTLS)
		}, "Caller"},
		"conditions on a new user": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewPrincipalWithConditions(awsiam.NewUser(stack, jsii.String("User"), nil), &onlyTLS)
		}, "User"},
		"conditions on an imported role": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewPrincipalWithConditions(importedRole(stack, account, true), &onlyTLS)
		}, "Role"},
		"conditions and session tags": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewSessionTagsPrincipal(newLambdaRole(stack, "Caller")).WithConditions(&onlyTLS)
		}, "Caller"},
		"a pointer to a Go struct around a role": {func(stack awscdk.Stack) awsiam.IGrantable {
			return &worker{newLambdaRole(stack, "Caller")}
		}, "Caller"},
		"a principal of a Go program": {func(stack awscdk.Stack) awsiam.IGrantable {
			return &passing{awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":role/x")), newLambdaRole(stack, "Caller")}
		}, "Caller"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), withInputAndOutput(home))
				if !*textract.GrantRunJobs(row.grantee(home)).Success() {
					t.Error("the grant reports no success")
				}
				got := synthesizeApp(t, app)
				found := append(
					got.where("AWS::IAM::Policy", "", to(row.owner)),
					got.where("AWS::IAM::ManagedPolicy", "", to(row.owner))...)
				for _, action := range []string{
					"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis", "iam:PassRole", "sqs:ReceiveMessage", "s3:PutObject", "kms:Decrypt",
				} {
					if !hasAction(found, action) {
						t.Errorf("no %s in the policies of %s", action, row.owner)
					}
				}
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// The CDK makes a lazy role when something uses it.
func TestLazyRoleThatNothingUses(t *testing.T) {
	for _, isUsed := range []bool{true, false} {
		eachFlagSet(t, func(t *testing.T, app awscdk.App) {
			home := homeIn(app)
			role := awsiam.NewLazyRole(home, jsii.String("Lazy"), &awsiam.LazyRoleProps{
				AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
			})
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(role)
			if !isUsed {
				assertSynthesisFails(t, app, "GrantRunJobs grantee: got the lazy role Home/Lazy, which nothing uses")
				return
			}
			awscdk.NewCfnOutput(home, jsii.String("Role"), &awscdk.CfnOutputProps{Value: role.RoleArn()})
			got := synthesizeApp(t, app)
			if !hasAction(got.where("AWS::IAM::Policy", "", to("Lazy")), "iam:PassRole") {
				t.Error("the role has no policy")
			}
			got.warnings.expectNoMore(t)
		})
	}
}

// A wrapper passes statements on to a role that takes none, and the CDK reports success.
func TestWrappersOfRolesThatTakeNoPolicy(t *testing.T) {
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"Mutable false": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewSessionTagsPrincipal(importedRole(stack, account, false))
		},
		"WithoutPolicyUpdates": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewPrincipalWithConditions(newLambdaRole(stack, "Role").WithoutPolicyUpdates(nil), &onlyTLS)
		},
		"another account": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewSessionTagsPrincipal(importedRole(stack, otherAccount, true))
		},
		"an imported function": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewSessionTagsPrincipal(awslambda.Function_FromFunctionArn(stack, jsii.String("Function"),
				jsii.String("arn:aws:lambda:"+region+":"+account+":function:f")).GrantPrincipal())
		},
		"an account": func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewPrincipalWithConditions(awsiam.NewAccountPrincipal(account), &onlyTLS)
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(nil)
			home := homeIn(app)
			textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
			if *textract.GrantRunJobs(grantee(home)).Success() {
				t.Error("the grant reports success")
			}
			synthesizeApp(t, app).warnings.expect(t, "grantee", true, "iam:PassRole")
		})
	}
}

func TestGranteesThatNoGrantCanBeMadeTo(t *testing.T) {
	iam := "arn:aws:iam::" + account + ":"
	for name, row := range map[string]struct {
		grantee func(awscdk.Stack) awsiam.IGrantable
		fix     string
	}{
		"a Go struct by value":   {func(stack awscdk.Stack) awsiam.IGrantable { return worker{newLambdaRole(stack, "Role")} }, "pass a pointer"},
		"a nil pointer":          {func(awscdk.Stack) awsiam.IGrantable { return (*worker)(nil) }, "pass a role"},
		"an ARN with a wildcard": {arnPrincipal(iam + "role/app-*"), "name each role"},
		"a policy's ARN":         {arnPrincipal(iam + "policy/x"), "use the ARN of a role or user"},
		"a function's ARN":       {arnPrincipal("arn:aws:lambda:" + region + ":" + account + ":function:f"), "use the ARN of a role or user"},
		"a service's name":       {arnPrincipal("lambda.amazonaws.com"), "use the ARN of a role or user"},
		"users by a wildcard": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.User_FromUserArn(stack, jsii.String("User"), jsii.String(iam+"user/dev/*"))
		}, "ARN of one user"},
		"groups by a wildcard": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String(iam+"group/dev-*"))
		}, "ARN of one group"},
		"every account":           {func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAccountPrincipal("*") }, "id of one account"},
		"half of an account":      {func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAccountPrincipal("1234") }, "id of one account"},
		"another partition's ARN": {arnPrincipal("arn:aws-us-gov:iam::" + account + ":role/x"), `partition "aws"`},
		"another partition's user": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.User_FromUserArn(stack, jsii.String("User"), jsii.String("arn:aws-us-gov:iam::"+account+":user/ann"))
		}, `partition "aws"`},
		"another partition's group": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String("arn:aws-us-gov:iam::"+account+":group/ops"))
		}, `partition "aws"`},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
			grantee := row.grantee(stack)
			err := panicOf(t, func() { textract.GrantConsumeNotifications(grantee) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != "GrantConsumeNotifications grantee" ||
				!strings.Contains(err.Problems[0].Fix, row.fix) {
				t.Errorf("got %v, want a fix like %q", err, row.fix)
			}
		})
	}
}

// An existing queue tells the Region, and that the partition, of a stack without an environment.
func TestGranteesOfAnotherPartitionThanTheQueue(t *testing.T) {
	arn := jsii.String("arn:aws:iam::" + account + ":role/x")
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"a role": func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Role_FromRoleArn(stack, jsii.String("Role"), arn, nil)
		},
		"an ARN": arnPrincipal(*arn),
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack("Agnostic")
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				Queue: awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws-us-gov:sqs:us-gov-west-1:"+account+":jobs")),
			})
			err := panicOf(t, func() { textract.GrantRunJobs(grantee(stack)) })
			if !strings.Contains(err.Error(), "aws-us-gov") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func arnPrincipal(arn string) func(awscdk.Stack) awsiam.IGrantable {
	return func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewArnPrincipal(jsii.String(arn)) }
}

// A session and a role in a path are principals that a queue's policy can name.
func TestConsumersByTheirARN(t *testing.T) {
	for _, arn := range []string{
		"arn:aws:iam::" + account + ":role/service/x",
		"arn:aws:iam::" + account + ":user/dev/ann",
		"arn:aws:sts::" + account + ":assumed-role/x/session",
	} {
		app := awscdk.NewApp(nil)
		textract := textractasync.NewTextractAsync(homeIn(app), jsii.String("TextractAsync"), nil)
		if !*textract.GrantConsumeNotifications(awsiam.NewArnPrincipal(jsii.String(arn))).Success() {
			t.Errorf("%s: the grant reports no success", arn)
		}
		got := synthesizeApp(t, app)
		if found := got.where(
			"AWS::SQS::QueuePolicy", "sqs:ReceiveMessage",
			func(a allowed) bool { return a.principal == "AWS:"+arn },
		); len(
			found,
		) == 0 {
			t.Errorf("%s: not in the queue's policy", arn)
		}
		got.warnings.expectNoMore(t)
	}
}

// What grants to principals without policies advise is something that can be done.
func TestAdviceForPrincipalsWithoutPolicies(t *testing.T) {
	for name, row := range map[string]struct {
		grantee func(awscdk.Stack) awsiam.IGrantable
		advice  string
	}{
		"everybody": {func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewStarPrincipal() }, "pass the role that it assumes"},
		"an organization": {func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewOrganizationPrincipal(jsii.String("o-1234567890"))
		}, "pass the role that it assumes"},
		"a federation": {func(awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewFederatedPrincipal(jsii.String("arn:aws:iam::"+account+":saml-provider/x"), nil, nil)
		}, "pass the role that it assumes"},
		"OIDC": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewOpenIdConnectPrincipal(awsiam.NewOpenIdConnectProvider(stack, jsii.String("Provider"), &awsiam.OpenIdConnectProviderProps{
				Url: jsii.String("https://oidc.example.com"),
			}), nil)
		}, "pass the role that it assumes"},
		"the account": {func(awscdk.Stack) awsiam.IGrantable { return awsiam.NewAccountPrincipal(account) }, "pass the roles that need it"},
		"the ARN of a new group": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewArnPrincipal(awsiam.NewGroup(stack, jsii.String("Group"), nil).GroupArn())
		}, "which no policy of a resource can name"},
		"a group's ARN":     {arnPrincipal("arn:aws:iam::" + account + ":group/ops"), "awsiam.Group_FromGroupArn"},
		"a role's ARN":      {arnPrincipal("arn:aws:iam::" + account + ":role/x"), "awsiam.Role_FromRoleArn"},
		"an immutable role": {func(stack awscdk.Stack) awsiam.IGrantable { return importedRole(stack, account, false) }, "pass a role that this app may change"},
	} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(nil)
			home := homeIn(app)
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantStartJobs(row.grantee(home))
			text := strings.Join(synthesizeApp(t, app).warnings["grantee"], "\n")
			if !strings.Contains(text, row.advice) || strings.Contains(text, "${Token[") {
				t.Errorf("%q does not advise %q, or has a token", text, row.advice)
			}
		})
	}
}

// A consumer of another account is in the policies of this app's queue and key, and its own account
// adds the rest; iam:PassRole has nothing to do with it.
func TestConsumerOfAnotherAccount(t *testing.T) {
	arn := "arn:aws:iam::" + otherAccount + ":role/service/Role"
	for name, grantee := range map[string]func(awscdk.Stack) awsiam.IGrantable{
		"an imported role": func(stack awscdk.Stack) awsiam.IGrantable { return importedRole(stack, otherAccount, true) },
		"an ARN":           arnPrincipal(arn),
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
				if *textract.GrantConsumeNotifications(grantee(home)).Success() {
					t.Error("the grant reports success")
				}
				got := synthesizeApp(t, app)
				for kind, action := range map[string]string{"AWS::SQS::QueuePolicy": "sqs:ReceiveMessage", "AWS::KMS::Key": "kms:Decrypt"} {
					if len(got.where(kind, action, func(a allowed) bool { return a.principal == "AWS:"+arn })) == 0 {
						t.Errorf("no %s for the role in the %s", action, kind)
					}
				}
				printed := got.warnings.printed(t)
				if !hasAction(printed, "sqs:ReceiveMessage") || !hasAction(printed, "kms:Decrypt") {
					t.Errorf("the policy of the other account is not printed: %v", got.warnings)
				}
				if strings.Contains(strings.Join(got.warnings["grantee"], ""), "PassRole") {
					t.Errorf("%v refers to iam:PassRole", got.warnings)
				}
				got.warnings.expect(t, "grantee", true, otherAccount)
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// AWS takes no group in the policy of a resource, so no warning asks to add one there.
func TestGroupOfAnotherAccount(t *testing.T) {
	stack := newStackWithEnv("Home")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	group := awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String("arn:aws:iam::444455556666:group/readers"))
	if *textract.GrantConsumeNotifications(group).Success() {
		t.Error("the grant reports success")
	}
	found := warningsOf(t, stack)
	found.expect(t, "grantee", true, "no policy of a resource can name it, so nothing can be shared with it from "+account)
	found.expectNoMore(t)
}

// The policies of a queue and key that are imported cannot be changed, so their statements are
// printed too.
func TestConsumerOfAnotherAccountAndImportedQueue(t *testing.T) {
	app := awscdk.NewApp(nil)
	stack := homeIn(app)
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), importedAttributes())
	textract.GrantConsumeNotifications(importedRole(stack, otherAccount, true))
	got := synthesizeApp(t, app)
	for _, a := range got.warnings.printed(t) {
		if a.id == "queuePolicy" && a.action == "sqs:ReceiveMessage" &&
			a.principal == "AWS:arn:aws:iam::"+otherAccount+":role/service/Role" {
			return
		}
	}
	t.Errorf("no statement for the queue's policy in %v", got.warnings)
}

// A caller of another account cannot start jobs here, whatever is granted to it.
func TestCallerOfAnotherAccount(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), withInputAndOutput(home))
	textract.GrantStartJobs(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + otherAccount + ":role/x")))
	got := synthesizeApp(t, app)
	for _, a := range got.allowed {
		if strings.Contains(a.principal, otherAccount) {
			t.Errorf("%s is allowed to the other account", a.action)
		}
	}
	got.warnings.expect(t, "grantee", true, "let it assume a role of that account")
	got.warnings.expectNoMore(t)
}

// With PreventSynthesis false the report has what was granted, and the CDK writes no policy of a role.
func TestCustomizedRolesThatAreSynthesized(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		awsiam.Role_CustomizeRoles(home, &awsiam.CustomizeRolesOptions{PreventSynthesis: jsii.Bool(false)})
		textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(newLambdaRole(home, "Caller"))
		synthesizeApp(t, app).warnings.expectNoMore(t)
	})
}

// With Role_CustomizeRoles nothing of a role is in the template, and all of it in the report.
func TestCustomizedRoles(t *testing.T) {
	customized := func(app awscdk.App) awscdk.Stack {
		home := homeIn(app)
		awsiam.Role_CustomizeRoles(home, &awsiam.CustomizeRolesOptions{UsePrecreatedRoles: &map[string]*string{
			"Home/Caller": jsii.String(
				"caller",
			),
			"Home/Publisher":                 jsii.String("publisher"),
			"Home/TextractAsync/ServiceRole": jsii.String("textract"),
		}})
		return home
	}
	for name, row := range map[string]struct {
		use     func(awscdk.Stack)
		actions []string // in the report
		warning string
	}{
		"a new caller": {func(home awscdk.Stack) {
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(newLambdaRole(home, "Caller"))
		}, []string{"textract:StartDocumentAnalysis", "iam:PassRole", "sqs:ReceiveMessage", "sns:Publish"}, ""},
		"an imported caller": {func(home awscdk.Stack) {
			textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
			textract.GrantRunJobs(importedRole(home, account, true))
		}, []string{"textract:StartDocumentAnalysis", "iam:PassRole", "sqs:ReceiveMessage"}, ""},
		"session tags": {func(home awscdk.Stack) {
			textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
			textract.GrantRunJobs(awsiam.NewSessionTagsPrincipal(importedRole(home, account, true)))
		}, []string{"textract:StartDocumentAnalysis", "iam:PassRole"}, ""},
		"a service role of the app": {func(home awscdk.Stack) {
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				ServiceRole: newLambdaRole(home, "Publisher"),
			})
		}, []string{"sns:Publish", "kms:GenerateDataKey*"}, "serviceRoleTrust"},
		"an imported service role": {func(home awscdk.Stack) {
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				ServiceRole: importedRole(home, account, true),
			})
		}, []string{"sns:Publish", "kms:GenerateDataKey*"}, "serviceRoleTrust"},
		"an inline policy of a role": {func(home awscdk.Stack) {
			policy := awsiam.NewPolicy(home, jsii.String("Policy"), nil)
			newLambdaRole(home, "Caller").AttachInlinePolicy(policy)
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(policy)
		}, nil, "grantee"},
		"a new user": {func(home awscdk.Stack) {
			textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(awsiam.NewUser(home, jsii.String("User"), nil))
		}, nil, "grantee"},
		"an imported user": {func(home awscdk.Stack) {
			textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
			textract.GrantRunJobs(awsiam.User_FromUserName(home, jsii.String("User"), jsii.String("ann")))
		}, nil, "grantee"},
		"an imported group": {func(home awscdk.Stack) {
			textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
			textract.GrantRunJobs(awsiam.Group_FromGroupName(home, jsii.String("Group"), jsii.String("ops")))
		}, nil, "grantee"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				row.use(customized(app))
				got := synthesizeApp(t, app)
				for _, kind := range []string{"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} {
					for _, template := range got.templates {
						for id, resource := range template["Resources"].(map[string]any) {
							if resource.(map[string]any)["Type"] == kind {
								t.Errorf("%s %s is in the template", kind, id)
							}
						}
					}
				}
				report, err := os.ReadFile(filepath.Join(*app.Outdir(), "iam-policy-report.json"))
				if err != nil {
					t.Fatal(err)
				}
				for _, action := range row.actions {
					if quoted, _ := json.Marshal(action); !strings.Contains(string(report), string(quoted)) {
						t.Errorf("no %s in the report", action)
					}
				}
				if row.warning != "" {
					got.warnings.expect(t, row.warning, true, "textract")
				}
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// The CDK takes the path into the name of an imported group.
func TestNamesInImportedARNs(t *testing.T) {
	for name, row := range map[string]struct {
		grantee func(awscdk.Stack) awsiam.IGrantable
		owner   string
	}{
		"a group in a path": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String("arn:aws:iam::"+account+":group/dev/eu/readers"))
		}, "readers"},
		"a group": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Group_FromGroupArn(stack, jsii.String("Group"), jsii.String("arn:aws:iam::"+account+":group/readers"))
		}, "readers"},
		"a user in a path": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.User_FromUserArn(stack, jsii.String("User"), jsii.String("arn:aws:iam::"+account+":user/dev/eu/ann"))
		}, "ann"},
		"a role in a path": {func(stack awscdk.Stack) awsiam.IGrantable {
			return awsiam.Role_FromRoleArn(stack, jsii.String("R"), jsii.String("arn:aws:iam::"+account+":role/dev/eu/caller"), nil)
		}, "caller"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				if !*textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil).GrantRunJobs(row.grantee(home)).Success() {
					t.Error("the grant reports no success")
				}
				got := synthesizeApp(t, app)
				exactly := func(a allowed) bool { return len(a.to) == 1 && a.to[0] == row.owner }
				if len(got.where("AWS::IAM::ManagedPolicy", "sqs:", exactly))+len(got.where("AWS::IAM::Policy", "sqs:", exactly)) == 0 {
					t.Errorf("no policy of %s", row.owner)
				}
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// Of an ARN that is a token as a whole the CDK takes the first folder of a path for the name.
func TestARNsThatAreTokens(t *testing.T) {
	for name, row := range map[string]struct {
		use     func(home awscdk.Stack, arn *string)
		warning string
	}{
		"a role": {func(home awscdk.Stack, arn *string) {
			newTextractAsync(home, nil).GrantPassRole(awsiam.Role_FromRoleArn(home, jsii.String("Role"), arn, nil))
		}, "grantee"},
		"a user": {func(home awscdk.Stack, arn *string) {
			newTextractAsync(home, nil).GrantPassRole(awsiam.User_FromUserArn(home, jsii.String("User"), arn))
		}, "grantee"},
		"a group": {func(home awscdk.Stack, arn *string) {
			newTextractAsync(home, nil).GrantPassRole(awsiam.Group_FromGroupArn(home, jsii.String("Group"), arn))
		}, "grantee"},
		"a service role": {func(home awscdk.Stack, arn *string) {
			newTextractAsync(home, &textractasync.TextractAsyncProps{ServiceRole: awsiam.Role_FromRoleArn(home, jsii.String("Role"), arn, nil)})
		}, "serviceRolePolicy"},
	} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(nil)
			home := homeIn(app)
			row.use(home, awscdk.NewCfnParameter(home, jsii.String("Arn"), nil).ValueAsString())
			got := synthesizeApp(t, app)
			got.warnings.expect(t, row.warning, true, "path")
			delete(got.warnings, "serviceRoleTrust") // of an imported role
			got.warnings.expectNoMore(t)
		})
	}
	t.Run("a role of this app", func(t *testing.T) {
		app := awscdk.NewApp(nil)
		home := homeIn(app)
		role := awsiam.Role_FromRoleArn(home, jsii.String("Role"), newLambdaRole(home, "Caller").RoleArn(), nil)
		newTextractAsync(home, nil).GrantPassRole(role)
		synthesizeApp(t, app).warnings.expectNoMore(t)
	})
}

// The CDK does not synthesize an inline policy that is attached to nobody.
func TestPolicyThatIsAttachedToNobody(t *testing.T) {
	for name, attach := range map[string]func(awscdk.Stack, awsiam.Policy){
		"to nobody":        nil,
		"to a role, later": func(home awscdk.Stack, p awsiam.Policy) { p.AttachToRole(newLambdaRole(home, "Caller")) },
		"to a user, later": func(home awscdk.Stack, p awsiam.Policy) {
			p.AttachToUser(awsiam.NewUser(home, jsii.String("User"), nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				policy := awsiam.NewPolicy(home, jsii.String("Policy"), nil)
				newTextractAsync(home, nil).GrantConsumeNotifications(policy)
				if attach != nil {
					attach(home, policy)
					synthesizeApp(t, app).warnings.expectNoMore(t)
					return
				}
				defer func() {
					if text := panicText(
						recover(),
					); !strings.Contains(
						text,
						"GrantConsumeNotifications grantee: got the policy Home/Policy, which is attached to nobody",
					) {
						t.Errorf("synthesis ends with %q", text)
					}
				}()
				app.Synth(nil)
			})
		})
	}
}

func panicText(problem any) string {
	if err, ok := problem.(error); ok {
		return err.Error()
	}
	text, _ := problem.(string)
	return text
}

// In another Region the CDK refers to the service role, queue and key through its own resources.
func TestGranteeInAnotherRegion(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		stack := func(id, region string) awscdk.Stack {
			return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
				Env: &awscdk.Environment{
					Account: jsii.String(account),
					Region:  jsii.String(region),
				},
				CrossRegionReferences: jsii.Bool(true),
			})
		}
		home, away := stack("Home", region), stack("Away", "us-east-1")
		if !*newTextractAsync(home, nil).GrantRunJobs(newLambdaRole(away, "Caller")).Success() {
			t.Error("the grant reports no success")
		}
		got := synthesizeApp(t, app)
		if !hasAction(got.where("AWS::IAM::Policy", "", to("Caller")), "iam:PassRole") {
			t.Error("the caller may not pass the role")
		}
		got.warnings.expectNoMore(t)
	})
}

// The CDK moves what is too long for a role's inline policy into managed ones by an estimate, which
// counts many short statements with conditions short.
func TestPolicyOfARoleThatTheCDKSplitsWrong(t *testing.T) {
	for count, isTooLong := range map[int]bool{2: false, 120: true} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			app := awscdk.NewApp(nil)
			home := homeIn(app)
			role := newLambdaRole(home, "Caller")
			for i := range count {
				id := fmt.Sprintf("T%03d", i)
				textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String(id), &textractasync.TextractAsyncAttributes{
					TopicArn:       jsii.String("arn:aws:sns:" + region + ":" + account + ":AmazonTextract-" + id),
					QueueArn:       jsii.String("arn:aws:sqs:" + region + ":" + account + ":" + id),
					ServiceRoleArn: jsii.String("arn:aws:iam::" + account + ":role/" + id),
				}).GrantPassRole(role)
			}
			got := synthesizeApp(t, app)
			tooLong := 0
			for _, resource := range got.templates["Home"]["Resources"].(map[string]any) {
				r := resource.(map[string]any)
				limit := map[any]int{"AWS::IAM::Policy": 10_240, "AWS::IAM::ManagedPolicy": 6_144}[r["Type"]]
				if limit > 0 && policyjson.Size(r["Properties"].(map[string]any)["PolicyDocument"]) > limit {
					tooLong++
				}
			}
			if (tooLong > 0) != isTooLong {
				t.Errorf("%d policies are too long", tooLong)
			}
			if texts := got.warnings["policySize"]; len(texts) != tooLong {
				t.Errorf("%d policies are too long, with warnings %v", tooLong, texts)
			}
		})
	}
}
