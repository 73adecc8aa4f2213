package main

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
)

// fakeTextract answers the calls of the worker; any other call panics.
type fakeTextract struct {
	textractclient.TextractAPI
	started []*textract.StartDocumentAnalysisInput
	status  types.JobStatus
	err     error
}

func (f *fakeTextract) StartDocumentAnalysis(
	_ context.Context, in *textract.StartDocumentAnalysisInput, _ ...func(*textract.Options),
) (*textract.StartDocumentAnalysisOutput, error) {
	f.started = append(f.started, in)
	return &textract.StartDocumentAnalysisOutput{JobId: aws.String("job")}, nil
}

func (f *fakeTextract) GetDocumentAnalysis(
	context.Context, *textract.GetDocumentAnalysisInput, ...func(*textract.Options),
) (*textract.GetDocumentAnalysisOutput, error) {
	return &textract.GetDocumentAnalysisOutput{JobStatus: f.status}, f.err
}

func newClient(t *testing.T, fake *fakeTextract) *textractclient.Client {
	t.Helper()
	settings := textractclient.Config{
		TopicARN: "arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Documents",
		RoleARN:  "arn:aws:iam::111122223333:role/documents",
	}
	client, err := textractclient.New(aws.Config{Region: "eu-west-1"}, settings,
		func(o *textractclient.Options) { o.Textract = fake })
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestStart(t *testing.T) {
	fake := &fakeTextract{}
	err := start(t.Context(), newClient(t, fake), []byte(`{"Records":[{"eventName":"ObjectCreated:Put",
		"s3":{"bucket":{"name":"documents"},"object":{"key":"scans/form+12.pdf"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(fake.started) != 1 {
		t.Fatalf("%d jobs started, want 1", len(fake.started))
	}
	in := fake.started[0]
	if got, want := *in.DocumentLocation.S3Object.Name, "scans/form 12.pdf"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
	if got, want := *in.NotificationChannel.RoleArn, "arn:aws:iam::111122223333:role/documents"; got != want {
		t.Errorf("role %s, want %s", got, want)
	}
}

// TestHandle sends back only what another try may mend.
func TestHandle(t *testing.T) {
	gone := errors.New("connection reset")
	for name, row := range map[string]struct {
		notified, status types.JobStatus
		err, want        error
	}{
		"succeeded": {notified: types.JobStatusSucceeded, status: types.JobStatusSucceeded},
		"in part":   {notified: types.JobStatusPartialSuccess, status: types.JobStatusPartialSuccess},
		"failed":    {notified: types.JobStatusFailed, err: gone},
		"unread":    {notified: types.JobStatusSucceeded, err: gone, want: gone},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &fakeTextract{status: row.status, err: row.err}
			err := handle(t.Context(), newClient(t, fake), textractclient.Notification{
				JobID: "job", Status: row.notified, Operation: textractclient.DocumentAnalysis,
			})
			if diff := cmp.Diff(row.want != nil, errors.Is(err, gone)); diff != "" || (row.want == nil && err != nil) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestReview(t *testing.T) {
	place := &types.Geometry{BoundingBox: &types.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}}
	child := func(kind types.RelationshipType, id string) []types.Relationship {
		return []types.Relationship{{Type: kind, Ids: []string{id}}}
	}
	document := textractclient.NewDocument([]types.Block{
		{Id: aws.String("word"), BlockType: types.BlockTypeWord, Text: aws.String("7")},
		{
			Id: aws.String("key"), BlockType: types.BlockTypeKeyValueSet, EntityTypes: []types.EntityType{types.EntityTypeKey},
			Relationships: child(types.RelationshipTypeValue, "value"), Confidence: aws.Float32(50),
		},
		{
			Id: aws.String("value"), BlockType: types.BlockTypeKeyValueSet, EntityTypes: []types.EntityType{types.EntityTypeValue},
			Relationships: child(types.RelationshipTypeChild, "word"), Confidence: aws.Float32(80), Geometry: place,
		},
		{Id: aws.String("table"), BlockType: types.BlockTypeTable, Relationships: child(types.RelationshipTypeChild, "cell")},
		{
			Id: aws.String("cell"), BlockType: types.BlockTypeCell, Relationships: child(types.RelationshipTypeChild, "word"),
			Confidence: aws.Float32(95),
		},
	})
	want := []finding{{"value", " 7", 80, textractclient.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}}}
	if diff := cmp.Diff(want, review(&document.Pages[0])); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
