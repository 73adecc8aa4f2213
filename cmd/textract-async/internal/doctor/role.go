package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

const textractPrincipal = "textract.amazonaws.com"

func (d *inspection) checkRole(context.Context) {
	c := Check{ID: "service-role", Step: "7"}
	switch {
	case d.role.missing:
		c.Result, c.Found = Wrong, d.RoleARN+": not found"
	case d.role.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+d.role.unknown
	case d.role.arn != d.RoleARN:
		c.Result, c.Found = Wrong, fmt.Sprintf("%s: the role's ARN is %s", d.RoleARN, d.role.arn)
	default:
		c.Result, c.Found = OK, d.role.arn
	}
	d.add(c)
}

// skipRole adds the check for a role that was not read.
func (d *inspection) skipRole(c Check) bool {
	switch {
	case d.role.missing:
		c.Result, c.Found = Skipped, "the service role is missing"
	case d.role.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+d.role.unknown
	default:
		return false
	}
	d.add(c)
	return true
}

// mayAssume asks for jobs of an account. What Textract sends after the account in aws:SourceArn is
// not known: jobs have no ARN.
// See: https://docs.aws.amazon.com/textract/latest/dg/cross-service-confused-deputy-prevention.html
func (d *inspection) mayAssume(account string) policy.Decision {
	return policy.Judge(policy.Question{
		Principal: textractPrincipal, Action: "sts:AssumeRole", Resource: d.role.arn, Account: d.role.account,
		Context: map[string]policy.Value{
			"aws:SourceArn":       policy.Beginning(fmt.Sprintf("arn:%s:textract:%s:%s:", d.partition, d.Region, account)),
			"aws:SourceAccount":   policy.Exactly(account),
			"aws:SecureTransport": policy.Exactly("true"),
		},
		ResourcePolicy: d.role.trust,
	})
}

func (d *inspection) checkTrust(context.Context) {
	c := Check{ID: "trust", Step: "7"}
	if d.skipRole(c) {
		return
	}
	// Jobs are of the role's account: a caller of another account cannot pass the role, which
	// checkPassRole reports.
	account := d.role.account
	c.Add = allow([]string{"sts:AssumeRole"}).to("Service", textractPrincipal).
		when("ArnLike", "aws:SourceArn", fmt.Sprintf("arn:%s:textract:*:%s:*", d.partition, account)).
		when("StringEquals", "aws:SourceAccount", account)
	c.To = "the trust policy of " + d.role.arn
	statement, to := c.Add, c.To
	c = decisions{d.mayAssume(account)}.check(c, "textract.amazonaws.com may assume the role for account "+account,
		"Textract may not assume the role: jobs fail to start with InvalidParameterException")
	if c.Result == OK && d.mayAssume(d.strangeAccount()).Answer == policy.Yes {
		c.Result, c.Found = Warning, "Textract may assume the role for jobs of any account: add aws:SourceAccount"
		c.Add, c.To = statement, to+" in place of its statement"
	}
	d.add(c)
}

func (d *inspection) mayPublish(topicARN string) policy.Decision {
	// For a call with a service role aws:ViaAWSService is false.
	q := d.directCall(d.role, "sns:Publish", topicARN, d.topic.account)
	// SNS adds it to requests of other services; a role's own have none.
	q.Context["aws:SourceOwner"] = policy.Absent()
	q.ResourcePolicy = &d.topic.policy
	return policy.Judge(q)
}

// mayPublishElsewhere reports whether the role's own policies let it publish to another topic.
func (d *inspection) mayPublishElsewhere() bool {
	q := d.directCall(d.role, "sns:Publish", d.TopicARN+"-another", d.role.account)
	q.Context["aws:SourceOwner"] = policy.Absent()
	return policy.Judge(q).Answer == policy.Yes
}

func (d *inspection) checkPublish(context.Context) {
	c := Check{ID: "publish", Step: "7"}
	if d.skipRole(c) {
		return
	}
	if d.topic.missing {
		d.skipUnread(c, "topic", true, nil)
		return
	}
	statement := allow([]string{"sns:Publish"}, d.TopicARN)
	c.Add, c.To = statement, d.role.policyName()
	if d.topic.account != d.role.account {
		c.To += ", and with the role as Principal to the topic's policy"
	}
	c = decisions{d.mayPublish(d.TopicARN)}.check(c, "the role may publish to "+d.topic.name,
		fmt.Sprintf("the role may not publish to %s: jobs complete and nobody is notified", d.topic.name))
	if c.Result == Wrong && !strings.HasPrefix(d.topic.name, topicPrefix) {
		c.Found += fmt.Sprintf(" (AmazonTextractServiceRole covers topics whose names begin with %s)", topicPrefix)
	}
	if c.Result == OK && d.mayPublishElsewhere() {
		c.Result, c.Found = Warning, "the role may publish to other topics too: allow this one alone"
		c.Add, c.To = statement, d.role.policyName()+" in place of what they have"
	}
	d.add(c)
}

func (d *inspection) checkTopicKey(context.Context) {
	k := d.topic.key
	if k == nil {
		return
	}
	c := Check{ID: "topic-key", Step: "7"}
	switch {
	case k.unusable() != "":
		c.Result, c.Found = Skipped, "the key is not usable"
		d.add(c)
		return
	case k.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+k.unknown
		d.add(c)
		return
	case d.skipRole(c):
		return
	}
	all := d.mayUse(d.role, k, "sns", "kms:Decrypt", "kms:GenerateDataKey")
	c.Add, c.To = allowUse(d.role, k, publishKeyActions, all)
	d.add(all.check(c, "the role may use the topic's key", "the role may not use the topic's key: jobs complete and nobody is notified"))
}
