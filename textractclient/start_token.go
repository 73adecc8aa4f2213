package textractclient

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// chooseToken sets the token: the caller's, one derived for this content of the document, or a
// random one when the content is unknown.
func (c *Client) chooseToken(ctx context.Context, r *startRequest) error {
	if r.ClientRequestToken != "" {
		r.token = r.ClientRequestToken
		return nil
	}
	// Each object that overwrites another in a bucket without versions has the version "null" too.
	if unversioned := r.Document.VersionID == "" || r.Document.VersionID == "null"; unversioned && r.Document.ETag == "" {
		seen, err := c.Stat(ctx, r.Document)
		if err == nil && seen.ETag == "" {
			err = errors.New("S3 returned no ETag")
		}
		switch {
		case err != nil && (ctx.Err() != nil || errors.Is(err, errNoDocument)):
			return err
		case err != nil:
			// Random, and not empty: the attempts of this start must not become several jobs.
			r.token = rand.Text()
			c.log.WarnContext(
				ctx,
				"the document's version is unknown, so a repeated start will start, and bill, another job",
				"document", r.Document.String(), "error", err,
			)
			return nil
		}
		r.Document.ETag = seen.ETag
	}
	r.token, r.derived = r.deriveToken(), true
	return nil
}

// tokenSource is all that distinguishes one job from another. Its JSON form is hashed, so any
// change to these structs changes every token, and jobs of the last 7 days would be started, and
// billed, once more: they are this package's own, and not the SDK's, because a field that the SDK
// adds must not do that.
type tokenSource struct {
	Operation                 Operation
	Bucket, Key, Version, Tag string
	ETag                      string         `json:",omitempty"`
	Salt                      string         `json:",omitempty"`
	Features                  []string       `json:",omitempty"`
	Queries                   []tokenQuery   `json:",omitempty"`
	Adapters                  []tokenAdapter `json:",omitempty"`
	TopicARN, RoleARN         string         `json:",omitempty"`
	Output                    *tokenOutput   `json:",omitempty"`
	// AfterFailed is the id of the failed job that this one follows.
	AfterFailed string `json:",omitempty"`
}

type tokenQuery struct {
	Text, Alias string
	Pages       []string
}

type tokenAdapter struct {
	ID, Version string
	Pages       []string
}

type tokenOutput struct{ Bucket, Prefix, KMSKeyID string }

// deriveToken returns 64 hexadecimal digits, which is as much as Textract takes.
func (r *startRequest) deriveToken() string {
	source := tokenSource{
		Operation:   r.Operation,
		Bucket:      r.Document.Bucket,
		Key:         r.Document.Key,
		Version:     r.Document.VersionID,
		Tag:         r.JobTag,
		ETag:        r.Document.ETag,
		Salt:        r.Salt,
		TopicARN:    r.topicARN,
		RoleARN:     r.roleARN,
		AfterFailed: r.afterFailed,
	}
	for _, feature := range r.Features {
		source.Features = append(source.Features, string(feature))
	}
	for _, query := range r.Queries {
		source.Queries = append(source.Queries, tokenQuery{aws.ToString(query.Text), aws.ToString(query.Alias), query.Pages})
	}
	for _, adapter := range r.Adapters {
		source.Adapters = append(
			source.Adapters,
			tokenAdapter{aws.ToString(adapter.AdapterId), aws.ToString(adapter.Version), adapter.Pages},
		)
	}
	if r.output != nil {
		source.Output = &tokenOutput{r.output.Bucket, r.output.prefix(), r.output.KMSKeyID}
	}
	text, err := json.Marshal(source)
	if err != nil {
		panic(err) // strings and slices of them always have a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
