package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// The invoice, and a word of it that every result must have.
const (
	invoiceFile   = "verify/live/invoice.pdf"
	invoiceKey    = "make-live/invoice.pdf"
	invoiceNumber = "2041"
)

// List prices of us-east-1 for a page, in USD.
// See: https://aws.amazon.com/textract/pricing/
const (
	usdText    = 0.0015
	usdTables  = 0.015
	usdForms   = 0.05
	usdExpense = 0.01
	usdLending = 0.07
	usdAdapter = 0.025
)

type result string

const (
	asExpected    result = "as expected"
	notAsExpected result = "NOT as expected"
	answered      result = "answered"   // nothing was expected
	unanswered    result = "unanswered" // nothing was expected, and what was seen does not tell
	notJudged     result = "not judged"
)

// check answers an open point of docs/deploy.md, or a part of it.
type check struct {
	point    string
	done     string
	expected string // "open" where nobody knows
	moto     string // why Moto, a local AWS API, cannot judge it; empty where it can
	pages    int    // that Textract bills
	usd      float64
	run      func(context.Context, *account) (result, string)
}

const (
	open          = "open: AWS's documentation does not say"
	noPermissions = "Moto checks no permissions"
)

var checks = []check{
	{
		point: "Set-up", done: "`textract-async doctor` over the stack, its caller and a document",
		expected: "nothing wrong, exit code 0", run: checkDoctor,
	},
	{
		point:    "Encrypted delivery",
		done:     "`textract-async run --notify`, then `listen`",
		expected: "the text, then the job's notification",
		moto:     "Moto encrypts nothing",
		pages:    1,
		usd:      usdText,
		run:      checkDelivery,
	},
	{
		point: "Output", done: "list `textract_output/JOBID/` of the same job, then `textract-async results --from output`",
		expected: "`.s3_access_check` and `1`, and the text",
		moto:     "Moto's Textract writes no results to a bucket", run: checkOutput,
	},
	{
		point:    "All operations: document analysis",
		done:     "`textract-async run --features TABLES,FORMS --csv`",
		expected: "the invoice's table",
		moto:     "Moto reads no document",
		pages:    1,
		usd:      usdTables + usdForms,
		run:      checkOperation("Toner, black", "--features=TABLES,FORMS", "--csv"),
	},
	{
		point: "All operations: expense analysis", done: "`textract-async run --operation expense-analysis`", expected: "the text",
		moto: "Moto has no expense analysis", pages: 1, usd: usdExpense, run: checkOperation(invoiceNumber, "--operation=expense-analysis"),
	},
	{
		point: "All operations: lending analysis", done: "`textract-async run --operation lending-analysis`", expected: "the text",
		moto: "Moto has no lending analysis", pages: 1, usd: usdLending, run: checkOperation(invoiceNumber, "--operation=lending-analysis"),
	},
	{
		point: "The output's key",
		done: "`textract-async run --notify` with a key for the results, which caller and service role may use; " +
			"then without the caller's permissions for it, then without the service role's",
		expected: "with both the text; without one: open",
		moto:     noPermissions,
		pages:    3,
		usd:      3 * usdText,
		run:      checkOutputKey,
	},
	{
		point:    "PassRole",
		done:     "`textract-async run --notify` as a caller without `iam:PassRole`",
		expected: "`AccessDeniedException`, and no job",
		moto:     noPermissions,
		pages:    1,
		usd:      usdText,
		run:      checkPassRole,
	},
	{
		point:    "The prefix of the topic's name",
		done:     "start a job whose topic's name does not begin with `AmazonTextract`",
		expected: open,
		moto:     "Moto looks at no name",
		pages:    1,
		usd:      usdText,
		run:      checkTopic("UnprefixedTopicArn"),
	},
	{
		point: "FIFO topics", done: "start a job whose topic is a FIFO topic", expected: open,
		moto: "Moto publishes within the start", pages: 1, usd: usdText, run: checkTopic("FifoTopicArn"),
	},
	{
		point:    "Adapters",
		done:     "start an analysis with an adapter, as the caller, then with a policy that denies it for this adapter's ARN",
		expected: open,
		moto:     noPermissions,
		pages:    2,
		usd:      2 * usdAdapter,
		run:      checkAdapters,
	},
	{
		point:    "The rest of the account",
		done:     "read the permission boundaries of caller and service role, and look for denied and throttled calls",
		expected: "no boundary",
		moto:     "Moto has no organizations and no quotas",
		run:      checkAccount,
	},
}

var allChecks = slices.Concat(checks, workflowChecks)

func expectedIf(isAsExpected bool) result {
	if isAsExpected {
		return asExpected
	}
	return notAsExpected
}

func (a *account) document() string {
	return "s3://" + a.outputs["DocumentBucketName"] + "/" + invoiceKey
}

// readInvoice runs a new job for the invoice.
func (a *account) readInvoice(ctx context.Context, policy string, variables []string, flags ...string) answer {
	return a.textractAsync(
		ctx,
		policy,
		variables,
		append([]string{"run", a.document(), "--new-job", "--timeout=" + a.jobLimit.String()}, flags...)...)
}

func checkDoctor(ctx context.Context, a *account) (result, string) {
	got := a.run(ctx, a.environment(), "doctor", "--stack="+stackName, "--caller="+a.outputs["CallerRoleArn"], "--document="+a.document())
	return expectedIf(got.code == 0), fmt.Sprintf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
}

func checkDelivery(ctx context.Context, a *account) (result, string) {
	got := a.readInvoice(ctx, "", nil, "--notify")
	if got.code != 0 || !strings.Contains(got.stdout, invoiceNumber) {
		return notAsExpected, got.failure() + "\n" + got.stdout
	}
	a.job = got.job()
	found, err := a.isNotified(ctx, a.job)
	switch {
	case err != nil:
		return notAsExpected, "the text, then of listen " + err.Error()
	case !found:
		return notAsExpected, fmt.Sprintf("the text, and no notification within %v: look in CloudWatch, also after the stack is deleted, "+
			"at NumberOfMessagesPublished and NumberOfNotificationsFailed of topic %s", a.notifyLimit, a.outputs["TopicArn"])
	}
	return asExpected, "the text, then the notification"
}

func checkOutput(ctx context.Context, a *account) (result, string) {
	if a.job == "" {
		return notJudged, "no job completed"
	}
	folder := a.outputs["OutputPrefix"] + "/" + a.job + "/"
	listed, err := a.s3().ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(a.outputs["OutputBucketName"]), Prefix: &folder})
	if err != nil {
		return notAsExpected, err.Error()
	}
	var names []string
	for _, object := range listed.Contents {
		names = append(names, strings.TrimPrefix(*object.Key, folder))
	}
	got := a.textractAsync(ctx, "", nil, "results", a.job, "--from=output")
	text := "the text"
	if got.code != 0 || !strings.Contains(got.stdout, invoiceNumber) {
		text = got.failure()
	}
	isExpected := slices.Equal(names, []string{".s3_access_check", "1"}) && text == "the text"
	return expectedIf(isExpected), fmt.Sprintf("%q, then %s", names, text)
}

// checkOperation looks for a word in what run prints with the flags.
func checkOperation(word string, flags ...string) func(context.Context, *account) (result, string) {
	return func(ctx context.Context, a *account) (result, string) {
		got := a.readInvoice(ctx, "", nil, flags...)
		if got.code != 0 {
			return notAsExpected, got.failure()
		}
		return expectedIf(strings.Contains(got.stdout, word)), got.stdout
	}
}

func checkOutputKey(ctx context.Context, a *account) (result, string) {
	key := []string{"TEXTRACT_OUTPUT_KMS_KEY_ID=" + a.outputs["OutputKeyArn"], "TEXTRACT_OUTPUT_PREFIX=" + a.outputs["WithKeyPrefix"]}
	ofTheKey := append(
		slices.Clone(key), "TEXTRACT_SNS_TOPIC_ARN="+a.outputs["WithKeyTopicArn"],
		"TEXTRACT_ROLE_ARN="+a.outputs["WithKeyServiceRoleArn"],
	)
	seen := func(got answer) string {
		if got.code == 0 {
			return "the text"
		}
		return got.failure()
	}
	both := a.readInvoice(ctx, "", ofTheKey, "--notify")
	withoutCaller := a.readInvoice(ctx, allBut("kms:*"), ofTheKey, "--notify")
	withoutServiceRole := a.readInvoice(ctx, "", key, "--notify")
	found := answered
	if both.code != 0 {
		found = notAsExpected
	}
	return found, fmt.Sprintf(
		"with both: %s\nwithout the caller's: %s\nwithout the service role's: %s", seen(both),
		seen(withoutCaller), seen(withoutServiceRole),
	)
}

// allBut is a session policy: what it does not allow, a session may not do, whatever its role may.
func allBut(action string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":%q,"Resource":"*"}}`, action)
}

func checkPassRole(ctx context.Context, a *account) (result, string) {
	got := a.readInvoice(ctx, allBut("iam:PassRole"), nil, "--notify")
	if got.code == 0 {
		return notAsExpected, "the text"
	}
	return expectedIf(got.job() == "" && strings.Contains(got.stderr, "AccessDeniedException")), got.failure()
}

// checkTopic starts by the SDK, because textractclient accepts no FIFO topic.
func checkTopic(topic string) func(context.Context, *account) (result, string) {
	return func(ctx context.Context, a *account) (result, string) {
		config, err := a.as(ctx, "")
		if err != nil {
			return unanswered, err.Error()
		}
		client := textract.NewFromConfig(config)
		started, err := client.StartDocumentTextDetection(ctx, &textract.StartDocumentTextDetectionInput{
			DocumentLocation: &types.DocumentLocation{S3Object: &types.S3Object{
				Bucket: aws.String(a.outputs["DocumentBucketName"]), Name: aws.String(invoiceKey),
			}},
			NotificationChannel: &types.NotificationChannel{
				SNSTopicArn: aws.String(a.outputs[topic]), RoleArn: aws.String(a.outputs["WithKeyServiceRoleArn"]),
			},
		})
		if err != nil {
			return answered, "the start is rejected: " + err.Error()
		}
		status := types.JobStatusInProgress
		for deadline := time.Now().Add(a.jobLimit); status == types.JobStatusInProgress && time.Now().Before(deadline); {
			got, err := client.GetDocumentTextDetection(
				ctx,
				&textract.GetDocumentTextDetectionInput{JobId: started.JobId, MaxResults: aws.Int32(1)},
			)
			if err == nil && got.JobStatus == types.JobStatusInProgress {
				err = sleep(ctx, 5*time.Second)
			}
			if err != nil {
				return unanswered, "the job is started, then: " + err.Error()
			}
			status = got.JobStatus
		}
		delivered, err := a.isDelivered(ctx, *started.JobId)
		switch {
		case err != nil:
			return unanswered, fmt.Sprintf("the job is started, and ends %s, then: %v", status, err)
		case !delivered:
			return answered, fmt.Sprintf("the job is started, and ends %s; silent: no notification within %v", status, a.notifyLimit)
		}
		return answered, fmt.Sprintf("the job is started, and ends %s; its notification comes", status)
	}
}

// isDelivered reports whether the notification of a job is in the queue of the other topics.
func (a *account) isDelivered(ctx context.Context, job string) (bool, error) {
	return a.isReceived(ctx, "DeliveriesQueueUrl", a.notifyLimit, func(body string) bool {
		notification, err := textractclient.ParseNotification([]byte(body))
		return err == nil && notification.JobID == job
	})
}

// isReceived reports whether a message comes to the queue whose URL is an output of the stack.
func (a *account) isReceived(ctx context.Context, queue string, limit time.Duration, isIt func(body string) bool) (bool, error) {
	client, wait := sqs.NewFromConfig(a.config), int32(min(limit, 10*time.Second)/time.Second)
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(a.outputs[queue]), MaxNumberOfMessages: 10, WaitTimeSeconds: wait,
		})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(got.Messages, func(m sqstypes.Message) bool { return isIt(*m.Body) }) {
			return true, nil
		}
	}
	return false, nil
}

// checkAdapters starts by an adapter that does not exist, unless there is one: where IAM is asked
// for its ARN at all, the answers differ.
func checkAdapters(ctx context.Context, a *account) (result, string) {
	adapter := a.adapter
	if adapter == "" {
		adapter = "000000000000:1"
	}
	id, _, _ := strings.Cut(adapter, ":")
	partition := strings.Split(a.outputs["TopicArn"], ":")[1]
	denied := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},`+
		`{"Effect":"Deny","Action":"textract:*","Resource":"arn:%s:textract:*:*:/adapters/%s*"}]}`, partition, id)
	flags := []string{"--query=What is the total?", "--adapter=" + adapter}
	allowed := a.readInvoice(ctx, "", nil, flags...)
	restricted := a.readInvoice(ctx, denied, nil, flags...)
	found := answered
	isDenied := strings.Contains(restricted.stderr, "AccessDeniedException") && !strings.Contains(allowed.stderr, "AccessDeniedException")
	if a.adapter == "" && !isDenied {
		found = unanswered
	}
	hint := ""
	if found == unanswered {
		hint = "\nAn adapter of the account would tell: make live ARGS=\"-adapter ID:VERSION\""
	}
	return found, fmt.Sprintf("adapter %s\nallowed: %s\ndenied: %s%s", adapter, allowed.failure(), restricted.failure(), hint)
}

func checkAccount(ctx context.Context, a *account) (result, string) {
	client := iam.NewFromConfig(a.config)
	found := asExpected
	var seen []string
	for _, output := range []string{"CallerRoleArn", "ServiceRoleArn"} {
		arn := a.outputs[output]
		got, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(arn[strings.LastIndex(arn, "/")+1:])})
		switch {
		case err != nil:
			found = notJudged
			seen = append(seen, output+": "+err.Error())
		case got.Role.PermissionsBoundary != nil:
			found = notAsExpected
			seen = append(seen, output+" has the boundary "+*got.Role.PermissionsBoundary.PermissionsBoundaryArn)
		default:
			seen = append(seen, output+" has no boundary")
		}
	}
	seen = append(seen, "service control policies and quotas show as denied and throttled calls above")
	return found, strings.Join(seen, "\n")
}
