// Package harness turns a contender into a CDK app that builds as many pipelines as the environment asks for and reports where
// its time went.
package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// What an app reads from its environment; the ones in JavaScript read the same.
const (
	EnvConstructs = "BENCH_CONSTRUCTS" // how many pipelines to build, 1 unless set
	EnvDefault    = "BENCH_DEFAULT"    // when set, pipelines without buckets and callers
	EnvReport     = "BENCH_REPORT"     // the file that gets the Report, none unless set
	EnvRequests   = "BENCH_REQUESTS"   // the file to which the relay writes the requests of this app, none unless set
)

// PerStack is how many pipelines share a stack and its buckets.
const PerStack = 20

// Report tells what an app did. Requests are those of the last pipeline, when everything they need was loaded before.
type Report struct {
	BuildMillis       float64 `json:"buildMillis"`
	SynthMillis       float64 `json:"synthMillis"`
	ConstructRequests int     `json:"constructRequests"`
	GrantRequests     int     `json:"grantRequests"`
}

// Buckets are the documents and results of the pipelines of a stack; nil for pipelines that know of none.
type Buckets struct{ Documents, Results awss3.IBucket }

// Build builds one pipeline and returns what lets a caller use it.
type Build func(scope constructs.Construct, id string, buckets *Buckets) func(caller awsiam.Role)

// Main is the main function of a contender.
func Main(build Build) {
	if err := run(build); err != nil {
		fmt.Fprintln(os.Stderr, err)
		closeKernel()
		os.Exit(1)
	}
	closeKernel()
}

// closeKernel keeps a line of jsii from the output that speaks of an abnormal exit where there was none.
func closeKernel() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

func run(build Build) error {
	count, err := constructCount()
	if err != nil {
		return err
	}
	app := awscdk.NewApp(nil)
	var report Report
	start := time.Now()
	for first := 0; first < count; first += PerStack {
		if err := buildStack(app, build, first, min(first+PerStack, count), &report); err != nil {
			return err
		}
	}
	report.BuildMillis = millisSince(start)
	start = time.Now()
	app.Synth(nil)
	report.SynthMillis = millisSince(start)
	return write(report)
}

func constructCount() (int, error) {
	text, set := os.LookupEnv(EnvConstructs)
	if !set {
		return 1, nil
	}
	return strconv.Atoi(text)
}

func buildStack(app awscdk.App, build Build, first, end int, report *Report) error {
	stack := awscdk.NewStack(app, jsii.String(fmt.Sprintf("Bench%d", first/PerStack)), nil)
	var buckets *Buckets
	if os.Getenv(EnvDefault) == "" {
		buckets = &Buckets{Documents: newBucket(stack, "Documents"), Results: newBucket(stack, "Results")}
	}
	for i := first; i < end; i++ {
		if err := buildPipeline(stack, build, i, buckets, report); err != nil {
			return err
		}
	}
	return nil
}

func buildPipeline(stack awscdk.Stack, build Build, i int, buckets *Buckets, report *Report) error {
	before, err := requestCount()
	if err != nil {
		return err
	}
	grant := build(stack, fmt.Sprintf("Pipeline%d", i), buckets)
	after, err := requestCount()
	if err != nil {
		return err
	}
	report.ConstructRequests = after - before
	if buckets == nil {
		return nil
	}

	caller := awsiam.NewRole(stack, jsii.String(fmt.Sprintf("Caller%d", i)), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	if before, err = requestCount(); err != nil {
		return err
	}
	grant(caller)
	after, err = requestCount()
	report.GrantRequests = after - before
	return err
}

func newBucket(stack awscdk.Stack, id string) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}

// requestCount counts the lines that the relay wrote: a request is written down before it is answered.
func requestCount() (int, error) {
	path := os.Getenv(EnvRequests)
	if path == "" {
		return 0, nil
	}
	log, err := os.ReadFile(path)
	return bytes.Count(log, []byte("\n")), err
}

func millisSince(start time.Time) float64 { return float64(time.Since(start).Microseconds()) / 1000 }

func write(report Report) error {
	path := os.Getenv(EnvReport)
	if path == "" {
		return nil
	}
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
