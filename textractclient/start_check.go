package textractclient

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// What Textract accepts. For anything else it returns InvalidParameterException, which does not
// name the parameter.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
const (
	maxKey         = 1024
	maxKMSKeyID    = 2048
	maxQueries     = 30
	maxQueryText   = 200
	maxAdapters    = 100
	minAdapterID   = 12
	maxAdapterID   = 1011
	maxAdapterName = 128
)

var (
	tokenPattern     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	queryTextPattern = regexp.MustCompile("^[a-zA-Z0-9\\s!\"#$%&'()*+,./:;=?@\\[\\\\\\]^_`{|}~><-]+$")
	pagesPattern     = regexp.MustCompile(`^(\*|[1-9]\d{0,3}(-([1-9]\d{0,3}|\*))?)$`)
)

// Check returns the error, which wraps ErrInvalidInput, with which Start rejects an invalid input,
// or nil. It sends nothing.
func (c *Client) Check(in StartInput) error {
	if _, err := c.startRequest(in); err != nil {
		return fmt.Errorf("start %s: %w", in.Operation.Name(), err)
	}
	return nil
}

func (r *startRequest) validate() error {
	var problems problems
	problems.addf(!r.Operation.known(), "operation %q is unknown: use one of %v", r.Operation, Operations())
	r.validateDocument(&problems)
	r.validateFeatures(&problems)
	if r.JobTag != "" {
		if err := CheckJobTag(r.JobTag); err != nil {
			problems.addf(true, "%s", err)
		}
	}
	problems.addf(r.ClientRequestToken != "" && !tokenPattern.MatchString(r.ClientRequestToken),
		"client request token %q is malformed: use 1 to 64 characters of [a-zA-Z0-9-_]", r.ClientRequestToken)
	problems.addf(
		r.topicARN == "" && !r.WithoutNotification,
		"no notification channel: nobody would be notified of the completion: set Config.TopicARN and "+
			"RoleARN (%s, %s), or WithoutNotification and use Wait",
		EnvTopicARN,
		EnvRoleARN,
	)
	if r.output != nil {
		r.output.validate(&problems)
	}
	return problems.err()
}

func (r *startRequest) validateDocument(problems *problems) {
	bucket, key := r.Document.Bucket, r.Document.Key
	validateBucket(problems, "document bucket", bucket)
	switch {
	case strings.TrimSpace(key) == "":
		problems.addf(true, "document key %q is empty: set the object's key", key)
	case strings.HasPrefix(key, "s3://"):
		problems.addf(true, "document key %q is a URI: use the key without the bucket", key)
	case strings.HasSuffix(key, "/"):
		problems.addf(true, "document key %q is a folder: use the key of a document", key)
	case len(key) > maxKey:
		problems.addf(true, "document key has %d bytes: use at most %d", len(key), maxKey)
	case r.output != nil && r.output.Bucket == bucket:
		problems.addf(r.output.Holds(key),
			"document %s is a result below the output prefix %q: a job for it would make the next one", r.Document, r.output.prefix())
	}
}

func (r *startRequest) validateFeatures(problems *problems) {
	if r.Operation != DocumentAnalysis {
		problems.addf(len(r.Features)+len(r.Queries)+len(r.Adapters) > 0,
			"features, queries and adapters are for document-analysis only: remove them")
		return
	}
	known := types.FeatureType("").Values()
	problems.addf(len(r.Features) == 0, "document-analysis needs features: set at least one of %v", known)
	for _, feature := range r.Features {
		problems.addf(!slices.Contains(known, feature), "feature %q is unknown: use one of %v", feature, known)
	}
	queries := slices.Contains(r.Features, types.FeatureTypeQueries)
	problems.addf(queries && len(r.Queries) == 0, "feature QUERIES needs queries: add at least one")
	problems.addf(!queries && len(r.Queries) > 0, "queries need the feature QUERIES: add it")
	problems.addf(!queries && len(r.Adapters) > 0, "adapters need the feature QUERIES: add it, or remove the adapters")
	problems.addf(len(r.Queries) > maxQueries, "%d queries: use at most %d in a job", len(r.Queries), maxQueries)
	problems.addf(len(r.Adapters) > maxAdapters, "%d adapters: use at most %d", len(r.Adapters), maxAdapters)
	for i, query := range r.Queries {
		validateQueryText(problems, "text", i, aws.ToString(query.Text))
		if query.Alias != nil {
			validateQueryText(problems, "alias", i, *query.Alias)
		}
		validatePages(problems, "query", i, query.Pages)
	}
	for i, adapter := range r.Adapters {
		id, version := aws.ToString(adapter.AdapterId), aws.ToString(adapter.Version)
		problems.addf(len(id) < minAdapterID || len(id) > maxAdapterID,
			"adapter %d: id %q has %d characters: use %d to %d", i+1, id, len(id), minAdapterID, maxAdapterID)
		problems.addf(version == "" || len(version) > maxAdapterName,
			"adapter %d: version %q has %d characters: use 1 to %d", i+1, version, len(version), maxAdapterName)
		validatePages(problems, "adapter", i, adapter.Pages)
	}
}

func validateQueryText(problems *problems, what string, i int, text string) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		problems.addf(true, "query %d: %s is empty: use 1 to %d characters", i+1, what, maxQueryText)
	case n > maxQueryText:
		problems.addf(true, "query %d: %s has %d characters: use at most %d", i+1, what, n, maxQueryText)
	default:
		problems.addf(
			!queryTextPattern.MatchString(text),
			"query %d: %s %q has characters that Textract does not accept: use ASCII letters, digits, spaces and punctuation",
			i+1, what, text,
		)
	}
}

func validatePages(problems *problems, what string, i int, pages []string) {
	for _, page := range pages {
		problems.addf(!pagesPattern.MatchString(page), `%s %d: pages %q are malformed: use "*", "3", "1-3" or "4-*"`, what, i+1, page)
	}
	problems.addf(len(pages) > 1 && slices.Contains(pages, "*"), `%s %d: pages "*" mean all pages: remove the others`, what, i+1)
}
