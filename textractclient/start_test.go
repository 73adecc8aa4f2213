package textractclient_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

func TestStartSendsEverything(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		t.Run(operation.Name(), func(t *testing.T) {
			w := newWorld(t, withOutput, func(c *textractclient.Config) { c.Output.KMSKeyID = "alias/results" })
			in := textractclient.StartInput{
				Operation: operation, JobTag: "invoices",
				Document: textractclient.S3Object{Bucket: "documents", Key: "a b/ü.pdf", VersionID: "v1"},
			}
			if operation == textractclient.DocumentAnalysis {
				in.Features = []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeQueries, types.FeatureTypeTables}
				in.Queries = []types.Query{{Text: aws.String("Who pays?"), Alias: aws.String("payer")}}
				in.Adapters = []types.Adapter{{AdapterId: aws.String("a"), Version: aws.String("1")}}
			}
			job, err := w.client.Start(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got := w.Textract.Started()[job.ID]
			object := got.DocumentLocation.S3Object
			if object.Bucket != "documents" || object.Name != "a b/ü.pdf" || object.Version != "v1" {
				t.Errorf("document %+v", object)
			}
			if got.NotificationChannel == nil || got.NotificationChannel.SNSTopicArn != topicARN || got.NotificationChannel.RoleArn != roleARN {
				t.Errorf("notification channel %+v", got.NotificationChannel)
			}
			if got.OutputConfig == nil || got.OutputConfig.S3Bucket != "results" || got.OutputConfig.S3Prefix != "out" || got.KMSKeyID != "alias/results" {
				t.Errorf("output %+v, key %q", got.OutputConfig, got.KMSKeyID)
			}
			if got.JobTag != "invoices" || got.ClientRequestToken != job.ClientRequestToken {
				t.Errorf("tag %q, token %q", got.JobTag, got.ClientRequestToken)
			}
			if operation == textractclient.DocumentAnalysis && (len(got.FeatureTypes) != 2 || got.QueriesConfig == nil || got.AdaptersConfig == nil) {
				t.Errorf("features %v, queries %v, adapters %v", got.FeatureTypes, got.QueriesConfig, got.AdaptersConfig)
			}
			if calls := w.Calls(string(operation)); calls != 1 {
				t.Errorf("%s was called %d times", operation, calls)
			}
		})
	}
}

func TestStartTwiceIsOneJob(t *testing.T) {
	w := newWorld(t)
	first, second := start(t, w, textractclient.TextDetection), start(t, w, textractclient.TextDetection)
	if first.ID != second.ID {
		t.Errorf("jobs %s and %s", first.ID, second.ID)
	}
	if waiting, _ := w.queue.Count(); waiting != 1 {
		t.Errorf("%d notifications, want 1: a token used again brings none", waiting)
	}
}

func TestStartedAgainWithOtherParameters(t *testing.T) {
	w := newWorld(t)
	in := textractclient.StartInput{
		Operation: textractclient.TextDetection, ClientRequestToken: "mine",
		Document: textractclient.S3Object{Bucket: "documents", Key: "a.pdf"},
	}
	if _, err := w.client.Start(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	in.Document.Key = "b.pdf"
	_, err := w.client.Start(t.Context(), in)
	var mismatch *types.IdempotentParameterMismatchException
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "leave it empty to derive one") {
		t.Errorf("error %v", err)
	}
}

// Whatever makes another job must make another token, or Textract refuses the call or returns a job that was not asked for.
func TestDerivedToken(t *testing.T) {
	w := newWorld(t, withOutput)
	base := textractclient.StartInput{
		Operation: textractclient.DocumentAnalysis,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "a.pdf"},
		Features:  []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeForms},
	}
	token := func(change func(*textractclient.StartInput)) string {
		in := base
		change(&in)
		token, err := w.client.ClientRequestToken(in)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`).MatchString(token) {
			t.Errorf("token %q is malformed", token)
		}
		return token
	}
	plain := token(func(*textractclient.StartInput) {})
	same := token(func(in *textractclient.StartInput) {
		in.Features = []types.FeatureType{types.FeatureTypeForms, types.FeatureTypeTables, types.FeatureTypeForms}
	})
	if plain != same {
		t.Errorf("the order of features changed the token")
	}
	seen := map[string]string{plain: "nothing"}
	for name, change := range map[string]func(*textractclient.StartInput){
		"bucket":   func(in *textractclient.StartInput) { in.Document.Bucket = "other" },
		"key":      func(in *textractclient.StartInput) { in.Document.Key = "other" },
		"version":  func(in *textractclient.StartInput) { in.Document.VersionID = "v" },
		"etag":     func(in *textractclient.StartInput) { in.Document.ETag = "e" },
		"salt":     func(in *textractclient.StartInput) { in.Salt = "s" },
		"tag":      func(in *textractclient.StartInput) { in.JobTag = "t" },
		"features": func(in *textractclient.StartInput) { in.Features = in.Features[:1] },
		"adapters": func(in *textractclient.StartInput) { in.Adapters = []types.Adapter{{AdapterId: aws.String("a")}} },
		"output":   func(in *textractclient.StartInput) { in.Output = &textractclient.Output{Bucket: "elsewhere"} },
		"key id": func(in *textractclient.StartInput) {
			in.Output = &textractclient.Output{Bucket: "results", Prefix: "out", KMSKeyID: "k"}
		},
		"operation": func(in *textractclient.StartInput) {
			in.Operation, in.Features = textractclient.ExpenseAnalysis, nil
		},
		"queries": func(in *textractclient.StartInput) {
			in.Features = append([]types.FeatureType{types.FeatureTypeQueries}, in.Features...)
			in.Queries = []types.Query{{Text: aws.String("?")}}
		},
	} {
		got := token(change)
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s have one token", name, other)
		}
		seen[got] = name
	}
}

func TestStartRefuses(t *testing.T) {
	document := textractclient.S3Object{Bucket: "documents", Key: "a.pdf"}
	for _, tt := range []struct {
		name, want string
		in         textractclient.StartInput
	}{
		{"nothing", `operation "" is unknown`, textractclient.StartInput{}},
		{"bucket ARN", `"arn:aws:s3:::b" is an ARN`, textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "arn:aws:s3:::b", Key: "k"},
		}},
		{"no key", "document key is empty", textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "b"},
		}},
		{"no features", "needs features", textractclient.StartInput{Operation: textractclient.DocumentAnalysis, Document: document}},
		{"features", "for document-analysis only", textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: document, Features: []types.FeatureType{types.FeatureTypeForms},
		}},
		{"no queries", "feature QUERIES needs queries", textractclient.StartInput{
			Operation: textractclient.DocumentAnalysis, Document: document, Features: []types.FeatureType{types.FeatureTypeQueries},
		}},
		{"queries alone", "queries need the feature QUERIES", textractclient.StartInput{
			Operation: textractclient.DocumentAnalysis, Document: document, Features: []types.FeatureType{types.FeatureTypeForms},
			Queries: []types.Query{{Text: aws.String("?")}},
		}},
		{"tag", `job tag "a b"`, textractclient.StartInput{Operation: textractclient.TextDetection, Document: document, JobTag: "a b"}},
		{"token", `client request token "a.b"`, textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: document, ClientRequestToken: "a.b",
		}},
		{"output", "output bucket is empty", textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: document, Output: &textractclient.Output{},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.client.Start(t.Context(), tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.want)
			}
			if len(w.Textract.Started()) > 0 {
				t.Error("a job was started")
			}
		})
	}
}

func TestStartSitsOutThrottling(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for range 40 { // more than the SDK's own budget of retries would last for
			w.Fail("StartDocumentTextDetection",
				textracttest.Fault{Code: "ThrottlingException", Status: 400},
				textracttest.Fault{Code: "LimitExceededException", Status: 400},
				textracttest.Fault{Code: "ProvisionedThroughputExceededException", Status: 400})
		}
		w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "InternalServerError", Status: 500}, textracttest.Fault{})
		begin := time.Now()
		start(t, w, textractclient.TextDetection)
		if calls := w.Calls("StartDocumentTextDetection"); calls != 123 {
			t.Errorf("%d calls, want 120 throttled, 2 broken and 1 that succeeds", calls)
		}
		if took := time.Since(begin); took < 25*time.Minute || took > time.Hour+time.Minute {
			t.Errorf("took %s: 120 throttled calls want patience, but no more than 30 s each", took)
		}
		if jobs := len(w.Textract.Started()); jobs != 1 {
			t.Errorf("%d jobs", jobs)
		}
	})
}

func TestStartWaitsForAFreeJob(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.MaxConcurrent = 1
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: 10 * time.Minute}
		}
		begin := time.Now()
		for _, operation := range textractclient.Operations() {
			start(t, w, operation)
		}
		if took := time.Since(begin); took < 30*time.Minute || took > 33*time.Minute {
			t.Errorf("four jobs of 10 minutes, one at a time, were started within %s", took)
		}
	})
}

func TestStartGivesUpOnFaultsThatStay(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 100 {
			w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "InternalServerError", Status: 500})
		}
		_, err := w.client.Start(ctx, textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "b", Key: "k"},
		})
		var fault *types.InternalServerError
		if !errors.As(err, &fault) {
			t.Errorf("error %v", err)
		}
		if calls := w.Calls("StartDocumentTextDetection"); calls != 9 {
			t.Errorf("%d calls", calls)
		}
	})
}

func TestStartThrottledUntilTheContextEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 100 {
			w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "LimitExceededException", Status: 400})
		}
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		begin := time.Now()
		_, err := w.client.Start(ctx, textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "b", Key: "k"},
		})
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("gave up after %s", took)
		}
		var limit *types.LimitExceededException
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &limit) {
			t.Errorf("error %v, want the deadline and its cause", err)
		}
	})
}

func TestStartExplains(t *testing.T) {
	for code, want := range map[string]string{
		"InvalidS3ObjectException":      "s3:GetObject",
		"InvalidParameterException":     "may assume the role",
		"DocumentTooLargeException":     "500 MB",
		"UnsupportedDocumentException":  "PDF, TIFF, JPEG or PNG",
		"InvalidKMSKeyException":        "kms:GenerateDataKey",
		"AccessDeniedException":         "AccessDeniedException",
		"SomeExceptionOfAnotherService": "injected fault",
	} {
		w := newWorld(t)
		w.Fail("StartLendingAnalysis", textracttest.Fault{Code: code, Status: 400})
		_, err := w.client.Start(t.Context(), textractclient.StartInput{
			Operation: textractclient.LendingAnalysis, Document: textractclient.S3Object{Bucket: "b", Key: "k"},
		})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "s3://b/k") {
			t.Errorf("%s: error %v, want it to say %q", code, err, want)
		}
	}
}
