package textractclient

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

func (r *startRequest) textDetection() *textract.StartDocumentTextDetectionInput {
	return &textract.StartDocumentTextDetectionInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) documentAnalysis() *textract.StartDocumentAnalysisInput {
	in := &textract.StartDocumentAnalysisInput{
		DocumentLocation:    r.location(),
		FeatureTypes:        r.Features,
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
	if len(r.Queries) > 0 {
		in.QueriesConfig = &types.QueriesConfig{Queries: r.Queries}
	}
	if len(r.Adapters) > 0 {
		in.AdaptersConfig = &types.AdaptersConfig{Adapters: r.Adapters}
	}
	return in
}

func (r *startRequest) expenseAnalysis() *textract.StartExpenseAnalysisInput {
	return &textract.StartExpenseAnalysisInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) lendingAnalysis() *textract.StartLendingAnalysisInput {
	return &textract.StartLendingAnalysisInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) location() *types.DocumentLocation {
	return &types.DocumentLocation{S3Object: &types.S3Object{
		Bucket:  aws.String(r.Document.Bucket),
		Name:    aws.String(r.Document.Key),
		Version: optional(r.Document.VersionID),
	}}
}

func (r *startRequest) channel() *types.NotificationChannel {
	if r.topicARN == "" {
		return nil
	}
	return &types.NotificationChannel{SNSTopicArn: aws.String(r.topicARN), RoleArn: aws.String(r.roleARN)}
}

func (r *startRequest) outputConfig() *types.OutputConfig {
	if r.output == nil {
		return nil
	}
	return &types.OutputConfig{S3Bucket: aws.String(r.output.Bucket), S3Prefix: aws.String(r.output.prefix())}
}

func (r *startRequest) kmsKeyID() *string {
	if r.output == nil {
		return nil
	}
	return optional(r.output.KMSKeyID)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}
