package command

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

// document is a document in S3, or a file that is going to be uploaded there.
type document struct {
	object textractclient.S3Object
	file   *os.File // nil: in S3 already
}

// locate returns the document with the place in S3 that it has or will have. It sends nothing.
func locate(session *session, name string, o runOptions) (document, error) {
	if strings.HasPrefix(name, "s3://") {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(name, "s3://"), "/")
		if bucket == "" || key == "" {
			return document{}, usagef("%q is not s3://BUCKET/KEY", name)
		}
		return document{object: textractclient.S3Object{Bucket: bucket, Key: key}}, nil
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return document{}, usagef("%s: no such file; a document in S3 has the form s3://BUCKET/KEY%s", name, asURI(name))
	}
	if err != nil {
		return document{}, &usageError{err}
	}
	bucket := cmp.Or(o.bucket, session.documentBucket)
	if bucket == "" {
		return document{}, errors.Join(
			usagef("no bucket to upload %s to: use --bucket, or --stack with the output DocumentBucketName", name), file.Close())
	}
	digest, err := checkedDigest(file)
	if err != nil {
		return document{}, errors.Join(&usageError{fmt.Errorf("%s: %w", name, err)}, file.Close())
	}
	// The same content gets the same key, and so the same token and job.
	key := path.Join(o.prefix, digest[:16], filepath.Base(name))
	return document{textractclient.S3Object{Bucket: bucket, Key: key}, file}, nil
}

// asURI suggests the URI of what may be a bucket and a key.
func asURI(name string) string {
	bucket, key, _ := strings.Cut(name, "/")
	if strings.Trim(bucket, ".") == "" || key == "" {
		return ""
	}
	return ", such as s3://" + name
}

// upload puts a file into its place, and closes it.
func (d *document) upload(ctx context.Context, client *textractclient.Client, progress *progress) (err error) {
	if d.file == nil {
		return nil
	}
	defer func() { err = errors.Join(err, d.file.Close()) }()
	progress.show(fmt.Sprintf("uploading %s to %s", d.file.Name(), d.object), "")
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d.object, err = client.Upload(ctx, d.object.Bucket, d.object.Key, d.file)
	return err
}

// checkedDigest rejects what Textract would reject after the upload, and returns the file's
// SHA-256.
func checkedDigest(file *os.File) (string, error) {
	head := make([]byte, 1024)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = head[:n]
	sum := sha256.New()
	sum.Write(head)
	rest, err := io.Copy(sum, file)
	if err != nil {
		return "", err
	}
	size, kind := int64(n)+rest, kindOf(head)
	switch {
	case size == 0:
		return "", errors.New("file is empty")
	case kind == "":
		return "", errors.New("not a PDF, TIFF, JPEG or PNG file: Textract reads no other, so convert it first")
	case (kind == "PNG" || kind == "JPEG") && size > textractclient.MaxImageSize:
		return "", fmt.Errorf("%s of %d bytes: Textract reads images up to 10 MB", kind, size)
	case size > textractclient.MaxDocumentSize:
		return "", fmt.Errorf("file of %d bytes: Textract reads documents up to 500 MB", size)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// kindOf returns the kind of a document by its first bytes, or "" for one that Textract does not
// read. A PDF may begin a little late.
func kindOf(head []byte) string {
	switch {
	case bytes.Contains(head, []byte("%PDF-")):
		return "PDF"
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "PNG"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "JPEG"
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return "TIFF"
	}
	return ""
}
