package textracttest

import (
	"context"
	"crypto/md5" // what SQS checks bodies with
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Queue is a fake standard queue with dead letters: at least once, in any order.
type Queue struct {
	URL string
	// MaxReceiveCount is after how many receives a message is moved to the dead letters. 0: never.
	MaxReceiveCount int
	// Shuffle hands messages out in random order.
	Shuffle bool

	mu          sync.Mutex
	ready       []*message
	inFlight    map[string]*message // by receipt handle
	deadLetters []string
	sent        int
	arrived     chan struct{} // closed and replaced when a message arrives
}

type message struct {
	id, body, receipt string
	receives          int
	visibleAt         time.Time
}

// NewQueue returns an empty queue.
func NewQueue(name string, maxReceiveCount int) *Queue {
	return &Queue{
		URL:             "http://fake.test/123456789012/" + name,
		MaxReceiveCount: maxReceiveCount,
		inFlight:        make(map[string]*message),
		arrived:         make(chan struct{}),
	}
}

// Send puts a message into the queue.
func (q *Queue) Send(body string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	q.ready = append(q.ready, &message{id: fmt.Sprintf("message-%d", q.sent), body: body})
	q.wake()
}

// DeadLetters returns the bodies that were moved to the dead letters.
func (q *Queue) DeadLetters() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]string(nil), q.deadLetters...)
}

// Count returns how many messages wait and how many are in flight.
func (q *Queue) Count() (waiting, inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	return len(q.ready), len(q.inFlight)
}

// Bodies returns the bodies of the messages that wait.
func (q *Queue) Bodies() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	bodies := make([]string, 0, len(q.ready))
	for _, m := range q.ready {
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
			q.ready = append(q.ready, m)
		case next.IsZero() || m.visibleAt.Before(next):
			next = m.visibleAt
		}
	}
	return next
}

type receiveInput struct {
	QueueURL            string `json:"QueueUrl"`
	MaxNumberOfMessages int
	WaitTimeSeconds     int
	VisibilityTimeout   int
	ReceiptHandle       string
}

func (a *AWS) serveSQS(ctx context.Context, action string, body []byte) (any, error) {
	var in receiveInput
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, apiError{http.StatusBadRequest, "InvalidParameterValue", err.Error()}
	}
	a.mu.Lock()
	q, found := a.queues[in.QueueURL]
	a.mu.Unlock()
	if !found {
		return nil, apiError{http.StatusBadRequest, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist."}
	}
	switch action {
	case "ReceiveMessage":
		return q.receive(ctx, in)
	case "DeleteMessage":
		q.remove(in.ReceiptHandle)
		return struct{}{}, nil
	case "ChangeMessageVisibility":
		return struct{}{}, q.changeVisibility(in.ReceiptHandle, time.Duration(in.VisibilityTimeout)*time.Second)
	case "GetQueueAttributes":
		return q.attributes(), nil
	}
	return nil, apiError{http.StatusBadRequest, "InvalidAction", action}
}

func (q *Queue) attributes() any {
	waiting, inFlight := q.Count()
	return map[string]any{"Attributes": map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(waiting),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
	}}
}

// receive waits as long polling does: until there is a message, the wait is over, or the caller is gone.
func (q *Queue) receive(ctx context.Context, in receiveInput) (any, error) {
	if in.MaxNumberOfMessages < 1 || in.MaxNumberOfMessages > 10 || in.WaitTimeSeconds > 20 {
		return nil, apiError{http.StatusBadRequest, "InvalidParameterValue", "out of range"}
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

func (q *Queue) take(in receiveInput) (messages []map[string]any, arrived <-chan struct{}, next time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	next = q.reappear()
	for len(messages) < in.MaxNumberOfMessages && len(q.ready) > 0 {
		m := q.pop()
		if q.MaxReceiveCount > 0 && m.receives >= q.MaxReceiveCount {
			q.deadLetters = append(q.deadLetters, m.body)
			continue
		}
		m.receives++
		m.receipt = fmt.Sprintf("%s-%d", m.id, m.receives)
		m.visibleAt = time.Now().Add(time.Duration(in.VisibilityTimeout) * time.Second)
		q.inFlight[m.receipt] = m
		messages = append(messages, m.asJSON())
	}
	return messages, q.arrived, next
}

func (q *Queue) pop() *message {
	if q.Shuffle {
		i := rand.N(len(q.ready))
		q.ready[0], q.ready[i] = q.ready[i], q.ready[0]
	}
	m := q.ready[0]
	q.ready = q.ready[1:]
	return m
}

func (m *message) asJSON() map[string]any {
	sum := md5.Sum([]byte(m.body)) // what SQS checks bodies with
	return map[string]any{
		"MessageId": m.id, "Body": m.body, "ReceiptHandle": m.receipt, "MD5OfBody": hex.EncodeToString(sum[:]),
		"Attributes": map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
	}
}

// remove ignores an outdated receipt handle, as SQS may: the message was received by another meanwhile.
func (q *Queue) remove(receipt string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	delete(q.inFlight, receipt)
}

func (q *Queue) changeVisibility(receipt string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reappear()
	m, found := q.inFlight[receipt]
	if !found {
		return apiError{http.StatusBadRequest, "com.amazonaws.sqs#MessageNotInflight", receipt}
	}
	m.visibleAt = time.Now().Add(d)
	q.wake()
	return nil
}
