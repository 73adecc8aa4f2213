package textractclient

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// tokenSource is all that tells one job from another. Its JSON form is hashed, so a field that is added here changes every token:
// jobs of the last 7 days would then be started once more.
type tokenSource struct {
	Operation                 Operation
	Bucket, Key, Version, Tag string
	ETag                      string              `json:",omitempty"`
	Salt                      string              `json:",omitempty"`
	Features                  []types.FeatureType `json:",omitempty"`
	Queries                   []types.Query       `json:",omitempty"`
	Adapters                  []types.Adapter     `json:",omitempty"`
	TopicARN, RoleARN         string              `json:",omitempty"`
	Output                    *Output             `json:",omitempty"`
}

// ClientRequestToken returns the token that Start sends for the input: its own, or the one derived from it.
func (c *Client) ClientRequestToken(in StartInput) (string, error) {
	request, err := c.startRequest(in)
	if err != nil {
		return "", err
	}
	return request.token, nil
}

// deriveToken returns 64 hexadecimal digits, which is as much as Textract takes.
func (r *startRequest) deriveToken() string {
	source := tokenSource{
		Operation: r.Operation,
		Bucket:    r.Document.Bucket,
		Key:       r.Document.Key,
		Version:   r.Document.VersionID,
		Tag:       r.JobTag,
		ETag:      r.Document.ETag,
		Salt:      r.Salt,
		Features:  r.Features,
		Queries:   r.Queries,
		Adapters:  r.Adapters,
		TopicARN:  r.topicARN,
		RoleARN:   r.roleARN,
	}
	if r.output != nil {
		source.Output = &Output{Bucket: r.output.Bucket, Prefix: r.output.prefix(), KMSKeyID: r.output.KMSKeyID}
	}
	text, err := json.Marshal(source)
	if err != nil {
		panic(err) // strings, numbers and slices of them always have a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
