package planned

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// identity is a role, a user or a group.
type identity struct {
	resource *template.Resource // of a role that SAM makes: the function
	kind     string
	name     string
	arn      string
	trust    string
	boundary string
	inline   []document
	attached []string // ARNs of managed policies
	groups   []string
	allowed  []statement // of finding; nil before
}

func (i *identity) key() string { return i.kind + "/" + i.name }

func (s *Source) addIdentities() {
	for kind, resourceType := range map[string]string{"role": "AWS::IAM::Role", "user": "AWS::IAM::User", "group": "AWS::IAM::Group"} {
		for _, r := range s.set.All(resourceType) {
			i := &identity{
				resource: r, kind: kind, name: r.Name(), arn: r.ARN(), boundary: r.Text("PermissionsBoundary"),
				attached: r.Texts("ManagedPolicyArns"), groups: r.Texts("Groups"),
			}
			if kind == "role" {
				i.trust = policyText(&template.Resource{}, r.Get("AssumeRolePolicyDocument"))
			}
			for _, item := range r.List("Policies") {
				i.addInline(r, item)
			}
			s.identities[i.key()] = i
		}
	}
	for _, r := range s.set.All("AWS::Serverless::Function") {
		s.addGeneratedRole(r)
	}
	for _, r := range s.set.All("AWS::IAM::UserToGroupAddition") {
		for _, user := range r.Texts("Users") {
			if i, ok := s.identities["user/"+user]; ok {
				i.groups = append(i.groups, r.Text("GroupName"))
			}
		}
	}
	s.attachPolicies()
}

func (i *identity) addInline(r *template.Resource, item any) {
	if text, ok := item.(string); ok {
		i.inline = append(i.inline, document{"of " + r.ID, unknownPolicy("it is " + text)})
		return
	}
	i.inline = append(i.inline, document{
		template.Text(member(item, "PolicyName")), policyText(&template.Resource{}, member(item, "PolicyDocument")),
	})
}

func (s *Source) attachPolicies() {
	of := func(r *template.Resource, visit func(*identity)) {
		for property, kind := range map[string]string{
			"Roles": "role", "Users": "user", "Groups": "group", "RoleName": "role", "UserName": "user", "GroupName": "group",
		} {
			for _, name := range r.Texts(property) {
				if i, ok := s.identities[kind+"/"+name]; ok {
					visit(i)
				}
			}
		}
	}
	for _, r := range s.set.All("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy") {
		of(r, func(i *identity) {
			d := documentOf(r)
			if name := r.Text("PolicyName"); name != "" {
				d.name = name
			}
			i.inline = append(i.inline, d)
		})
	}
	for _, i := range s.identities {
		if adder := s.adder(i.resource, i.arn, i.name); adder != "" {
			i.attached = append(i.attached, "arn:aws:iam::aws:policy/"+template.Unknown("of "+adder))
		}
	}
	for _, r := range s.set.All("AWS::IAM::ManagedPolicy") {
		of(r, func(i *identity) { i.attached = append(i.attached, r.ARN()) })
	}
}

// addGeneratedRole adds the role that SAM makes for a function without one.
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
func (s *Source) addGeneratedRole(r *template.Resource) {
	name, arn := r.GeneratedRole()
	if name == "" {
		return
	}
	i := &identity{
		resource: r, kind: "role", name: name, arn: arn, boundary: r.Text("PermissionsBoundary"),
		trust: `{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`,
	}
	for n, item := range r.List("Policies") {
		title := fmt.Sprintf("%d of %s", n+1, r.ID)
		object, isObject := item.(map[string]any)
		switch {
		case !isObject:
			policy := template.Text(item)
			if !strings.HasPrefix(policy, "arn:") && !template.IsUnknown(policy) {
				policy = fmt.Sprintf("arn:%s:iam::aws:policy/%s", r.Stack.Env.Partition, policy)
			}
			i.attached = append(i.attached, policy)
		case object["Statement"] != nil:
			i.inline = append(i.inline, document{title, policyText(r, item)})
		default:
			for name, argument := range object {
				i.inline = append(i.inline, document{title, samPolicy(name, argument, r.Stack.Env)})
			}
		}
	}
	s.identities[i.key()] = i
}

// samPolicy is a policy template of SAM, as far as the checks are about its actions.
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
func samPolicy(name string, argument any, env template.Environment) string {
	of := func(parameter string) string { return template.Text(member(argument, parameter)) }
	arn := func(service, resource string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", env.Partition, service, env.Region, env.Account, resource)
	}
	bucket := fmt.Sprintf("arn:%s:s3:::%s", env.Partition, of("BucketName"))
	var actions, resources []any
	switch name {
	case "TextractPolicy":
		actions, resources = []any{"textract:*"}, []any{"*"}
	case "TextractDetectAnalyzePolicy":
		actions = []any{
			"textract:DetectDocumentText", "textract:AnalyzeDocument",
			"textract:StartDocumentTextDetection", "textract:StartDocumentAnalysis",
		}
		resources = []any{"*"}
	case "TextractGetResultPolicy":
		actions, resources = []any{"textract:GetDocumentTextDetection", "textract:GetDocumentAnalysis"}, []any{"*"}
	case "S3ReadPolicy":
		actions = []any{"s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion", "s3:GetLifecycleConfiguration"}
		resources = []any{bucket, bucket + "/*"}
	case "SNSPublishMessagePolicy":
		actions, resources = []any{"sns:Publish"}, []any{arn("sns", of("TopicName"))}
	case "KMSDecryptPolicy":
		actions, resources = []any{"kms:Decrypt"}, []any{arn("kms", "key/"+of("KeyId"))}
	case "SQSPollerPolicy", "SQSSendMessagePolicy", "DynamoDBCrudPolicy", "DynamoDBReadPolicy", "DynamoDBWritePolicy",
		"LambdaInvokePolicy", "StepFunctionsExecutionPolicy", "VPCAccessPolicy", "CloudWatchPutMetricPolicy", "EventBridgePutEventsPolicy",
		"SSMParameterReadPolicy":
		return `{"Statement":[]}` // nothing that is asked for
	default:
		return unknownPolicy("it is " + template.Unknown("SAM's policy "+name))
	}
	return template.Text(map[string]any{"Statement": map[string]any{"Effect": "Allow", "Action": actions, "Resource": resources}})
}

func (a *api) identity(kind string, name *string) (*identity, error) {
	i, ok := a.identities[kind+"/"+*name]
	if !ok {
		return nil, absent("%s %s", kind, *name)
	}
	return i, nil
}

func encoded(text string) *string { return aws.String(url.PathEscape(text)) }

func (i *identity) boundaryOf() *types.AttachedPermissionsBoundary {
	if i.boundary == "" {
		return nil
	}
	return &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: &i.boundary}
}

func (i *identity) names() []string {
	names := make([]string, len(i.inline))
	for n := range i.inline {
		// Two may have one name in a template.
		if names[n] = i.inline[n].name; n > 0 {
			for _, d := range i.inline[:n] {
				if d.name == i.inline[n].name {
					names[n] = fmt.Sprintf("%s (%d)", d.name, n+1)
				}
			}
		}
	}
	return names
}

func (i *identity) document(name string) *string {
	for n, each := range i.names() {
		if each == name {
			return encoded(i.inline[n].text)
		}
	}
	return nil
}

func (i *identity) attachedPolicies() []types.AttachedPolicy {
	var all []types.AttachedPolicy
	for _, arn := range i.attached {
		all = append(all, types.AttachedPolicy{PolicyArn: aws.String(arn), PolicyName: aws.String(arn[strings.LastIndex(arn, "/")+1:])})
	}
	return all
}

func (a *api) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	i, err := a.identity("role", in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRoleOutput{Role: &types.Role{
		Arn: &i.arn, AssumeRolePolicyDocument: encoded(i.trust), PermissionsBoundary: i.boundaryOf(),
	}}, nil
}

func (a *api) ListRolePolicies(
	_ context.Context, in *iam.ListRolePoliciesInput, _ ...func(*iam.Options),
) (*iam.ListRolePoliciesOutput, error) {
	i, err := a.identity("role", in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: i.names()}, nil
}

func (a *api) GetRolePolicy(_ context.Context, in *iam.GetRolePolicyInput, _ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	i, err := a.identity("role", in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRolePolicyOutput{PolicyDocument: i.document(*in.PolicyName)}, nil
}

func (a *api) ListAttachedRolePolicies(
	_ context.Context, in *iam.ListAttachedRolePoliciesInput, _ ...func(*iam.Options),
) (*iam.ListAttachedRolePoliciesOutput, error) {
	i, err := a.identity("role", in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: i.attachedPolicies()}, nil
}

func (a *api) GetUser(_ context.Context, in *iam.GetUserInput, _ ...func(*iam.Options)) (*iam.GetUserOutput, error) {
	i, err := a.identity("user", in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserOutput{User: &types.User{Arn: &i.arn, PermissionsBoundary: i.boundaryOf()}}, nil
}

func (a *api) ListUserPolicies(
	_ context.Context, in *iam.ListUserPoliciesInput, _ ...func(*iam.Options),
) (*iam.ListUserPoliciesOutput, error) {
	i, err := a.identity("user", in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.ListUserPoliciesOutput{PolicyNames: i.names()}, nil
}

func (a *api) GetUserPolicy(_ context.Context, in *iam.GetUserPolicyInput, _ ...func(*iam.Options)) (*iam.GetUserPolicyOutput, error) {
	i, err := a.identity("user", in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserPolicyOutput{PolicyDocument: i.document(*in.PolicyName)}, nil
}

func (a *api) ListAttachedUserPolicies(
	_ context.Context, in *iam.ListAttachedUserPoliciesInput, _ ...func(*iam.Options),
) (*iam.ListAttachedUserPoliciesOutput, error) {
	i, err := a.identity("user", in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedUserPoliciesOutput{AttachedPolicies: i.attachedPolicies()}, nil
}

func (a *api) ListGroupsForUser(
	_ context.Context, in *iam.ListGroupsForUserInput, _ ...func(*iam.Options),
) (*iam.ListGroupsForUserOutput, error) {
	i, err := a.identity("user", in.UserName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListGroupsForUserOutput{}
	for _, group := range i.groups {
		out.Groups = append(out.Groups, types.Group{GroupName: aws.String(group)})
	}
	return out, nil
}

func (a *api) ListGroupPolicies(
	_ context.Context, in *iam.ListGroupPoliciesInput, _ ...func(*iam.Options),
) (*iam.ListGroupPoliciesOutput, error) {
	i, err := a.identity("group", in.GroupName)
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupPoliciesOutput{PolicyNames: i.names()}, nil
}

func (a *api) GetGroupPolicy(_ context.Context, in *iam.GetGroupPolicyInput, _ ...func(*iam.Options)) (*iam.GetGroupPolicyOutput, error) {
	i, err := a.identity("group", in.GroupName)
	if err != nil {
		return nil, err
	}
	return &iam.GetGroupPolicyOutput{PolicyDocument: i.document(*in.PolicyName)}, nil
}

func (a *api) ListAttachedGroupPolicies(
	_ context.Context, in *iam.ListAttachedGroupPoliciesInput, _ ...func(*iam.Options),
) (*iam.ListAttachedGroupPoliciesOutput, error) {
	i, err := a.identity("group", in.GroupName)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedGroupPoliciesOutput{AttachedPolicies: i.attachedPolicies()}, nil
}

// ofAWS are policies of AWS that those who run jobs often have. Of others it is known that they
// deny nothing, but for some.
// See: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
var ofAWS = map[string][2]string{ // actions and resource
	"AdministratorAccess":                      {`"*"`, `"*"`},
	"AmazonTextractFullAccess":                 {`"textract:*"`, `"*"`},
	"service-role/AmazonTextractServiceRole":   {`"sns:Publish"`, `"arn:PARTITION:sns:*:*:AmazonTextract*"`},
	"AmazonS3FullAccess":                       {`["s3:*","s3-object-lambda:*"]`, `"*"`},
	"AmazonS3ReadOnlyAccess":                   {`["s3:Get*","s3:List*","s3:Describe*"]`, `"*"`},
	"AWSLambdaExecute":                         {`["logs:*","s3:GetObject","s3:PutObject"]`, `"*"`},
	"AmazonSNSFullAccess":                      {`"sns:*"`, `"*"`},
	"AmazonSQSFullAccess":                      {`"sqs:*"`, `"*"`},
	"service-role/AWSLambdaBasicExecutionRole": {`["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"]`, `"*"`},
	"AWSLambdaBasicExecutionRole":              {`["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"]`, `"*"`},
}

func awsPolicy(arn string) (text string, ok bool) {
	partition, name, isAWS := strings.Cut(strings.TrimPrefix(arn, "arn:"), ":iam::aws:policy/")
	known, ok := ofAWS[name]
	if !isAWS || !ok {
		return "", false
	}
	return fmt.Sprintf(`{"Statement":{"Effect":"Allow","Action":%s,"Resource":%s}}`,
		known[0], strings.ReplaceAll(known[1], "PARTITION", partition)), true
}

func (a *api) GetPolicy(_ context.Context, in *iam.GetPolicyInput, _ ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	if _, ok := awsPolicy(*in.PolicyArn); !ok && a.managed[*in.PolicyArn] == nil {
		ofAWS := strings.Contains(*in.PolicyArn, ":iam::aws:policy/")
		denies := strings.Contains(*in.PolicyArn, "Deny") || strings.Contains(*in.PolicyArn, "Quarantine")
		name := *in.PolicyArn
		if _, addition, ok := strings.Cut(name, "/${"); ok {
			name = strings.TrimSuffix(addition, "}")
		}
		return nil, &doctor.NotInTemplateError{What: "policy " + name, AllowsOnly: ofAWS && !denies}
	}
	return &iam.GetPolicyOutput{Policy: &types.Policy{DefaultVersionId: aws.String("v1")}}, nil
}

func (a *api) GetPolicyVersion(
	_ context.Context, in *iam.GetPolicyVersionInput, _ ...func(*iam.Options),
) (*iam.GetPolicyVersionOutput, error) {
	text, ok := awsPolicy(*in.PolicyArn)
	if !ok {
		text = documentOf(a.managed[*in.PolicyArn]).text
	}
	return &iam.GetPolicyVersionOutput{PolicyVersion: &types.PolicyVersion{Document: encoded(text)}}, nil
}
