package textractclient_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

var runAlternatives = flag.Int("alternatives", 0, "compare RunAll with other schedules over so many documents")

// alternative is another way to run jobs for all documents. It returns how many were not read.
type alternative struct {
	name string
	run  func(ctx context.Context, s *site) (failed int)
}

// site is what an alternative works with.
type site struct {
	fake      *textracttest.AWS
	client    *textractclient.Client
	sdk       *textract.Client // with its own retries
	boto      *textract.Client // with those of Python's SDK
	once      *textract.Client // without
	documents int
	output    *types.OutputConfig
}

func (s *site) start(ctx context.Context, api *textract.Client, i int) (string, error) {
	out, err := api.StartDocumentTextDetection(ctx, &textract.StartDocumentTextDetectionInput{
		DocumentLocation: &types.DocumentLocation{
			S3Object: &types.S3Object{Bucket: aws.String("documents"), Name: aws.String(numbered(i))},
		},
		OutputConfig: s.output,
		// Without a token the fake would take all for one job.
		ClientRequestToken: aws.String(strings.TrimSuffix(numbered(i), ".pdf")),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.JobId), nil
}

// poll asks each interval until a job has ended, and reads its results.
func (s *site) poll(ctx context.Context, api *textract.Client, id string, interval time.Duration) error {
	for {
		out, err := api.GetDocumentTextDetection(ctx, &textract.GetDocumentTextDetectionInput{JobId: aws.String(id)})
		if err == nil && out.JobStatus != types.JobStatusInProgress {
			for token := out.NextToken; token != nil; {
				out, err = api.GetDocumentTextDetection(
					ctx,
					&textract.GetDocumentTextDetectionInput{JobId: aws.String(id), NextToken: token},
				)
				switch {
				case err == nil:
					token = out.NextToken
				case isRefusedCall(err):
					time.Sleep(interval)
				default:
					return err
				}
			}
			return nil
		}
		if err != nil && !isRefusedCall(err) {
			return err
		}
		time.Sleep(interval)
	}
}

// botoRetries are about those of boto3 by default: four, after up to 1, 2, 4 and 8 seconds.
func botoRetries() aws.Retryer {
	random := rand.New(rand.NewPCG(1, 3))
	var mu sync.Mutex
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 5
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(random.Float64() * float64(int64(time.Second)<<(attempt-1))), nil
		})
	})
}

func isRefusedCall(err error) bool {
	var rate *types.ProvisionedThroughputExceededException
	var jobs *types.LimitExceededException
	return errors.As(err, &rate) || errors.As(err, &jobs)
}

// each runs do for all documents on so many goroutines, and counts the errors.
func (s *site) each(goroutines int, do func(i int) error) int {
	var next, failed atomic.Int64
	var running sync.WaitGroup
	for range goroutines {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < s.documents; i = int(next.Add(1)) - 1 {
				if do(i) != nil {
					failed.Add(1)
				}
			}
		})
	}
	running.Wait()
	return int(failed.Load())
}

// startWaitRead is what run does with one document.
func (s *site) startWaitRead(ctx context.Context) func(i int) error {
	return func(i int) error {
		job, err := s.client.Start(ctx, textractclient.StartInput{
			Operation: textractclient.TextDetection, WithoutNotification: true,
			Document: textractclient.S3Object{Bucket: "documents", Key: numbered(i), ETag: "e"},
		})
		if err == nil {
			_, err = s.client.Wait(ctx, job.Ref(), 24*time.Hour)
		}
		if err == nil {
			_, err = textractdoc.Read(s.client.Results(ctx, job.Ref()))
		}
		return err
	}
}

var alternatives = []alternative{
	{"one after the other", func(ctx context.Context, s *site) int { return s.each(1, s.startWaitRead(ctx)) }},
	{"100 goroutines: Start, Wait, Results", func(ctx context.Context, s *site) int { return s.each(100, s.startWaitRead(ctx)) }},
	{"100 goroutines with the SDK's retries", func(ctx context.Context, s *site) int {
		return s.each(100, func(i int) error {
			id, err := s.start(ctx, s.sdk, i)
			if err != nil {
				return err
			}
			return s.poll(ctx, s.sdk, id, 5*time.Second)
		})
	}},
	{"5 threads, asking each second", func(ctx context.Context, s *site) int {
		return s.each(5, func(i int) error {
			id, err := s.start(ctx, s.boto, i)
			for err != nil && isRefusedCall(err) {
				time.Sleep(time.Second)
				id, err = s.start(ctx, s.boto, i)
			}
			if err != nil {
				return err
			}
			return s.poll(ctx, s.boto, id, time.Second)
		})
	}},
	{"one start after the other, output bucket", func(ctx context.Context, s *site) int {
		s.output = &types.OutputConfig{S3Bucket: aws.String("results"), S3Prefix: aws.String("out")}
		return s.each(1, func(i int) error {
			_, err := s.start(ctx, s.boto, i)
			for delay := time.Second; err != nil && isRefusedCall(err); delay = min(2*delay, 8*time.Second) {
				time.Sleep(delay)
				_, err = s.start(ctx, s.boto, i)
			}
			return err
		})
	}},
	{"semaphore of 90 jobs, 2 starts a second", func(ctx context.Context, s *site) int {
		grants := time.NewTicker(time.Second / 2)
		defer grants.Stop()
		return s.each(90, func(i int) error {
			<-grants.C
			id, err := s.start(ctx, s.once, i)
			for err != nil && isRefusedCall(err) {
				<-grants.C
				id, err = s.start(ctx, s.once, i)
			}
			if err != nil {
				return err
			}
			return s.poll(ctx, s.once, id, time.Second/2)
		})
	}},
	{"a function each 2 minutes and at each completion", func(ctx context.Context, s *site) int {
		// One at a time, for 60 s at most, for 100 documents at most; it ends when there are too
		// many jobs.
		next, seen := 0, 0
		for next < s.documents {
			until := time.Now().Add(time.Minute)
			for n := 0; n < 100 && next < s.documents && time.Now().Before(until); n++ {
				_, err := s.start(ctx, s.boto, next)
				var jobs *types.LimitExceededException
				if errors.As(err, &jobs) {
					break
				}
				if err != nil {
					time.Sleep(5 * time.Second)
					continue
				}
				next++
			}
			for wait := time.Now().Add(2 * time.Minute); time.Now().Before(wait); time.Sleep(time.Second) {
				if ended := s.fake.Textract.Ended(); ended > seen {
					seen = ended
					break
				}
			}
		}
		return 0
	}},
}

// TestRunAllBeatsAlternatives prints the table of the performance page.
func TestRunAllBeatsAlternatives(t *testing.T) {
	documents, loads, slack := 150, []load{tunedLoads[1]}, 0.05 // of 150 documents, learning the quotas takes a part
	if *runAlternatives > 0 {
		documents, loads, slack = *runAlternatives, tunedLoads[:4], 0.01
	}
	for _, l := range loads {
		own := simulate(t, l, allTokens[0], allWays[0], documents, 0)
		t.Logf("| %s | RunAll, own queue, output bucket | %.2f | 0 | %.1f |", l.name, own.ratio(), float64(own.gets)/float64(documents))
		polled := simulate(t, l, allTokens[0], allWays[3], documents, 0)
		t.Logf("| %s | RunAll, no queue, Get | %.2f | 0 | %.1f |", l.name, polled.ratio(), float64(polled.gets)/float64(documents))
		for _, a := range alternatives {
			if !strings.Contains(a.name, *onlyRuns) {
				continue
			}
			took, failed, gets := runAlternative(t, l, a, documents)
			ratio := took.Seconds() / own.ideal.Seconds()
			t.Logf("| %s | %s | %.2f | %d | %.1f |", l.name, a.name, ratio, failed, gets)
			if failed == 0 && ratio < own.ratio()-slack {
				t.Errorf("%s: %s takes %.3f times the ideal, RunAll %.3f", l.name, a.name, ratio, own.ratio())
			}
		}
	}
}

func runAlternative(t *testing.T, l load, a alternative, documents int) (took time.Duration, failed int, gets float64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake, _ := l.account(l.durations(documents, 0), allTokens[0])
		client, err := textractclient.New(
			fake.Config(), textractclient.Config{},
			func(o *textractclient.Options) { o.Logger = newLogRecorder().logger() },
		)
		if err != nil {
			t.Fatal(err)
		}
		s := &site{
			fake: fake, client: client, documents: documents, sdk: textract.NewFromConfig(fake.Config()),
			boto: textract.NewFromConfig(fake.Config(), func(o *textract.Options) { o.Retryer = botoRetries() }),
			once: textract.NewFromConfig(fake.Config(), func(o *textract.Options) { o.Retryer = aws.NopRetryer{} }),
		}
		begin := time.Now()
		failed = a.run(t.Context(), s)
		for fake.Textract.Ended() < len(fake.Textract.Started()) {
			time.Sleep(time.Second)
		}
		took, gets = time.Since(begin), float64(fake.Calls("GetDocumentTextDetection"))/float64(documents)
	})
	return took, failed, gets
}
