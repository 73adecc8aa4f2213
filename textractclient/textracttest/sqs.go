package textracttest

import (
	"context"
	"crypto/md5" // what SQS checks bodies with
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What SQS allows.
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const (
	maxVisibility     = 12 * time.Hour
	defaultVisibility = 30 * time.Second
	maxInFlight       = 120_000
	maxBatch          = 10
	maxWait           = 20
)

// Queue is a fake standard queue with a dead-letter queue. Like SQS it rejects a visibility timeout
// that ends more than 12 hours after the receive, and the receipt handle of a message that was
// deleted or received again. NewQueue makes one.
type Queue struct {
	// URL is the queue's URL, for textractclient.Config.
	URL string
	// MaxReceiveCount is the number of receives after which a message is moved to the dead-letter
	// queue. 0: there is no dead-letter queue.
	MaxReceiveCount int
	// RetentionPeriod is the age at which the queue deletes a message. Default: 0, never.
	RetentionPeriod time.Duration
	// Shuffle returns messages in random order. Default: false, in the order in which they became
	// visible.
	Shuffle bool

	mu              sync.Mutex
	visible         []*message
	inFlight        map[string]*message // by receipt handle
	deleted         map[string]bool     // receipt handles of deleted messages
	deadLetterQueue []string
	expired         int
	sent            int
	arrived         chan struct{} // closed and replaced when a message arrives
}

type message struct {
	id, body, receipt         string
	receives                  int
	sent, received, visibleAt time.Time
}

// NewQueue returns an empty queue, with a dead-letter queue unless maxReceiveCount is 0. Pass it to
// [AWS.AddQueue].
func NewQueue(name string, maxReceiveCount int) *Queue {
	return &Queue{
		URL:             "http://fake.test/123456789012/" + name,
		MaxReceiveCount: maxReceiveCount,
		inFlight:        make(map[string]*message),
		deleted:         make(map[string]bool),
		arrived:         make(chan struct{}),
	}
}

// Send sends a message to the queue, such as [Notification] in an [Envelope].
func (q *Queue) Send(body string) { q.add(body) }

func (q *Queue) add(body string) (id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	id = fmt.Sprintf("message-%d", q.sent)
	q.visible = append(q.visible, &message{id: id, body: body, sent: time.Now()})
	q.wake()
	return id
}

// Expired returns the number of messages that the queue deleted because of the retention period.
func (q *Queue) Expired() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	return q.expired
}

// DeadLetterQueue returns the bodies of the messages in the dead-letter queue, in the order in
// which they were moved there.
func (q *Queue) DeadLetterQueue() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]string(nil), q.deadLetterQueue...)
}

// Count returns the number of visible messages, and that of messages in flight: received, and
// neither deleted nor visible again.
func (q *Queue) Count() (visible, inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	return len(q.visible), len(q.inFlight)
}

// Bodies returns the bodies of the visible messages. It receives none of them.
func (q *Queue) Bodies() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	bodies := make([]string, 0, len(q.visible))
	for _, m := range q.visible {
		bodies = append(bodies, m.body)
	}
	return bodies
}

func (q *Queue) wake() {
	close(q.arrived)
	q.arrived = make(chan struct{})
}

// reappear makes messages visible whose timeout has ended, and returns when the next one will be.
func (q *Queue) reappear() (next time.Time) {
	now := time.Now()
	for receipt, m := range q.inFlight {
		switch {
		case !m.visibleAt.After(now):
			delete(q.inFlight, receipt)
			m.receipt = ""
			q.visible = append(q.visible, m)
		case next.IsZero() || m.visibleAt.Before(next):
			next = m.visibleAt
		}
	}
	if q.RetentionPeriod > 0 {
		q.visible = slices.DeleteFunc(q.visible, func(m *message) bool {
			old := now.Sub(m.sent) > q.RetentionPeriod
			if old {
				q.expired++
			}
			return old
		})
	}
	return next
}

type queueInput struct {
	QueueURL            string `json:"QueueUrl"`
	QueueName           string
	MaxNumberOfMessages *int
	WaitTimeSeconds     int
	VisibilityTimeout   *int
	ReceiptHandle       string
	AttributeNames      []string
	MessageBody         string
	Entries             []struct {
		ID                string `json:"Id"`
		ReceiptHandle     string
		MessageBody       string
		VisibilityTimeout int
	}
}

func (in queueInput) visibility() time.Duration {
	if in.VisibilityTimeout == nil {
		return defaultVisibility
	}
	return time.Duration(*in.VisibilityTimeout) * time.Second
}

func (in queueInput) messages() int {
	if in.MaxNumberOfMessages == nil {
		return 1
	}
	return *in.MaxNumberOfMessages
}

const errorNamespace = "com.amazonaws.sqs#"

func sqsError(code, message string) error {
	return apiError{http.StatusBadRequest, errorNamespace + code, message}
}

func (a *AWS) serveSQS(ctx context.Context, action string, body []byte) (any, error) {
	var in queueInput
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, sqsError("InvalidParameterValue", err.Error())
	}
	switch action {
	case "GetQueueUrl":
		for _, url := range a.queueURLs() {
			if strings.HasSuffix(url, "/"+in.QueueName) {
				return map[string]string{"QueueUrl": url}, nil
			}
		}
		return nil, sqsError("QueueDoesNotExist", "The specified queue does not exist.")
	case "ListQueues":
		return map[string]any{"QueueUrls": a.queueURLs()}, nil
	}
	a.mu.Lock()
	q, found := a.queues[in.QueueURL]
	a.mu.Unlock()
	if !found {
		return nil, sqsError("QueueDoesNotExist", "The specified queue does not exist.")
	}
	switch action {
	case "ReceiveMessage":
		return q.receive(ctx, in)
	case "DeleteMessage":
		return struct{}{}, q.remove(in.ReceiptHandle)
	case "DeleteMessageBatch":
		return batch(in, func(i int) (map[string]string, error) {
			return map[string]string{}, q.remove(in.Entries[i].ReceiptHandle)
		})
	case "ChangeMessageVisibility":
		return struct{}{}, q.changeVisibility(in.ReceiptHandle, in.visibility())
	case "ChangeMessageVisibilityBatch":
		return batch(in, func(i int) (map[string]string, error) {
			entry := in.Entries[i]
			return map[string]string{}, q.changeVisibility(entry.ReceiptHandle, time.Duration(entry.VisibilityTimeout)*time.Second)
		})
	case "SendMessage":
		return q.send(in.MessageBody)
	case "SendMessageBatch":
		return batch(in, func(i int) (map[string]string, error) { return q.send(in.Entries[i].MessageBody) })
	case "GetQueueAttributes":
		return q.attributes(), nil
	}
	return nil, sqsError("InvalidAction", action)
}

func (q *Queue) attributes() any {
	visible, inFlight := q.Count()
	attributes := map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
	}
	if q.MaxReceiveCount > 0 {
		attributes["RedrivePolicy"] = fmt.Sprintf(
			`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":%d}`, q.MaxReceiveCount)
	}
	return map[string]any{"Attributes": attributes}
}

// receive waits as long polling does: until there is a message, the wait ends, or the caller goes
// away.
func (q *Queue) receive(ctx context.Context, in queueInput) (any, error) {
	if in.messages() < 1 || in.messages() > maxBatch || in.WaitTimeSeconds < 0 || in.WaitTimeSeconds > maxWait ||
		in.visibility() < 0 || in.visibility() > maxVisibility {
		return nil, sqsError("InvalidParameterValue", "out of range")
	}
	if _, inFlight := q.Count(); inFlight >= maxInFlight {
		return nil, sqsError("OverLimit", "too many messages in flight")
	}
	wait := time.NewTimer(time.Duration(in.WaitTimeSeconds) * time.Second)
	defer wait.Stop()
	for {
		messages, arrived, next := q.take(in)
		if len(messages) > 0 {
			return map[string]any{"Messages": messages}, nil
		}
		var reappears <-chan time.Time
		if !next.IsZero() {
			timer := time.NewTimer(time.Until(next))
			defer timer.Stop()
			reappears = timer.C
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wait.C:
			return map[string]any{}, nil
		case <-arrived:
		case <-reappears:
		}
	}
}

func (q *Queue) take(in queueInput) (messages []map[string]any, arrived <-chan struct{}, next time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	next = q.reappear()
	for len(messages) < in.messages() && len(q.visible) > 0 {
		m := q.pop()
		if q.MaxReceiveCount > 0 && m.receives >= q.MaxReceiveCount {
			q.deadLetterQueue = append(q.deadLetterQueue, m.body)
			continue
		}
		m.receives++
		m.receipt = fmt.Sprintf("%s-%d", m.id, m.receives)
		m.received = time.Now()
		m.visibleAt = m.received.Add(in.visibility())
		q.inFlight[m.receipt] = m
		messages = append(messages, m.asJSON())
	}
	return messages, q.arrived, next
}

func (q *Queue) pop() *message {
	if q.Shuffle {
		i := rand.N(len(q.visible))
		q.visible[0], q.visible[i] = q.visible[i], q.visible[0]
	}
	m := q.visible[0]
	q.visible = q.visible[1:]
	return m
}

func (m *message) asJSON() map[string]any {
	sum := md5.Sum([]byte(m.body)) // what SQS checks bodies with
	return map[string]any{
		"MessageId": m.id, "Body": m.body, "ReceiptHandle": m.receipt, "MD5OfBody": hex.EncodeToString(sum[:]),
		"Attributes": map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
	}
}

// remove does nothing for the receipt handle of a message that is visible again, or was received
// again by another consumer, as SQS.
func (q *Queue) remove(receipt string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	if receipt == "" || !strings.HasPrefix(receipt, "message-") {
		return sqsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	delete(q.inFlight, receipt)
	q.deleted[receipt] = true
	return nil
}

// batch does something for each entry of a request, and returns which succeeded.
func batch(in queueInput, do func(entry int) (map[string]string, error)) (any, error) {
	switch {
	case len(in.Entries) == 0:
		return nil, sqsError("EmptyBatchRequest", "no entries")
	case len(in.Entries) > maxBatch:
		return nil, sqsError("TooManyEntriesInBatchRequest", "more than 10 entries")
	}
	type failure struct {
		ID          string `json:"Id"`
		Code        string
		SenderFault bool
	}
	seen := make(map[string]bool)
	successful, failed := []map[string]string{}, []failure{}
	for i, entry := range in.Entries {
		if seen[entry.ID] {
			return nil, sqsError("BatchEntryIdsNotDistinct", entry.ID)
		}
		seen[entry.ID] = true
		result, err := do(i)
		var rejected apiError
		if errors.As(err, &rejected) {
			failed = append(failed, failure{entry.ID, strings.TrimPrefix(rejected.code, errorNamespace), true})
			continue
		}
		result["Id"] = entry.ID
		successful = append(successful, result)
	}
	return map[string]any{"Successful": successful, "Failed": failed}, nil
}

func (q *Queue) send(body string) (map[string]string, error) {
	if body == "" {
		return nil, sqsError("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	sum := md5.Sum([]byte(body)) // what SQS checks bodies with
	return map[string]string{"MessageId": q.add(body), "MD5OfMessageBody": hex.EncodeToString(sum[:])}, nil
}

func (a *AWS) queueURLs() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.queues))
}

func (q *Queue) changeVisibility(receipt string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	m, found := q.inFlight[receipt]
	switch {
	case d < 0 || d > maxVisibility:
		return sqsError("InvalidParameterValue", "VisibilityTimeout is out of range")
	case q.deleted[receipt]:
		return sqsError("InvalidParameterValue", "Message does not exist or is not available for visibility timeout change.")
	case !found && q.knows(receipt):
		return sqsError("MessageNotInflight", receipt)
	case !found:
		return sqsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	case time.Now().Add(d).Sub(m.received) > maxVisibility:
		return sqsError("InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	m.visibleAt = time.Now().Add(d)
	q.wake()
	return nil
}

// knows reports whether a receipt handle is the last one of a message that is visible again.
func (q *Queue) knows(receipt string) bool {
	return slices.ContainsFunc(q.visible, func(m *message) bool { return fmt.Sprintf("%s-%d", m.id, m.receives) == receipt })
}
