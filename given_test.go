package textractasync_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
)

// origin is where a resource that the user brings comes from.
type origin string

const (
	sameStack  origin = "same stack"
	otherStack origin = "other stack"
	imported   origin = "imported"
)

// world is an app with the construct's stack, its callers in it, and a stack beside it.
type world struct {
	home, aside awscdk.Stack
	construct   textractasync.TextractAsync
}

func newWorld() *world {
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})
	env := &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)}}
	return &world{
		home:  awscdk.NewStack(app, jsii.String("Home"), env),
		aside: awscdk.NewStack(app, jsii.String("Aside"), env),
	}
}

func (w *world) scopeOf(o origin) constructs.Construct {
	if o == otherStack {
		return w.aside
	}
	return w.home
}

func (w *world) topic(o origin) awssns.ITopic {
	if o == imported {
		return awssns.Topic_FromTopicArn(w.home, jsii.String("Topic"), jsii.String("arn:aws:sns:"+region+":"+account+":AmazonTextractOld"))
	}
	return awssns.NewTopic(w.scopeOf(o), jsii.String("Topic"), nil)
}

func (w *world) queue(o origin) awssqs.IQueue {
	if o == imported {
		return awssqs.Queue_FromQueueArn(w.home, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old"))
	}
	return awssqs.NewQueue(w.scopeOf(o), jsii.String("Queue"), nil)
}

func (w *world) role(o origin) awsiam.IRole {
	if o == imported {
		return awsiam.Role_FromRoleArn(w.home, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/old"), nil)
	}
	return newLambdaRole(w.scopeOf(o), "Role")
}

func (w *world) key(o origin, id string) awskms.IKey {
	if o == imported {
		return awskms.Key_FromKeyArn(w.home, jsii.String(id),
			jsii.String("arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000"))
	}
	return awskms.NewKey(w.scopeOf(o), jsii.String(id), nil)
}

func (w *world) bucket(o origin, id string) awss3.IBucket {
	if o == imported {
		return awss3.Bucket_FromBucketAttributes(w.home, jsii.String(id), &awss3.BucketAttributes{
			BucketName: jsii.String("old-" + strings.ToLower(id)), EncryptionKey: w.key(o, id+"Key"),
		})
	}
	return awss3.NewBucket(w.scopeOf(o), jsii.String(id), &awss3.BucketProps{EncryptionKey: w.key(o, id+"Key")})
}

// given says for each prop where the resource comes from; a prop that is not named is left to the construct.
type given map[string]origin

func (w *world) build(g given) {
	props := &textractasync.TextractAsyncProps{}
	for prop, o := range g {
		switch prop {
		case "Topic":
			props.Topic = w.topic(o)
		case "Queue":
			props.Queue = w.queue(o)
		case "ServiceRole":
			props.ServiceRole = w.role(o)
		case "EncryptionKey":
			props.EncryptionKey = w.key(o, "Key")
		case "Inputs":
			props.Inputs = &[]*textractasync.InputLocation{{Bucket: w.bucket(o, "Documents")}}
		case "Output":
			props.Output = &textractasync.OutputLocation{Bucket: w.bucket(o, "Results")}
		}
	}
	w.construct = textractasync.NewTextractAsync(w.home, jsii.String("TextractAsync"), props)
	for name, grant := range grantsOf(w.construct) {
		grant(newLambdaRole(w.home, name))
	}
}

func grantsOf(textract textractasync.ITextractAsync) map[string]func(awsiam.IGrantable) awsiam.Grant {
	return map[string]func(awsiam.IGrantable) awsiam.Grant{
		"GrantStartJobs":            textract.GrantStartJobs,
		"GrantConsumeNotifications": textract.GrantConsumeNotifications,
		"GrantReadResults":          textract.GrantReadResults,
		"GrantRunJobs":              textract.GrantRunJobs,
		"GrantPassRole":             textract.GrantPassRole,
	}
}

// TestGivenResources builds every pair of props from every pair of origins, what is not given being left to the construct, and
// all that may be given together from one origin after the other.
func TestGivenResources(t *testing.T) {
	for _, g := range givenCases() {
		t.Run(fmt.Sprint(g), func(t *testing.T) {
			w := newWorld()
			w.build(g)
			w.check(t, g)
		})
	}
}

func givenCases() []given {
	origins := []origin{sameStack, otherStack, imported}
	props := []string{"Topic", "Queue", "ServiceRole", "EncryptionKey", "Inputs", "Output"}
	cases := []given{{}}
	for i, prop := range props {
		for j, first := range origins {
			cases = append(cases, given{prop: first})
			for _, other := range props[i+1:] {
				for _, second := range origins {
					cases = append(cases, given{prop: first, other: second})
				}
			}
			// A given topic and queue leave the key nothing to encrypt.
			all := given{"Topic": first, "Queue": first, "ServiceRole": first, "Inputs": first, "Output": first}
			if prop != "EncryptionKey" {
				all[prop] = origins[(j+1)%len(origins)]
				cases = append(cases, all)
			}
		}
	}
	return cases
}

func (w *world) check(t *testing.T, g given) {
	t.Helper()
	assembly := *awscdk.App_Of(w.home).Synth(nil).Directory()
	templates := readTemplates(t, assembly)
	template := assertions.Template_FromString(jsii.String(templates["Home.template.json"]), nil)
	templateOf := func(prop string) assertions.Template {
		if g[prop] == otherStack {
			return assertions.Template_FromString(jsii.String(templates["Aside.template.json"]), nil)
		}
		return template
	}
	has := func(in assertions.Template, resource string, properties object) {
		t.Helper()
		mustHold(t, func() { in.HasResourceProperties(jsii.String(resource), properties) })
	}

	has(template, "AWS::SNS::Subscription", object{"Protocol": "sqs"})
	warnings := readWarnings(t, assembly)
	// A given queue keeps its own key, and SNS needs nothing of one that encrypts the topic alone.
	keyOfQueue := g["EncryptionKey"]
	if g["Queue"] != "" {
		keyOfQueue = ""
	}
	goesRound := g["Topic"] == sameStack && (g["Queue"] == otherStack || keyOfQueue == otherStack)
	warnings.expect(t, "topicPattern", goesRound, "give the topic a TopicName")

	if g["Queue"] != imported {
		has(templateOf("Queue"), "AWS::SQS::QueuePolicy", object{"PolicyDocument": document(object{
			"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": object{"Service": "sns.amazonaws.com"},
			"Condition": w.fromTopic(g, "Queue"),
		})})
	}
	warnings.expect(t, "queuePolicy", g["Queue"] == imported, `"Resource":"arn:aws:sqs:eu-west-1:111122223333:old"`)

	if keyOfQueue != "" && keyOfQueue != imported {
		has(templateOf("EncryptionKey"), "AWS::KMS::Key", object{"KeyPolicy": document(object{
			"Effect": "Allow", "Principal": object{"Service": "sns.amazonaws.com"},
			"Condition": w.fromTopic(g, "EncryptionKey"),
		})})
	}
	warnings.expect(t, "keyPolicy", keyOfQueue == imported, `"Service":"sns.amazonaws.com"`)

	if g["ServiceRole"] != imported {
		has(templateOf("ServiceRole"), "AWS::IAM::Role", object{"AssumeRolePolicyDocument": document(object{
			"Effect": "Allow", "Principal": object{"Service": "textract.amazonaws.com"},
			"Condition": object{"StringEquals": object{"aws:SourceAccount": []any{account}}},
		})})
	}
	warnings.expect(t, "serviceRoleTrust", g["ServiceRole"] == imported, `"aws:SourceAccount":["111122223333"]`)
	has(template, "AWS::IAM::Policy", object{"PolicyDocument": document(object{"Effect": "Allow", "Action": "sns:Publish"})})
	if len(warnings) > 0 {
		t.Errorf("unexpected warnings: %v", warnings)
	}

	w.checkGrants(t, g, templates["Home.template.json"])
}

// fromTopic is the condition in the policy of the queue or key that makes SNS act for this topic alone.
func (w *world) fromTopic(g given, prop string) object {
	from := func(operator string, arn any) object { return object{operator: object{"aws:SourceArn": arn}} }
	prefix := ":sns:" + region + ":" + account + ":"
	switch topic := w.construct.Topic(); {
	case g["Topic"] == "":
		return from("ArnEquals", join("arn:", pseudo("Partition"), prefix+knownNameOf(topic)))
	case g["Topic"] == imported:
		return from("ArnEquals", *topic.TopicArn())
	case g["Topic"] == sameStack && g[prop] == otherStack:
		return from("ArnLike", join("arn:", pseudo("Partition"), prefix+"*"))
	case g["Topic"] == otherStack && g[prop] != otherStack:
		return from("ArnEquals", object{"Fn::ImportValue": assertions.Match_StringLikeRegexp(jsii.String("^Aside:ExportsOutputRefTopic"))})
	default:
		return from("ArnEquals", ref(topic))
	}
}

// checkGrants holds each caller's policy against all that its grant promises, and nothing beyond.
func (w *world) checkGrants(t *testing.T, g given, template string) {
	t.Helper()
	var (
		start   = []string{"StartDocumentTextDetection", "StartDocumentAnalysis", "StartExpenseAnalysis", "StartLendingAnalysis"}
		get     = []string{"GetDocumentTextDetection", "GetDocumentAnalysis", "GetExpenseAnalysis", "GetLendingAnalysis", "GetLendingAnalysisSummary"}
		consume = []string{"ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes"}
	)
	promised := map[string][]string{
		"GrantPassRole":             {"iam:PassRole"},
		"GrantStartJobs":            append(prefixed("textract:", start), "iam:PassRole"),
		"GrantReadResults":          prefixed("textract:", get),
		"GrantConsumeNotifications": prefixed("sqs:", consume),
	}
	if w.construct.Queue().EncryptionMasterKey() != nil {
		promised["GrantConsumeNotifications"] = append(promised["GrantConsumeNotifications"], "kms:Decrypt")
	}
	if g["Inputs"] != "" {
		promised["GrantStartJobs"] = append(promised["GrantStartJobs"], "s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt")
	}
	if g["Output"] != "" {
		promised["GrantStartJobs"] = append(promised["GrantStartJobs"],
			"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads",
			"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*")
		promised["GrantReadResults"] = append(promised["GrantReadResults"], "s3:GetObject", "s3:ListBucket", "kms:Decrypt")
	}
	promised["GrantRunJobs"] = slices.Concat(
		promised["GrantStartJobs"], promised["GrantConsumeNotifications"], promised["GrantReadResults"])

	allowed := allowedActions(t, template)
	for grant, want := range promised {
		slices.Sort(want)
		want = slices.Compact(want)
		if diff := cmp.Diff(want, allowed[grant]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", grant, diff)
		}
	}
}

func prefixed(prefix string, names []string) []string {
	actions := make([]string, len(names))
	for i, name := range names {
		actions[i] = prefix + name
	}
	return actions
}

// allowedActions returns, sorted, what the inline policies of a template allow each of its roles, by the role's id in the stack.
func allowedActions(t *testing.T, template string) map[string][]string {
	t.Helper()
	var parsed struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Roles          []any
				PolicyDocument struct{ Statement []struct{ Action any } }
			}
		}
	}
	if err := json.Unmarshal([]byte(template), &parsed); err != nil {
		t.Fatal(err)
	}
	allowed := map[string][]string{}
	for _, resource := range parsed.Resources {
		if resource.Type != "AWS::IAM::Policy" {
			continue
		}
		reference, _ := resource.Properties.Roles[0].(map[string]any)
		logicalID, isHere := reference["Ref"].(string)
		if !isHere {
			continue // an imported role, or another stack's
		}
		role := idOf(logicalID)
		for _, statement := range resource.Properties.PolicyDocument.Statement {
			switch action := statement.Action.(type) {
			case string:
				allowed[role] = append(allowed[role], action)
			case []any:
				for _, a := range action {
					allowed[role] = append(allowed[role], fmt.Sprint(a))
				}
			}
		}
	}
	for role := range allowed {
		slices.Sort(allowed[role])
		allowed[role] = slices.Compact(allowed[role])
	}
	return allowed
}

// idOf takes the 8 digits off a logical id that the CDK puts there.
func idOf(logicalID string) string { return logicalID[:len(logicalID)-8] }

// warnings of this library, by id; expect takes one out.
type warnings map[string][]string

func warningsOf(t testing.TB, stack awscdk.Stack) warnings {
	t.Helper()
	return readWarnings(t, *awscdk.App_Of(stack).Synth(nil).Directory())
}

func readWarnings(t testing.TB, assembly string) warnings {
	t.Helper()
	found := warnings{}
	files, err := filepath.Glob(filepath.Join(assembly, "*.metadata.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no metadata in %s: %v", assembly, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var metadata map[string][]struct{ Data any }
		if err := json.Unmarshal(text, &metadata); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, entries := range metadata {
			for _, entry := range entries {
				found.add(fmt.Sprint(entry.Data))
			}
		}
	}
	return found
}

func (w warnings) add(text string) {
	if _, id, ok := strings.Cut(text, "[ack: @cdk-textract/textractasync:"); ok {
		id = strings.TrimSuffix(id, "]")
		w[id] = append(w[id], text)
	}
}

func (w warnings) expect(t *testing.T, id string, want bool, text string) {
	t.Helper()
	switch got := w[id]; {
	case want && len(got) == 0:
		t.Errorf("no warning %s", id)
	case !want && len(got) > 0:
		t.Errorf("warning %s, want none: %v", id, got)
	case want && !strings.Contains(got[0], text):
		t.Errorf("warning %s: %q, want it to hold %q", id, got[0], text)
	}
	delete(w, id)
}
