package policy_test

import (
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

const (
	topicARN = "arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"
	queueARN = "arn:aws:sqs:eu-west-1:111122223333:notifications"
	keyARN   = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
	roleARN  = "arn:aws:iam::111122223333:role/service/Textract"
)

// send asks whether SNS may send to the queue.
func send(queuePolicy string) policy.Question {
	document := policy.Parse("the queue's policy", queuePolicy)
	return policy.Question{
		Principal: "sns.amazonaws.com", Action: "sqs:SendMessage", Resource: queueARN, Account: "111122223333",
		Context: map[string]policy.Value{
			"aws:SourceArn": policy.Exactly(topicARN), "aws:SourceAccount": policy.Exactly("111122223333").OrAbsent(),
			"aws:SecureTransport": policy.Exactly("true"),
		},
		ResourcePolicy: &document,
	}
}

// assume asks whether Textract may assume the role.
func assume(trust string) policy.Question {
	document := policy.Parse("the role's trust policy", trust)
	return policy.Question{
		Principal: "textract.amazonaws.com", Action: "sts:AssumeRole", Resource: roleARN, Account: "111122223333",
		Context: map[string]policy.Value{
			"aws:SourceArn":     policy.Beginning("arn:aws:textract:eu-west-1:111122223333:"),
			"aws:SourceAccount": policy.Exactly("111122223333"),
		},
		ResourcePolicy: &document,
	}
}

// publish asks whether the role may publish.
func publish(identity ...string) policy.Question {
	q := policy.Question{
		Principal: roleARN, Action: "sns:Publish", Resource: topicARN, Account: "111122223333",
		Context: map[string]policy.Value{"aws:SecureTransport": policy.Exactly("true"), "aws:SourceOwner": policy.Absent()},
	}
	for _, text := range identity {
		q.Identity = append(q.Identity, policy.Parse("Publish", text))
	}
	return q
}

// decrypt asks whether the role may use the key.
func decrypt(keyPolicy string, identity ...string) policy.Question {
	q := publish(identity...)
	document := policy.Parse("the key's policy", keyPolicy)
	q.Action, q.Resource, q.ResourcePolicy = "kms:Decrypt", keyARN, &document
	return q
}

func withBoundary(q policy.Question, boundary string) policy.Question {
	document := policy.Parse("Boundary", boundary)
	q.Boundary = &document
	return q
}

func withTopicPolicy(q policy.Question, topicPolicy string) policy.Question {
	document := policy.Parse("the topic's policy", topicPolicy)
	q.ResourcePolicy = &document
	return q
}

func statements(all ...string) string { return `{"Statement":[` + strings.Join(all, ",") + `]}` }

const (
	allowSend    = `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"}}}`
	allowPublish = `{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:*:*:AmazonTextract*"}`
	allowDecrypt = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd"}`
	ofAccount    = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
	denyInsecure = `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	defaultTopic = `{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}`
)

func with(statement, condition string) string {
	return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + `}`
}

func TestJudge(t *testing.T) {
	const trust = `{"Effect":"Allow","Principal":{"Service":"textract.amazonaws.com"},"Action":"sts:AssumeRole"}`
	anyone := `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`
	for _, test := range []struct {
		name     string
		question policy.Question
		want     policy.Answer
		why      string // in the finding
	}{
		{"the statement of the guide", send(statements(allowSend, denyInsecure)), policy.Yes, ""},
		{"old-style principal", send(statements(with(anyone, `{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:AmazonTextractJobs"}}`))), policy.Yes, ""},
		{"no policy", send(`{"Statement":[]}`), policy.No, ""},
		{"another topic", send(statements(strings.Replace(allowSend, "Jobs", "Old", 1))), policy.No, "but for ArnEquals aws:SourceArn arn:aws:sns:eu-west-1:111122223333:AmazonTextractOld"},
		{"the role in place of SNS", send(statements(strings.Replace(allowSend, `"Service":"sns.amazonaws.com"`, `"AWS":"`+roleARN+`"`, 1))), policy.No, "but for its principal " + roleARN},
		{"another queue", send(statements(strings.Replace(allowSend, `"*"`, `"`+queueARN+`2"`, 1))), policy.No, "but for its resource"},
		{"another action", send(statements(strings.Replace(allowSend, "sqs:Send", "sqs:Receive", 1))), policy.No, "but for its action"},
		{"two elements are no near miss", send(statements(strings.Replace(strings.Replace(allowSend, "sqs:Send", "sqs:Receive", 1), "Jobs", "Old", 1))), policy.No, ""},
		{"a deny", send(statements(allowSend, `{"Sid":"Nobody","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}`)), policy.Denied, "statement 2 (Nobody) of the queue's policy denies it"},
		{"an organization", send(statements(with(anyone, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`))), policy.Unsure, "StringEquals aws:SourceOrgID o-1"},
		{"an operator", send(statements(with(anyone, `{"ForAnyValue:StringEquals":{"aws:SourceArn":"x"}}`))), policy.Unsure, "ForAnyValue"},
		{"a variable", send(statements(with(anyone, `{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:*"}}`))), policy.Unsure, "${aws:PrincipalAccount}"},
		{"a doubt that decides nothing", send(statements(allowSend, with(anyone, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`))), policy.Yes, ""},
		{"NotPrincipal", send(statements(allowSend, `{"Effect":"Deny","NotPrincipal":{"AWS":"`+roleARN+`"},"Action":"*","Resource":"*"}`)), policy.Unsure, "NotPrincipal"},
		{"a source account, which SNS may not send", send(statements(with(anyone, `{"StringEquals":{"aws:SourceAccount":"111122223333"}}`))), policy.Unsure, "aws:SourceAccount"},
		{"another source account", send(statements(with(anyone, `{"StringEquals":{"aws:SourceAccount":"444455556666"}}`))), policy.No, "aws:SourceAccount"},
		{"a principal of the Region", send(statements(strings.Replace(allowSend, "sns.amazonaws.com", "sns.eu-south-2.amazonaws.com", 1))), policy.Unsure, "its principal"},
		{"no JSON", send("{"), policy.Unsure, "not a JSON object"},
		{"one element twice", send(statements(strings.Replace(allowSend, `"Effect"`, `"Effect":"Deny","Effect"`, 1))), policy.Unsure, "two members of one name"},
		{"one operator twice", send(statements(with(anyone, `{"StringEquals":{"aws:SourceArn":"x"},"StringEquals":{"aws:SecureTransport":"true"}}`))), policy.Unsure, "two members of one name"},
		{"an operator without keys", send(statements(with(anyone, `{"StringEquals":null}`))), policy.Unsure, "StringEquals: not a JSON object"},
		{"a service in capitals", send(statements(strings.Replace(allowSend, "sns.amazonaws", "SNS.amazonaws", 1))), policy.Unsure, "its principal"},
		{"NotPrincipal for another action", send(statements(allowSend, `{"Effect":"Deny","NotPrincipal":{"AWS":"`+roleARN+`"},"Action":"sqs:DeleteQueue","Resource":"*"}`)), policy.Yes, ""},
		{"NotPrincipal that may allow", send(statements(`{"Effect":"Allow","NotPrincipal":{"AWS":"` + roleARN + `"},"Action":"sqs:*","Resource":"*"}`)), policy.Unsure, "may allow it: its NotPrincipal"},
		{"no effect", send(statements(`{"Principal":"*","Action":"*","Resource":"*"}`)), policy.Unsure, "no Effect"},

		{"a service that is one", send(statements(with(anyone, `{"Bool":{"aws:PrincipalIsAWSService":"true"}}`))), policy.Yes, ""},
		{"the service's name", send(statements(with(anyone, `{"StringEquals":{"aws:PrincipalServiceName":"sns.amazonaws.com"}}`))), policy.Yes, ""},
		{"another service's name", send(statements(with(anyone, `{"StringEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}}`))), policy.No, "aws:PrincipalServiceName s3.amazonaws.com"},
		{"the ARN of a service", send(statements(with(anyone, `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`))), policy.Unsure, "aws:PrincipalArn"},

		{"open trust", assume(statements(trust)), policy.Yes, ""},
		{"trust of the guide", assume(statements(with(trust, `{"ArnLike":{"aws:SourceArn":"arn:aws:textract:*:111122223333:*"},"StringEquals":{"aws:SourceAccount":"111122223333"}}`))), policy.Yes, ""},
		{"trust of another account", assume(statements(with(trust, `{"StringEquals":{"aws:SourceAccount":"444455556666"}}`))), policy.No, "aws:SourceAccount 444455556666"},
		{"trust of one source", assume(statements(with(trust, `{"ArnEquals":{"aws:SourceArn":"arn:aws:textract:eu-west-1:111122223333:job/1"}}`))), policy.Unsure, "job/1"},
		{"trust of another service", assume(statements(strings.Replace(trust, "textract", "rekognition", 1))), policy.No, "rekognition.amazonaws.com"},

		{"the managed policy", publish(statements(allowPublish)), policy.Yes, ""},
		{"the default policy of a topic", withTopicPolicy(publish(), statements(defaultTopic)), policy.No, "AWS:SourceOwner"},
		{"a topic's policy", withTopicPolicy(publish(), statements(`{"Effect":"Allow","Principal":{"AWS":"`+roleARN+`"},"Action":"sns:Publish","Resource":"*"}`)), policy.Yes, ""},
		{"another prefix", publish(statements(strings.Replace(allowPublish, "AmazonTextract", "Other", 1))), policy.No, "its resource"},
		{"a boundary", withBoundary(publish(statements(allowPublish)), statements(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)), policy.No, "Boundary does not allow it"},
		{"a boundary that allows", withBoundary(publish(statements(allowPublish)), statements(allowPublish)), policy.Yes, ""},
		{"a boundary that denies", withBoundary(publish(statements(allowPublish)), statements(allowPublish, `{"Effect":"Deny","Action":"sns:*","Resource":"*"}`)), policy.Denied, "statement 2 of Boundary"},
		{"a wildcard for the service", publish(statements(`{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:s*:eu-west-1:111122223333:AmazonTextractJobs"}`)), policy.Unsure, "its action or resource"},
		{"a short ARN", publish(statements(`{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:*"}`)), policy.Unsure, "its action or resource"},

		{"the role's ARN", publish(statements(with(allowPublish, `{"ArnEquals":{"AWS:PrincipalARN":"`+roleARN+`"}}`))), policy.Yes, ""},
		{"another role's ARN", publish(statements(with(allowPublish, `{"ArnEquals":{"aws:PrincipalArn":"`+roleARN+`2"}}`))), policy.No, "aws:PrincipalArn"},
		{"a role is no service", publish(statements(with(allowPublish, `{"Bool":{"aws:PrincipalIsAWSService":"true"}}`))), policy.No, "aws:PrincipalIsAWSService"},
		{"a role has no service's name", publish(statements(with(allowPublish, `{"StringNotEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"},"StringEquals":{"aws:PrincipalAccount":"111122223333"}}`))), policy.Yes, ""},

		{"a key of the account", decrypt(statements(ofAccount), statements(allowDecrypt)), policy.Yes, ""},
		{"a key, and no policy of the role", decrypt(statements(ofAccount)), policy.No, ""},
		{"a key that leaves the account out", decrypt(statements(strings.Replace(ofAccount, ":root", ":user/admin", 1)), statements(allowDecrypt)), policy.No, "its principal arn:aws:iam::111122223333:user/admin"},
		{"a key that names the role", decrypt(statements(strings.Replace(ofAccount, ":root", ":role/service/Textract", 1))), policy.Yes, ""},
		{"a session of the role", decrypt(statements(strings.Replace(ofAccount, "arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:assumed-role/Textract/x", 1))), policy.Unsure, "its principal"},
		{"an account, and an id in place of an ARN", decrypt(statements(strings.Replace(ofAccount, `"arn:aws:iam::111122223333:root"`, `["111122223333","AROAEXAMPLE"]`, 1))), policy.Unsure, "its principal"},
		{"an id in place of an ARN", decrypt(statements(strings.Replace(ofAccount, "arn:aws:iam::111122223333:root", "AROAEXAMPLE", 1))), policy.Unsure, "its principal"},
	} {
		decision := policy.Judge(test.question)
		findings := decision.Denials
		findings = append(findings, decision.Doubts...)
		findings = append(findings, decision.NearMisses...)
		var texts []string
		for _, finding := range findings {
			texts = append(texts, finding.String())
		}
		text := strings.Join(texts, "\n")
		if decision.Answer != test.want || !strings.Contains(text, test.why) || test.why == "" && text != "" {
			t.Errorf("%s: %s, want %s; %q, want %q", test.name, decision.Answer, test.want, text, test.why)
		}
	}
}

func TestAnotherAccount(t *testing.T) {
	q := publish(statements(`{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}`))
	q.Resource, q.Account = strings.Replace(topicARN, "1111", "4444", 1), "444422223333"
	if answer := policy.Judge(q).Answer; answer != policy.No {
		t.Errorf("without the topic's policy: %s", answer)
	}
	q = withTopicPolicy(q, statements(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sns:Publish","Resource":"*"}`))
	if answer := policy.Judge(q).Answer; answer != policy.Yes {
		t.Errorf("with the topic's policy: %s", answer)
	}
	q.Identity = nil
	if answer := policy.Judge(q).Answer; answer != policy.No {
		t.Errorf("with the topic's policy alone: %s", answer)
	}
}

// FuzzJudge reads any text as each kind of policy. A statement that denies everything must never
// end in yes, nor one that is not understood in yes or no.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		statements(allowSend, denyInsecure), statements(allowPublish), statements(ofAccount), "", "{}", "null", "[]", `{"Statement":null}`,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":[]},"Action":"*","Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333","AROAEXAMPLE"]},"NotAction":"x","Resource":"*"}}`,
		`{"Statement":[{"Effect":"Allow","Action":"sns:*","Resource":["arn:aws:sns:*","arn:::::","*?"],"Condition":{"NullIfExists":{"a":[]}}}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const denyAll = `{"Effect":"Deny","Action":"*","Resource":"*"}`
		for name, question := range map[string]policy.Question{
			"queue": send(text), "trust": assume(text), "identity": publish(text), "key": decrypt(text, text), "boundary": withBoundary(publish(text), text),
		} {
			decision := policy.Judge(question)
			switch decision.Answer {
			case policy.Yes, policy.No:
			case policy.Denied:
				if len(decision.Denials) == 0 {
					t.Errorf("%s: denied by nothing", name)
				}
			case policy.Unsure:
				if len(decision.Doubts) == 0 {
					t.Errorf("%s: unsure for no reason", name)
				}
			default:
				t.Errorf("%s: %q", name, decision.Answer)
			}
			question.Identity = append(question.Identity, policy.Parse("deny", statements(denyAll)))
			if answer := policy.Judge(question).Answer; answer != policy.Denied {
				t.Errorf("%s: %s in spite of a deny", name, answer)
			}
			doubtful := question
			doubtful.Identity = []policy.Document{policy.Unreadable("unreadable", "is not known")}
			if answer := policy.Judge(doubtful).Answer; answer == policy.Yes {
				t.Errorf("%s: yes, though a policy is not known", name)
			}
		}
	})
}
