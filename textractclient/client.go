package textractclient

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/textract"
)

// TextractAPI is the part of Textract that the client calls. *textract.Client implements it.
type TextractAPI interface {
	StartDocumentTextDetection(context.Context, *textract.StartDocumentTextDetectionInput, ...func(*textract.Options)) (*textract.StartDocumentTextDetectionOutput, error)
	StartDocumentAnalysis(context.Context, *textract.StartDocumentAnalysisInput, ...func(*textract.Options)) (*textract.StartDocumentAnalysisOutput, error)
	StartExpenseAnalysis(context.Context, *textract.StartExpenseAnalysisInput, ...func(*textract.Options)) (*textract.StartExpenseAnalysisOutput, error)
	StartLendingAnalysis(context.Context, *textract.StartLendingAnalysisInput, ...func(*textract.Options)) (*textract.StartLendingAnalysisOutput, error)
	GetDocumentTextDetection(context.Context, *textract.GetDocumentTextDetectionInput, ...func(*textract.Options)) (*textract.GetDocumentTextDetectionOutput, error)
	GetDocumentAnalysis(context.Context, *textract.GetDocumentAnalysisInput, ...func(*textract.Options)) (*textract.GetDocumentAnalysisOutput, error)
	GetExpenseAnalysis(context.Context, *textract.GetExpenseAnalysisInput, ...func(*textract.Options)) (*textract.GetExpenseAnalysisOutput, error)
	GetLendingAnalysis(context.Context, *textract.GetLendingAnalysisInput, ...func(*textract.Options)) (*textract.GetLendingAnalysisOutput, error)
	GetLendingAnalysisSummary(context.Context, *textract.GetLendingAnalysisSummaryInput, ...func(*textract.Options)) (*textract.GetLendingAnalysisSummaryOutput, error)
}

// SQSAPI is the part of SQS that the client calls. *sqs.Client implements it.
type SQSAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// S3API is the part of S3 that the client calls. *s3.Client implements it.
type S3API interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// Client starts jobs, waits for them and reads their results. It is safe for concurrent use.
type Client struct {
	config   Config
	textract TextractAPI
	sqs      SQSAPI
	s3       S3API
	log      *slog.Logger
	retryer  func() aws.Retryer
}

// Options replace what New makes of the AWS configuration.
type Options struct {
	// Textract is called instead of a client made of the AWS configuration.
	Textract TextractAPI
	// SQS is called instead of a client made of the AWS configuration.
	SQS SQSAPI
	// S3 is called instead of a client made of the AWS configuration.
	S3 S3API
	// Logger takes what Listen has to say. Default: slog.Default().
	Logger *slog.Logger
	// Retryer makes the retryer of each call to Textract. Default: throttling and exceeded limits are retried with backoff
	// and jitter for as long as the context lasts, other passing faults (5xx, broken connections) up to eight times. SQS and
	// S3 keep the retryers of their own clients.
	Retryer func() aws.Retryer
}

// New returns a client over what the construct built. Against an endpoint that is not AWS's own, such as a local API server,
// S3 is addressed by path. A malformed Config is an error, see Config.Validate.
func New(cfg aws.Config, config Config, optFns ...func(*Options)) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("textractclient: %w", err)
	}
	var options Options
	for _, fn := range optFns {
		fn(&options)
	}
	if options.Textract == nil {
		options.Textract = textract.NewFromConfig(cfg)
	}
	if options.SQS == nil {
		options.SQS = sqs.NewFromConfig(cfg)
	}
	if options.S3 == nil {
		options.S3 = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = needsPathStyle(o.BaseEndpoint) })
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Retryer == nil {
		options.Retryer = func() aws.Retryer { return newPatientRetryer() }
	}
	return &Client{
		config: config, textract: options.Textract, sqs: options.SQS, s3: options.S3,
		log: options.Logger, retryer: options.Retryer,
	}, nil
}

// needsPathStyle tells whether a bucket's name cannot become a part of the host: only AWS resolves such names.
func needsPathStyle(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	u, err := url.Parse(*endpoint)
	return err == nil && !strings.Contains(u.Hostname()+".", ".amazonaws.com.")
}

// call runs one call to Textract under the client's retryer. When the context ends while Textract still throttles, the error
// says so, for "context deadline exceeded" alone hides the cause.
func (c *Client) call(ctx context.Context, do func(func(*textract.Options)) error) error {
	retryer := c.retryer()
	err := do(func(o *textract.Options) { o.Retryer = retryer })
	if patient, ok := retryer.(*patientRetryer); ok && err != nil && ctx.Err() != nil {
		return patient.explain(err)
	}
	return err
}
