package textractclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// StatusError is a status of failed jobs in notifications, in addition to FAILED, according to some
// pages of the AWS guide.
const StatusError types.JobStatus = "ERROR"

// Notification is the message that Textract publishes to the topic when a job completes.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
type Notification struct {
	// JobID is Textract's JobId. It is never empty.
	JobID string
	// Status is the job's final status in capitals, in whatever case the message has it: SUCCEEDED,
	// PARTIAL_SUCCESS, FAILED, ERROR, or one that is unknown to this package. It is never empty.
	Status types.JobStatus
	// Operation is the message's field API.
	Operation Operation
	// JobTag is that of StartInput, or empty.
	JobTag string
	// Timestamp is the time of the completion, or zero where the message has none.
	Timestamp time.Time
	// Document is the document of the job. Its VersionID and ETag are empty.
	Document S3Object
}

// Ref returns the JobRef that Status, Wait and Results take.
func (n Notification) Ref() JobRef { return JobRef{Operation: n.Operation, ID: n.JobID} }

// HasResults reports whether there are results to read: the job succeeded, also in part.
func (n Notification) HasResults() bool {
	return n.Status == types.JobStatusSucceeded || n.Status == types.JobStatusPartialSuccess
}

// envelope is the part of an SNS envelope that matters, and the notification itself where delivery
// is raw.
type envelope struct {
	Message          string
	JobID            string `json:"JobId"`
	Status           string
	API              string
	JobTag           string
	Timestamp        timestamp
	DocumentLocation struct {
		S3ObjectName string
		S3Bucket     string
	}
	Records records // of the event of a function
}

// records lets pass whatever else has that name.
type records []struct {
	SNS  json.RawMessage `json:"Sns"`
	Body json.RawMessage `json:"body"`
}

// UnmarshalJSON never fails.
func (r *records) UnmarshalJSON(text []byte) error {
	type plain records
	var read plain
	if json.Unmarshal(text, &read) == nil {
		*r = records(read)
	}
	return nil
}

// hint says what a body is that holds notifications, and is none.
func (e envelope) hint() string {
	if len(e.Records) == 0 {
		return ""
	}
	switch first := e.Records[0]; {
	case first.SNS != nil:
		return "it is the event of a function that the topic invokes: pass Records[i].Sns.Message"
	case first.Body != nil:
		return "it is the event of a function that reads the queue: pass Records[i].body"
	}
	return ""
}

// ParseNotification decodes the body of a queue message: Textract's notification, as it is or in an
// SNS envelope. Unknown fields are ignored, and only the fields JobId and Status are required. Any
// other body is an error that wraps ErrNotNotification.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
func ParseNotification(body []byte) (Notification, error) {
	message, err := parseEnvelope(body)
	if err != nil {
		return Notification{}, err
	}
	if message.JobID == "" && message.Message != "" {
		if message, err = parseEnvelope([]byte(message.Message)); err != nil {
			return Notification{}, err
		}
	}
	if hint := message.hint(); message.JobID == "" && hint != "" {
		return Notification{}, fmt.Errorf("%w: %s", ErrNotNotification, hint)
	}
	if message.JobID == "" || message.Status == "" {
		return Notification{}, fmt.Errorf("%w: JobId %q, Status %q", ErrNotNotification, message.JobID, message.Status)
	}
	return Notification{
		JobID:     message.JobID,
		Status:    types.JobStatus(strings.ToUpper(message.Status)),
		Operation: Operation(message.API),
		JobTag:    message.JobTag,
		Timestamp: time.Time(message.Timestamp),
		Document:  S3Object{Bucket: message.DocumentLocation.S3Bucket, Key: message.DocumentLocation.S3ObjectName},
	}, nil
}

func parseEnvelope(body []byte) (envelope, error) {
	var message envelope
	if err := json.Unmarshal(body, &message); err != nil {
		return envelope{}, fmt.Errorf("%w: %w", ErrNotNotification, err)
	}
	return message, nil
}

// timestamp reads milliseconds since the epoch, as Textract writes them, and lets pass what SNS
// writes into the field of the same name in its envelope.
type timestamp time.Time

// UnmarshalJSON never fails: a notification with a strange time is still a notification.
func (t *timestamp) UnmarshalJSON(text []byte) error {
	milliseconds, err := strconv.ParseInt(string(bytes.Trim(text, `"`)), 10, 64)
	if err == nil && milliseconds > 0 {
		*t = timestamp(time.UnixMilli(milliseconds).UTC())
	}
	return nil
}
