package textractclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// accessCheck is the object of no bytes that Textract writes next to the results, to see that it
// may write.
const accessCheck = ".s3_access_check"

// storedStatus is the status of an object without one: Textract writes results of completed jobs
// only.
const storedStatus = types.JobStatusSucceeded

// Where a lending analysis puts its results below the job id, unlike the other operations.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartLendingAnalysis.html
const (
	lendingDetails = "detailedResponse/"
	lendingSummary = "summaryResponse/"
)

// resultKeyPattern matches what Textract writes below a prefix: JOBID/….
var resultKeyPattern = regexp.MustCompile(`^[0-9a-f]{64}/`)

// Holds reports whether a key of the bucket is that of a result: PREFIX/JOBID/…. Documents may have
// the same prefix.
func (o *Output) Holds(key string) bool {
	below, isBelow := strings.CutPrefix(key, o.prefix()+"/")
	return isBelow && resultKeyPattern.MatchString(below)
}

// OutputResults iterates over a job's results in the output bucket. It reads ahead, up to 32
// objects or 16 MB. Use it for jobs with an Output: the results do not expire after 7 days, as
// those of Results do, and no Get action is called. output is that of the Config or StartInput that
// the job was started with: see [Job].
//
// The results are complete, or the iteration ends with an error: ErrNoOutput where there are none,
// ErrOutputIncomplete where objects or pages are missing, or that of a call. Partial success is not
// an error, as in Results.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
func (c *Client) OutputResults(ctx context.Context, job JobRef, output Output) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		if err := checkStored(job, output); err != nil {
			yield(nil, fmt.Errorf("results of %s: %w", job, err))
			return
		}
		folder := output.prefix() + "/" + job.ID + "/"
		if job.Operation == LendingAnalysis {
			folder += lendingDetails
		}
		stored := func(yield func(*textractdoc.Response, error) bool) {
			for response, err := range storedObjects(ctx, c, output.Bucket, folder, textractdoc.ParseResponse) {
				if err == nil {
					response.JobStatus = cmp.Or(response.JobStatus, storedStatus)
					err = cmp.Or(resultStatus(job, response), checkOperation(job.Operation, response))
				}
				if !yield(response, err) || err != nil {
					return
				}
			}
		}
		for response, err := range textractdoc.Complete(stored) {
			if errors.Is(err, textractdoc.ErrIncomplete) {
				err = fmt.Errorf("s3://%s/%s: %w: %w", output.Bucket, folder, ErrOutputIncomplete, err)
			}
			if err != nil {
				yield(nil, fmt.Errorf("results of %s: %w", job, err))
				return
			}
			if !yield(response, nil) {
				return
			}
		}
	}
}

// OutputLendingSummary returns the summary of a lending analysis from the output bucket. The error
// wraps ErrNoOutput where there is none.
// See [Client.LendingSummary] and [Client.OutputResults].
func (c *Client) OutputLendingSummary(ctx context.Context, job JobRef, output Output) (*textractdoc.LendingSummary, error) {
	if err := checkStored(job, output); err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w", job, err)
	}
	folder := output.prefix() + "/" + job.ID + "/" + lendingSummary
	for summary, err := range storedObjects(ctx, c, output.Bucket, folder, textractdoc.ParseLendingSummary) {
		if err != nil {
			return nil, fmt.Errorf("lending summary of %s: %w", job, err)
		}
		summary.JobStatus = cmp.Or(summary.JobStatus, storedStatus)
		return checkedSummary(job, summary)
	}
	return nil, fmt.Errorf("lending summary of %s: %w", job, ErrNoOutput)
}

// checkStored returns an error where no results can be. The operation may be unknown: a bucket has
// the results of all.
func checkStored(job JobRef, output Output) error {
	var problems problems
	job.validateID(&problems)
	output.validate(&problems)
	return problems.err()
}

// checkOperation returns an error where the results are of another operation.
func checkOperation(operation Operation, response *textractdoc.Response) error {
	isExpense, isLending := operation == ExpenseAnalysis, operation == LendingAnalysis
	if len(response.Blocks) > 0 && (isExpense || isLending) || len(response.ExpenseDocuments) > 0 && !isExpense ||
		len(response.Results) > 0 && !isLending {
		return fmt.Errorf("the results are not of %s: name the operation that the job was started with", operation.Name())
	}
	return nil
}

// How far OutputResults reads ahead: enough requests to hide their latency, and not more than this
// in memory. One object is always read, whatever its size.
const (
	maxObjectsAhead = 32
	maxBytesAhead   = 16 << 20
)

// storedObjects iterates over the objects of a folder, in the order of their numbers. It reads
// ahead of the caller, and parses where it reads. When the iteration ends, nothing is read any
// more.
func storedObjects[T any](
	ctx context.Context, c *Client, bucket, folder string, parse func([]byte) (*T, error),
) iter.Seq2[*T, error] {
	type result struct {
		object *T
		size   int64
		err    error
	}
	type pending struct {
		done  chan result
		bytes int64
	}
	return func(yield func(*T, error) bool) {
		parts, err := c.resultParts(ctx, bucket, folder)
		if err != nil {
			yield(nil, err)
			return
		}
		var reading sync.WaitGroup
		defer reading.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var ahead []pending
		var next int
		var bytes, largest int64
		for range parts {
			for ; next < len(parts); next++ {
				read, done := parts[next], make(chan result, 1)
				// A listing without sizes: the next is as large as the largest yet.
				expected := read.size
				if expected < 0 {
					expected = cmp.Or(largest, maxBytesAhead)
				}
				if len(ahead) > 0 && (len(ahead) >= maxObjectsAhead || bytes+expected > maxBytesAhead) {
					break
				}
				ahead, bytes = append(ahead, pending{done, expected}), bytes+expected
				reading.Go(func() {
					var got result
					got.err = protect(func() (err error) {
						object := S3Object{Bucket: bucket, Key: folder + read.name}
						got.object, got.size, err = storedObject(ctx, c, object, read.size, parse)
						return err
					})
					done <- got
				})
			}
			first := <-ahead[0].done
			ahead, bytes, largest = ahead[1:], bytes-ahead[0].bytes, max(largest, first.size)
			if !yield(first.object, first.err) || first.err != nil {
				return
			}
		}
	}
}

// part is an object of a job's results, and its size in bytes, -1 where a listing has none.
type part struct {
	name string
	size int64
}

// resultParts lists the objects right below the folder, in the order of their numbers: 2 before 10.
func (c *Client) resultParts(ctx context.Context, bucket, folder string) ([]part, error) {
	var parts []part
	for object, err := range c.listed(ctx, bucket, folder) {
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(*object.Key, folder)
		if name != "" && name != accessCheck && !strings.Contains(name, "/") {
			size := int64(-1)
			if object.Size != nil {
				size = *object.Size
			}
			parts = append(parts, part{name, size})
		}
	}
	parts, err := inNumericOrder(parts)
	if err != nil {
		return nil, fmt.Errorf("s3://%s/%s: %w", bucket, folder, err)
	}
	return parts, nil
}

// inNumericOrder rejects a gap: results with a missing part would pass for complete. Objects that
// are no numbers, which Textract is not known to write, are omitted unless there is nothing else.
func inNumericOrder(parts []part) ([]part, error) {
	var numbered, others []part
	for _, p := range parts {
		if _, err := strconv.ParseUint(p.name, 10, 32); err == nil {
			numbered = append(numbered, p)
		} else {
			others = append(others, p)
		}
	}
	if len(numbered) == 0 && len(others) == 0 {
		return nil, ErrNoOutput
	}
	if len(numbered) == 0 {
		slices.SortFunc(others, func(a, b part) int { return cmp.Compare(a.name, b.name) })
		return others, nil
	}
	slices.SortFunc(numbered, func(a, b part) int { return cmp.Compare(a.number(), b.number()) })
	for i, p := range numbered {
		if p.number() != uint64(i)+1 {
			return nil, fmt.Errorf("%w: object %d is missing", ErrOutputIncomplete, i+1)
		}
	}
	return numbered, nil
}

func (p part) number() uint64 {
	n, err := strconv.ParseUint(p.name, 10, 32)
	if err != nil {
		panic(err) // inNumericOrder picked the names that are numbers
	}
	return n
}

func storedObject[T any](
	ctx context.Context, c *Client, object S3Object, size int64, parse func([]byte) (*T, error),
) (*T, int64, error) {
	text, err := c.readObject(ctx, object, size)
	var missing *s3types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, 0, fmt.Errorf("%w: %s: %w", ErrNoOutput, object, err)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", object, err)
	}
	parsed, err := parse(text)
	if err != nil {
		return nil, 0, fmt.Errorf("%s is no result of Textract: %w", object, err)
	}
	return parsed, int64(len(text)), nil
}
