package textractclient_test

import (
	"container/heap"
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

var (
	runSeeds = flag.Uint64("seeds", 0, "run all loads with 10,000 documents and so many seeds")
	onlyRuns = flag.String("only", "", "run only loads whose names contain this")
)

// quotas are those of an account: Start and Get calls a second, jobs at a time.
type quotas struct {
	start, get float64
	jobs       int
}

// load is what documents there are: how long their jobs take, lognormal, and in how many answers
// their results come.
type load struct {
	name    string
	median  float64 // seconds
	sigma   float64
	answers int
	quotas
}

var (
	quotasA = quotas{1, 1, 100}
	quotasB = quotas{2, 5, 100}
	quotasC = quotas{10, 25, 600}

	// tunedLoads are those that the pace was tuned on, with the cards and archives of the others.
	tunedLoads = []load{
		{"letters A", 15, 0.5, 1, quotasA},
		{"letters B", 15, 0.5, 1, quotasB},
		{"letters C", 15, 0.5, 1, quotasC},
		{"books A", 120, 0.6, 5, quotasA},
		{"books B", 120, 0.6, 5, quotasB},
		{"books C", 120, 0.6, 5, quotasC},
	}
	otherLoads = []load{
		{"mixed 5/10/200", 40, 1, 2, quotas{5, 10, 200}},
		{"mixed 3/3/50", 40, 1, 2, quotas{3, 3, 50}},
		{"cards 25/50/500", 6, 0.3, 1, quotas{25, 50, 500}},
		{"forms 4/4/25", 20, 0.8, 1, quotas{4, 4, 25}},
		{"archives 1/5/20", 300, 0.9, 8, quotas{1, 5, 20}},
		{"invoices 2/2/100", 8, 1.2, 1, quotas{2, 2, 100}},
	}
)

// tokens are how a service counts calls: as many as a second brings may be made at once, or one; a
// throttled call takes none, or half.
type tokens struct {
	name        string
	burst, cost float64
}

var allTokens = []tokens{{"a second's tokens", 0, 0}, {"one token", 1, 0}, {"a refusal costs half", 0, 0.5}}

// way is how completions are learned and results are read.
type way struct {
	name             string
	ownQueue, output bool
}

var allWays = []way{
	{"queue, output bucket", true, true},
	{"queue, Get", true, false},
	{"no queue, output bucket", false, true},
	{"no queue, Get", false, false},
}

// simulated is a run in virtual time.
type simulated struct {
	took, ideal            time.Duration
	starts, gets, failures int
	documents              int
}

func (s simulated) ratio() float64 { return s.took.Seconds() / s.ideal.Seconds() }

func (l load) durations(n int, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 1))
	durations := make([]time.Duration, n)
	for i := range durations {
		durations[i] = time.Duration(l.median * math.Exp(l.sigma*random.NormFloat64()) * float64(time.Second))
	}
	return durations
}

// account is a fake of AWS with the quotas of a load and its documents.
func (l load) account(durations []time.Duration, bucket tokens) (*textracttest.AWS, *textracttest.Queue) {
	fake, queue := textracttest.New(), textracttest.NewQueue("own", 0)
	fake.AddQueue(queue)
	fake.Textract.Subscribe(topicARN, queue, false)
	fake.Latency = 150 * time.Millisecond
	fake.Textract.NotifyDelay = 500 * time.Millisecond
	fake.Textract.StartRate = textracttest.Rate{PerSecond: l.start, Burst: bucket.burst, ThrottledCost: bucket.cost}
	fake.Textract.GetRate = textracttest.Rate{PerSecond: l.get, Burst: bucket.burst, ThrottledCost: bucket.cost}
	fake.Textract.MaxJobs = l.jobs
	fake.Textract.PageSize = 1
	items := make([]any, l.answers)
	for i := range items {
		items[i] = types.Block{
			Id:        aws.String(strconv.Itoa(i)),
			BlockType: types.BlockTypeLine,
			Text:      aws.String("text"),
			Page:      aws.Int32(1),
		}
	}
	fake.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
		i, err := strconv.Atoi(strings.TrimSuffix(r.DocumentLocation.S3Object.Name, ".pdf"))
		if err != nil {
			panic(err)
		}
		return textracttest.Outcome{Takes: durations[i], Items: items}
	}
	for i := range durations {
		fake.S3.Put("documents", numbered(i), nil)
	}
	return fake, queue
}

func numbered(i int) string { return fmt.Sprintf("%06d.pdf", i) }

// inputs have ETags, as listings tell them.
func numberedInputs(n int, notify bool) func(yield func(textractclient.StartInput) bool) {
	return func(yield func(textractclient.StartInput) bool) {
		for i := range n {
			document := textractclient.S3Object{Bucket: "documents", Key: numbered(i), ETag: "e"}
			if !yield(
				textractclient.StartInput{Operation: textractclient.TextDetection, Document: document, WithoutNotification: !notify},
			) {
				return
			}
		}
	}
}

// simulate runs RunAll over all documents, reads their results, and compares with the schedule that
// knows everything.
func simulate(t *testing.T, l load, bucket tokens, w way, documents int, seed uint64) (result simulated) {
	t.Helper()
	durations := l.durations(documents, seed)
	synctest.Test(t, func(t *testing.T) {
		fake, queue := l.account(durations, bucket)
		config := textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: queue.URL}
		answers := l.answers
		if w.output {
			config.Output, answers = &textractclient.Output{Bucket: "results"}, 0
		}
		client, err := textractclient.New(fake.Config(), config, func(o *textractclient.Options) { o.Logger = newLogRecorder().logger() })
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		handled := make(map[string]int)
		begin := time.Now()
		err = client.RunAll(t.Context(), numberedInputs(documents, w.ownQueue), func(ctx context.Context, o *textractclient.Outcome) error {
			read := 0
			for _, err := range o.Results(ctx) {
				if err != nil {
					return err
				}
				read++
			}
			mu.Lock()
			defer mu.Unlock()
			if handled[o.Input.Document.Key]++; read != l.answers {
				result.failures++
			}
			return nil
		}, func(o *textractclient.RunOptions) { o.OwnQueue = w.ownQueue })
		result.took = time.Since(begin)
		if err != nil {
			t.Fatal(err)
		}
		if len(handled) != documents || len(fake.Textract.Started()) != documents {
			t.Errorf("%d documents handled and %d started, want %d", len(handled), len(fake.Textract.Started()), documents)
		}
		for key, times := range handled {
			if times != 1 {
				t.Errorf("%s was handled %d times", key, times)
			}
		}
		result.ideal = idealTime(durations, l.quotas, bucket, answers)
		result.starts, result.gets, result.documents = fake.Calls(
			"StartDocumentTextDetection",
		), fake.Calls(
			"GetDocumentTextDetection",
		), documents
		if waiting, inFlight := queue.Count(); waiting+inFlight > 0 {
			t.Errorf("%d messages are left in the queue", waiting+inFlight)
		}
	})
	return result
}

// idealTime is how long the schedule takes that keeps the order of documents, starts each as soon
// as there is a token and a place, knows at once when a job has ended, and then asks for its
// answers, as soon as there is a token.
func idealTime(durations []time.Duration, q quotas, bucket tokens, answers int) time.Duration {
	starts, gets := newIdealBucket(q.start, bucket.burst), newIdealBucket(q.get, bucket.burst)
	var running, ends floats
	at := 0.0
	for _, d := range durations {
		if len(running) == q.jobs {
			at = max(at, heap.Pop(&running).(float64))
		}
		at = starts.take(at)
		heap.Push(&running, at+d.Seconds())
		ends = append(ends, at+d.Seconds())
	}
	slices.Sort(ends)
	last := ends[len(ends)-1]
	at = 0
	for _, end := range ends {
		at = max(at, end)
		for range answers {
			at = gets.take(at)
		}
	}
	return time.Duration(max(last, at) * float64(time.Second))
}

type idealBucket struct{ tokens, size, rate, updated float64 }

func newIdealBucket(rate, burst float64) *idealBucket {
	if burst == 0 {
		burst = rate
	}
	return &idealBucket{tokens: max(burst, 1), size: max(burst, 1), rate: rate}
}

// take returns when the call may be made, at the earliest.
func (b *idealBucket) take(at float64) float64 {
	b.tokens = min(b.tokens+(at-b.updated)*b.rate, b.size)
	b.updated = at
	if b.tokens < 1 {
		b.updated = at + (1-b.tokens)/b.rate
		b.tokens = 1
	}
	b.tokens--
	return b.updated
}

type floats []float64

func (f floats) Len() int           { return len(f) }
func (f floats) Less(i, j int) bool { return f[i] < f[j] }
func (f floats) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *floats) Push(x any)        { *f = append(*f, x.(float64)) }
func (f *floats) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// TestRunAllPace compares with the schedule that knows everything. With -seeds it prints the table
// of the performance page.
func TestRunAllPace(t *testing.T) {
	documents, seeds, loads := 1000, uint64(1), []load{tunedLoads[2], otherLoads[1]}
	withQueue, withoutQueue := 1.10, 1.20 // of 1,000 documents, learning the quotas takes a part
	if *runSeeds > 0 {
		documents, seeds, loads = 10_000, *runSeeds, slices.Concat(tunedLoads, otherLoads)
		withQueue, withoutQueue = 1.05, 1.15
	}
	for _, l := range loads {
		for _, w := range allWays {
			for _, bucket := range allTokens {
				name := l.name + ", " + w.name + ", " + bucket.name
				// Few enough for every run of the tests: all kinds of tokens with the best way, and
				// one with the others.
				if !strings.Contains(name, *onlyRuns) || *runSeeds == 0 && w != allWays[0] && bucket != allTokens[0] {
					continue
				}
				t.Run(name, func(t *testing.T) {
					most, mostStarts := withoutQueue, 1.5
					if w.ownQueue {
						most, mostStarts = withQueue, 1.3
					}
					var worst, gets, starts float64
					for seed := range seeds {
						r := simulate(t, l, bucket, w, documents, seed)
						worst = max(worst, r.ratio())
						gets = max(gets, float64(r.gets)/float64(r.documents))
						starts = max(starts, float64(r.starts)/float64(r.documents))
						if r.failures > 0 {
							t.Errorf("seed %d: %d results are incomplete", seed, r.failures)
						}
					}
					t.Logf("| %s | %s | %s | %.3f | %.2f | %.2f |", l.name, w.name, bucket.name, worst, gets, starts)
					if worst > most {
						t.Errorf("takes %.3f times as long as the schedule that knows everything, want at most %v", worst, most)
					}
					if starts > mostStarts {
						t.Errorf("%.2f Start calls a document, want at most %v", starts, mostStarts)
					}
				})
			}
		}
	}
}
