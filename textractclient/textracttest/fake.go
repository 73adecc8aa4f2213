package textracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AWS is the fake of all services, behind one endpoint. It is safe for concurrent use; set the
// exported fields of AWS, [Textract], [S3] and [Queue] before the first call.
type AWS struct {
	// Textract has the jobs.
	Textract *Textract
	// S3 has the documents, and the results that jobs write to an output bucket.
	S3 *S3
	// Latency is the duration of each call, half of it before the call takes effect. Default: 0.
	Latency time.Duration

	mu     sync.Mutex
	queues map[string]*Queue
	faults map[string][]Fault
	calls  map[string]int
}

// New returns a fake without documents, jobs and queues.
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

// AddQueue makes a queue available to SQS calls, under its URL.
func (a *AWS) AddQueue(q *Queue) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queues[q.URL] = q
}

// Fault is the failure of one call: an error response, a broken connection, or no response.
type Fault struct {
	// Code is the error code, such as ThrottlingException.
	Code string
	// Status is the HTTP status of the error, such as 400. 0: the connection breaks.
	Status int
	// Hang leaves the call without a response until the caller's context ends. Code and Status are
	// ignored.
	Hang bool
}

// actions are the API actions that the fake serves.
var actions = []string{
	"StartDocumentTextDetection", "StartDocumentAnalysis", "StartExpenseAnalysis", "StartLendingAnalysis",
	"GetDocumentTextDetection", "GetDocumentAnalysis", "GetExpenseAnalysis", "GetLendingAnalysis", "GetLendingAnalysisSummary",
	"ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "GetQueueAttributes",
	"SendMessage", "SendMessageBatch", "ChangeMessageVisibilityBatch", "GetQueueUrl", "ListQueues",
	"HeadObject", "GetObject", "PutObject", "DeleteObject", "ListObjectsV2", "ListBuckets",
	"HeadBucket", "CreateBucket", "GetBucketLocation",
}

// Actions returns the names of the API actions that the fake serves.
func Actions() []string { return slices.Clone(actions) }

func checkAction(action string) {
	if !slices.Contains(actions, action) {
		panic(fmt.Sprintf("textracttest: action %q is unknown: use one of %v", action, actions))
	}
}

// Fail makes the next calls of an API action fail, such as StartDocumentAnalysis, ReceiveMessage or
// HeadObject: the first call with the first fault, the second with the second, and so on. Calls
// after that succeed. It panics for an action that the fake does not serve.
func (a *AWS) Fail(action string, faults ...Fault) {
	checkAction(action)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[action] = append(a.faults[action], faults...)
}

// Calls returns the number of calls of an API action, failed calls included. It panics for an
// action that the fake does not serve.
func (a *AWS) Calls(action string) int {
	checkAction(action)
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

// ServeHTTP responds to a call of any of the services.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.travel(r.Context())
	defer a.travel(r.Context())
	service, action, found := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !found {
		a.serveOther(w, r)
		return
	}
	if fault := a.fault(r, action); fault != nil {
		respondJSON(w, nil, *fault)
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
	respondJSON(w, out, err)
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
	if fault := a.fault(r, s3Action(r)); fault != nil {
		respondError(w, fault.status, fault.code, fault.message)
		return
	}
	a.S3.serve(w, r)
}

// fault returns the error that is due, nil for none. It does not return where the connection
// breaks.
func (a *AWS) fault(r *http.Request, action string) *apiError {
	fault := a.arrive(action)
	if fault == nil {
		return nil
	}
	if fault.Hang {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if fault.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	return &apiError{fault.Status, fault.Code, "injected fault"}
}

type apiError struct {
	status        int
	code, message string
}

func (e apiError) Error() string { return e.code + ": " + e.message }

func respondJSON(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	var failure apiError
	if errors.As(err, &failure) {
		w.WriteHeader(failure.status)
		out = errorBody(failure.code, failure.message)
	} else if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		out = errorBody("InternalServerError", err.Error())
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return // the caller went away
	}
}

// errorBody has the text under both names: Textract writes Message, and SQS message.
func errorBody(code, message string) map[string]string {
	return map[string]string{"__type": code, "Message": message, "message": message}
}

type credentials struct{}

// Retrieve implements aws.CredentialsProvider.
func (credentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "fake", SecretAccessKey: "fake"}, nil
}

// Config returns an AWS configuration for textractclient.New, or any client of the SDK, in the
// Region us-east-1. Its calls reach the fake within the process and without a network, so they work
// in a bubble of testing/synctest.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://fake.test"),
		Credentials:  aws.CredentialsProvider(credentials{}),
		HTTPClient:   transport{a},
	}
}

// transport passes a request to a handler as a server does.
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
		return nil, err // the response is lost, whatever it was
	}
	return recorder.Result(), nil
}
