// Package doctor reads a set-up of Textract's asynchronous operations and reports, step by step of
// AWS's guide, what is missing or wrong in it. It calls nothing that writes.
package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// Settings name the set-up.
type Settings struct {
	// Region is where Textract is called.
	Region string
	// TopicARN and RoleARN are those of the notification channel.
	TopicARN, RoleARN string
	// Queue is the URL or the ARN of the queue that is subscribed to the topic.
	Queue string
	// Caller is the ARN of the role or user that starts jobs. Empty is who calls doctor.
	Caller string
	// Document is a document of the caller's, or nil.
	Document *Object
	// DocumentBucket is where documents are, for a set-up without Document. It may be empty.
	DocumentBucket string
	// Output is where Textract writes results, or nil.
	Output *Output
	// OthersGet reports whether others than the caller get the results of its jobs.
	OthersGet bool
}

// Object is an object in S3.
type Object struct{ Bucket, Key string }

func (o Object) String() string { return "s3://" + o.Bucket + "/" + o.Key }

// Output is an OutputConfig with the key that encrypts the results, empty for SSE-S3.
type Output struct{ Bucket, Prefix, KMSKeyID string }

// inspection is one run of doctor.
type inspection struct {
	reader
	Settings
	partition string // of Region
	account   string // of who asks
	me        string // the ARN of who asks

	topic   *topic
	queue   *queue
	role    *principal
	caller  *principal
	results *results
	report  Report
}

// Run reads the set-up and reports on it. What it may not read is Unknown in the report; an error
// is one of doctor itself: no credentials, no connection, or ctx has ended.
func Run(ctx context.Context, clients Clients, settings Settings) (*Report, error) {
	d := &inspection{reader: reader{Clients: clients, cached: make(map[string]any)}, Settings: settings}
	who, err := clients.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("sts:GetCallerIdentity: %w", err)
	}
	d.reads++
	d.account, d.me = aws.ToString(who.Account), aws.ToString(who.Arn)
	me, err := arn.Parse(d.me)
	if err != nil {
		return nil, fmt.Errorf("sts:GetCallerIdentity returned the ARN %q: %w", d.me, err)
	}
	d.partition = me.Partition
	if d.Caller == "" {
		d.Caller = d.me
	}
	d.report.Region = d.Region
	if !template.IsUnknown(d.Caller) {
		d.report.Caller = d.Caller
	}

	d.topic = d.readTopic(ctx)
	d.queue = d.readQueue(ctx)
	d.role = d.readPrincipal(ctx, d.RoleARN)
	d.caller = d.readPrincipal(ctx, d.Caller)
	d.results = d.readResults(ctx)
	for _, check := range []func(context.Context){
		d.checkRegion,
		d.checkStart,
		d.checkTopic,
		d.checkQueue,
		d.checkKeys,
		d.checkSubscription,
		d.checkQueuePolicy,
		d.checkQueueKey,
		d.checkRole,
		d.checkTrust,
		d.checkPublish,
		d.checkTopicKey,
		d.checkPassRole,
		d.checkDocument,
		d.checkOutput,
	} {
		check(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.report.Reads = d.reads
	return &d.report, nil
}

func (d *inspection) add(c Check) { d.report.add(c) }

// call is a principal's question with its policies.
func (d *inspection) call(p *principal, action, resource, account string) policy.Question {
	q := policy.Question{
		Principal: p.arn, Action: action, Resource: resource, Account: account,
		Context: map[string]policy.Value{
			"aws:SecureTransport": policy.Exactly("true"),
			"aws:RequestedRegion": policy.Exactly(d.Region),
		},
		Identity: p.policies, Boundary: p.boundary,
	}
	if region := regionOf(resource); region != "" {
		q.Context["aws:RequestedRegion"] = policy.Exactly(region)
	}
	return q
}

// directCall is a question of a call that no service makes in the principal's name.
func (d *inspection) directCall(p *principal, action, resource, account string) policy.Question {
	q := d.call(p, action, resource, account)
	q.Context["aws:ViaAWSService"] = policy.Exactly("false")
	return q
}

// decisions are those of the actions of one check.
type decisions []policy.Decision

// result is wrong when one action is not allowed, unknown when one cannot be judged.
func (v decisions) result() Result {
	result := OK
	for _, decision := range v {
		switch decision.Answer {
		case policy.No, policy.Denied:
			return Wrong
		case policy.Unsure:
			if result == OK && isUnresolved(decision) {
				result = NotInTemplate
			} else if !isUnresolved(decision) {
				result = Unknown
			}
		}
	}
	return result
}

// isUnresolved reports whether templates alone are why a decision is unsure.
func isUnresolved(decision policy.Decision) bool {
	return !slices.ContainsFunc(decision.Doubts, func(f policy.Finding) bool { return !f.Unresolved })
}

// near lists the statements that led to the result, each once.
func (v decisions) near() []string {
	var lines []string
	seen := make(map[string]bool)
	result := v.result()
	for _, decision := range v {
		findings := decision.Doubts
		if result == Wrong {
			findings = slices.Concat(decision.Denials, decision.NearMisses)
		}
		for _, finding := range findings {
			if line := finding.String(); !seen[line] {
				seen[line] = true
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// denied reports whether a statement denies an action: a statement that allows it does not help.
func (v decisions) denied() bool {
	for _, decision := range v {
		if decision.Answer == policy.Denied {
			return true
		}
	}
	return false
}

// check makes the decisions a check. The statement helps where nothing denies.
func (v decisions) check(c Check, ok, wrong string) Check {
	c.Result, c.Near = v.result(), v.near()
	switch c.Result {
	case OK:
		c.Found, c.Add, c.To = ok, nil, ""
	case Unknown:
		c.Found, c.Add, c.To = "not judged: whether "+ok, nil, ""
	case NotInTemplate:
		c.Found, c.Add, c.To = notInTemplate+": whether "+ok, nil, ""
	case Wrong:
		c.Found = wrong
		if v.denied() {
			c.Add, c.To = nil, ""
		} else if c.Add != nil {
			c.To = v.withBoundary(c.To)
		}
	}
	return c
}

// withBoundary names the permissions boundary too where that does not allow an action, and it alone
// where the policies do.
func (v decisions) withBoundary(policies string) string {
	boundary, alone := "", true
	for _, decision := range v {
		if decision.Answer != policy.No {
			continue
		}
		if decision.Boundary != "" {
			boundary = decision.Boundary
		}
		alone = alone && decision.Boundary != "" && decision.ByIdentity
	}
	switch {
	case boundary == "":
		return policies
	case alone:
		return boundary
	}
	return policies + " and to " + boundary
}

// allow is a statement of the policies of a principal.
func allow(actions []string, resources ...string) *Statement {
	return &Statement{Effect: "Allow", Action: actions, Resource: resources}
}

// to makes it one of a resource's policy.
func (s *Statement) to(kind, principal string) *Statement {
	s.Principal = map[string]string{kind: principal}
	return s
}

// when adds a condition.
func (s *Statement) when(operator, key, value string) *Statement {
	if s.Condition == nil {
		s.Condition = make(map[string]map[string]string)
	}
	s.Condition[operator] = map[string]string{key: value}
	return s
}

// nameOf is the last part of an ARN.
func nameOf(resource string) string {
	parts := strings.Split(resource, ":")
	return parts[len(parts)-1]
}

// absent is the error of a name that templates do not have.
func absent(name string) *NotInTemplateError {
	return &NotInTemplateError{What: strings.TrimSuffix(strings.TrimPrefix(name, "${"), "}")}
}

// accountOf and regionOf are parts of an ARN, empty where it has none.
func accountOf(name string) string {
	parsed, err := arn.Parse(name)
	if err != nil {
		return ""
	}
	return parsed.AccountID
}

func regionOf(name string) string {
	parsed, err := arn.Parse(name)
	if err != nil {
		return ""
	}
	return parsed.Region
}
