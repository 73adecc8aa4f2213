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

// Outcome is how a job ends.
type Outcome struct {
	// Takes is how long the job is in progress. 0: it has ended when Start returns. A job that fails is in progress for the first
	// Get all the same: no failure is known when Start returns.
	Takes time.Duration
	// Status is the final status. Empty: SUCCEEDED.
	Status string
	// Message is the status message.
	Message string
	// Warnings are in every answer.
	Warnings []any
	// Pages is the number of pages of the document. 0: 1.
	Pages int
	// Items are blocks, expense documents or lending results, in anything that has the API's JSON form.
	Items []any
	// Summary is a lending analysis's summary.
	Summary any
}

// Textract is a fake of Textract's asynchronous operations. Like Textract it forgets jobs and client request tokens after 7 days, and
// rejects documents that do not exist and parameters that are out of range.
type Textract struct {
	// Outcome decides how a started job ends. Nil: it succeeds at once, without results.
	Outcome func(action string, request Request) Outcome
	// PageSize is how many items an answer has at most.
	PageSize int
	// MaxConcurrent is how many jobs may be in progress at a time. 0: any number.
	MaxConcurrent int
	// StartRate and GetRate are the quotas of calls a second, for all Start and all Get actions together. Zero: any number.
	StartRate, GetRate Rate
	// NotifyDelay is the time from a job's end until its notification is in the queues.
	NotifyDelay time.Duration

	s3            *S3
	mu            sync.Mutex
	jobs          map[string]*job
	tokens        map[string]*job
	running       int // jobs in progress
	subscriptions map[string][]subscription
	starts, gets  bucket
}

// Request is what a Start action was given.
type Request struct {
	DocumentLocation struct {
		S3Object struct{ Bucket, Name, Version string }
	}
	FeatureTypes        []string `json:",omitempty"`
	QueriesConfig       *Queries
	AdaptersConfig      *Adapters
	NotificationChannel *struct{ SNSTopicArn, RoleArn string }
	OutputConfig        *struct{ S3Bucket, S3Prefix string }
	KMSKeyID            string `json:"KMSKeyId,omitempty"`
	JobTag              string
	ClientRequestToken  string
}

// Queries are the questions of a request.
type Queries struct {
	Queries []struct {
		Text, Alias string
		Pages       []string
	}
}

// Adapters are the adapters of a request.
type Adapters struct {
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
	asked      bool // whether a Get asked for it
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

// Subscribe has what is published to a topic sent to a queue, in SNS's envelope unless raw.
func (t *Textract) Subscribe(topicARN string, q *Queue, raw bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subscriptions[topicARN] = append(t.subscriptions[topicARN], subscription{q, raw})
}

// Started returns the requests of the jobs that were started, by job id.
func (t *Textract) Started() map[string]Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	started := make(map[string]Request)
	for id, job := range t.jobs {
		started[id] = job.request
	}
	return started
}

// Ended returns how many of the jobs that were started have ended.
func (t *Textract) Ended() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.jobs) - t.running
}

func (t *Textract) serve(action string, body []byte) (any, error) {
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
		return nil, reject("InvalidS3ObjectException", "Unable to get object metadata from S3. Check object key, region and/or access permissions.")
	}
	known, used := t.tokens[request.ClientRequestToken]
	if used && request.ClientRequestToken != "" && time.Since(known.started) <= jobLifetime {
		if known.action != action || asJSON(known.request) != asJSON(request) {
			return nil, reject("IdempotentParameterMismatchException", "token used with other parameters")
		}
		return map[string]string{"JobId": known.id}, nil
	}
	if t.MaxConcurrent > 0 && t.running >= t.MaxConcurrent {
		return nil, reject("LimitExceededException", "too many jobs in progress")
	}
	j := &job{id: fmt.Sprintf("%064x", len(t.jobs)+1), action: action, request: request, started: time.Now()}
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

// validate answers as Textract does, without a word about which parameter it means.
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

// begin leaves the access check in the output bucket and has the job end when its time is over.
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

// Notification returns a completion message as Textract publishes it.
func Notification(id, status, api, tag, bucket, key string) string {
	return asJSON(map[string]any{
		"JobId": id, "Status": status, "API": api, "JobTag": tag, "Timestamp": time.Now().UnixMilli(),
		"DocumentLocation": map[string]string{"S3ObjectName": key, "S3Bucket": bucket},
	})
}

// Envelope wraps a message as SNS does.
func Envelope(message string) string {
	return asJSON(map[string]any{
		"Type": "Notification", "MessageId": "0d6a3e2b", "TopicArn": "arn:aws:sns:us-east-1:123456789012:AmazonTextractFake",
		"Message": message, "Timestamp": time.Now().UTC().Format(time.RFC3339Nano), "SignatureVersion": "1", "Signature": "c2lnbmF0dXJl",
	})
}

// writeOutput writes what the Get action would answer, one object for each answer.
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
		t.s3.Put(output.S3Bucket, details+strconv.Itoa(n), []byte(asJSON(j.answer(start, t.PageSize))))
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
		return map[string]any{"JobStatus": j.Status, "StatusMessage": j.Message}, nil
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
	return j.answer(start, size), nil
}

func (j *job) answer(start, size int) map[string]any {
	end := min(start+size, len(j.Items))
	answer := map[string]any{
		"DocumentMetadata": map[string]int{"Pages": max(j.Pages, 1)}, "JobStatus": j.Status, "StatusMessage": j.Message, "Warnings": j.Warnings,
	}
	names := map[string][2]string{
		"StartDocumentTextDetection": {"Blocks", "DetectDocumentTextModelVersion"},
		"StartDocumentAnalysis":      {"Blocks", "AnalyzeDocumentModelVersion"},
		"StartExpenseAnalysis":       {"ExpenseDocuments", "AnalyzeExpenseModelVersion"},
		"StartLendingAnalysis":       {"Results", "AnalyzeLendingModelVersion"},
	}[j.action]
	answer[names[0]] = j.Items[start:end]
	answer[names[1]] = "1.0"
	if end < len(j.Items) {
		answer["NextToken"] = fmt.Sprintf("%s+%d", j.id, end)
	}
	return answer
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

// Forget has a job expire.
func (t *Textract) Forget(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.jobs[id].started = time.Now().Add(-2 * jobLifetime)
}
