package textracttest

import (
	"bufio"
	"bytes"
	"crypto/md5" // what S3 makes ETags of
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// S3 is a fake of S3 without versions, addressed by path or as BUCKET.localhost. Buckets exist as
// soon as they are named.
type S3 struct {
	// ListDenied makes an object that does not exist a 403 and not a 404, as S3 responds to a
	// caller without s3:ListBucket. Default: false.
	ListDenied bool
	// PageSize is the maximum number of keys in one response of ListObjectsV2. Default: 1,000.
	PageSize int

	mu          sync.Mutex
	objects     map[string][]byte    // by bucket/key
	modified    map[string]time.Time // when they were stored
	classes     map[string]string    // storage classes other than STANDARD
	names       []string             // the keys of objects, sorted: a listing reads its prefix alone
	subscribers []uploadSubscription
}

type uploadSubscription struct {
	bucket, prefix string
	queue          *Queue
}

func newS3() *S3 {
	return &S3{
		PageSize: 1000, objects: make(map[string][]byte), modified: make(map[string]time.Time), classes: make(map[string]string),
	}
}

// Subscribe sends an [S3Event] to a queue for each object that is stored below a prefix from now
// on.
func (s *S3) Subscribe(bucket, prefix string, q *Queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscribers = append(s.subscribers, uploadSubscription{bucket, prefix, q})
}

// S3Event returns the event notification of an object that was stored, as S3 sends it to a queue:
// with a URL-encoded key.
func S3Event(bucket, key string, content []byte) string {
	return asJSON(map[string]any{"Records": []any{map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": "ObjectCreated:Put",
		"eventTime": time.Now().UTC().Format(time.RFC3339), "s3": map[string]any{
			"s3SchemaVersion": "1.0", "bucket": map[string]string{"name": bucket, "arn": "arn:aws:s3:::" + bucket},
			"object": map[string]any{"key": encodeKey(key), "size": len(content), "eTag": strings.Trim(etag(content), `"`)},
		},
	}}})
}

// EventBridgeEvent returns the same as an event of EventBridge, whose keys are not encoded.
func EventBridgeEvent(bucket, key string, content []byte) string {
	return asJSON(map[string]any{
		"version": "0", "source": "aws.s3", "detail-type": "Object Created", "account": "123456789012", "region": "us-east-1",
		"time": time.Now().UTC().Format(time.RFC3339), "resources": []string{"arn:aws:s3:::" + bucket},
		"detail": map[string]any{
			"version": "0", "reason": "PutObject", "bucket": map[string]string{"name": bucket},
			"object": map[string]any{"key": key, "size": len(content), "etag": strings.Trim(etag(content), `"`)},
		},
	})
}

// encodeKey encodes a key as S3 does in events and listings: a blank is a plus, a slash stays.
func encodeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// Put stores an object, or overwrites it.
func (s *S3) Put(bucket, key string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := bucket + "/" + key
	if i, found := slices.BinarySearch(s.names, name); !found {
		s.names = slices.Insert(s.names, i, name)
	}
	s.objects[name], s.modified[name] = content, time.Now()
	for _, to := range s.subscribers {
		if to.bucket == bucket && strings.HasPrefix(key, to.prefix) {
			to.queue.Send(S3Event(bucket, key, content))
		}
	}
}

// SetStorageClass sets the storage class that listings name, such as GLACIER.
func (s *S3) SetStorageClass(bucket, key, class string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.classes[bucket+"/"+key] = class
}

func (s *S3) storageClass(bucket, key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if class, set := s.classes[bucket+"/"+key]; set {
		return class
	}
	return "STANDARD"
}

// Get returns the content of an object, and whether it exists.
func (s *S3) Get(bucket, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, found := s.objects[bucket+"/"+key]
	return content, found
}

// Keys returns the keys of all objects in a bucket, sorted.
func (s *S3) Keys(bucket string) []string { return s.keysBelow(bucket, "") }

func (s *S3) has(bucket, key string) bool {
	_, found := s.Get(bucket, key)
	return found
}

// Delete deletes an object, if it exists.
func (s *S3) Delete(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := bucket + "/" + key
	if i, found := slices.BinarySearch(s.names, name); found {
		s.names = slices.Delete(s.names, i, i+1)
	}
	delete(s.objects, name)
}

// s3Action returns the API action of a request.
func s3Action(r *http.Request) string {
	bucket, key := bucketAndKey(r)
	switch {
	case bucket == "":
		return "ListBuckets"
	case key == "" && r.Method == http.MethodGet && r.URL.Query().Has("location"):
		return "GetBucketLocation"
	case key == "" && r.Method == http.MethodGet:
		return "ListObjectsV2"
	case key == "":
		return map[string]string{http.MethodHead: "HeadBucket", http.MethodPut: "CreateBucket"}[r.Method]
	}
	return map[string]string{
		http.MethodHead: "HeadObject", http.MethodGet: "GetObject", http.MethodPut: "PutObject", http.MethodDelete: "DeleteObject",
	}[r.Method]
}

// bucketAndKey takes the bucket from the path, or from the host, as clients do for an endpoint
// called localhost.
func bucketAndKey(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if bucket, found := strings.CutSuffix(host, ".localhost"); found {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func (s *S3) serve(w http.ResponseWriter, r *http.Request) {
	bucket, key := bucketAndKey(r)
	switch s3Action(r) {
	case "ListBuckets":
		s.serveBuckets(w)
	case "ListObjectsV2":
		s.serveList(w, r, bucket)
	case "GetBucketLocation":
		respondXML(w, http.StatusOK, struct {
			XMLName xml.Name `xml:"LocationConstraint"`
		}{})
	case "HeadBucket", "CreateBucket": // each bucket exists
	case "PutObject":
		s.servePut(w, r, bucket, key)
	case "HeadObject":
		s.serveHead(w, r, bucket, key)
	case "GetObject":
		s.serveGet(w, r, bucket, key)
	case "DeleteObject":
		s.Delete(bucket, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		respondError(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "The fake has no "+r.Method+".")
	}
}

func (s *S3) serveBuckets(w http.ResponseWriter) {
	type bucket struct{ Name, CreationDate string }
	answer := struct {
		XMLName xml.Name `xml:"ListAllMyBucketsResult"`
		Buckets []bucket `xml:"Buckets>Bucket"`
	}{}
	s.mu.Lock()
	for _, name := range s.names {
		name, _, _ = strings.Cut(name, "/")
		if n := len(answer.Buckets); n == 0 || answer.Buckets[n-1].Name != name {
			answer.Buckets = append(answer.Buckets, bucket{name, time.Now().UTC().Format(time.RFC3339)})
		}
	}
	s.mu.Unlock()
	respondXML(w, http.StatusOK, answer)
}

// serveHead responds without a body, even when the object does not exist.
func (s *S3) serveHead(w http.ResponseWriter, r *http.Request, bucket, key string) {
	content, found := s.Get(bucket, key)
	switch {
	case found:
		s.serveContent(w, r, bucket, key, content)
	case s.ListDenied:
		w.WriteHeader(http.StatusForbidden)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *S3) servePut(w http.ResponseWriter, r *http.Request, bucket, key string) {
	for _, part := range []string{"uploadId", "partNumber", "tagging", "acl"} {
		if r.URL.Query().Has(part) {
			respondError(w, http.StatusNotImplemented, "NotImplemented", "The fake has no uploads in parts, tags and ACLs of objects.")
			return
		}
	}
	var source io.Reader = r.Body
	if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		source = &awsChunks{body: bufio.NewReader(r.Body)}
	}
	content, err := io.ReadAll(source)
	if err != nil {
		respondError(w, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	if copied := r.Header.Get("X-Amz-Copy-Source"); copied != "" {
		respondError(w, http.StatusNotImplemented, "NotImplemented", "The fake does not copy objects: "+copied)
		return
	}
	s.Put(bucket, key, content)
	w.Header().Set("ETag", etag(content))
}

// awsChunks reads a body with the content encoding aws-chunked: the size in hexadecimal digits,
// with a signature after a semicolon or none, the bytes, and so on, until a chunk without bytes.
type awsChunks struct {
	body *bufio.Reader
	left int64
	done bool
}

// Read implements io.Reader.
func (c *awsChunks) Read(p []byte) (int, error) {
	if c.done {
		return 0, io.EOF
	}
	if c.left == 0 {
		line, err := c.body.ReadString('\n')
		if err == nil && strings.TrimSpace(line) == "" { // after the bytes of a chunk
			line, err = c.body.ReadString('\n')
		}
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		if c.left, err = strconv.ParseInt(size, 16, 64); err != nil {
			return 0, err
		}
		if c.done = c.left == 0; c.done {
			return 0, io.EOF
		}
	}
	n, err := c.body.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// serveContent also serves ranges and conditions.
func (s *S3) serveContent(w http.ResponseWriter, r *http.Request, bucket, key string, content []byte) {
	w.Header().Set("ETag", etag(content))
	w.Header().Set("Content-Type", "binary/octet-stream")
	http.ServeContent(w, r, "", s.modifiedAt(bucket, key), bytes.NewReader(content))
}

func (s *S3) modifiedAt(bucket, key string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified[bucket+"/"+key].UTC()
}

func (s *S3) serveGet(w http.ResponseWriter, r *http.Request, bucket, key string) {
	content, found := s.Get(bucket, key)
	switch {
	case found:
	case s.ListDenied:
		respondError(w, http.StatusForbidden, "AccessDenied", "Access Denied")
		return
	default:
		respondError(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	s.serveContent(w, r, bucket, key, content)
}

func etag(content []byte) string {
	sum := md5.Sum(content) // what S3 makes ETags of
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

type listedObject struct {
	Key, ETag    string
	LastModified string
	Size         int
	StorageClass string
}

type commonPrefix struct{ Prefix string }

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	Delimiter             string `xml:",omitempty"`
	IsTruncated           bool
	EncodingType          string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

// serveList lists in the order of bytes, as S3 does: 1, 10, 2. With a delimiter, what has the same
// prefix up to it is one entry.
func (s *S3) serveList(w http.ResponseWriter, r *http.Request, bucket string) {
	query := r.URL.Query()
	prefix, delimiter := query.Get("prefix"), query.Get("delimiter")
	encode := func(text string) string { return text }
	if query.Get("encoding-type") == "url" {
		encode = encodeKey
	}
	answer := listing{
		Name: bucket, Prefix: encode(prefix), Delimiter: encode(delimiter),
		MaxKeys: s.PageSize, EncodingType: query.Get("encoding-type"),
	}
	if most, err := strconv.Atoi(query.Get("max-keys")); err == nil && most > 0 {
		answer.MaxKeys = min(most, s.PageSize)
	}
	// Each entry is a key, or a common prefix, which ends with the delimiter.
	entries := s.keysBelow(bucket, prefix)
	isPrefix := func(entry string) bool {
		return delimiter != "" && strings.Contains(strings.TrimPrefix(entry, prefix), delimiter)
	}
	for i, key := range entries {
		if isPrefix(key) {
			first, _, _ := strings.Cut(strings.TrimPrefix(key, prefix), delimiter)
			entries[i] = prefix + first + delimiter
		}
	}
	entries = slices.Compact(entries)
	start, err := strconv.Atoi(query.Get("continuation-token"))
	if err != nil {
		start = 0
	}
	if after := query.Get("start-after"); after != "" && start == 0 {
		start, _ = slices.BinarySearch(entries, after+"\x00")
	}
	start = min(start, len(entries))
	end := min(start+answer.MaxKeys, len(entries))
	if answer.IsTruncated = end < len(entries); answer.IsTruncated {
		answer.NextContinuationToken = strconv.Itoa(end)
	}
	answer.KeyCount = end - start
	for _, entry := range entries[start:end] {
		if isPrefix(entry) {
			answer.CommonPrefixes = append(answer.CommonPrefixes, commonPrefix{encode(entry)})
			continue
		}
		if content, found := s.Get(bucket, entry); found {
			answer.Contents = append(answer.Contents, listedObject{
				Key: encode(entry), ETag: etag(content), LastModified: s.modifiedAt(bucket, entry).Format("2006-01-02T15:04:05.000Z"),
				Size: len(content), StorageClass: s.storageClass(bucket, entry),
			})
		}
	}
	respondXML(w, http.StatusOK, answer)
}

func (s *S3) keysBelow(bucket, prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	first, _ := slices.BinarySearch(s.names, bucket+"/"+prefix)
	for _, name := range s.names[first:] {
		if !strings.HasPrefix(name, bucket+"/"+prefix) {
			break
		}
		keys = append(keys, strings.TrimPrefix(name, bucket+"/"))
	}
	return keys
}

func respondError(w http.ResponseWriter, status int, code, message string) {
	type failure struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}
	respondXML(w, status, failure{Code: code, Message: message})
}

func respondXML(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if err := xml.NewEncoder(w).Encode(body); err != nil {
		return // the caller went away
	}
}
