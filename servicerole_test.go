package textractasync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// A role that names a source is closed, whichever key names it and however it is spelled; one
// without stays open, whatever is added.
func TestWarnsOfAnOpenTrustAlone(t *testing.T) {
	const arn = "arn:aws:textract:*:" + account + ":*"
	textract := func(conditions map[string]any) awsiam.IPrincipal {
		return awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &conditions})
	}
	for name, row := range map[string]struct {
		trusted awsiam.IPrincipal
		isOpen  bool
	}{
		"another service":           {awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil), false},
		"no condition":              {awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), nil), true},
		"aws:SourceAccount":         {textract(map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": account}}), false},
		"AWS:SourceAccount":         {textract(map[string]any{"StringEquals": map[string]any{"AWS:SourceAccount": account}}), false},
		"aws:SourceArn":             {textract(map[string]any{"ArnLike": map[string]any{"aws:SourceArn": arn}}), false},
		"aws:SourceOrgID":           {textract(map[string]any{"StringEquals": map[string]any{"aws:SourceOrgID": "o-1234567890"}}), false},
		"aws:SourceOrgPaths":        {textract(map[string]any{"ForAnyValue:StringLike": map[string]any{"aws:SourceOrgPaths": "o-1234567890/*"}}), false},
		"a list":                    {textract(map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": []string{account, otherAccount}}}), false},
		"another key":               {textract(map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": region}}), true},
		"a wildcard":                {textract(map[string]any{"StringLike": map[string]any{"aws:SourceAccount": "*"}}), true},
		"an ARN of every account":   {textract(map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:textract:*:*:*"}}), true},
		"a negation":                {textract(map[string]any{"StringNotEquals": map[string]any{"aws:SourceAccount": otherAccount}}), true},
		"where the key is there":    {textract(map[string]any{"StringEqualsIfExists": map[string]any{"aws:SourceAccount": account}}), true},
		"of all values, or none":    {textract(map[string]any{"ForAllValues:StringEquals": map[string]any{"aws:SourceAccount": account}}), true},
		"where it is not there":     {textract(map[string]any{"Null": map[string]any{"aws:SourceAccount": "true"}}), true},
		"a list with a wildcard":    {textract(map[string]any{"StringLike": map[string]any{"aws:SourceAccount": []string{account, "*"}}}), true},
		"a reference to an account": {textract(map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}), false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: row.trusted})
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role})
			got := warningsOf(t, stack)
			got.expect(t, "serviceRoleOpenTrust", row.isOpen, "both conditions of the guide")
			if len(got) > 0 {
				t.Errorf("unexpected warnings %v", got)
			}
		})
	}
}

// The trust that the construct adds to a role is the one that it makes a role with, so the CDK can
// merge both.
func TestServiceRoleOfAnotherConstruct(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		first := newTextractAsync(home, nil)
		for _, id := range []string{"Second", "Third"} {
			textractasync.NewTextractAsync(home, jsii.String(id), &textractasync.TextractAsyncProps{
				Topic: first.Topic(), ServiceRole: first.ServiceRole(), EncryptionKey: first.EncryptionKey(),
			})
		}
		got := synthesizeApp(t, app)
		if trust := got.where("AWS::IAM::Role", "sts:AssumeRole", nil); len(trust) != 1 {
			t.Errorf("trust %v, want one statement", trust)
		}
		got.warnings.expectNoMore(t)
	})
}

// A role that makes itself when it is first used is a role of this app.
func TestServiceRoleThatIsLazy(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		role := awsiam.NewLazyRole(home, jsii.String("Role"), &awsiam.LazyRoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		})
		textractasync.NewTextractAsync(
			home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role},
		).GrantRunJobs(
			role,
		)
		got := synthesizeApp(t, app)
		if found := got.where("AWS::IAM::Role", "sts:AssumeRole", func(a allowed) bool {
			return a.principal == "Service:textract.amazonaws.com"
		}); len(found) == 0 {
			t.Error("Textract may not assume the role")
		}
		if found := got.where("AWS::IAM::Policy", "sns:Publish", to("Role")); len(found) == 0 {
			t.Error("the role may not publish")
		}
		if len(got.warnings) > 0 {
			t.Errorf("unexpected warnings %v", got.warnings)
		}
	})
}

// The managed policy publishes to topics whose names begin with AmazonTextract.
func TestManagedPolicyWithATopicOfAnotherName(t *testing.T) {
	for name, topic := range map[string]*awssns.TopicProps{
		"without a name": nil,
		"of another":     {TopicName: jsii.String("Completions")},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			existing := awssns.NewTopic(stack, jsii.String("Topic"), topic)
			err := panicOf(t, func() {
				textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
					Topic: existing, ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
				})
			})
			if len(err.Problems) != 1 || err.Problems[0].Prop != "ServiceRolePolicy" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A trust policy may have 2,048 characters.
func TestTrustThatGrowsTooLongWarns(t *testing.T) {
	for count, want := range map[int]bool{5: false, 40: true} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			stack := newStackWithEnv("Home")
			var accounts []*string
			for i := range count {
				accounts = append(accounts, jsii.String(fmt.Sprintf("44445555%04d", i)))
			}
			textractasync.NewTextractAsync(
				stack, jsii.String("TextractAsync"),
				&textractasync.TextractAsyncProps{TrustedAccounts: &accounts},
			)
			warningsOf(t, stack).expect(t, "policySize", want, "TrustedAccounts")
		})
	}
}

func TestWhatSynthesisNeedsMustBeKnown(t *testing.T) {
	stack := newStackWithEnv("Home")
	parameter := func(kind string) awscdk.CfnParameter {
		return awscdk.NewCfnParameter(
			stack, jsii.String("P"+strings.ReplaceAll(kind, "<", "")),
			&awscdk.CfnParameterProps{Type: jsii.String(kind)},
		)
	}
	text, texts := *parameter("String").ValueAsString(), parameter("CommaDelimitedList").ValueAsList()
	for prop, props := range map[string]*textractasync.TextractAsyncProps{
		"TrustedAccounts":   {TrustedAccounts: texts},
		"Operations[0]":     {Operations: &[]textractasync.Operation{textractasync.Operation(text)}},
		"Encryption":        {Encryption: textractasync.Encryption(text)},
		"ServiceRolePolicy": {ServiceRolePolicy: textractasync.ServiceRolePolicy(text)},
		"RemovalPolicy":     {RemovalPolicy: awscdk.RemovalPolicy(text)},
	} {
		t.Run(prop, func(t *testing.T) {
			err := panicOf(t, func() { textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props) })
			if len(err.Problems) != 1 || !strings.HasPrefix(err.Problems[0].Prop, prop) {
				t.Errorf("got %v, want one problem of %s", err, prop)
			}
		})
	}
}

// Role_CustomizeRoles asks for the names of roles in its report, so the first synthesis has none.
func TestServiceRoleWithoutANameInCustomizedRoles(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		// The CDK's own error about the role ends Synth with this flag.
		app.Node().SetContext(jsii.String("@aws-cdk/core:annotationsInValidationReport"), false)
		home := homeIn(app)
		awsiam.Role_CustomizeRoles(home, nil)
		newTextractAsync(home, &textractasync.TextractAsyncProps{ServiceRole: newLambdaRole(home, "Publisher")})
		report := synthesizeApp(t, app).warnings
		report.expect(t, "serviceRoleTrust", true, "textract.amazonaws.com")
		report.expectNoMore(t)
	})
}

// An L1 role takes no statement from the construct, and its trust is read in the template.
func TestTrustOfAnL1Role(t *testing.T) {
	trust := func(condition map[string]any) map[string]any {
		return map[string]any{"Statement": []any{
			map[string]any{
				"Effect":    "Allow",
				"Action":    "sts:AssumeRole",
				"Principal": map[string]any{"Service": "textract.amazonaws.com"},
				"Condition": condition,
			},
		}}
	}
	for name, row := range map[string]struct {
		trust   map[string]any
		warning string // none where nothing is missing
	}{
		"none": {map[string]any{"Statement": []any{}}, "serviceRoleTrust"},
		"open": {trust(nil), "serviceRoleOpenTrust"},
		"both conditions": {trust(map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": account},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:textract:*:" + account + ":*"},
		}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				role := awsiam.NewCfnRole(home, jsii.String("L1"), &awsiam.CfnRoleProps{AssumeRolePolicyDocument: row.trust})
				newTextractAsync(home, &textractasync.TextractAsyncProps{
					ServiceRole: awsiam.Role_FromRoleArn(home, jsii.String("Role"), role.AttrArn(), nil),
				})
				found := warningsOf(t, home)
				if row.warning != "" {
					found.expect(t, row.warning, true, "Home/Role")
				}
				found.expectNoMore(t)
			})
		})
	}
}
