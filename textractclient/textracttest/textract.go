package textracttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const jobLifetime = 7 * 24 * time.Hour

// Outcome is how a job ends, and what it finds.
type Outcome struct {
	// Takes is the duration of the job. Default: 0, the job has completed when the Start action
	// returns; one that fails is still IN_PROGRESS in the first response of a Get action.
	Takes time.Duration
	// Status is the final status: SUCCEEDED, PARTIAL_SUCCESS or FAILED. Default: SUCCEEDED.
	Status string
	// Message is the status message. Default: none.
	Message string
	// Warnings are the warnings in each response, such as types.Warning of the SDK. Default: none.
	Warnings []any
	// Pages is the number of pages of the document. Default: 1.
	Pages int
	// Items are the results: types.Block, types.ExpenseDocument or types.LendingResult of the SDK,
	// by the operation, or any other value with the API's JSON form. Default: none.
	Items []any
	// Summary is the summary of a lending analysis, such as types.LendingSummary of the SDK.
	// Default: none.
	Summary any
}

// Textract is a fake of Textract's asynchronous operations. Like Textract it deletes jobs and
// client request tokens after 7 days, and rejects documents that do not exist and parameters that
// are out of range. A job with an OutputConfig writes its results to [S3].
type Textract struct {
	// Outcome returns how a started job ends; action is the API action, such as
	// StartDocumentAnalysis. It must not call methods of Textract. Default: nil, the job succeeds
	// at once and finds nothing.
	Outcome func(action string, request Request) Outcome
	// PageSize is the maximum number of items in one response of a Get action, and in one object of
	// an output bucket. Default: 1,000.
	PageSize int
	// MaxJobs is the quota of jobs in progress at a time: a Start action above it fails with
	// LimitExceededException. Default: 0, none.
	MaxJobs int
	// StartRate and GetRate are the quotas of calls, of all Start and of all Get actions together:
	// calls above them fail with ProvisionedThroughputExceededException. Default: none.
	StartRate, GetRate Rate
	// NotifyDelay is the time from the end of a job until its notification is in the queues.
	// Default: 0.
	NotifyDelay time.Duration
	// NewJobID returns the id of a job that is started. Default: nil, ids are numbers from 1.
	NewJobID func() string

	s3            *S3
	mu            sync.Mutex
	jobs          map[string]*job
	tokens        map[string]*job
	running       int // jobs in progress
	subscriptions map[string][]subscription
	starts, gets  bucket
}

// Request is the request of a Start action, under the API's names.
type Request struct {
	// DocumentLocation is the document in S3.
	DocumentLocation struct {
		S3Object struct{ Bucket, Name, Version string }
	}
	// FeatureTypes, QueriesConfig and AdaptersConfig are those of StartDocumentAnalysis, else
	// empty.
	FeatureTypes   []string `json:",omitempty"`
	QueriesConfig  *QueriesConfig
	AdaptersConfig *AdaptersConfig
	// NotificationChannel is nil for a job that publishes no completion.
	NotificationChannel *struct{ SNSTopicArn, RoleArn string }
	// OutputConfig is nil for a job whose results Textract keeps.
	OutputConfig *struct{ S3Bucket, S3Prefix string }
	KMSKeyID     string `json:"KMSKeyId,omitempty"`
	JobTag       string
	// ClientRequestToken is never empty in requests of textractclient.
	ClientRequestToken string
}

// QueriesConfig has the queries of a request.
type QueriesConfig struct {
	Queries []struct {
		Text, Alias string
		Pages       []string
	}
}

// AdaptersConfig has the adapters of a request.
type AdaptersConfig struct {
	Adapters []struct {
		AdapterID string `json:"AdapterId"`
		Version   string
		Pages     []string
	}
}

type job struct {
	Outcome
	id, action string
	request    Request
	started    time.Time
	asked      bool // whether a Get action asked for it
}

type subscription struct {
	queue *Queue
	raw   bool
}

func newTextract(s3 *S3) *Textract {
	return &Textract{
		PageSize: 1000, s3: s3, jobs: make(map[string]*job), tokens: make(map[string]*job),
		subscriptions: make(map[string][]subscription),
	}
}

// Subscribe subscribes a queue to a topic: it receives the notifications that jobs publish there,
// as they are with raw message delivery, and else in an [Envelope].
func (t *Textract) Subscribe(topicARN string, q *Queue, raw bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subscriptions[topicARN] = append(t.subscriptions[topicARN], subscription{q, raw})
}

// Started returns the requests of all jobs that were started, by job id.
func (t *Textract) Started() map[string]Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	started := make(map[string]Request)
	for id, job := range t.jobs {
		started[id] = job.request
	}
	return started
}

// Ended returns the number of started jobs that have ended.
func (t *Textract) Ended() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.jobs) - t.running
}

func (t *Textract) serve(action string, body []byte) (any, error) {
	if !slices.Contains(actions, action) {
		return nil, reject("UnknownOperationException", "The fake has no "+action+".")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	isStart := strings.HasPrefix(action, "Start")
	if isStart && !t.starts.take(t.StartRate) || !isStart && !t.gets.take(t.GetRate) {
		return nil, reject("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
	}
	if isStart {
		return t.start(action, body)
	}
	return t.get(action, body)
}

func (t *Textract) start(action string, body []byte) (any, error) {
	var request Request
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, reject("InvalidParameterException", err.Error())
	}
	if err := request.validate(action); err != nil {
		return nil, err
	}
	if object := request.DocumentLocation.S3Object; !t.s3.has(object.Bucket, object.Name) {
		return nil, reject(
			"InvalidS3ObjectException",
			"Unable to get object metadata from S3. Check object key, region and/or access permissions.",
		)
	}
	known, used := t.tokens[request.ClientRequestToken]
	if used && request.ClientRequestToken != "" && time.Since(known.started) <= jobLifetime {
		if known.action != action || asJSON(known.request) != asJSON(request) {
			return nil, reject("IdempotentParameterMismatchException", "token used with other parameters")
		}
		return map[string]string{"JobId": known.id}, nil
	}
	if t.MaxJobs > 0 && t.running >= t.MaxJobs {
		return nil, reject("LimitExceededException", "too many jobs in progress")
	}
	j := &job{id: fmt.Sprintf("%064x", len(t.jobs)+1), action: action, request: request, started: time.Now()}
	if t.NewJobID != nil {
		j.id = t.NewJobID()
	}
	if t.Outcome != nil {
		j.Outcome = t.Outcome(action, request)
	}
	if j.Status == "" {
		j.Status = "SUCCEEDED"
	}
	t.jobs[j.id] = j
	t.tokens[request.ClientRequestToken] = j
	t.begin(j)
	return map[string]string{"JobId": j.id}, nil
}

var (
	tagPattern    = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]{1,64}$`)
	tokenPattern  = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)
	bucketPattern = regexp.MustCompile(`^[0-9A-Za-z._-]+$`)
	rolePattern   = regexp.MustCompile(`^arn:[a-z\d-]+:iam::\d{12}:role/.+$`)
	pagePattern   = regexp.MustCompile(`^[0-9*-]{1,9}$`)
	features      = []string{"TABLES", "FORMS", "QUERIES", "SIGNATURES", "LAYOUT"}
)

// validate returns the error that Textract returns, which does not name the parameter.
func (r *Request) validate(action string) error {
	object := r.DocumentLocation.S3Object
	valid := bucketPattern.MatchString(object.Bucket) && object.Name != "" && len(object.Name) <= 1024 &&
		(r.JobTag == "" || tagPattern.MatchString(r.JobTag)) &&
		(r.ClientRequestToken == "" || tokenPattern.MatchString(r.ClientRequestToken)) &&
		(r.NotificationChannel == nil || rolePattern.MatchString(r.NotificationChannel.RoleArn)) &&
		(action == "StartDocumentAnalysis") == (len(r.FeatureTypes) > 0)
	for _, feature := range r.FeatureTypes {
		valid = valid && slices.Contains(features, feature)
	}
	if !valid || !r.validQueries() {
		return reject("InvalidParameterException", "Request has invalid parameters")
	}
	return nil
}

func (r *Request) validQueries() bool {
	wanted := slices.Contains(r.FeatureTypes, "QUERIES")
	if wanted != (r.QueriesConfig != nil) || !wanted && r.AdaptersConfig != nil {
		return false
	}
	if r.QueriesConfig != nil {
		if n := len(r.QueriesConfig.Queries); n < 1 || n > 30 {
			return false
		}
		for _, query := range r.QueriesConfig.Queries {
			if query.Text == "" || len(query.Text) > 200 || len(query.Alias) > 200 || !validPages(query.Pages) {
				return false
			}
		}
	}
	if r.AdaptersConfig != nil {
		for _, adapter := range r.AdaptersConfig.Adapters {
			if len(adapter.AdapterID) < 12 || adapter.Version == "" || !validPages(adapter.Pages) {
				return false
			}
		}
	}
	return true
}

func validPages(pages []string) bool {
	return !slices.ContainsFunc(pages, func(page string) bool { return !pagePattern.MatchString(page) })
}

func reject(code, message string) error { return apiError{http.StatusBadRequest, code, message} }

func (j *job) ended() bool { return time.Since(j.started) >= j.Takes }

// begin writes the access check to the output bucket, and ends the job after its duration.
func (t *Textract) begin(j *job) {
	if output := j.request.OutputConfig; output != nil {
		t.s3.Put(output.S3Bucket, output.S3Prefix+"/"+j.id+"/.s3_access_check", nil)
	}
	if j.Takes == 0 {
		t.end(j)
		return
	}
	t.running++
	time.AfterFunc(j.Takes, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.running--
		t.end(j)
	})
}

func (t *Textract) end(j *job) {
	t.writeOutput(j)
	channel := j.request.NotificationChannel
	if channel == nil {
		return
	}
	if t.NotifyDelay == 0 {
		t.notify(j, channel.SNSTopicArn)
		return
	}
	time.AfterFunc(t.NotifyDelay, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.notify(j, channel.SNSTopicArn)
	})
}

func (t *Textract) notify(j *job, topicARN string) {
	for _, s := range t.subscriptions[topicARN] {
		message := j.notification()
		if !s.raw {
			message = Envelope(message)
		}
		s.queue.Send(message)
	}
}

func (j *job) notification() string {
	return Notification(j.id, j.Status, j.action, j.request.JobTag, j.request.DocumentLocation.S3Object.Bucket,
		j.request.DocumentLocation.S3Object.Name)
}

// Notification returns the message that Textract publishes when a job completes. action is the one
// that started the job, such as StartDocumentAnalysis; jobTag may be empty.
func Notification(jobID, status, action, jobTag, bucket, key string) string {
	return asJSON(map[string]any{
		"JobId": jobID, "Status": status, "API": action, "JobTag": jobTag, "Timestamp": time.Now().UnixMilli(),
		"DocumentLocation": map[string]string{"S3ObjectName": key, "S3Bucket": bucket},
	})
}

// Envelope returns the message in the JSON envelope of SNS, which a queue receives without raw
// message delivery.
func Envelope(message string) string {
	return asJSON(map[string]any{
		"Type": "Notification", "MessageId": "0d6a3e2b", "TopicArn": "arn:aws:sns:us-east-1:123456789012:AmazonTextractFake",
		"Message": message, "Timestamp": time.Now().UTC().Format(time.RFC3339Nano), "SignatureVersion": "1", "Signature": "c2lnbmF0dXJl",
	})
}

// writeOutput writes the responses of the Get action, one object for each.
func (t *Textract) writeOutput(j *job) {
	output := j.request.OutputConfig
	if output == nil || j.Status == "FAILED" {
		return
	}
	folder := output.S3Prefix + "/" + j.id + "/"
	details := folder
	if j.action == "StartLendingAnalysis" {
		details = folder + "detailedResponse/"
		t.s3.Put(output.S3Bucket, folder+"summaryResponse/1", []byte(asJSON(j.summary())))
		t.s3.Put(output.S3Bucket, folder+"splitDocuments/1/document.pdf", []byte("%PDF"))
	}
	for start, n := 0, 1; start == 0 || start < len(j.Items); start, n = start+t.PageSize, n+1 {
		t.s3.Put(output.S3Bucket, details+strconv.Itoa(n), []byte(asJSON(j.response(start, t.PageSize))))
	}
}

func (t *Textract) get(action string, body []byte) (any, error) {
	var in struct {
		JobID      string `json:"JobId"`
		NextToken  string
		MaxResults int
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, reject("InvalidParameterException", err.Error())
	}
	j, found := t.jobs[in.JobID]
	operation := strings.TrimSuffix(strings.TrimPrefix(action, "Get"), "Summary")
	if !found || "Start"+operation != j.action || time.Since(j.started) > jobLifetime {
		return nil, reject("InvalidJobIdException", "Request has invalid Job Id")
	}
	first := !j.asked
	j.asked = true
	if !j.ended() || j.Status == "FAILED" && j.Takes == 0 && first {
		return map[string]any{"JobStatus": "IN_PROGRESS"}, nil
	}
	if j.Status == "FAILED" {
		return map[string]any{"JobStatus": j.Status, "StatusMessage": j.Message, "Warnings": j.Warnings}, nil
	}
	if strings.HasSuffix(action, "Summary") {
		return j.summary(), nil
	}
	size := t.PageSize
	if in.MaxResults > 0 {
		size = min(size, in.MaxResults)
	}
	start := 0
	if in.NextToken != "" {
		if _, err := fmt.Sscanf(in.NextToken, j.id+"+%d", &start); err != nil {
			return nil, reject("InvalidParameterException", "NextToken")
		}
	}
	return j.response(start, size), nil
}

func (j *job) response(start, size int) map[string]any {
	end := min(start+size, len(j.Items))
	response := map[string]any{
		"DocumentMetadata": map[string]int{
			"Pages": max(j.Pages, 1),
		},
		"JobStatus":     j.Status,
		"StatusMessage": j.Message,
		"Warnings":      j.Warnings,
	}
	names := map[string][2]string{
		"StartDocumentTextDetection": {"Blocks", "DetectDocumentTextModelVersion"},
		"StartDocumentAnalysis":      {"Blocks", "AnalyzeDocumentModelVersion"},
		"StartExpenseAnalysis":       {"ExpenseDocuments", "AnalyzeExpenseModelVersion"},
		"StartLendingAnalysis":       {"Results", "AnalyzeLendingModelVersion"},
	}[j.action]
	response[names[0]] = j.Items[start:end]
	response[names[1]] = "1.0"
	if end < len(j.Items) {
		response["NextToken"] = fmt.Sprintf("%s+%d", j.id, end)
	}
	return response
}

func (j *job) summary() map[string]any {
	return map[string]any{
		"DocumentMetadata": map[string]int{"Pages": max(j.Pages, 1)}, "JobStatus": j.Status, "StatusMessage": j.Message,
		"Warnings": j.Warnings, "Summary": j.Summary, "AnalyzeLendingModelVersion": "1.0",
	}
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the tests' own values
	}
	return string(text)
}

// Expire makes a job one of more than 7 days ago, whose results and client request token Textract
// has deleted. It panics for an id that is not the id of a started job.
func (t *Textract) Expire(jobID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, found := t.jobs[jobID]
	if !found {
		panic(fmt.Sprintf("textracttest: no job %q was started", jobID))
	}
	j.started = time.Now().Add(-2 * jobLifetime)
}
