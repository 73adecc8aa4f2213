#!/usr/bin/env bash
# Guess: goaws, a local SQS and SNS in Go, answers the SDK for Go as SQS does, short of rare calls.
# What happens: it speaks only the older query protocol of SQS, so SQS calls of today's SDK fail, while SNS calls
#   work. With an older SDK: of a batch of deletions, an entry with an unknown receipt handle is neither in Successful
#   nor in Failed; DeleteMessage of a message that is gone is an error, where SQS succeeds by AWS's documentation;
#   ApproximateReceiveCount is 1 on each receive, yet the message moves to the dead-letter queue, one receive later
#   than maxReceiveCount says; DelaySeconds of a batch entry is ignored.
# Versions: github.com/Admiral-Piett/goaws v0.4.5, github.com/aws/aws-sdk-go-v2/service/sqs v1.53.0 and v1.24.5.
# Why it matters: a consumer of the completion messages of Textract is tested for exactly these: a partly failed
#   batch, a message that comes again, the move to the dead-letter queue. Against goaws such a test passes or fails
#   for other reasons than against SQS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
goaws=github.com/Admiral-Piett/goaws
sdk=github.com/aws/aws-sdk-go-v2/service

mkdir today older
cat >today/main.go <<'END'
package main

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/Admiral-Piett/goaws/app/router"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	server := httptest.NewServer(router.New())
	defer server.Close()
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
	})
	topics := sns.New(sns.Options{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials})
	_, err := topics.CreateTopic(context.Background(), &sns.CreateTopicInput{Name: aws.String("jobs")})
	fmt.Println("today, CreateTopic: works", err == nil)
	queues := sqs.New(sqs.Options{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials})
	_, err = queues.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: aws.String("jobs")})
	fmt.Println("today, CreateQueue: works", err == nil)
}
END
cat >older/main.go <<'END'
package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/Admiral-Piett/goaws/app"
	"github.com/Admiral-Piett/goaws/app/gosqs"
	"github.com/Admiral-Piett/goaws/app/router"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var background = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	server := httptest.NewServer(router.New())
	defer server.Close()
	app.CurrentEnvironment.Region = "eu-west-1"
	app.CurrentEnvironment.AccountID = "111122223333"
	stop := make(chan struct{})
	go gosqs.PeriodicTasks(100*time.Millisecond, stop)
	defer close(stop)

	client := sqs.New(sqs.Options{
		Region:           "eu-west-1",
		RetryMaxAttempts: 1,
		EndpointResolver: sqs.EndpointResolverFromURL(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
		}),
	})
	create := func(name string, attributes map[string]string) *string {
		return must(client.CreateQueue(background, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})).QueueUrl
	}
	receive := func(queue *string) []types.Message {
		return must(client.ReceiveMessage(background, &sqs.ReceiveMessageInput{
			QueueUrl: queue, MaxNumberOfMessages: 10, AttributeNames: []types.QueueAttributeName{"All"},
		})).Messages
	}

	queue := create("jobs", nil)
	must(client.SendMessage(background, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("done")}))
	message := receive(queue)[0]
	deleted := must(client.DeleteMessageBatch(background, &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("known"), ReceiptHandle: message.ReceiptHandle},
		{Id: aws.String("unknown"), ReceiptHandle: aws.String("no-such-handle")},
	}}))
	fmt.Printf("older, DeleteMessageBatch of two: successful %d, failed %d\n", len(deleted.Successful), len(deleted.Failed))
	_, err := client.DeleteMessage(background, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: message.ReceiptHandle})
	fmt.Println("older, DeleteMessage again: error", err != nil)

	must(client.SendMessageBatch(background, &sqs.SendMessageBatchInput{QueueUrl: queue, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("now"), MessageBody: aws.String("now")},
		{Id: aws.String("later"), MessageBody: aws.String("later"), DelaySeconds: 60},
	}}))
	fmt.Println("older, of two messages, one of them delayed by 60 seconds, received at once:", len(receive(queue)))

	dead := create("dead", nil)
	queue = create("retried", map[string]string{
		"VisibilityTimeout": "1",
		"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":"2"}`,
	})
	must(client.SendMessage(background, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("poison")}))
	received := 0
	var counts []string
	for range 5 {
		for _, message := range receive(queue) {
			received++
			counts = append(counts, message.Attributes["ApproximateReceiveCount"])
		}
		time.Sleep(2 * time.Second)
	}
	fmt.Printf("older, maxReceiveCount 2: received %d times, counts %v, in the dead-letter queue %d\n", received, counts, len(receive(dead)))
}
END
(cd today && quiet go mod init today && quiet go get "$goaws/app/router@v0.4.5" "$sdk/sqs@v1.53.0" "$sdk/sns@v1.48.0" && go run . 2>run.log) | tee output
(cd older && quiet go mod init older && quiet go get "$goaws/app/router@v0.4.5" "$sdk/sqs@v1.24.5" && go run . 2>run.log) | tee -a output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'today, CreateTopic: works true'
want 'today, CreateQueue: works false'
want 'older, DeleteMessageBatch of two: successful 1, failed 0'
want 'older, DeleteMessage again: error true'
want 'older, of two messages, one of them delayed by 60 seconds, received at once: 2'
want 'older, maxReceiveCount 2: received 3 times, counts [1 1 1], in the dead-letter queue 1'
echo "as described"
