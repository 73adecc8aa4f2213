package textracttest

import (
	"crypto/md5" // what S3 makes ETags of
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// S3 is a fake of S3 without versions, addressed by path. Buckets exist as soon as they are named.
type S3 struct {
	// ListDenied makes an object that does not exist a 403 and not a 404, as S3 responds to a
	// caller without s3:ListBucket. Default: false.
	ListDenied bool
	// PageSize is the maximum number of keys in one response of ListObjectsV2. Default: 1,000.
	PageSize int

	mu      sync.Mutex
	objects map[string][]byte // by bucket/key
	classes map[string]string // storage classes other than STANDARD
	names   []string          // the keys of objects, sorted: a listing reads its prefix alone
}

func newS3() *S3 {
	return &S3{PageSize: 1000, objects: make(map[string][]byte), classes: make(map[string]string)}
}

// Put stores an object, or overwrites it.
func (s *S3) Put(bucket, key string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := bucket + "/" + key
	if i, found := slices.BinarySearch(s.names, name); !found {
		s.names = slices.Insert(s.names, i, name)
	}
	s.objects[name] = content
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

// s3Actions are the API actions by HTTP method.
var s3Actions = map[string]string{
	http.MethodHead: "HeadObject", http.MethodGet: "GetObject", http.MethodPut: "PutObject",
}

func (s *S3) serve(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodPut:
		s.servePut(w, r, bucket, key)
	case r.Method == http.MethodHead:
		s.serveHead(w, bucket, key)
	case r.Method != http.MethodGet:
		respondError(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "The fake has no "+r.Method+".")
	case key == "":
		s.serveList(w, r, bucket)
	default:
		s.serveGet(w, bucket, key)
	}
}

// serveHead responds without a body, even when the object does not exist.
func (s *S3) serveHead(w http.ResponseWriter, bucket, key string) {
	content, found := s.Get(bucket, key)
	switch {
	case found:
		w.Header().Set("ETag", etag(content))
	case s.ListDenied:
		w.WriteHeader(http.StatusForbidden)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *S3) servePut(w http.ResponseWriter, r *http.Request, bucket, key string) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away
	}
	s.Put(bucket, key, content)
	w.Header().Set("ETag", etag(content))
}

func (s *S3) serveGet(w http.ResponseWriter, bucket, key string) {
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
	w.Header().Set("ETag", etag(content))
	if _, err := w.Write(content); err != nil {
		return // the caller went away
	}
}

func etag(content []byte) string {
	sum := md5.Sum(content) // what S3 makes ETags of
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

type listedObject struct {
	Key, ETag    string
	Size         int
	StorageClass string
}

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	IsTruncated           bool
	EncodingType          string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listedObject
}

// serveList lists in the order of bytes, as S3 does: 1, 10, 2.
func (s *S3) serveList(w http.ResponseWriter, r *http.Request, bucket string) {
	query := r.URL.Query()
	keys := s.keysBelow(bucket, query.Get("prefix"))
	start, err := strconv.Atoi(query.Get("continuation-token"))
	if err != nil {
		start = 0
	}
	end := min(start+s.PageSize, len(keys))
	answer := listing{IsTruncated: end < len(keys), EncodingType: query.Get("encoding-type")}
	if answer.IsTruncated {
		answer.NextContinuationToken = strconv.Itoa(end)
	}
	for _, key := range keys[start:end] {
		if content, found := s.Get(bucket, key); found {
			class := s.storageClass(bucket, key)
			if answer.EncodingType == "url" {
				key = strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
			}
			answer.Contents = append(answer.Contents, listedObject{key, etag(content), len(content), class})
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
