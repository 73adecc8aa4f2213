package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// principal is a role or user with its policies. What could not be read of them is a document that
// is not known.
type principal struct {
	arn      string // as IAM has it, with the path
	account  string
	trust    *policy.Document // of a role
	policies []policy.Document
	boundary *policy.Document
	missing  bool   // whether IAM has no such role or user
	unknown  string // why nothing is known of it, or ""
}

// policyName is how reports name the policies of the principal.
func (p *principal) policyName() string { return "the policies of " + p.arn }

// readPrincipal reads the role, user or root user of an ARN, or the role of a session. Only those
// of the reader's own account can be read.
func (d *inspection) readPrincipal(ctx context.Context, name string) *principal {
	if template.IsUnknown(name) {
		return &principal{arn: name, account: d.account, unknown: absent(name).Error()}
	}
	parsed, err := arn.Parse(name)
	if err != nil {
		return &principal{arn: name, unknown: fmt.Sprintf("%q is not an ARN", name)}
	}
	p := &principal{arn: name, account: parsed.AccountID}
	if parsed.AccountID != d.account {
		p.unknown = fmt.Sprintf("%s is in another account than you, %s", name, d.account)
		return p
	}
	kind, path, _ := strings.Cut(parsed.Resource, "/")
	last := path[strings.LastIndex(path, "/")+1:]
	switch {
	case parsed.Service == "iam" && parsed.Resource == "root":
		p.policies = []policy.Document{policy.AllowAll("the root user")}
	case parsed.Service == "iam" && kind == "role":
		d.readRole(ctx, p, last)
	case parsed.Service == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(path, "/")
		d.readRole(ctx, p, role)
	case parsed.Service == "iam" && kind == "user":
		d.readUser(ctx, p, last)
	default:
		p.unknown = name + " is neither a role, nor a session of one, nor a user"
	}
	return p
}

func (d *inspection) readRole(ctx context.Context, p *principal, name string) {
	out, failure := read(&d.reader, "iam:GetRole", name, func() (*iam.GetRoleOutput, error) {
		out, err := d.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		return notEmpty(out, err, func(out *iam.GetRoleOutput) bool { return out.Role == nil })
	})
	if p.failed(failure) {
		return
	}
	p.arn = aws.ToString(out.Role.Arn)
	trust := policy.Parse("the role's trust policy", decoded(out.Role.AssumeRolePolicyDocument))
	p.trust = &trust
	p.boundary = d.readBoundary(ctx, out.Role.PermissionsBoundary)

	inline, failure := allPages(&d.reader, "iam:ListRolePolicies", name, func(marker *string) ([]string, *string, error) {
		out, err := d.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.PolicyNames, out.Marker, nil
	})
	p.addUnread("inline policies", failure)
	for _, policyName := range inline {
		out, failure := read(&d.reader, "iam:GetRolePolicy", name+" "+policyName, func() (*iam.GetRolePolicyOutput, error) {
			return d.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policyName})
		})
		if !p.addUnread("inline policy "+policyName, failure) {
			p.policies = append(p.policies, policy.Parse("inline policy "+policyName, decoded(out.PolicyDocument)))
		}
	}
	attached, failure := allPages(
		&d.reader,
		"iam:ListAttachedRolePolicies",
		name,
		func(marker *string) ([]types.AttachedPolicy, *string, error) {
			out, err := d.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.AttachedPolicies, out.Marker, nil
		},
	)
	d.addAttached(ctx, p, attached, failure)
}

func (d *inspection) readUser(ctx context.Context, p *principal, name string) {
	out, failure := read(&d.reader, "iam:GetUser", name, func() (*iam.GetUserOutput, error) {
		out, err := d.IAM.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		return notEmpty(out, err, func(out *iam.GetUserOutput) bool { return out.User == nil })
	})
	if p.failed(failure) {
		return
	}
	p.arn = aws.ToString(out.User.Arn)
	p.boundary = d.readBoundary(ctx, out.User.PermissionsBoundary)

	inline, failure := allPages(&d.reader, "iam:ListUserPolicies", name, func(marker *string) ([]string, *string, error) {
		out, err := d.IAM.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.PolicyNames, out.Marker, nil
	})
	p.addUnread("inline policies", failure)
	for _, policyName := range inline {
		out, failure := read(&d.reader, "iam:GetUserPolicy", name+" "+policyName, func() (*iam.GetUserPolicyOutput, error) {
			return d.IAM.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &name, PolicyName: &policyName})
		})
		if !p.addUnread("inline policy "+policyName, failure) {
			p.policies = append(p.policies, policy.Parse("inline policy "+policyName, decoded(out.PolicyDocument)))
		}
	}
	attached, failure := allPages(
		&d.reader,
		"iam:ListAttachedUserPolicies",
		name,
		func(marker *string) ([]types.AttachedPolicy, *string, error) {
			out, err := d.IAM.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.AttachedPolicies, out.Marker, nil
		},
	)
	d.addAttached(ctx, p, attached, failure)

	groups, failure := allPages(&d.reader, "iam:ListGroupsForUser", name, func(marker *string) ([]types.Group, *string, error) {
		out, err := d.IAM.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.Groups, out.Marker, nil
	})
	p.addUnread("groups", failure)
	for _, group := range groups {
		d.readGroup(ctx, p, aws.ToString(group.GroupName))
	}
}

func (d *inspection) readGroup(ctx context.Context, p *principal, name string) {
	inline, failure := allPages(&d.reader, "iam:ListGroupPolicies", name, func(marker *string) ([]string, *string, error) {
		out, err := d.IAM.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.PolicyNames, out.Marker, nil
	})
	p.addUnread("policies of group "+name, failure)
	for _, policyName := range inline {
		out, failure := read(&d.reader, "iam:GetGroupPolicy", name+" "+policyName, func() (*iam.GetGroupPolicyOutput, error) {
			return d.IAM.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &name, PolicyName: &policyName})
		})
		title := fmt.Sprintf("policy %s of group %s", policyName, name)
		if !p.addUnread(title, failure) {
			p.policies = append(p.policies, policy.Parse(title, decoded(out.PolicyDocument)))
		}
	}
	attached, failure := allPages(
		&d.reader,
		"iam:ListAttachedGroupPolicies",
		name,
		func(marker *string) ([]types.AttachedPolicy, *string, error) {
			out, err := d.IAM.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.AttachedPolicies, out.Marker, nil
		},
	)
	d.addAttached(ctx, p, attached, failure)
}

func (d *inspection) addAttached(ctx context.Context, p *principal, attached []types.AttachedPolicy, failure *readError) {
	p.addUnread("attached policies", failure)
	for _, a := range attached {
		p.policies = append(p.policies, d.readManagedPolicy(ctx, "policy "+aws.ToString(a.PolicyName), aws.ToString(a.PolicyArn)))
	}
}

func (d *inspection) readBoundary(ctx context.Context, boundary *types.AttachedPermissionsBoundary) *policy.Document {
	if boundary == nil {
		return nil
	}
	policyARN := aws.ToString(boundary.PermissionsBoundaryArn)
	document := d.readManagedPolicy(ctx, "the permissions boundary "+policyARN[strings.LastIndex(policyARN, "/")+1:], policyARN)
	return &document
}

func (d *inspection) readManagedPolicy(ctx context.Context, name, policyARN string) policy.Document {
	out, failure := read(&d.reader, "iam:GetPolicy", policyARN, func() (*iam.GetPolicyOutput, error) {
		out, err := d.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &policyARN})
		return notEmpty(out, err, func(out *iam.GetPolicyOutput) bool { return out.Policy == nil })
	})
	if failure != nil {
		return unread(name, failure)
	}
	version, failure := read(&d.reader, "iam:GetPolicyVersion", policyARN, func() (*iam.GetPolicyVersionOutput, error) {
		version, err := d.IAM.GetPolicyVersion(
			ctx,
			&iam.GetPolicyVersionInput{PolicyArn: &policyARN, VersionId: out.Policy.DefaultVersionId},
		)
		return notEmpty(version, err, func(version *iam.GetPolicyVersionOutput) bool { return version.PolicyVersion == nil })
	})
	if failure != nil {
		return unread(name, failure)
	}
	return policy.Parse(name, decoded(version.PolicyVersion.Document))
}

// failed takes note of a role or user that could not be read.
func (p *principal) failed(failure *readError) bool {
	switch {
	case failure == nil:
		return false
	case failure.missing():
		p.missing = true
	default:
		p.unknown = failure.Error()
	}
	return true
}

// addUnread adds a document that is not known when a read failed.
func (p *principal) addUnread(name string, failure *readError) bool {
	if failure != nil {
		p.policies = append(p.policies, unread(name, failure))
	}
	return failure != nil
}

// allPages reads a list that comes in pages.
func allPages[T any](r *reader, action, key string, page func(marker *string) ([]T, *string, error)) ([]T, *readError) {
	return read(r, action, key, func() ([]T, error) {
		var all []T
		var marker *string
		for {
			items, next, err := page(marker)
			if err != nil {
				return nil, err
			}
			all = append(all, items...)
			if aws.ToString(next) == "" {
				return all, nil
			}
			marker = next
		}
	})
}
