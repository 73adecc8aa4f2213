package textractclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ListenUploads receives the events of uploads from an SQS queue and starts a job for each document
// that was created, until ctx ends. The events are those that [ParseS3Event] reads, sent by S3, SNS
// or EventBridge. request returns the job to start for a document, with its features and so on, or
// false for an object that is not to be read; it may leave Document empty, which is the uploaded
// version then.
//
//	request := func(document textractclient.S3Object) (in textractclient.StartInput, wanted bool) {
//		in.Operation = textractclient.TextDetection
//		return in, strings.HasSuffix(document.Key, ".pdf")
//	}
//	err := client.ListenUploads(ctx, queueURL, request)
//
// A message is deleted when all jobs of its event are started. An event that arrives twice starts
// nothing twice: see [Client.Start]. While a quota is full, Start retries, and the message stays
// hidden. Failures, malformed messages, retries, options and the end are those of [Client.Listen].
// Objects in the output bucket below the prefix of the results start no job.
//
// The queue is another one than that of the notifications, which Listen receives; both may run at
// a time. The caller needs sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and
// sqs:GetQueueAttributes on it, in addition to GrantStartJobs and GrantReadResults.
//
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
func (c *Client) ListenUploads(
	ctx context.Context, queueURL string, request func(document S3Object) (StartInput, bool), optFns ...func(*ListenOptions),
) error {
	var problems problems
	problems.addf(request == nil, "request is nil: pass a function")
	problems.addf(queueURL == "", "queue URL of uploads is empty: pass the queue that receives the events of the bucket")
	problems.addf(queueURL != "" && queueURL == c.config.QueueURL,
		"queue %q receives the notifications of jobs: pass the queue that receives the events of the bucket", queueURL)
	problems.addf(
		c.config.TopicARN == "",
		"topic ARN is empty: set %s or Config.TopicARN, so that the jobs publish their completion",
		EnvTopicARN,
	)
	config := c.config
	config.QueueURL = queueURL
	config.validate(&problems, "")
	if err := problems.err(); err != nil {
		return fmt.Errorf("listen to uploads: %w", err)
	}
	return c.listen(ctx, queueURL, "an event of S3", func(body []byte) (*task, error) {
		documents, err := ParseS3Event(body)
		if err != nil {
			return nil, err
		}
		return &task{run: func(ctx context.Context) error { return c.startUploads(ctx, documents, request) }}, nil
	}, optFns)
}

// startUploads starts a job for each document. One that cannot be started does not keep the others
// from it; when the message is received again, those that were started are not started again.
func (c *Client) startUploads(ctx context.Context, documents []S3Object, request func(S3Object) (StartInput, bool)) error {
	var failed []error
	for _, document := range documents {
		if c.config.Output.contains(document) {
			continue
		}
		in, wanted := request(document)
		if !wanted || in.Output.contains(document) {
			continue
		}
		if in.Document == (S3Object{}) {
			in.Document = document
		}
		in.WaitForStatus = true // the message stays hidden meanwhile
		job, err := c.Start(ctx, in)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		c.log.DebugContext(ctx, "job of an upload", "job", job.ID, "document", document.String(), "status", job.Status)
	}
	return errors.Join(failed...)
}

// contains reports whether an object is in the location of the results, be it one of them or not. A
// nil output contains none.
func (o *Output) contains(object S3Object) bool {
	return o != nil && o.Bucket == object.Bucket && strings.HasPrefix(object.Key, o.prefix()+"/")
}
