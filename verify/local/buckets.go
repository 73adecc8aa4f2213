package main

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// objects returns the objects of a bucket by their keys.
func (a *account) objects(ctx context.Context, bucket string) (map[string][]byte, error) {
	objects := make(map[string][]byte)
	pages := s3.NewListObjectsV2Paginator(a.s3, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			if objects[*object.Key], err = a.object(ctx, bucket, *object.Key); err != nil {
				return nil, err
			}
		}
	}
	return objects, nil
}

func (a *account) object(ctx context.Context, bucket, key string) (content []byte, err error) {
	got, err := a.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	return io.ReadAll(got.Body)
}

// empty deletes all objects of a bucket, and returns how many there were.
func (a *account) empty(ctx context.Context, bucket string) (int, error) {
	objects, err := a.objects(ctx, bucket)
	if err != nil {
		return 0, err
	}
	for key := range objects {
		if _, err := a.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}); err != nil {
			return 0, err
		}
	}
	return len(objects), nil
}
