// Package textracttest is a fake of the parts of Textract, SNS, SQS and S3 that package textractclient calls, to test a worker against.
// It speaks their wire protocols, so the real SDK runs against it, rejects what they reject, and fails on demand. It knows nothing of
// permissions.
//
// [AWS.Config] returns an AWS configuration for textractclient.New whose calls reach the fake without a network: in a bubble of
// testing/synctest, jobs, visibility timeouts and retries of hours take no real time. See the package's TestWorker. [AWS] is also an
// http.Handler, for httptest.NewServer and AWS_ENDPOINT_URL.
package textracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AWS is the fake of all services, behind one endpoint.
type AWS struct {
	Textract *Textract
	S3       *S3
	// Latency is the time that a call is under way, half of it before it takes effect.
	Latency time.Duration

	mu     sync.Mutex
	queues map[string]*Queue
	faults map[string][]Fault
	calls  map[string]int
}

// New returns a fake with nothing in it.
func New() *AWS {
	a := &AWS{
		S3:     newS3(),
		queues: make(map[string]*Queue),
		faults: make(map[string][]Fault),
		calls:  make(map[string]int),
	}
	a.Textract = newTextract(a.S3)
	return a
}

// AddQueue adds a queue.
func (a *AWS) AddQueue(q *Queue) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queues[q.URL] = q
}

// Fault is what a call gets instead of its answer.
type Fault struct {
	// Code is the error's code, such as ThrottlingException.
	Code string
	// Status is the HTTP status. 0: the connection breaks.
	Status int
	// Hang leaves the call without an answer until the caller gives up.
	Hang bool
}

// Fail makes the next calls of an action fail, one after the other.
func (a *AWS) Fail(action string, faults ...Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[action] = append(a.faults[action], faults...)
}

// Calls returns how often an action was called, failed calls included.
func (a *AWS) Calls(action string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[action]
}

func (a *AWS) arrive(action string) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[action]++
	queue := a.faults[action]
	if len(queue) == 0 {
		return nil
	}
	a.faults[action] = queue[1:]
	return &queue[0]
}

// ServeHTTP answers a call of any of the services.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.travel(r.Context())
	defer a.travel(r.Context())
	service, action, found := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !found {
		a.serveOther(w, r)
		return
	}
	if a.failed(w, r, action) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away
	}
	var out any
	switch service {
	case "Textract":
		out, err = a.Textract.serve(action, body)
	case "AmazonSQS":
		out, err = a.serveSQS(r.Context(), action, body)
	default:
		err = apiError{http.StatusBadRequest, "UnknownOperationException", service}
	}
	answerJSON(w, out, err)
}

// travel takes half the latency, or less for a caller who goes away.
func (a *AWS) travel(ctx context.Context) {
	if a.Latency == 0 {
		return
	}
	timer := time.NewTimer(a.Latency / 2)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (a *AWS) serveOther(w http.ResponseWriter, r *http.Request) {
	action := r.Method + "Object"
	if r.Method == http.MethodGet && r.URL.Query().Get("list-type") != "" {
		action = "ListObjectsV2"
	}
	if !a.failed(w, r, action) {
		a.S3.serve(w, r)
	}
}

// failed answers a call with the fault that is due, if one is.
func (a *AWS) failed(w http.ResponseWriter, r *http.Request, action string) bool {
	fault := a.arrive(action)
	if fault == nil {
		return false
	}
	if fault.Hang {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if fault.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	answerJSON(w, nil, apiError{fault.Status, fault.Code, "injected fault"})
	return true
}

type apiError struct {
	status        int
	code, message string
}

func (e apiError) Error() string { return e.code + ": " + e.message }

func answerJSON(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	var failure apiError
	if errors.As(err, &failure) {
		w.WriteHeader(failure.status)
		out = map[string]string{"__type": failure.code, "message": failure.message}
	} else if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		out = map[string]string{"__type": "InternalServerError", "message": err.Error()}
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return // the caller went away
	}
}

type credentials struct{}

// Retrieve implements aws.CredentialsProvider.
func (credentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "fake", SecretAccessKey: "fake"}, nil
}

// Config returns an AWS configuration whose calls reach the fake inside this process, without a network: so they work in a
// testing/synctest bubble, where the SDK's waits and SQS's timeouts take no real time.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://fake.test"),
		Credentials:  aws.CredentialsProvider(credentials{}),
		HTTPClient:   transport{a},
	}
}

// transport hands a request to a handler as a server would.
type transport struct{ handler http.Handler }

// Do implements aws.HTTPClient.
func (t transport) Do(request *http.Request) (response *http.Response, err error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		if cause := recover(); cause != nil {
			response, err = nil, fmt.Errorf("connection reset: %w", io.ErrUnexpectedEOF)
		}
	}()
	served := request.Clone(request.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, served)
	if err := request.Context().Err(); err != nil {
		return nil, err // the answer is lost, whatever it was
	}
	return recorder.Result(), nil
}
