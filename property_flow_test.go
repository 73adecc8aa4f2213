package textractasync_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

const accountRoot = "AWS:arn:aws:iam::" + account + ":root"

// identity reports whether the policies of a role, user or group allow it.
func (j *judge) identity(owner string, r request) bool {
	return owner != "" && slices.ContainsFunc(j.inTemplates, func(s *statement) bool { return slices.Contains(s.to, owner) && s.allows(r) })
}

// resource reports whether the policy of a resource allows it to one of the principals.
func (j *judge) resource(owner string, principals []string, r request) bool {
	return slices.ContainsFunc(j.inTemplates, func(s *statement) bool {
		return s.owner == owner && s.to == nil && slices.Contains(principals, s.principal) && s.allows(r)
	})
}

// isPrinted reports whether a warning prints it for the policy of the owner at a path; for an
// identity there is no principal.
func (j *judge) isPrinted(path string, principals []string, r request) bool {
	found := false
	for _, s := range j.printed {
		isThere := strings.Contains(s.warning, path) && slices.Contains(principals, s.principal)
		if isThere && s.allows(r) {
			s.needed, found = true, true
		}
	}
	return found
}

func (j *judge) need(what string, isGranted bool, path string, principals []string, r request) {
	if !isGranted && !j.isPrinted(path, principals, r) {
		j.Errorf("neither granted nor printed: %s: %s on %s", what, r.action, r.resource)
	}
}

var (
	publishWithKey = []string{"kms:Decrypt", "kms:GenerateDataKey"}
	writeWithKey   = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	readWithKey    = []string{"kms:Decrypt"}
)

func (k *keyFacts) requests(actions []string) (all []request) {
	if k == nil {
		return nil
	}
	for _, action := range actions {
		all = append(all, request{action, k.arn, map[string]string{"kms:ResourceAliases": k.aliases}})
	}
	return all
}

// flow is what AWS does without a caller, and what the account may do at all with buckets and keys.
func (j *judge) flow() {
	topic := "arn:aws:sns:" + region + ":" + account + ":AmazonTextractOld"
	switch {
	case !isExisting(j.origins["Topic"]):
		topic = j.find(homeStack, "TextractAsyncTopic", "")
	case !strings.HasPrefix(j.origins["Topic"], "imported"):
		topic = j.find(stackOf(j.origins["Topic"]), "Topic", "")
	}
	fromTopic := map[string]string{"aws:SourceArn": topic, "aws:SourceAccount": account}
	sns := []string{"Service:sns.amazonaws.com"}

	queue, queuePath := j.queueARN()
	queues := map[string]string{queue: queuePath}
	if j.origins["Queue"] == "new" {
		queues[j.find(homeStack, "TextractAsyncDeadLetterQueue", ".Arn")] = "Home/TextractAsync/DeadLetterQueue"
	}
	for arn, path := range queues {
		r := request{"sqs:SendMessage", arn, fromTopic}
		j.need("SNS sends to "+path, j.resource(arn, sns, r), "the policy of "+path+" ", sns, r)
	}
	for _, r := range j.queueKey.requests(publishWithKey) {
		r.context = fromTopic
		j.needOfKey("SNS uses the queue's key", j.queueKey, sns, r)
	}

	j.service(topic)
	j.mayUseKey("topic's key", j.topicKey, publishWithKey)
	j.mayUseKey("queue's key", j.queueKey, readWithKey)
	for what, l := range map[string]*locationFacts{"input": j.input, "output": j.output} {
		if l == nil {
			continue
		}
		actions := map[string][]string{"input": readWithKey, "output": writeWithKey}[what]
		j.mayUseKey(what+"'s key", l.key, actions)
		if !l.inOtherAccount {
			continue
		}
		for _, r := range j.locationRequests(what, l) {
			j.need(
				"the account uses the "+what, j.resource(l.arn, []string{accountRoot}, r),
				"the policy of "+l.path+" ", []string{accountRoot}, r,
			)
		}
	}
}

// mayUseKey judges the policy of a key: that of an imported key of this account is taken for the
// default one, which leaves it to IAM.
func (j *judge) mayUseKey(what string, k *keyFacts, actions []string) {
	if k == nil || !k.isMade && !k.inOtherAccount {
		return
	}
	for _, r := range k.requests(actions) {
		j.needOfKey("the account uses the "+what, k, []string{accountRoot}, r)
	}
}

// needOfKey takes the statement for any import of the key.
func (j *judge) needOfKey(what string, k *keyFacts, principals []string, r request) {
	inTemplate, isPrinted := j.resource(k.arn, principals, r), false
	same := []*keyFacts{j.topicKey, j.queueKey}
	for _, l := range []*locationFacts{j.input, j.output} {
		if l != nil {
			same = append(same, l.key)
		}
	}
	for _, other := range same {
		if other != nil && other.arn == k.arn && !inTemplate && j.isPrinted("the policy of "+other.path+" ", principals, r) {
			isPrinted = true
		}
	}
	j.need(what, inTemplate || isPrinted, "the policy of "+k.path+" ", principals, r)
}

func (j *judge) queueARN() (arn, path string) {
	switch name := j.origins["Queue"]; {
	case !isExisting(name):
		return j.find(homeStack, "TextractAsyncQueue", ".Arn"), "Home/TextractAsync/Queue"
	case strings.HasPrefix(name, "imported"):
		return "arn:aws:sqs:" + region + ":" + account + ":old", "Home/Queue"
	default:
		return j.find(stackOf(name), "Queue", ".Arn"), stackOf(name) + "/Queue"
	}
}

// serviceRole returns the name and ARN of the service role; none where it is looked up.
func (j *judge) serviceRole() (name, arn string) {
	switch origin := j.origins["ServiceRole"]; {
	case strings.HasPrefix(origin, "new"):
		return j.find(homeStack, "TextractAsyncServiceRole", ""), j.find(homeStack, "TextractAsyncServiceRole", ".Arn")
	case strings.HasPrefix(origin, "imported"):
		return "service", importedServiceRole
	case origin == lookedUp:
		return "", "arn:aws:iam:" + region + ":123456789012:role/DUMMY_ARN"
	default:
		return j.find(stackOf(origin), "Service", ""), j.find(stackOf(origin), "Service", ".Arn")
	}
}

// service is what Textract does: it assumes the role and publishes.
func (j *judge) service(topic string) {
	name, arn := j.serviceRole()
	if name == "" {
		return
	}
	textract := []string{"Service:textract.amazonaws.com"}
	assume := request{"sts:AssumeRole", arn, map[string]string{
		"aws:SourceAccount": account, "aws:SourceArn": "arn:aws:textract:" + region + ":" + account + ":/jobs/1",
	}}
	j.need("Textract assumes the service role", j.resource(arn, textract, assume), "the policy of ", textract, assume)
	requests := append([]request{{action: "sns:Publish", resource: topic}}, j.topicKey.requests(publishWithKey)...)
	if j.output != nil {
		requests = append(requests, j.output.key.requests(writeWithKey)...)
	}
	for _, r := range requests {
		j.need("the service role", j.identity(name, r), "ServiceRole: the policy of ", []string{""}, r)
	}
}

// locationRequests are what callers do with the objects of a bucket.
func (j *judge) locationRequests(what string, l *locationFacts) (all []request) {
	for _, prefix := range l.prefixes {
		if what == "input" {
			for _, action := range []string{"s3:GetObject", "s3:GetObjectVersion"} {
				all = append(all, request{action: action, resource: l.arn + "/" + prefix + "scan.pdf"})
			}
			continue
		}
		for _, action := range []string{"s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"} {
			all = append(all, request{action: action, resource: l.arn + "/" + prefix + "/job/1"})
		}
		all = append(all, request{action: "s3:ListBucketMultipartUploads", resource: l.arn},
			request{"s3:ListBucket", l.arn, map[string]string{"s3:prefix": prefix + "/job/"}})
	}
	return all
}

// caller is what the grantee does. Its own policies have to allow it, or the policy of a resource
// of its account that names it.
func (j *judge) caller(who caller, success bool) {
	if who.isDummy {
		return
	}
	owner := who.owner
	if id, isReference := strings.CutPrefix(owner, "${"); isReference {
		stack := who.stack
		if stack == "" {
			stack = homeStack
		}
		owner = j.find(stack, strings.TrimSuffix(id, "}"), "")
	}
	inOtherAccount := who.inOtherAccount && j.isKnown
	want := true
	for _, n := range j.callerNeeds() {
		isNamed := who.principal != "" && j.resource(n.owner, []string{who.principal}, n.request)
		granted := j.identity(owner, n.request) || isNamed && !inOtherAccount && (!n.inOtherAccount || who.isService)
		j.need("the caller", granted, j.origins["Grant"]+": ", []string{""}, n.request)
		want = want && granted
		for _, s := range j.printed { // for the policy of a bucket that cannot refer to what the grant needs
			if inOtherAccount && strings.HasPrefix(s.principal, "AWS:arn:aws:iam::"+otherAccount+":") && s.allows(n.request) {
				s.needed = true
			}
		}
		if inOtherAccount && j.identity(owner, n.request) {
			j.Errorf("a policy for a caller of another account: %s", n.action)
		}
	}
	if success != want {
		j.Errorf("Success() is %t, and all of the grantee's part being in the template is %t", success, want)
	}
}

// callerNeed is a request of the caller, and the resource whose policy could allow it.
type callerNeed struct {
	request
	owner          string
	inOtherAccount bool
}

func (j *judge) callerNeeds() (needs []callerNeed) {
	grant := j.origins["Grant"]
	runs := func(other string) bool { return grant == "GrantRunJobs" || grant == other }
	_, role := j.serviceRole()
	onAnything := func(actions ...string) {
		for _, action := range actions {
			needs = append(needs, callerNeed{request: request{action: "textract:" + action, resource: "*"}})
		}
	}
	withKey := func(k *keyFacts, actions []string) {
		for _, r := range k.requests(actions) {
			needs = append(needs, callerNeed{r, k.arn, k.inOtherAccount})
		}
	}
	input, output := j.input, j.output
	if runs("GrantStartJobs") || grant == "GrantPassRole" {
		needs = append(
			needs,
			callerNeed{request: request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "textract.amazonaws.com"}}},
		)
	}
	if runs("GrantStartJobs") {
		onAnything("StartDocumentTextDetection", "StartDocumentAnalysis", "StartExpenseAnalysis", "StartLendingAnalysis")
		if input != nil {
			for _, r := range j.locationRequests("input", input) {
				needs = append(needs, callerNeed{r, input.arn, input.inOtherAccount})
			}
			withKey(input.key, readWithKey)
		}
	}
	if runs("GrantConsumeNotifications") {
		queue, _ := j.queueARN()
		for _, action := range []string{"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueUrl", "GetQueueAttributes"} {
			needs = append(needs, callerNeed{request: request{action: "sqs:" + action, resource: queue}, owner: queue})
		}
		withKey(j.queueKey, readWithKey)
	}
	if runs("GrantReadResults") {
		onAnything(
			"GetDocumentTextDetection", "GetDocumentAnalysis", "GetExpenseAnalysis", "GetLendingAnalysis",
			"GetLendingAnalysisSummary",
		)
	}
	if output != nil && (runs("GrantStartJobs") || runs("GrantReadResults")) {
		for _, r := range j.locationRequests("output", output) {
			reads := r.action == "s3:GetObject" || r.action == "s3:ListBucket"
			if runs("GrantReadResults") && reads || runs("GrantStartJobs") && r.action != "s3:ListBucket" {
				needs = append(needs, callerNeed{r, output.arn, output.inOtherAccount})
			}
		}
		if runs("GrantStartJobs") {
			withKey(output.key, writeWithKey)
		} else {
			withKey(output.key, readWithKey)
		}
	}
	return needs
}

// warnings judges that each is needed.
func (j *judge) warnings() {
	unknown := map[string]bool{}
	for _, owner := range []string{"Topic", "Queue"} {
		if j.origins[owner] == "imported by ARN" {
			unknown["Home/"+owner+" "] = true
		}
	}
	for _, l := range []*locationFacts{j.input, j.output} {
		if l != nil && l.isUnknown {
			unknown[l.path+" "] = true
		}
	}
	for path := range unknown {
		if !slices.ContainsFunc(j.synthesis.warnings["unknownKey"], func(text string) bool { return strings.Contains(text, path) }) {
			j.Errorf("no warning that the key of %s is unknown", path)
		}
	}
	if j.origins["second construct"] != none {
		return
	}
	isNeeded := func(part string, of func(*statement) string) bool {
		return slices.ContainsFunc(j.printed, func(s *statement) bool { return s.needed && of(s) == part })
	}
	action := func(s *statement) string { return s.warning + s.action }
	resource := func(s *statement) string { return s.warning + s.resource }
	for _, s := range j.printed {
		if !isNeeded(action(s), action) || !isNeeded(resource(s), resource) {
			j.Errorf("printed, although it is granted or not needed: %s on %s: %s", s.action, s.resource, s.warning)
		}
	}
	for id, texts := range j.synthesis.warnings {
		for _, text := range texts {
			isNeeded := strings.Contains(text, ": {")
			switch id {
			case "unknownKey":
				isNeeded = slices.ContainsFunc(
					slices.Collect(maps.Keys(unknown)),
					func(path string) bool { return strings.Contains(text, path) },
				)
			case "topicPattern":
				isNeeded = strings.HasPrefix(j.origins["Topic"], "unnamed") || j.origins["Topic"] == halfKnown
			case "policySize":
				isNeeded = j.origins["Input Prefix"] == longOnes
			}
			if !isNeeded {
				j.Errorf("warning of nothing: %s: %s", id, text)
			}
		}
	}
}

// limits judges the lengths of identity policies, the statements of queues and the names of inline
// policies.
func (j *judge) limits() {
	inline, limitOf, names := map[string]int{}, map[string]int{}, map[string]string{}
	for stack := range j.templates {
		for id, resource := range j.resources(stack) {
			flat := fnsub.Flatten(resource).(map[string]any)
			properties, _ := flat["Properties"].(map[string]any)
			document, _ := json.Marshal(properties["PolicyDocument"])
			size := len(j.text(stack, string(document)))
			switch flat["Type"] {
			case "AWS::IAM::ManagedPolicy":
				inline[stack+"/"+id], limitOf[stack+"/"+id] = size, 6144
			case "AWS::SQS::QueuePolicy":
				parsed, _ := properties["PolicyDocument"].(map[string]any)
				if each, _ := parsed["Statement"].([]any); len(each) > 20 {
					j.Errorf("a queue with %d statements", len(each))
				}
			case "AWS::IAM::Policy":
				for kind, limit := range map[string]int{"Users": 2048, "Groups": 5120, "Roles": 10240} {
					for _, owner := range list(properties[kind]) {
						owner = kind + " " + j.text(stack, owner)
						inline[owner], limitOf[owner] = inline[owner]+size, limit
						name := owner + ": " + j.text(stack, fmt.Sprint(properties["PolicyName"]))
						if other := names[name]; other != "" {
							j.Errorf("two inline policies of one name, in %s and %s: %s", other, stack, name)
						}
						names[name] = stack
					}
				}
			}
		}
	}
	for owner, size := range inline {
		if size > limitOf[owner] && len(j.synthesis.warnings["policySize"]) == 0 {
			j.Errorf("%s: %d characters of policies, and IAM takes %d", owner, size, limitOf[owner])
		}
	}
}
