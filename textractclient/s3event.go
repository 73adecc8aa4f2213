package textractclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxEnvelopes bounds how deep an S3 event may be wrapped: an EventBridge event through SNS, SQS
// and Lambda has three envelopes.
const maxEnvelopes = 5

// ParseS3Event returns the objects that an event of S3 reports as created, with keys that are not
// URL-encoded. It decodes
//
//   - event notifications of S3, whose keys are URL-encoded;
//   - events "Object Created" of EventBridge, whose keys are not;
//   - both in an SNS envelope, and in the records that Lambda receives from SQS and SNS.
//
// It omits folders (keys with a slash at the end) and .s3_access_check, which Textract writes next
// to results. The test event of S3, and events about objects that were not created, have no
// objects. Anything else is an error that wraps ErrNotS3Event; so is a batch with one record that
// is not an S3 event, so that no document is lost silently.
//
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func ParseS3Event(body []byte) ([]S3Object, error) {
	objects, err := parseS3Event(body, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotS3Event, err)
	}
	return objects, nil
}

// s3Event has the fields of all forms: exactly one of them is in a text.
type s3Event struct {
	// Message is that of an SNS envelope.
	Message *string
	// Records are those of S3, and of SQS and SNS as Lambda receives them.
	Records []s3EventRecord
	// Service and Event are those of S3's test event.
	Service, Event string
	// Source, DetailType and Detail are those of EventBridge.
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		Bucket struct{ Name string }
		Object struct {
			Key, ETag string
			VersionID string `json:"version-id"`
		}
	}
}

type s3EventRecord struct {
	// Body is that of an SQS message.
	Body *string `json:"body"`
	// SNS is an SNS message.
	SNS *struct{ Message string } `json:"Sns"`
	// EventName and S3 are those of an S3 event notification.
	EventName string `json:"eventName"`
	S3        struct {
		Bucket struct{ Name string }
		Object struct{ Key, ETag, VersionID string }
	}
}

func parseS3Event(body []byte, depth int) ([]S3Object, error) {
	if depth == maxEnvelopes {
		return nil, fmt.Errorf("more than %d envelopes", maxEnvelopes)
	}
	var event s3Event
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, err
	}
	switch {
	case event.Source == "aws.s3":
		return event.eventBridgeObjects()
	case len(event.Records) > 0:
		return event.recordedObjects(depth)
	case event.Message != nil:
		return parseS3Event([]byte(*event.Message), depth+1)
	case event.Service == "Amazon S3" && event.Event == "s3:TestEvent":
		return nil, nil
	}
	return nil, fmt.Errorf("no S3 records, no EventBridge event of aws.s3, no SNS or SQS envelope: %s", excerpt(string(body)))
}

func (e *s3Event) eventBridgeObjects() ([]S3Object, error) {
	switch {
	case e.DetailType == "Object Created":
	case strings.HasPrefix(e.DetailType, "Object "):
		return nil, nil
	default: // such as "AWS API Call via CloudTrail", which names objects in another form
		return nil, fmt.Errorf("EventBridge event of aws.s3 with the detail-type %q: match \"Object Created\" in the rule", e.DetailType)
	}
	object := S3Object{
		Bucket: e.Detail.Bucket.Name, Key: e.Detail.Object.Key,
		VersionID: e.Detail.Object.VersionID, ETag: e.Detail.Object.ETag,
	}
	return documents(object)
}

func (e *s3Event) recordedObjects(depth int) ([]S3Object, error) {
	var objects []S3Object
	for i, record := range e.Records {
		found, err := record.objects(depth)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

func (r s3EventRecord) objects(depth int) ([]S3Object, error) {
	switch {
	case r.Body != nil:
		return parseS3Event([]byte(*r.Body), depth+1)
	case r.SNS != nil:
		return parseS3Event([]byte(r.SNS.Message), depth+1)
	case r.EventName == "" || r.S3.Bucket.Name == "":
		return nil, errors.New("no eventName or bucket of S3, no message of SQS or SNS")
	case !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:"):
		return nil, nil
	}
	key, err := url.QueryUnescape(r.S3.Object.Key)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", r.S3.Object.Key, err)
	}
	return documents(S3Object{
		Bucket: r.S3.Bucket.Name, Key: key, VersionID: r.S3.Object.VersionID, ETag: r.S3.Object.ETag,
	})
}

// documents omits what is not a document.
func documents(object S3Object) ([]S3Object, error) {
	if object.Bucket == "" || object.Key == "" {
		return nil, fmt.Errorf("bucket %q or key %q is empty", object.Bucket, object.Key)
	}
	if strings.HasSuffix(object.Key, "/") || object.Key == accessCheck || strings.HasSuffix(object.Key, "/"+accessCheck) {
		return nil, nil
	}
	return []S3Object{object}, nil
}
