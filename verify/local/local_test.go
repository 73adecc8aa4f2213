// Package local deploys the sample with the pinned CDK CLI to Moto, a local AWS API, and runs a document through it. It listens on
// 127.0.0.1 only, and leaves nothing behind.
package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// document has a text for each page. Moto reads no documents, so the file has none.
var document = [][]string{
	{"Delivery note 2041", "Twelve boxes (A4, white) left the warehouse on Monday.", "Signed by the driver."},
	{"Delivery note 2041, page two", "Two boxes came back damaged."},
}

const documentFile = "%PDF-1.4\n%%EOF\n"

// blocks are what Textract would find in the document.
// See: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-document-layout.html
func blocks() []types.Block {
	var all []types.Block
	add := func(kind types.BlockType, page int, text string) *types.Block {
		all = append(all, types.Block{
			BlockType: kind, Id: aws.String(fmt.Sprintf("block-%d", len(all))), Page: aws.Int32(int32(page)), Text: aws.String(text),
			Confidence: aws.Float32(99), Geometry: &types.Geometry{BoundingBox: &types.BoundingBox{Width: 1, Height: 1}},
		})
		return &all[len(all)-1]
	}
	for i, lines := range document {
		page := len(all)
		add(types.BlockTypePage, i+1, "")
		var ids []string
		for _, line := range lines {
			ids = append(ids, *add(types.BlockTypeLine, i+1, line).Id)
		}
		all[page].Relationships = []types.Relationship{{Type: types.RelationshipTypeChild, Ids: ids}}
	}
	return all
}

// printed is the document as textract-async prints it.
func printed() string {
	var pages []string
	for _, lines := range document {
		pages = append(pages, strings.Join(lines, "\n")+"\n")
	}
	return strings.Join(pages, "\f")
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
	said    string   // by the CLI
	outputs map[string]string
	types   map[string]string // of the template's resources, by their logical ids
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
	var err error
	if d.bin, err = filepath.Abs(filepath.Join(root, "node_modules", ".bin")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(d.bin, "cdk")); err != nil {
		t.Fatal("the pinned CDK CLI is missing: run npm ci at the top of the repository")
	}
	text, err := json.Marshal(blocks())
	if err != nil {
		t.Fatal(err)
	}
	d.pdf = filepath.Join(d.temp, "delivery-note.pdf")
	write(t, d.pdf, []byte(documentFile))
	blocksFile := filepath.Join(d.temp, "blocks.json")
	write(t, blocksFile, text)
	d.server = startServer(t, blocksFile)
	d.account = newAccount(d.server.url)

	none := filepath.Join(d.temp, "none")
	d.env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CDK_")
	}),
		"PATH="+d.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TMPDIR="+d.temp,
		"NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1",
		"AWS_ENDPOINT_URL="+d.server.url, "AWS_REGION="+region, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing",
		"AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_EC2_METADATA_DISABLED=true",
		"CDK_HOME="+filepath.Join(d.temp, "cdk-home"), "CDK_DISABLE_CLI_TELEMETRY=true",
	)
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a command to its end, and returns what it wrote to stdout and to both.
func (d *deployment) run(t *testing.T, dir string, env []string, name string, args ...string) (stdout, both string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = dir, append(slices.Clone(d.env), env...)
	var out, all strings.Builder
	command.Stdout, command.Stderr = &tee{&out, &all}, &all
	if err := command.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s", filepath.Base(name), args, err, all.String())
	}
	return out.String(), all.String()
}

type tee struct{ first, second *strings.Builder }

func (w *tee) Write(text []byte) (int, error) {
	w.first.Write(text)
	return w.second.Write(text)
}

func (d *deployment) cdk(t *testing.T, dir string, args ...string) string {
	t.Helper()
	_, said := d.run(t, dir, nil, filepath.Join(d.bin, "cdk"), append(args, "--notices=false", "--color=false")...)
	return said
}

func (d *deployment) build(t *testing.T) {
	d.binary = filepath.Join(d.temp, "textract-async")
	d.run(t, filepath.Join(root, "cmd", "textract-async"), nil, "go", "build", "-o", d.binary, ".")
}

func (d *deployment) bootstrap(t *testing.T) {
	d.cdk(t, d.temp, "bootstrap", "aws://"+accountID+"/"+region) // where there is no cdk.json, it runs no app
	_, err := d.account.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String(callerUser)})
	if err == nil {
		d.userKey, err = d.account.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(callerUser)})
	}
	if err != nil {
		t.Fatal(err)
	}
	d.before = d.account.inventory(t)
}

// deploy synthesizes and deploys the sample, and checks that every resource of its template is there, and the subscription.
func (d *deployment) deploy(t *testing.T, status string, args ...string) {
	t.Helper()
	assembly, outputs := filepath.Join(d.temp, "cdk.out"), filepath.Join(d.temp, "outputs.json")
	d.said = d.cdk(t, root, append([]string{
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
	d.types = map[string]string{}
	for id, resource := range template.Resources {
		if resource.Type != metadataType {
			d.types[id] = resource.Type
		}
	}
	d.checkStack(t, status)
}

func (d *deployment) checkStack(t *testing.T, want string) {
	t.Helper()
	status, made := d.account.stack(t, stackName)
	if status != want || len(made) == 0 || !maps.Equal(made, d.types) {
		t.Fatalf("the stack is %s with %v, want %s with %v:\n%s", status, made, want, d.types, d.said)
	}
	found, err := d.account.sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{
		TopicArn: aws.String(d.outputs["TopicArn"]),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Subscriptions) != 1 || *found.Subscriptions[0].Protocol != "sqs" || *found.Subscriptions[0].Endpoint != d.outputs["QueueArn"] {
		t.Errorf("the topic's subscriptions are %v, want one of the queue", found.Subscriptions)
	}
	t.Logf("%s with all %d resources of the template", status, len(made))
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// read runs the document through textract-async. Its text must come back, its upload be in the bucket, and the notification of its
// job in the queue, alone.
func (d *deployment) read(t *testing.T, env []string, args ...string) {
	stdout, both := d.run(t, d.temp, env, d.binary, append([]string{"run", d.pdf, "--stack", stackName, "--timeout", "30s", "--notify"}, args...)...)
	if stdout != printed() {
		t.Errorf("textract-async printed %q, want %q\n%s", stdout, printed(), both)
	}
	uploads := d.account.objects(t, d.outputs["DocumentBucketName"])
	if len(uploads) != 1 || !slices.Contains(slices.Collect(maps.Values(uploads)), documentFile) {
		t.Errorf("the document bucket has %v, want the document alone", slices.Collect(maps.Keys(uploads)))
	}
	queue := aws.String(d.outputs["QueueUrl"])
	got, err := d.account.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 5})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("the queue has %d messages (%v), want one notification", len(got.Messages), err)
	}
	notification, err := textractclient.ParseNotification([]byte(aws.ToString(got.Messages[0].Body)))
	if err != nil || !notification.HasResults() {
		t.Errorf("the notification is %+v (%v), want one of a job with results", notification, err)
	}
	_, err = d.account.sqs.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: got.Messages[0].ReceiptHandle})
	if err != nil {
		t.Error(err)
	}
	if left := d.account.messages(t); left != 0 {
		t.Errorf("%d messages are left in the queue or the dead-letter queue", left)
	}
	t.Logf("%d pages of text, and a notification through topic and queue", len(document))
}

func (d *deployment) deployAgain(t *testing.T) {
	first := d.outputs
	d.deploy(t, "CREATE_COMPLETE")
	if !strings.Contains(d.said, stackName+" (no changes)") {
		t.Errorf("the CLI reports changes:\n%s", d.said)
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
	attached, err := d.account.iam.ListAttachedUserPolicies(t.Context(), &iam.ListAttachedUserPoliciesInput{UserName: aws.String(callerUser)})
	if err != nil || len(attached.AttachedPolicies) != 1 {
		t.Fatalf("user %s has %d managed policies (%v), want one", callerUser, len(attached.AttachedPolicies), err)
	}
	t.Logf("user %s has the managed policy %s, and the caller's role is gone", callerUser, *attached.AttachedPolicies[0].PolicyName)
}

func (d *deployment) destroy(t *testing.T) {
	for _, name := range []string{"DocumentBucketName", "OutputBucketName"} {
		bucket := d.outputs[name]
		objects := d.account.objects(t, bucket)
		for key := range objects {
			if _, err := d.account.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s: deleted %d objects", name, len(objects))
	}
	d.cdk(t, root, "destroy", stackName, "--force", "--app="+filepath.Join(d.temp, "cdk.out"))
}

func (d *deployment) checkNothingIsLeft(t *testing.T) {
	after := d.account.inventory(t)
	for _, entry := range after {
		if !slices.Contains(d.before, entry) && !strings.HasPrefix(entry, pendingKey) {
			t.Errorf("still there: %s", entry)
		}
	}
	for _, entry := range d.before {
		if !slices.Contains(after, entry) {
			t.Errorf("not the sample's, but gone: %s", entry)
		}
	}
	if t.Failed() {
		return
	}
	t.Log("no stack, queue, topic, subscription, bucket, key, role, policy, alarm or dashboard; the key is pending deletion")
}

// stack returns a stack's status and the types of its resources by their logical ids.
func (a account) stack(t *testing.T, name string) (status string, types map[string]string) {
	t.Helper()
	stacks, err := a.cloudformation.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	resources, err := a.cloudformation.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	types = map[string]string{}
	for _, resource := range resources.StackResources {
		if resource.PhysicalResourceId != nil {
			types[*resource.LogicalResourceId] = *resource.ResourceType
		}
	}
	return string(stacks.Stacks[0].StackStatus), types
}
