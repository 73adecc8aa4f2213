package doctor

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

const snsPrincipal = "sns.amazonaws.com"

// queue is a queue that SNS sends to.
type queue struct {
	url, arn, name string
	region         string
	account        string
	failure        *readError
	missing        bool
	key            *key // nil with SSE-SQS or without encryption
	managed        bool // whether SSE-SQS encrypts it
	policy         policy.Document
	keeps          time.Duration // 0 where it is not known
}

// Messages of a queue that keeps them for less are lost in one night without a consumer.
const minRetention = 12 * time.Hour

// losesMessages is a warning of a queue that keeps messages for too short a time, or "".
func (q *queue) losesMessages() string {
	if q.keeps == 0 || q.keeps >= minRetention {
		return ""
	}
	return fmt.Sprintf("%s keeps messages for %s only: completions are lost when no consumer runs for longer", q.name, q.keeps)
}

// keepLonger is the command that keeps messages for as long as Textract keeps results.
func (q *queue) keepLonger() string {
	return fmt.Sprintf("aws sqs set-queue-attributes --region %s --queue-url %s "+
		"--attributes MessageRetentionPeriod=604800", q.region, q.url)
}

func (q *queue) isRead() bool { return q.failure == nil }

func (q *queue) isFIFO() bool { return strings.HasSuffix(q.name, ".fifo") }

func (q *queue) inItsRegion(o *sqs.Options) {
	if q.region != "" {
		o.Region = q.region
	}
}

// queueHost finds the Region in a queue's host: sqs.REGION.amazonaws.com, sqs-fips.REGION.…,
// vpce-….sqs.REGION.vpce.…, and the older REGION.queue.amazonaws.com.
var queueHost = regexp.MustCompile(`^(?:.+\.)?sqs(?:-fips)?\.([a-z\d-]+)\.|^([a-z]+(?:-[a-z]+)+-\d)\.queue\.`)

// readQueue reads the queue by its URL or ARN.
func (d *inspection) readQueue(ctx context.Context) *queue {
	if strings.HasPrefix(d.Queue, "arn:") || template.IsUnknown(d.Queue) {
		return d.readQueueByARN(ctx, d.Queue)
	}
	q := &queue{url: d.Queue, account: d.account}
	if u, err := url.Parse(d.Queue); err == nil {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		q.name = parts[len(parts)-1]
		if len(parts) > 1 {
			q.account = parts[len(parts)-2]
		}
		if match := queueHost.FindStringSubmatch(u.Hostname()); match != nil {
			q.region = match[1] + match[2]
		}
	}
	d.readQueueAttributes(ctx, q)
	return q
}

func (d *inspection) readQueueByARN(ctx context.Context, queueARN string) *queue {
	if template.IsUnknown(queueARN) {
		return &queue{name: queueARN, arn: queueARN, failure: &readError{"sqs:GetQueueAttributes", absent(queueARN)}}
	}
	parsed, err := arn.Parse(queueARN)
	if err != nil {
		return &queue{name: queueARN, failure: &readError{"sqs:GetQueueUrl", err}}
	}
	q := &queue{name: parsed.Resource, region: parsed.Region, account: parsed.AccountID}
	out, failure := read(&d.reader, "sqs:GetQueueUrl", queueARN, func() (*sqs.GetQueueUrlOutput, error) {
		return d.SQS.GetQueueUrl(
			ctx,
			&sqs.GetQueueUrlInput{QueueName: &parsed.Resource, QueueOwnerAWSAccountId: &parsed.AccountID},
			q.inItsRegion,
		)
	})
	if d.queueFailed(q, failure) {
		q.arn = queueARN
		return q
	}
	q.url = aws.ToString(out.QueueUrl)
	d.readQueueAttributes(ctx, q)
	return q
}

func (d *inspection) readQueueAttributes(ctx context.Context, q *queue) {
	out, failure := read(&d.reader, "sqs:GetQueueAttributes", q.url, func() (*sqs.GetQueueAttributesOutput, error) {
		out, err := d.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		}, q.inItsRegion)
		return notEmpty(out, err, func(out *sqs.GetQueueAttributesOutput) bool { return out.Attributes["QueueArn"] == "" })
	})
	if d.queueFailed(q, failure) {
		return
	}
	q.arn = out.Attributes["QueueArn"]
	q.name, q.region, q.account = nameOf(q.arn), regionOf(q.arn), accountOf(q.arn)
	if seconds, err := strconv.Atoi(out.Attributes["MessageRetentionPeriod"]); err == nil {
		q.keeps = time.Duration(seconds) * time.Second
	}
	q.managed = out.Attributes["SqsManagedSseEnabled"] == "true"
	q.policy = parseOrEmpty("the policy of queue "+q.name, out.Attributes["Policy"])
	if id := out.Attributes["KmsMasterKeyId"]; id != "" {
		q.managed = false
		q.key = d.readKey(ctx, id, q.region, q.account)
	}
}

// queueFailed takes note of a failed read. To another account SQS says that a queue is missing when
// it may not be read.
func (d *inspection) queueFailed(q *queue, failure *readError) bool {
	if failure != nil {
		q.failure, q.missing = failure, failure.missing() && q.account == d.account
	}
	return failure != nil
}

func (d *inspection) checkQueue(context.Context) {
	q := d.queue
	c := Check{ID: "queue", Step: "4"}
	without := "not encrypted"
	if q.managed {
		without = "SSE-SQS"
	}
	switch {
	case q.missing:
		c.Result, c.Found = Wrong, q.name+": not found"
	case q.isFIFO():
		c.Result, c.Found = Wrong, q.name+" is a FIFO queue: a standard topic delivers to standard queues only"
	case q.failure != nil:
		c.Result, c.Found = Unknown, "not judged: "+q.failure.Error()
	case q.losesMessages() != "":
		c.Result, c.Found, c.Run = Warning, q.losesMessages(), q.keepLonger()
	default:
		c.Result, c.Found = OK, fmt.Sprintf("%s: standard, in %s, %s", q.name, q.region, encryption(q.key, without))
	}
	d.add(c)
}

// fromTopic is what is known of SNS's requests for a topic. Whether SNS sends aws:SourceAccount is
// not documented for all of them.
func fromTopic(topicARN string) map[string]policy.Value {
	account := accountOf(topicARN)
	if template.IsUnknown(topicARN) {
		account = topicARN
	}
	return map[string]policy.Value{
		"aws:SourceArn":       policy.Exactly(topicARN),
		"aws:SourceAccount":   policy.Exactly(account).OrAbsent(),
		"aws:SourceOwner":     policy.Exactly(account).OrAbsent(),
		"aws:SecureTransport": policy.Exactly("true"),
	}
}

func (d *inspection) maySend(q *queue, topicARN string) policy.Decision {
	return policy.Judge(policy.Question{
		Principal: snsPrincipal, Action: "sqs:SendMessage", Resource: q.arn, Account: q.account,
		Context: fromTopic(topicARN), ResourcePolicy: &q.policy,
	})
}

// allowSend is the statement of the guide's step 6.
func (d *inspection) allowSend(q *queue) *Statement {
	return allow([]string{"sqs:SendMessage"}, q.arn).to("Service", snsPrincipal).when("ArnEquals", "aws:SourceArn", d.TopicARN)
}

func (d *inspection) checkQueuePolicy(context.Context) {
	q := d.queue
	c := Check{ID: "queue-policy", Step: "6", Add: d.allowSend(q), To: "the policy of queue " + q.name}
	if !q.isRead() {
		d.skipUnread(c, "queue", q.missing, q.failure)
		return
	}
	c = decisions{d.maySend(q, d.TopicARN)}.check(c, "sns.amazonaws.com may send for this topic",
		fmt.Sprintf("SNS may not send to %s: completions are dropped silently", q.name))
	if c.Result == OK && d.maySend(q, strings.Replace(d.TopicARN, accountOf(d.TopicARN), d.strangeAccount(), 1)).Answer == policy.Yes {
		c.Result, c.Found = Warning, "the topics of every account may send to the queue: restrict the statement to aws:SourceArn"
		c.Add, c.To = d.allowSend(q), "the policy of queue "+q.name+" in place of its statement"
	}
	d.add(c)
}

// strangeAccount is an account that has nothing to do with the set-up.
func (d *inspection) strangeAccount() string {
	if d.account == "999999999999" {
		return "888888888888"
	}
	return "999999999999"
}

// skipUnread is for checks whose resource was not read: the resource's own check reports why.
func (d *inspection) skipUnread(c Check, what string, missing bool, failure *readError) {
	c.Add, c.To = nil, ""
	if missing {
		c.Result, c.Found = Skipped, "the "+what+" is missing"
	} else {
		c.Result, c.Found = Unknown, "not judged: "+failure.Error()
	}
	d.add(c)
}

// keyOfQueue is a check of the key for SNS's use of it.
func (d *inspection) keyOfQueue(q *queue, c Check) Check {
	k := q.key
	switch {
	case k.isOfAWS():
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"%s is encrypted with %s, which SNS can never use: completions are dropped silently; use SSE-SQS or a key of yours",
			q.name, k,
		)
		return c
	case k.unusable() != "":
		c.Result, c.Found = Skipped, "the key is not usable"
		return c
	case k.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+k.unknown
		return c
	}
	var all decisions
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		all = append(all, policy.Judge(policy.Question{
			Principal:      snsPrincipal,
			Action:         action,
			Resource:       k.arn,
			Account:        k.account,
			Context:        fromTopic(d.TopicARN),
			ResourcePolicy: &k.policy,
		}))
	}
	c.Add = allow(publishKeyActions, "*").to("Service", snsPrincipal).when("ArnEquals", "aws:SourceArn", d.TopicARN)
	c.To = "the policy of key " + k.arn
	return all.check(c, "sns.amazonaws.com may use the key of "+q.name,
		fmt.Sprintf("SNS may not use the key of %s: completions are dropped silently", q.name))
}

func (d *inspection) checkQueueKey(context.Context) {
	if d.queue.key != nil {
		d.add(d.keyOfQueue(d.queue, Check{ID: "queue-key", Step: "6"}))
	}
}

// checkDeadLetterQueue checks the subscription's dead-letter queue. Its faults are warnings: they
// cost a completion only when the queue itself cannot be reached.
func (d *inspection) checkDeadLetterQueue(ctx context.Context, queueARN string) {
	c := Check{ID: "dead-letter-queue", Step: "5"}
	q := d.readQueueByARN(ctx, queueARN)
	switch {
	case q.missing:
		c.Result, c.Found = Warning, "the subscription's dead-letter queue "+q.name+": not found"
	case !q.isRead():
		c.Result, c.Found = Unknown, "not judged: "+q.failure.Error()
	default:
		c.Add, c.To = d.allowSend(q), "the policy of queue "+q.name
		c = decisions{d.maySend(q, d.TopicARN)}.check(c, "sns.amazonaws.com may send to "+q.name, "SNS may not send to "+q.name)
		if c.Result == OK && q.key != nil {
			c = d.keyOfQueue(q, Check{ID: c.ID, Step: c.Step})
		}
		switch {
		case c.Result == OK && q.losesMessages() != "":
			c.Result, c.Found, c.Run = Warning, q.losesMessages(), q.keepLonger()
		case c.Result == OK:
			c.Found = "sns.amazonaws.com may send to " + q.name
		case c.Result == Skipped && !d.isReported(q.key):
			c.Result, c.Found = Warning, fmt.Sprintf("SNS cannot send to %s: %s", q.name, q.key.unusable())
		}
		if c.Result == Wrong {
			c.Result = Warning
		}
	}
	d.add(c)
}
