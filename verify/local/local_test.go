// Package local deploys the sample with the pinned CDK CLI to Moto, a local AWS API, and runs a
// document through it. It listens on 127.0.0.1 only, and leaves nothing behind.
package local

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

const (
	root      = "../.."
	stackName = "TextractAsyncSample"
	accountID = "123456789012" // Moto's
	region    = "us-east-1"

	callerUser = "textract-caller"
	callerRole = "CallerRoleArn" // an output of a sample that has a caller of its own

	shown = `
Shown: the CDK CLI deploys, redeploys, updates and destroys the sample; every resource of the template is made; an upload, the
notification of its job through topic, subscription and queue, and its results go through textract-async; nothing is left.

Not shown, for Moto checks none of it: permissions, conditions, trust and key policies, encryption. Nor how Textract reads a
document: Moto answers with the blocks that it is given. ./proof checks permissions; docs/deploy.md lists what only a live account
can show.`
)

// document is its text, as textract-async prints it: a line break after each line, a form feed
// between pages. Moto reads no documents, so the file has none of it.
const (
	document = "Delivery note 2041\nTwelve boxes (A4, white) left the warehouse on Monday.\nSigned by the driver.\n\f" +
		"Delivery note 2041, page two\nTwo boxes came back damaged.\n"
	documentFile = "%PDF-1.4\n%%EOF\n"
)

// blocks are what Textract would find in the document.
// See: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-document-layout.html
func blocks() []types.Block {
	var all []types.Block
	add := func(kind types.BlockType, page int, text string) string {
		id := fmt.Sprintf("block-%d", len(all))
		all = append(all, types.Block{
			BlockType: kind, Id: &id, Page: aws.Int32(int32(page)), Text: &text, Confidence: aws.Float32(99),
			Geometry: &types.Geometry{BoundingBox: &types.BoundingBox{Width: 1, Height: 1}},
		})
		return id
	}
	for i, text := range strings.Split(document, "\f") {
		page := len(all)
		add(types.BlockTypePage, i+1, "")
		var ids []string
		for line := range strings.Lines(text) {
			ids = append(ids, add(types.BlockTypeLine, i+1, strings.TrimSuffix(line, "\n")))
		}
		all[page].Relationships = []types.Relationship{{Type: types.RelationshipTypeChild, Ids: ids}}
	}
	return all
}

// account has the clients with which the test looks at what the CDK CLI made.
type account struct {
	cloudformation *cloudformation.Client
	iam            *iam.Client
	s3             *s3.Client
	sns            *sns.Client
	sqs            *sqs.Client
}

func newAccount(url string) account {
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("testing", "testing", ""),
	}
	return account{
		cloudformation.NewFromConfig(config), iam.NewFromConfig(config),
		s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), sns.NewFromConfig(config), sqs.NewFromConfig(config),
	}
}

// deployment is the sample on its way through the steps.
type deployment struct {
	bin     string // of the CDK CLI and the pinned Node
	temp    string
	env     []string // of the CDK CLI and textract-async
	server  *server
	account account
	binary  string // textract-async
	pdf     string

	userKey *iam.CreateAccessKeyOutput
	before  []string // the inventory before the first deployment
	printed string   // by the CLI
	outputs map[string]string
}

func TestDeployLocally(t *testing.T) {
	d := &deployment{temp: t.TempDir()}
	d.start(t)
	changed := []string{"--context=callerUser=" + callerUser, "--context=monitoring=true"}
	for _, step := range []struct {
		title string
		do    func(t *testing.T)
	}{
		{"build textract-async", d.build},
		{"cdk bootstrap, and a user as in step 1 of the guide", d.bootstrap},
		{"cdk deploy", func(t *testing.T) {
			d.deploy(t, "CREATE_COMPLETE")
			for _, name := range slices.Sorted(maps.Keys(d.outputs)) {
				t.Logf("%s = %s", name, d.outputs[name])
			}
		}},
		{"textract-async run, as the caller's role", func(t *testing.T) { d.read(t, nil, "--assume-caller") }},
		{"cdk deploy again: no changes", d.deployAgain},
		{"cdk deploy " + strings.Join(changed, " ") + ": an update", func(t *testing.T) { d.update(t, changed) }},
		{"textract-async run, as the user", func(t *testing.T) {
			key := d.userKey.AccessKey
			d.read(t, []string{"AWS_ACCESS_KEY_ID=" + *key.AccessKeyId, "AWS_SECRET_ACCESS_KEY=" + *key.SecretAccessKey}, "--new-job")
		}},
		{"empty the buckets, cdk destroy", d.destroy},
		{"nothing is left", d.checkNothingIsLeft},
	} {
		passed := t.Run(step.title, func(t *testing.T) {
			step.do(t)
			d.server.check(t)
		})
		if !passed {
			return // later steps need this one
		}
	}
	t.Log(shown)
}

// start starts Moto. Nothing in the environment of the commands leads to a real account.
func (d *deployment) start(t *testing.T) {
	bin, err := filepath.Abs(filepath.Join(root, "node_modules", ".bin"))
	check(t, err)
	if _, err := os.Stat(filepath.Join(bin, "cdk")); err != nil {
		t.Fatal("the pinned CDK CLI is missing: run npm ci at the top of the repository")
	}
	text, err := json.Marshal(blocks())
	check(t, err)
	d.bin, d.pdf = bin, filepath.Join(d.temp, "delivery-note.pdf")
	check(t, os.WriteFile(d.pdf, []byte(documentFile), 0o600))
	blocksFile := filepath.Join(d.temp, "blocks.json")
	check(t, os.WriteFile(blocksFile, text, 0o600))
	d.server = startServer(t, blocksFile)
	d.account = newAccount(d.server.url)

	none := filepath.Join(d.temp, "none")
	d.env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CDK_")
	}),
		"PATH="+d.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TMPDIR="+d.temp,
		"NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1", "AWS_ENDPOINT_URL="+d.server.url,
		"AWS_REGION="+region, "AWS_DEFAULT_REGION="+region, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing",
		"AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_EC2_METADATA_DISABLED=true",
		"CDK_HOME="+filepath.Join(d.temp, "cdk-home"), "CDK_DISABLE_CLI_TELEMETRY=true",
	)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run runs a command to its end, and returns what it wrote.
func (d *deployment) run(t *testing.T, dir string, env []string, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = dir, append(slices.Clone(d.env), env...)
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s%s", filepath.Base(name), args, err, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func (d *deployment) cdk(t *testing.T, dir string, args ...string) {
	t.Helper()
	stdout, stderr := d.run(t, dir, nil, filepath.Join(d.bin, "cdk"), append(args, "--notices=false", "--color=false")...)
	d.printed = stdout + stderr
}

func (d *deployment) build(t *testing.T) {
	d.binary = filepath.Join(d.temp, "textract-async")
	d.run(t, filepath.Join(root, "cmd", "textract-async"), nil, "go", "build", "-o", d.binary, ".")
}

func (d *deployment) bootstrap(t *testing.T) {
	d.cdk(t, d.temp, "bootstrap", "aws://"+accountID+"/"+region) // where there is no cdk.json, it runs no app
	_, err := d.account.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String(callerUser)})
	check(t, err)
	d.userKey, err = d.account.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(callerUser)})
	check(t, err)
	d.before = d.inventory(t)
}

// deploy synthesizes and deploys the sample, and checks that every resource of its template is
// there, and the subscription.
func (d *deployment) deploy(t *testing.T, status string, args ...string) {
	t.Helper()
	assembly, outputs := filepath.Join(d.temp, "cdk.out"), filepath.Join(d.temp, "outputs.json")
	d.cdk(t, root, append([]string{
		"deploy", stackName, "--require-approval=never", "--output=" + assembly, "--outputs-file=" + outputs,
		"--method=direct", // Moto's change sets lose outputs
	}, args...)...)
	var byStack map[string]map[string]string
	readJSON(t, outputs, &byStack)
	d.outputs = byStack[stackName]
	for _, name := range []string{
		"TopicArn", "QueueUrl", "QueueArn", "ServiceRoleArn", "DocumentBucketName", "OutputBucketName", "OutputPrefix", "EncryptionKeyArn",
	} {
		if d.outputs[name] == "" {
			t.Errorf("output %s is missing or empty", name)
		}
	}
	var template struct {
		Resources map[string]struct{ Type string }
	}
	readJSON(t, filepath.Join(assembly, stackName+".template.json"), &template)
	want := map[string]string{} // types by logical ids
	for id, resource := range template.Resources {
		if resource.Type != metadataType {
			want[id] = resource.Type
		}
	}
	if got, made := d.account.stack(t, stackName); got != status || len(made) == 0 || !maps.Equal(made, want) {
		t.Fatalf("the stack is %s with %v, want %s with %v:\n%s", got, made, status, want, d.printed)
	}
	found, err := d.account.sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{
		TopicArn: aws.String(d.outputs["TopicArn"]),
	})
	check(t, err)
	if len(found.Subscriptions) != 1 || *found.Subscriptions[0].Protocol != "sqs" ||
		*found.Subscriptions[0].Endpoint != d.outputs["QueueArn"] {
		t.Errorf("the topic's subscriptions are %v, want one of the queue", found.Subscriptions)
	}
	t.Logf("%s with all %d resources of the template", status, len(want))
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	check(t, json.Unmarshal(text, value))
}

// stack returns a stack's status and the types of its resources by their logical ids.
func (a account) stack(t *testing.T, name string) (status string, types map[string]string) {
	t.Helper()
	stacks, err := a.cloudformation.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	check(t, err)
	resources, err := a.cloudformation.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &name})
	check(t, err)
	types = map[string]string{}
	for _, resource := range resources.StackResources {
		if resource.PhysicalResourceId != nil {
			types[*resource.LogicalResourceId] = *resource.ResourceType
		}
	}
	return string(stacks.Stacks[0].StackStatus), types
}

// read runs the document through textract-async. Its text must come back, its upload be in the
// bucket, and the notification of its job in the queue, alone.
func (d *deployment) read(t *testing.T, env []string, args ...string) {
	args = append([]string{"run", d.pdf, "--stack", stackName, "--timeout", "30s", "--notify"}, args...)
	stdout, stderr := d.run(t, d.temp, env, d.binary, args...)
	if stdout != document {
		t.Errorf("textract-async printed %q, want %q\n%s", stdout, document, stderr)
	}
	uploads := d.account.objects(t, d.outputs["DocumentBucketName"])
	if contents := slices.Collect(maps.Values(uploads)); !slices.Equal(contents, []string{documentFile}) {
		t.Errorf("the document bucket has %v, want the document alone", uploads)
	}
	queue := aws.String(d.outputs["QueueUrl"])
	got, err := d.account.sqs.ReceiveMessage(
		t.Context(),
		&sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 5},
	)
	check(t, err)
	if len(got.Messages) != 1 {
		t.Fatalf("the queue has %d messages, want one notification", len(got.Messages))
	}
	notification, err := textractclient.ParseNotification([]byte(aws.ToString(got.Messages[0].Body)))
	if err != nil || !notification.HasResults() {
		t.Errorf("the notification is %+v (%v), want one of a job with results", notification, err)
	}
	_, err = d.account.sqs.DeleteMessage(
		t.Context(),
		&sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: got.Messages[0].ReceiptHandle},
	)
	check(t, err)
	for _, entry := range d.inventory(t, "queue") {
		if strings.HasPrefix(entry, "message ") {
			t.Errorf("not received: %s", entry)
		}
	}
	t.Logf("%d pages of text, and a notification through topic and queue", 1+strings.Count(document, "\f"))
}

// objects returns the contents of a bucket by their keys.
func (a account) objects(t *testing.T, bucket string) map[string]string {
	t.Helper()
	listed, err := a.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	check(t, err)
	objects := map[string]string{}
	for _, object := range listed.Contents {
		got, err := a.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: object.Key})
		check(t, err)
		content, err := io.ReadAll(got.Body)
		check(t, err)
		check(t, got.Body.Close())
		objects[*object.Key] = string(content)
	}
	return objects
}

func (d *deployment) deployAgain(t *testing.T) {
	first := d.outputs
	d.deploy(t, "CREATE_COMPLETE")
	if !strings.Contains(d.printed, stackName+" (no changes)") {
		t.Errorf("the CLI reports changes:\n%s", d.printed)
	}
	if !maps.Equal(first, d.outputs) {
		t.Errorf("the outputs changed from %v to %v", first, d.outputs)
	}
}

func (d *deployment) update(t *testing.T, changed []string) {
	if d.outputs[callerRole] == "" {
		t.Errorf("output %s is missing before the update", callerRole)
	}
	d.deploy(t, "UPDATE_COMPLETE", changed...)
	if role := d.outputs[callerRole]; role != "" {
		t.Errorf("output %s = %s is still there", callerRole, role)
	}
	attached, err := d.account.iam.ListAttachedUserPolicies(
		t.Context(),
		&iam.ListAttachedUserPoliciesInput{UserName: aws.String(callerUser)},
	)
	check(t, err)
	if len(attached.AttachedPolicies) != 1 {
		t.Fatalf("user %s has %d managed policies, want one", callerUser, len(attached.AttachedPolicies))
	}
	t.Logf("user %s has the managed policy %s, and the caller's role is gone", callerUser, *attached.AttachedPolicies[0].PolicyName)
}

func (d *deployment) destroy(t *testing.T) {
	for _, name := range []string{"DocumentBucketName", "OutputBucketName"} {
		bucket := d.outputs[name]
		objects := d.account.objects(t, bucket)
		for key := range objects {
			_, err := d.account.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
			check(t, err)
		}
		t.Logf("%s: deleted %d objects", name, len(objects))
	}
	d.cdk(t, root, "destroy", stackName, "--force", "--app="+filepath.Join(d.temp, "cdk.out"))
}

// inventory returns the lines of inventory.py.
func (d *deployment) inventory(t *testing.T, kind ...string) []string {
	t.Helper()
	stdout, _ := d.run(t, ".", nil, python(), append([]string{"inventory.py"}, kind...)...)
	return strings.Split(strings.TrimSpace(stdout), "\n")
}

func (d *deployment) checkNothingIsLeft(t *testing.T) {
	after := d.inventory(t)
	for _, entry := range after {
		if !slices.Contains(d.before, entry) {
			t.Errorf("still there: %s", entry)
		}
	}
	for _, entry := range d.before {
		if !slices.Contains(after, entry) {
			t.Errorf("not the sample's, but gone: %s", entry)
		}
	}
	if !t.Failed() {
		t.Log("no stack, queue, topic, subscription, bucket, key, role, policy, alarm or dashboard; the key is pending deletion")
	}
}
