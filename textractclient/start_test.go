package textractclient_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
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
				in.Adapters = []types.Adapter{{AdapterId: aws.String("0123456789ab"), Version: aws.String("1")}}
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
			if got.NotificationChannel == nil || got.NotificationChannel.SNSTopicArn != topicARN ||
				got.NotificationChannel.RoleArn != roleARN {
				t.Errorf("notification channel %+v", got.NotificationChannel)
			}
			if got.OutputConfig == nil || got.OutputConfig.S3Bucket != "results" || got.OutputConfig.S3Prefix != "out" ||
				got.KMSKeyID != "alias/results" {
				t.Errorf("output %+v, key %q", got.OutputConfig, got.KMSKeyID)
			}
			if got.JobTag != "invoices" || got.ClientRequestToken != job.ClientRequestToken {
				t.Errorf("tag %q, token %q", got.JobTag, got.ClientRequestToken)
			}
			if operation == textractclient.DocumentAnalysis &&
				(len(got.FeatureTypes) != 2 || got.QueriesConfig == nil || got.AdaptersConfig == nil) {
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
		t.Errorf("%d notifications, want 1: a repeated token publishes none", waiting)
	}
}

func TestStartedAgainWithOtherParameters(t *testing.T) {
	w := newWorld(t)
	w.put(textractclient.S3Object{Bucket: "documents", Key: "b.pdf"}, "%PDF-1.7")
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

// fullInput has everything that goes into the derived token.
func fullInput() textractclient.StartInput {
	return textractclient.StartInput{
		Operation: textractclient.DocumentAnalysis,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "a.pdf", VersionID: "v1", ETag: "e1"},
		Features:  []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeQueries},
		Queries:   []types.Query{{Text: aws.String("Who?"), Alias: aws.String("who"), Pages: []string{"1-2"}}, {Text: aws.String("When?")}},
		Adapters:  []types.Adapter{{AdapterId: aws.String("0123456789ab"), Version: aws.String("1")}},
		JobTag:    "tag",
		Salt:      "salt",
	}
}

func tokenOf(t *testing.T, w *world, in textractclient.StartInput) string {
	t.Helper()
	job, err := w.client.Start(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return job.ClientRequestToken
}

// A change of these tokens bills the jobs of the last 7 days of every user once more.
func TestDerivedTokenStays(t *testing.T) {
	w := newWorld(t, withOutput, func(c *textractclient.Config) { c.Output.KMSKeyID = "alias/results" })
	for want, in := range map[string]textractclient.StartInput{
		"c6e05030135a5e18ff8c958071d83253758e6e619a6b923e5785fb4830538b92": fullInput(),
		"82a21ca83e3dd300a42abd905e1fe2f2800b1166215c917e7e7a80e844f0b28c": {
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "documents", Key: "a.pdf", ETag: "e1"},
			WithoutNotification: true,
		},
	} {
		if got := tokenOf(t, w, in); got != want {
			t.Errorf("token %s, want %s", got, want)
		}
	}
}

// Whatever makes another job must make another token, or Textract rejects the call or returns a job
// that was not asked for.
func TestDerivedToken(t *testing.T) {
	w := newWorld(t, withOutput)
	w.put(textractclient.S3Object{Bucket: "other", Key: "a.pdf"}, "%PDF-1.7")
	w.put(textractclient.S3Object{Bucket: "documents", Key: "other"}, "%PDF-1.7")
	base := fullInput()
	plain := tokenOf(t, w, base)
	if !regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`).MatchString(plain) {
		t.Errorf("token %q is malformed", plain)
	}
	same := fullInput()
	same.Features = []types.FeatureType{types.FeatureTypeQueries, types.FeatureTypeTables, types.FeatureTypeQueries}
	same.Queries[1].Pages = []string{"*"}
	if got := tokenOf(t, w, same); got != plain {
		t.Errorf("the order of features, or the default pages, changed the token")
	}
	seen := map[string]string{plain: "nothing"}
	for name, change := range map[string]func(*textractclient.StartInput){
		"bucket":       func(in *textractclient.StartInput) { in.Document.Bucket = "other" },
		"key":          func(in *textractclient.StartInput) { in.Document.Key = "other" },
		"version":      func(in *textractclient.StartInput) { in.Document.VersionID = "v" },
		"etag":         func(in *textractclient.StartInput) { in.Document.ETag = "e" },
		"salt":         func(in *textractclient.StartInput) { in.Salt = "s" },
		"tag":          func(in *textractclient.StartInput) { in.JobTag = "t" },
		"notification": func(in *textractclient.StartInput) { in.WithoutNotification = true },
		"output":       func(in *textractclient.StartInput) { in.Output = &textractclient.Output{Bucket: "other"} },
		"prefix": func(in *textractclient.StartInput) {
			in.Output = &textractclient.Output{Bucket: "results", Prefix: "p"}
		},
		"key of output": func(in *textractclient.StartInput) {
			in.Output = &textractclient.Output{Bucket: "results", Prefix: "out", KMSKeyID: "alias/k"}
		},
		"features": func(in *textractclient.StartInput) { in.Features = append(in.Features, types.FeatureTypeForms) },
		"text":     func(in *textractclient.StartInput) { in.Queries[0].Text = aws.String("What?") },
		"alias":    func(in *textractclient.StartInput) { in.Queries[0].Alias = nil },
		"pages":    func(in *textractclient.StartInput) { in.Queries[0].Pages = []string{"2"} },
		"adapter":  func(in *textractclient.StartInput) { in.Adapters[0].Version = aws.String("2") },
		"adapters": func(in *textractclient.StartInput) { in.Adapters = nil },
		"operation": func(in *textractclient.StartInput) {
			in.Operation, in.Features, in.Queries, in.Adapters = textractclient.ExpenseAnalysis, nil, nil, nil
		},
	} {
		in := fullInput()
		change(&in)
		got := tokenOf(t, w, in)
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s have one token", name, other)
		}
		seen[got] = name
	}
}

// What Textract would answer with a bare InvalidParameterException is an error with the value and
// the fix, and nothing is sent.
func TestStartRejects(t *testing.T) {
	analysis := func(change func(*textractclient.StartInput)) textractclient.StartInput {
		in := fullInput()
		change(&in)
		return in
	}
	of := func(bucket, key string) textractclient.StartInput {
		return textractclient.StartInput{
			Operation: textractclient.TextDetection,
			Document:  textractclient.S3Object{Bucket: bucket, Key: key},
		}
	}
	text := func(n int) *string { return aws.String(strings.Repeat("a", n)) }
	for name, tt := range map[string]struct {
		want string
		in   textractclient.StartInput
	}{
		"nothing":             {`operation "" is unknown`, textractclient.StartInput{}},
		"bucket ARN":          {`"arn:aws:s3:::b" is an ARN`, of("arn:aws:s3:::b", "k")},
		"bucket URI":          {`document bucket "s3://b" is a path or URI: use the bucket's name`, of("s3://b", "k")},
		"bucket with a space": {`document bucket "my bucket" is malformed`, of("my bucket", "k")},
		"no key":              {"document key \"\" is empty", of("b", "")},
		"blank key":           {"document key \" \" is empty", of("b", " ")},
		"key as URI":          {`document key "s3://b/k" is a URI`, of("b", "s3://b/k")},
		"folder":              {`document key "in/" is a folder`, of("b", "in/")},
		"long key":            {"document key has 1025 bytes", of("b", strings.Repeat("k", 1025))},
		"result":              {"is a result below the output prefix", of("results", "out/"+strings.Repeat("0", 64)+"/1")},
		"no features":         {"needs features", analysis(func(in *textractclient.StartInput) { in.Features = nil })},
		"unknown feature":     {`feature "TABLE" is unknown`, analysis(func(in *textractclient.StartInput) { in.Features[0] = "TABLE" })},
		"features": {"for document-analysis only", analysis(func(in *textractclient.StartInput) {
			in.Operation = textractclient.TextDetection
		})},
		"no queries":    {"feature QUERIES needs queries", analysis(func(in *textractclient.StartInput) { in.Queries = nil })},
		"queries alone": {"queries need the feature QUERIES", analysis(func(in *textractclient.StartInput) { in.Features = in.Features[:1] })},
		"adapters alone": {"adapters need the feature QUERIES", analysis(func(in *textractclient.StartInput) {
			in.Features, in.Queries = in.Features[:1], nil
		})},
		"31 queries": {"31 queries: use at most 30", analysis(func(in *textractclient.StartInput) {
			in.Queries = slices.Repeat(in.Queries[:1], 31)
		})},
		"long query":  {"query 1: text has 201 characters: use at most 200", analysis(func(in *textractclient.StartInput) { in.Queries[0].Text = text(201) })},
		"empty query": {"query 2: text is empty", analysis(func(in *textractclient.StartInput) { in.Queries[1].Text = nil })},
		"empty alias": {"query 1: alias is empty", analysis(func(in *textractclient.StartInput) { in.Queries[0].Alias = aws.String("") })},
		"umlaut":      {"characters that Textract does not accept", analysis(func(in *textractclient.StartInput) { in.Queries[0].Text = aws.String("Größe?") })},
		"pages":       {`pages "0" are malformed`, analysis(func(in *textractclient.StartInput) { in.Queries[0].Pages = []string{"0"} })},
		"pages with spaces": {`pages "1 - 2" are malformed`, analysis(func(in *textractclient.StartInput) {
			in.Queries[0].Pages = []string{"1 - 2"}
		})},
		"all pages and more": {`pages "*" mean all pages`, analysis(func(in *textractclient.StartInput) {
			in.Adapters[0].Pages = []string{"*", "1"}
		})},
		"adapter id":      {`adapter 1: id "a" has 1 characters`, analysis(func(in *textractclient.StartInput) { in.Adapters[0].AdapterId = text(1) })},
		"adapter version": {"adapter 1: version", analysis(func(in *textractclient.StartInput) { in.Adapters[0].Version = nil })},
		"101 adapters": {"101 adapters: use at most 100", analysis(func(in *textractclient.StartInput) {
			in.Adapters = slices.Repeat(in.Adapters, 101)
		})},
		"tag":    {`job tag "a b"`, analysis(func(in *textractclient.StartInput) { in.JobTag = "a b" })},
		"token":  {`client request token "a.b"`, analysis(func(in *textractclient.StartInput) { in.ClientRequestToken = "a.b" })},
		"output": {"output bucket is empty", analysis(func(in *textractclient.StartInput) { in.Output = &textractclient.Output{} })},
		"output prefix": {`output prefix "/p" begins with a slash`, analysis(func(in *textractclient.StartInput) {
			in.Output = &textractclient.Output{Bucket: "b", Prefix: "/p"}
		})},
		"output key": {`output KMS key "a key" is malformed`, analysis(func(in *textractclient.StartInput) {
			in.Output = &textractclient.Output{Bucket: "b", KMSKeyID: "a key"}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withOutput)
			_, err := w.client.Start(t.Context(), tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.want)
			}
			if len(w.Textract.Started()) > 0 || w.Calls("HeadObject") > 0 {
				t.Error("something was sent")
			}
		})
	}
}

// The limits themselves pass.
func TestStartAtTheLimits(t *testing.T) {
	w := newWorld(t)
	in := fullInput()
	in.Document = textractclient.S3Object{Bucket: "documents", Key: strings.Repeat("k", 1024)}
	w.put(in.Document, "%PDF-1.7")
	in.Queries = slices.Repeat([]types.Query{{Text: aws.String(strings.Repeat("a", 200)), Pages: []string{"1-3", "4-*"}}}, 30)
	if _, err := w.client.Start(t.Context(), in); err != nil {
		t.Error(err)
	}
}

// A job without a notification needs WithoutNotification.
func TestStartWithoutANotificationChannel(t *testing.T) {
	w := newWorld(t, func(c *textractclient.Config) { *c = textractclient.Config{} })
	w.put(letter, "%PDF-1.7")
	in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter}
	if _, err := w.client.Start(t.Context(), in); err == nil || !strings.Contains(err.Error(), "TEXTRACT_SNS_TOPIC_ARN") {
		t.Errorf("error %v", err)
	}
	in.WithoutNotification = true
	job, err := w.client.Start(t.Context(), in)
	if err != nil || w.Textract.Started()[job.ID].NotificationChannel != nil {
		t.Errorf("job %+v, error %v", job, err)
	}
	// With a topic, too.
	w = newWorld(t)
	w.put(letter, "%PDF-1.7")
	if job, err = w.client.Start(t.Context(), in); err != nil || w.Textract.Started()[job.ID].NotificationChannel != nil {
		t.Errorf("job %+v, error %v", job, err)
	}
	if waiting, _ := w.queue.Count(); waiting != 0 {
		t.Errorf("%d notifications", waiting)
	}
}

// Queries and adapters without pages mean all pages, where Textract's own default is page 1.
func TestStartAsksAllPages(t *testing.T) {
	w := newWorld(t)
	in := fullInput()
	job, err := w.client.Start(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got := w.Textract.Started()[job.ID]
	if pages := got.QueriesConfig.Queries[1].Pages; !slices.Equal(pages, []string{"*"}) {
		t.Errorf("query without pages asks %v", pages)
	}
	if pages := got.QueriesConfig.Queries[0].Pages; !slices.Equal(pages, []string{"1-2"}) {
		t.Errorf("query for pages 1-2 asks %v", pages)
	}
	if pages := got.AdaptersConfig.Adapters[0].Pages; !slices.Equal(pages, []string{"*"}) {
		t.Errorf("adapter without pages has %v", pages)
	}
	if in.Queries[1].Pages != nil || in.Adapters[0].Pages != nil {
		t.Error("the caller's input was changed")
	}
}

func TestStartWaitsOutThrottling(t *testing.T) {
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
			t.Errorf("took %s: 120 throttled calls want waiting, but no more than 30 s each", took)
		}
		if jobs := len(w.Textract.Started()); jobs != 1 {
			t.Errorf("%d jobs", jobs)
		}
	})
}

func TestStartWaitsForAFreeJob(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.MaxJobs = 1
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
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &limit) || !errors.Is(err, textractclient.ErrQuotaExceeded) {
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

// A version is read with a permission of its own.
func TestStartExplainsThePermissionForAVersion(t *testing.T) {
	for _, code := range []string{"InvalidS3ObjectException", "AccessDeniedException"} {
		for version, want := range map[string]string{"": "s3:GetObject on", "v1": "s3:GetObjectVersion on", "null": "s3:GetObjectVersion on"} {
			w := newWorld(t)
			w.Fail("StartLendingAnalysis", textracttest.Fault{Code: code, Status: 400})
			_, err := w.client.Start(t.Context(), textractclient.StartInput{
				Operation: textractclient.LendingAnalysis,
				Document:  textractclient.S3Object{Bucket: "b", Key: "k", VersionID: version, ETag: "e"},
			})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, version %q: error %v, want it to say %q", code, version, err, want)
			}
		}
	}
}
