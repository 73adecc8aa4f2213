package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// topicPrefix begins the names of topics that AmazonTextractServiceRole covers.
const topicPrefix = "AmazonTextract"

// topic is the topic of the notification channel.
type topic struct {
	name, region, account string
	failure               *readError
	missing               bool
	fifo                  bool
	key                   *key // nil without encryption
	policy                policy.Document
}

// inItsRegion makes calls in the topic's own Region.
func (t *topic) inItsRegion(o *sns.Options) { o.Region = t.region }

func (d *inspection) readTopic(ctx context.Context) *topic {
	t := &topic{name: nameOf(d.TopicARN), region: regionOf(d.TopicARN), account: accountOf(d.TopicARN)}
	t.fifo = strings.HasSuffix(t.name, ".fifo")
	if template.IsUnknown(d.TopicARN) {
		t.region, t.account = d.Region, d.account
	}
	out, failure := read(&d.reader, "sns:GetTopicAttributes", d.TopicARN, func() (*sns.GetTopicAttributesOutput, error) {
		return d.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &d.TopicARN}, t.inItsRegion)
	})
	if failure != nil {
		t.failure, t.missing = failure, failure.missing() && t.account == d.account
		t.policy = unread("the topic's policy", failure)
		return t
	}
	t.fifo = t.fifo || out.Attributes["FifoTopic"] == "true"
	t.policy = parseOrEmpty("the topic's policy", out.Attributes["Policy"])
	if id := out.Attributes["KmsMasterKeyId"]; id != "" {
		t.key = d.readKey(ctx, id, t.region, t.account)
	}
	return t
}

// parseOrEmpty parses a policy that may not be set.
func parseOrEmpty(name, text string) policy.Document {
	if text == "" {
		return policy.Document{Name: name}
	}
	return policy.Parse(name, text)
}

func (d *inspection) checkTopic(context.Context) {
	t := d.topic
	c := Check{ID: "topic", Step: "3"}
	switch {
	case t.region != d.Region:
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"%s is in %s, and Textract is called in %s: it publishes to topics of its own Region only",
			t.name, t.region, d.Region,
		)
	case t.missing:
		c.Result, c.Found = Wrong, fmt.Sprintf("%s: not found in %s", t.name, t.region)
	case t.fifo:
		c.Result, c.Found = Wrong, t.name+" is a FIFO topic: Textract publishes to standard topics only"
	case t.failure != nil:
		c.Result, c.Found = Unknown, "not judged: "+t.failure.Error()
	case !strings.HasPrefix(t.name, topicPrefix):
		c.Result, c.Found = Warning, fmt.Sprintf(
			"%s: the guide asks for a name that begins with %s, which AmazonTextractServiceRole covers",
			t.name, topicPrefix,
		)
	default:
		c.Result, c.Found = OK, fmt.Sprintf("%s: standard, in %s, %s", t.name, t.region, encryption(t.key, "not encrypted"))
	}
	d.add(c)
}

func encryption(k *key, without string) string {
	if k == nil {
		return without
	}
	return "encrypted with " + k.String()
}

func (d *inspection) checkSubscription(ctx context.Context) {
	c := Check{ID: "subscription", Step: "5"}
	switch {
	case d.topic.missing:
		c.Result, c.Found = Skipped, "the topic is missing"
	case d.queue.missing:
		c.Result, c.Found = Skipped, "the queue is missing"
	case d.queue.isFIFO():
		c.Result, c.Found = Skipped, "a FIFO queue cannot subscribe to a standard topic"
	case d.queue.arn == "" || d.Queue == NoQueue:
		c.Result, c.Found = Unknown, "not judged: "+d.queue.failure.Error()
	}
	if c.Result != "" {
		d.add(c)
		return
	}
	all, failure := read(&d.reader, "sns:ListSubscriptionsByTopic", d.TopicARN, func() ([]types.Subscription, error) {
		var all []types.Subscription
		pages := sns.NewListSubscriptionsByTopicPaginator(d.SNS, &sns.ListSubscriptionsByTopicInput{TopicArn: &d.TopicARN})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx, d.topic.inItsRegion)
			if err != nil {
				return nil, err
			}
			all = append(all, page.Subscriptions...)
		}
		return all, nil
	})
	if failure != nil {
		c.Result, c.Found = Unknown, "not judged: "+failure.Error()
		d.add(c)
		return
	}
	i := slices.IndexFunc(all, func(s types.Subscription) bool {
		return aws.ToString(s.Endpoint) == d.queue.arn && aws.ToString(s.Protocol) == "sqs"
	})
	if i < 0 {
		c.Result, c.Found = Wrong, "the queue is not subscribed to the topic: "+otherSubscriptions(all, d.queue.arn)
		c.Run = fmt.Sprintf(
			"aws sns subscribe --region %s --topic-arn %s --protocol sqs --notification-endpoint %s",
			d.topic.region, d.TopicARN, d.queue.arn,
		)
		d.add(c)
		return
	}
	d.checkSubscriptionAttributes(ctx, c, aws.ToString(all[i].SubscriptionArn))
}

func otherSubscriptions(all []types.Subscription, queueARN string) string {
	var others []string
	for _, s := range all {
		if aws.ToString(s.Endpoint) == queueARN {
			return fmt.Sprintf("its subscription has the protocol %q, not \"sqs\"", aws.ToString(s.Protocol))
		}
		others = append(others, aws.ToString(s.Protocol)+" "+aws.ToString(s.Endpoint))
	}
	if len(others) == 0 {
		return "it has no subscription"
	}
	return "its subscriptions are " + strings.Join(others, ", ")
}

// checkSubscriptionAttributes goes on with the subscription that there is. One that waits for its
// confirmation has no ARN.
func (d *inspection) checkSubscriptionAttributes(ctx context.Context, c Check, subscriptionARN string) {
	pending := !strings.HasPrefix(subscriptionARN, "arn:")
	var attributes map[string]string
	if !pending {
		out, failure := read(
			&d.reader,
			"sns:GetSubscriptionAttributes",
			subscriptionARN,
			func() (*sns.GetSubscriptionAttributesOutput, error) {
				return d.SNS.GetSubscriptionAttributes(
					ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &subscriptionARN},
					d.topic.inItsRegion,
				)
			},
		)
		if failure != nil {
			c.Result, c.Found = Unknown, "the queue is subscribed; filter and confirmation are not judged: "+failure.Error()
			d.add(c)
			return
		}
		attributes = out.Attributes
		pending = attributes["PendingConfirmation"] == "true"
	}
	if pending {
		c.Result, c.Found = Wrong, "the queue's subscription waits for its confirmation: SNS delivers nothing before"
		c.Run = fmt.Sprintf(
			"aws sns subscribe --region %s --topic-arn %s --protocol sqs --notification-endpoint %s, as the queue's account",
			d.topic.region, d.TopicARN, d.queue.arn,
		)
		d.add(c)
		return
	}
	c.Result, c.Found = judgeFilter(attributes["FilterPolicy"], attributes["FilterPolicyScope"])
	if c.Result != OK {
		c.Run = fmt.Sprintf(
			"aws sns set-subscription-attributes --region %s --subscription-arn %s --attribute-name FilterPolicy --attribute-value '{}'",
			d.topic.region, subscriptionARN,
		)
	} else if attributes["RawMessageDelivery"] == "true" {
		c.Found += ", raw delivery"
	}
	deadLetterQueue := deadLetterTarget(attributes["RedrivePolicy"])
	if deadLetterQueue == "" {
		d.add(c)
		return
	}
	if c.Result == OK {
		c.Found += ", dead-letter queue " + nameOf(deadLetterQueue)
	}
	d.add(c)
	d.checkDeadLetterQueue(ctx, deadLetterQueue)
}

func deadLetterTarget(redrivePolicy string) string {
	var target struct {
		DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	}
	if json.Unmarshal([]byte(redrivePolicy), &target) != nil {
		return ""
	}
	return target.DeadLetterTargetARN
}
