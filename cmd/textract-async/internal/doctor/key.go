package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// key is a key that encrypts a topic, a queue, a bucket or a document.
type key struct {
	id           string // as the resource has it: an id, an ARN or an alias
	arn, account string
	usedIn       string // the Region of the resource
	ofAWS        bool
	missing      bool
	state        types.KeyState
	deletion     *time.Time
	policy       policy.Document
	unknown      string // why nothing is known of it, or ""
}

// Statements to add have these actions.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
var publishKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey*"}

// readKey reads the key of a resource in that Region and account. An id or alias without an ARN is
// of the resource's account.
func (d *inspection) readKey(ctx context.Context, id, region, account string) *key {
	k := &key{id: id, usedIn: region}
	if !strings.HasPrefix(id, "arn:") && account != d.account {
		k.unknown = fmt.Sprintf("%s is in another account than you, %s", id, account)
		return k
	}
	if keyRegion := regionOf(id); keyRegion != "" {
		region = keyRegion
	}
	inItsRegion := func(o *kms.Options) { o.Region = region }
	out, failure := read(&d.reader, "kms:DescribeKey", region+" "+id, func() (*kms.DescribeKeyOutput, error) {
		out, err := d.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id}, inItsRegion)
		return notEmpty(out, err, func(out *kms.DescribeKeyOutput) bool { return out.KeyMetadata == nil })
	})
	if failure != nil {
		if k.missing = failure.missing() && !k.isOfAWS() && (accountOf(id) == "" || accountOf(id) == d.account); !k.missing {
			k.unknown = failure.Error()
		}
		return k
	}
	k.arn, k.account = aws.ToString(out.KeyMetadata.Arn), accountOf(aws.ToString(out.KeyMetadata.Arn))
	k.ofAWS = out.KeyMetadata.KeyManager == types.KeyManagerTypeAws
	k.state, k.deletion = out.KeyMetadata.KeyState, out.KeyMetadata.DeletionDate
	name := "the policy of " + k.String()
	text, failure := read(&d.reader, "kms:GetKeyPolicy", k.arn, func() (*kms.GetKeyPolicyOutput, error) {
		return d.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.arn, PolicyName: aws.String("default")}, inItsRegion)
	})
	if failure != nil {
		k.policy = unread(name, failure)
	} else {
		k.policy = policy.Parse(name, aws.ToString(text.Policy))
	}
	return k
}

// String is short: statements have the ARN.
func (k *key) String() string {
	if name := nameOf(k.id); strings.HasPrefix(name, "alias/") {
		return name
	}
	id := k.id[strings.LastIndex(k.id, "/")+1:]
	return "key " + id[:min(len(id), 8)]
}

// isOfAWS reports whether it is an AWS managed key, whose policy nobody can change.
func (k *key) isOfAWS() bool {
	return k.ofAWS || strings.HasPrefix(k.id, "alias/aws/") || strings.Contains(k.id, ":alias/aws/")
}

// region is that of the key, or "" where it is not known.
func (k *key) region() string { return cmp.Or(regionOf(k.arn), regionOf(k.id)) }

// unusable is why nobody can use the key for its resource, or "".
func (k *key) unusable() string {
	switch {
	case k.region() != "" && k.region() != k.usedIn:
		return fmt.Sprintf("%s is in %s, and is used in %s: a key encrypts in its own Region only", k, k.region(), k.usedIn)
	case k.missing:
		return k.id + ": key not found"
	case k.deletion != nil:
		return fmt.Sprintf("%s is %s, on %s", k, k.state, k.deletion.UTC().Format(time.DateOnly))
	case k.state != "" && k.state != types.KeyStateEnabled:
		return fmt.Sprintf("%s is %s", k, k.state)
	}
	return ""
}

// use identifies a key and where it is used.
func (k *key) use() [3]string { return [3]string{k.id, k.arn, k.usedIn} }

// keys are those of topic, queue and results.
func (d *inspection) keys() []*key {
	return slices.DeleteFunc([]*key{d.topic.key, d.queue.key, d.results.key}, func(k *key) bool { return k == nil })
}

// isReported reports whether checkKeys has reported on the key.
func (d *inspection) isReported(k *key) bool {
	return slices.ContainsFunc(d.keys(), func(other *key) bool { return other.use() == k.use() })
}

// checkKeys reports keys that nobody can use, each once: the checks of who may use them are
// skipped.
func (d *inspection) checkKeys(context.Context) {
	c := Check{ID: "keys", Result: OK}
	var enabled, unusable []string
	seen := make(map[[3]string]bool)
	for _, k := range d.keys() {
		if seen[k.use()] {
			continue
		}
		seen[k.use()] = true
		if why := k.unusable(); why != "" {
			unusable = append(unusable, why)
		} else if k.state == types.KeyStateEnabled {
			enabled = append(enabled, k.String())
		}
	}
	switch {
	case len(unusable) > 0:
		c.Result, c.Found = Wrong, strings.Join(unusable, "; ")
	case len(enabled) > 0:
		c.Found = "enabled: " + strings.Join(enabled, ", ")
	default:
		return
	}
	d.add(c)
}

// mayUse judges a principal's use of the key, through a service, or directly where service is
// empty.
func (d *inspection) mayUse(p *principal, k *key, service string, actions ...string) decisions {
	var all decisions
	for _, action := range actions {
		q := d.call(p, action, k.arn, k.account)
		q.Context["kms:CallerAccount"] = policy.Exactly(p.account)
		if service != "" && (d.partition == "aws" || d.partition == "aws-us-gov") {
			q.Context["kms:ViaService"] = policy.Exactly(fmt.Sprintf("%s.%s.amazonaws.com", service, regionOf(k.arn)))
		}
		q.ResourcePolicy = &k.policy
		all = append(all, policy.Judge(q))
	}
	return all
}

// allowUse is the statement that lets a principal use the key, and the policy that it belongs in:
// the key's own where that allows neither the principal nor its account.
func allowUse(p *principal, k *key, actions []string, all decisions) (statement *Statement, to string) {
	for _, decision := range all {
		if decision.Answer == policy.No && !decision.ByResource && decision.Boundary == "" {
			return allow(actions, "*").to("AWS", p.arn), "the policy of key " + k.arn
		}
	}
	return allow(actions, k.arn), p.policyName()
}
