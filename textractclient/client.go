package textractclient

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/textract"
)

// TextractAPI has the actions of Textract that the client calls. *textract.Client of the SDK
// implements it.
type TextractAPI interface {
	StartDocumentTextDetection(
		context.Context,
		*textract.StartDocumentTextDetectionInput,
		...func(*textract.Options),
	) (*textract.StartDocumentTextDetectionOutput, error)
	StartDocumentAnalysis(
		context.Context,
		*textract.StartDocumentAnalysisInput,
		...func(*textract.Options),
	) (*textract.StartDocumentAnalysisOutput, error)
	StartExpenseAnalysis(
		context.Context,
		*textract.StartExpenseAnalysisInput,
		...func(*textract.Options),
	) (*textract.StartExpenseAnalysisOutput, error)
	StartLendingAnalysis(
		context.Context,
		*textract.StartLendingAnalysisInput,
		...func(*textract.Options),
	) (*textract.StartLendingAnalysisOutput, error)
	GetDocumentTextDetection(
		context.Context,
		*textract.GetDocumentTextDetectionInput,
		...func(*textract.Options),
	) (*textract.GetDocumentTextDetectionOutput, error)
	GetDocumentAnalysis(
		context.Context,
		*textract.GetDocumentAnalysisInput,
		...func(*textract.Options),
	) (*textract.GetDocumentAnalysisOutput, error)
	GetExpenseAnalysis(
		context.Context,
		*textract.GetExpenseAnalysisInput,
		...func(*textract.Options),
	) (*textract.GetExpenseAnalysisOutput, error)
	GetLendingAnalysis(
		context.Context,
		*textract.GetLendingAnalysisInput,
		...func(*textract.Options),
	) (*textract.GetLendingAnalysisOutput, error)
	GetLendingAnalysisSummary(
		context.Context,
		*textract.GetLendingAnalysisSummaryInput,
		...func(*textract.Options),
	) (*textract.GetLendingAnalysisSummaryOutput, error)
}

// SQSAPI has the actions of SQS that the client calls. *sqs.Client of the SDK implements it.
type SQSAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibility(
		context.Context,
		*sqs.ChangeMessageVisibilityInput,
		...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// S3API has the actions of S3 that the client calls. *s3.Client of the SDK implements it.
type S3API interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// Client starts jobs, waits for them and reads their results. [New] returns one. It is safe for
// concurrent use.
type Client struct {
	config      Config
	textract    TextractAPI
	sqs         SQSAPI
	s3          S3API
	log         *slog.Logger
	hooks       Hooks
	credentials aws.CredentialsProvider // nil where Options.SQS replaced the client that uses them
	// callerRetries reports whether the AWS configuration names a retryer or a maximum of attempts,
	// which then decides alone.
	callerRetries bool
	// single and singleS3 make an own client send each call once: the retries are those of call.
	single   func(*textract.Options)
	singleS3 func(*s3.Options)
	jobs     jobMemory
	// statusDenied keeps the warning about a missing permission to one.
	statusDenied sync.Once
}

// Options change how [New] makes a client.
type Options struct {
	// Textract replaces the SDK's client of Textract. Its own retries come first, then those of
	// this client. Default: a client of the AWS configuration.
	Textract TextractAPI
	// SQS replaces the SDK's client of SQS. Default: a client of the AWS configuration.
	SQS SQSAPI
	// S3 replaces the SDK's client of S3. Default: a client of the AWS configuration.
	S3 S3API
	// Logger receives the client's log: retries, and what happens to messages and jobs. Default:
	// slog.Default().
	Logger *slog.Logger
	// Hooks are called when jobs start, complete and fail, and when calls are throttled or retried.
	// Default: none.
	Hooks Hooks
}

// New returns a client over the resources of the construct. cfg is the AWS configuration, as
// config.LoadDefaultConfig of the SDK returns it.
//
// Calls to Textract that are throttled, or that exceed the account's quota of jobs, are retried
// with backoff and jitter until their context ends. Other transient errors (5xx, broken
// connections, responses that are cut off, a minute without a byte of a response) are retried up to
// eight times, and so are those of calls to S3 that read. Where cfg has a Retryer or
// RetryMaxAttempts, these alone decide, except in RunAll and for an object of S3 that is cut off.
// SQS and uploads to S3 have the retries of the SDK's clients.
//
// S3 is addressed by path where the endpoint is not one of AWS, such as that of a local API server.
//
// It returns an error that wraps ErrInvalidInput for a malformed config (see [Config.Validate]), a
// config of another Region than that of cfg, and a cfg without a Region.
func New(cfg aws.Config, config Config, optFns ...func(*Options)) (*Client, error) {
	var options Options
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	var problems problems
	own := options.Textract == nil || options.SQS == nil || options.S3 == nil
	problems.addf(cfg.Region == "" && own, "the AWS configuration has no Region: set AWS_REGION or aws.Config.Region")
	config.validate(&problems, cfg.Region)
	if err := problems.err(); err != nil {
		return nil, fmt.Errorf("textractclient: %w", err)
	}
	c := &Client{
		config: config, textract: options.Textract, sqs: options.SQS, s3: options.S3, hooks: options.Hooks,
		log: safeLogger(options.Logger), callerRetries: cfg.Retryer != nil || cfg.RetryMaxAttempts != 0,
		single: func(*textract.Options) {}, singleS3: func(*s3.Options) {},
	}
	if c.textract == nil {
		c.textract = textract.NewFromConfig(cfg, func(o *textract.Options) { o.APIOptions = append(o.APIOptions, reportProgress) })
		c.single = func(o *textract.Options) { o.Retryer = aws.NopRetryer{} }
	}
	if c.sqs == nil {
		c.sqs = sqs.NewFromConfig(cfg)
		c.credentials = cfg.Credentials
	}
	if c.s3 == nil {
		c.s3 = s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.APIOptions = append(o.APIOptions, reportProgress)
			o.UsePathStyle = needsPathStyle(o.BaseEndpoint)
			o.DisableLogOutputChecksumValidationSkipped = true // Textract stores its results without checksums
			if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
				// OutputResults reads that many objects at a time, and none needs a new connection.
				o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
					t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, maxObjectsAhead)
				})
			}
		})
		if !c.callerRetries {
			c.singleS3 = func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }
		}
	}
	return c, nil
}

// needsPathStyle reports whether a bucket's name cannot become a part of the host: only AWS
// resolves such names.
func needsPathStyle(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	u, err := url.Parse(*endpoint)
	return err == nil && !strings.Contains(u.Hostname()+".", ".amazonaws.com.")
}

// optional returns nil for an empty text, as inputs of the SDK want it.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}
