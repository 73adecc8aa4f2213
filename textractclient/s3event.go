package textractclient

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// ParseS3Event reads an S3 event notification, plain or inside an SNS envelope, and returns the objects that it says were
// created. Their keys are URL-decoded, as Textract takes them; S3's test event has none.
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func ParseS3Event(body []byte) ([]S3Object, error) {
	var event struct {
		Message string
		Records []struct {
			EventName string `json:"eventName"`
			S3        struct {
				Bucket struct{ Name string }
				Object struct {
					Key, ETag, VersionID string
				}
			}
		}
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, fmt.Errorf("s3 event: %w", err)
	}
	if event.Records == nil && event.Message != "" {
		return ParseS3Event([]byte(event.Message))
	}
	var objects []S3Object
	for _, record := range event.Records {
		if !strings.HasPrefix(strings.TrimPrefix(record.EventName, "s3:"), "ObjectCreated:") {
			continue
		}
		key, err := url.QueryUnescape(record.S3.Object.Key)
		if err != nil {
			return nil, fmt.Errorf("s3 event: key %q: %w", record.S3.Object.Key, err)
		}
		objects = append(objects, S3Object{
			Bucket: record.S3.Bucket.Name, Key: key,
			VersionID: record.S3.Object.VersionID, ETag: record.S3.Object.ETag,
		})
	}
	return objects, nil
}
