package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

// What Textract reads.
// See: https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
const (
	maxImage    = 10 << 20
	maxDocument = 500 << 20
)

// locate returns the document in S3, where it uploads a file first.
func (a *app) locate(ctx context.Context, p *pipeline, document string, o runOptions, progress *progress) (textractclient.S3Object, error) {
	if strings.HasPrefix(document, "s3://") {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(document, "s3://"), "/")
		if bucket == "" || key == "" {
			return textractclient.S3Object{}, usagef("%q is no s3://BUCKET/KEY", document)
		}
		return p.client.Stat(ctx, textractclient.S3Object{Bucket: bucket, Key: key})
	}
	bucket := o.bucket
	if bucket == "" {
		bucket = p.documentBucket
	}
	if bucket == "" {
		return textractclient.S3Object{}, usagef("no bucket to upload %s to: use --bucket, or --stack with the output DocumentBucketName", document)
	}
	return upload(ctx, p, document, bucket, o.prefix, progress)
}

func upload(ctx context.Context, p *pipeline, name, bucket, prefix string, progress *progress) (object textractclient.S3Object, err error) {
	file, err := os.Open(name)
	if err != nil {
		return object, &usageError{err}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	digest, err := checkedDigest(file)
	if err != nil {
		return object, &usageError{fmt.Errorf("%s: %w", name, err)}
	}
	// The same content gets the same key, and so the same token and job.
	key := path.Join(prefix, digest[:16], filepath.Base(name))
	progress.show(fmt.Sprintf("uploading %s to s3://%s/%s", name, bucket, key), "")
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return object, err
	}
	return p.client.Upload(ctx, bucket, key, file)
}

// checkedDigest refuses what Textract would refuse after the upload, and returns the file's SHA-256.
func checkedDigest(file *os.File) (string, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	sum := sha256.New()
	sum.Write(head[:n])
	rest, err := io.Copy(sum, file)
	if err != nil {
		return "", err
	}
	size, kind := int64(n)+rest, http.DetectContentType(head[:n])
	switch {
	case size == 0:
		return "", errors.New("file is empty")
	case strings.HasPrefix(kind, "image/") && size > maxImage:
		return "", fmt.Errorf("%s of %d bytes: Textract reads images up to 10 MB", kind, size)
	case size > maxDocument:
		return "", fmt.Errorf("file of %d bytes: Textract reads documents up to 500 MB", size)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
