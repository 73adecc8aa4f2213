package batch

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/cdk-textract/textractasync/textractclient"
)

// KeyError is the error of a line on stdin that names no object.
type KeyError struct{ text string }

func keyErrorf(format string, args ...any) error {
	return &KeyError{fmt.Errorf(format, args...).Error()}
}

func (e *KeyError) Error() string { return e.text }

// Source lists the documents of the arguments of batch.
type Source struct {
	Client *textractclient.Client
	// Args are prefixes as s3:// URIs, or "-" for keys and URIs on Stdin.
	Args  []string
	Stdin io.Reader
	// Bucket is that of keys on Stdin.
	Bucket string
	// Output is where results are, which are no documents. Nil: none.
	Output *textractclient.Output
	// CountOnly leaves out what only a start needs.
	CountOnly bool
}

// Once reports whether the documents can be listed once only.
func (s *Source) Once() bool { return s.Args[0] == "-" }

// All iterates over the objects, documents and others.
func (s *Source) All(ctx context.Context) iter.Seq2[Candidate, error] {
	if s.Once() {
		return s.fromStdin(ctx)
	}
	return func(yield func(Candidate, error) bool) {
		for _, arg := range s.Args {
			bucket, prefix, _ := strings.Cut(strings.TrimPrefix(arg, "s3://"), "/")
			for object, err := range s.Client.List(ctx, bucket, prefix) {
				if !yield(Candidate{object, s.leftOut(object)}, err) || err != nil {
					return
				}
			}
		}
	}
}

// Candidate is an object that may be a document.
type Candidate struct {
	textractclient.ListedObject
	LeftOut string // why, as a plural noun; empty for a document
}

func (s *Source) leftOut(object textractclient.ListedObject) string {
	if s.Output != nil && s.Output.Bucket == object.Bucket && s.Output.Holds(object.Key) {
		return "results of Textract"
	}
	switch object.WhyNot() {
	case "":
		return ""
	case textractclient.NotDocumentFolder:
		return "folders"
	case textractclient.NotDocumentAccessCheck:
		return "access checks of Textract"
	case textractclient.NotDocumentEmpty:
		return "empty files"
	case textractclient.NotDocumentTooLarge:
		return "too large files"
	case textractclient.NotDocumentArchived:
		return "archived"
	default:
		return strings.ToLower(path.Ext(object.Key)) + " files"
	}
}

// fromStdin leaves out what comes twice. S3 tells ETags, one document after the other: an object
// that there is not fails when it is started.
func (s *Source) fromStdin(ctx context.Context) iter.Seq2[Candidate, error] {
	return func(yield func(Candidate, error) bool) {
		seen := make(map[[16]byte]struct{})
		number, first, documents := 0, "", 0
		for line, err := range linesOf(ctx, s.Stdin) {
			number++
			if errors.Is(err, bufio.ErrTooLong) {
				err = keyErrorf("line %d on stdin is longer than any key: %s", number, recipe)
			} else if err != nil {
				err = fmt.Errorf("read keys from stdin: %w", err)
			}
			if err != nil {
				yield(Candidate{}, err)
				return
			}
			name := strings.TrimSuffix(line, "\r")
			if number == 1 {
				name = strings.TrimPrefix(name, "\ufeff")
			}
			if name == "" {
				continue
			}
			first = cmp.Or(first, name)
			listed, err := s.parseLine(name)
			if err != nil {
				yield(Candidate{}, keyErrorf("line %d on stdin: %w", number, err))
				return
			}
			sum := sha256.Sum256([]byte(listed.Bucket + "\x00" + listed.Key))
			id := [16]byte(sum[:16])
			if _, twice := seen[id]; twice {
				listed.LeftOut = "repeated keys"
			} else if listed.LeftOut = s.leftOut(listed.ListedObject); listed.LeftOut == "" && !s.CountOnly {
				if found, err := s.Client.Stat(ctx, listed.S3Object); err == nil {
					listed.S3Object = found
				} else if ctx.Err() != nil {
					yield(Candidate{}, ctx.Err())
					return
				} else if isTransient(err) {
					yield(Candidate{}, err) // without its ETag, it would be another document
					return
				}
			}
			seen[id] = struct{}{}
			if listed.LeftOut == "" {
				documents++
			}
			if !yield(listed, nil) {
				return
			}
		}
		switch {
		case first == "":
			yield(Candidate{}, keyErrorf("no keys on stdin: %s", recipe))
		case documents == 0:
			yield(Candidate{}, keyErrorf("no line on stdin is a document, and the first is %q: %s", first, recipe))
		}
	}
}

// recipe makes a list of keys as batch reads it.
const recipe = "give one key or s3:// URI a line, without quotes, as of: " +
	"aws s3api list-objects-v2 --bucket BUCKET --prefix PREFIX --query 'Contents[].[Key]' --output text"

var (
	// lsLine is a line of aws s3 ls: 2024-01-02 03:04:05 1234 a.pdf, or PRE folder/.
	lsLine = regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ | +PRE )`)
	// csvLine has more than a key.
	csvLine = regexp.MustCompile(`(?i)\.(pdf|tiff?|png|jpe?g),`)
)

// notOneKey returns why a line is not a key as it is, or "". A key that looks like that can be
// given as a URI.
func (s *Source) notOneKey(line string) string {
	switch {
	case strings.Contains(line, "\t"):
		return "it has tabs, as a list of keys in one line has"
	case strings.HasPrefix(line, `"`), strings.HasPrefix(line, "'"):
		return "it is quoted (jq -r prints without quotes)"
	case strings.HasPrefix(line, "["), strings.HasPrefix(line, "{"):
		return "it is JSON"
	case lsLine.MatchString(line):
		return "it is of aws s3 ls"
	case csvLine.MatchString(line), s.Bucket != "" && strings.HasPrefix(line, s.Bucket+","):
		return "it is CSV"
	case line == "None":
		return "it is what the AWS CLI prints for an empty list"
	}
	return ""
}

// parseLine returns the object of a key or s3:// URI.
func (s *Source) parseLine(name string) (Candidate, error) {
	object := textractclient.S3Object{Bucket: s.Bucket, Key: name}
	if rest, isURI := strings.CutPrefix(name, "s3://"); isURI {
		object.Bucket, object.Key, _ = strings.Cut(rest, "/")
		if strings.Contains(name, "\ts3://") {
			return Candidate{}, keyErrorf("%.80q: it has tabs, as a list of keys in one line has: %s", name, recipe)
		}
	} else if why := s.notOneKey(name); why != "" && utf8.ValidString(name) {
		return Candidate{}, keyErrorf("%.80q is not a key: %s: %s; a key that is really so is given as s3://BUCKET/KEY", name, why, recipe)
	}
	switch {
	case !utf8.ValidString(name):
		return Candidate{}, keyErrorf("the key %q on stdin is not UTF-8, as keys are: convert the list", name)
	case object.Bucket == "":
		return Candidate{}, keyErrorf("no bucket for the key %q: use --bucket, or s3:// URIs", name)
	case object.Key == "":
		return Candidate{}, keyErrorf("%q on stdin names no object: for all objects of a bucket use it as the argument", name)
	}
	return Candidate{ListedObject: textractclient.ListedObject{S3Object: object, Size: 1}}, nil
}

// linesOf iterates over lines until ctx ends, also while the next line does not come.
func linesOf(ctx context.Context, r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		lines := make(chan string)
		var err error
		go func() {
			defer close(lines)
			scanner := bufio.NewScanner(r)
			for scanner.Scan() {
				select {
				case lines <- scanner.Text():
				case <-ctx.Done():
					return
				}
			}
			err = scanner.Err()
		}()
		for {
			select {
			case line, more := <-lines:
				if !more && err != nil {
					yield("", err)
				}
				if !more || !yield(line, nil) {
					return
				}
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
		}
	}
}

// Documents passes on what may be a document, and counts all.
func Documents(all iter.Seq2[Candidate, error], counted *Count) iter.Seq2[textractclient.S3Object, error] {
	return func(yield func(textractclient.S3Object, error) bool) {
		for object, err := range all {
			if err == nil {
				counted.Add(object)
			}
			if object.LeftOut == "" && !yield(object.S3Object, err) || err != nil {
				return
			}
		}
	}
}

// Count counts objects.
type Count struct {
	mu                sync.Mutex
	documents, images int
	leftOut           map[string]int
}

// Add counts an object.
func (c *Count) Add(object Candidate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if object.LeftOut != "" {
		if c.leftOut == nil {
			c.leftOut = make(map[string]int)
		}
		c.leftOut[object.LeftOut]++
		return
	}
	c.documents++
	if object.IsImage() {
		c.images++
	}
}

// CountAll counts all objects.
func CountAll(all iter.Seq2[Candidate, error], counted *Count) error {
	for object, err := range all {
		if err != nil {
			return err
		}
		counted.Add(object)
	}
	return nil
}

// Documents returns the number of documents.
func (c *Count) Documents() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.documents
}

// Describe tells what is known of pages: an image is one page, any other document one at least.
func (c *Count) Describe(price float64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := fmt.Sprintf("%d documents, %d of them images of one page", c.documents, c.images)
	if price > 0 {
		least := ""
		if c.images < c.documents {
			least = "at least "
		}
		text += fmt.Sprintf("; %s%d pages, %s%s", least, c.documents, least, Amount(float64(c.documents)*price))
	}
	parts := make([]string, 0, len(c.leftOut))
	for _, why := range slices.Sorted(maps.Keys(c.leftOut)) {
		parts = append(parts, fmt.Sprintf("%d %s", c.leftOut[why], why))
	}
	if len(parts) > 0 {
		text += "; left out: " + strings.Join(parts, ", ")
	}
	return text
}

// Amount returns an amount of money with two decimals, or with two digits where it is less.
func Amount(of float64) string {
	if of > 0 && of < 0.01 {
		return strconv.FormatFloat(of, 'g', 2, 64)
	}
	return strconv.FormatFloat(of, 'f', 2, 64)
}
