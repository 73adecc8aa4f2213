package doctor_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

const (
	account      = "111122223333"
	otherAccount = "444455556666"
	region       = "eu-west-1"

	topicARN  = "arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"
	queueARN  = "arn:aws:sqs:eu-west-1:111122223333:notifications"
	keyARN    = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	roleARN   = "arn:aws:iam::111122223333:role/Textract"
	userARN   = "arn:aws:iam::111122223333:user/ocr/alice"
	objectARN = "arn:aws:s3:::documents/in/letter.pdf"
)

type document = map[string]any

// known is what the judge is told of a condition key's value, as the judge's command reads it.
type known struct {
	Known    string `json:"known"`
	Text     string `json:"text,omitempty"`
	OrAbsent bool   `json:"orAbsent,omitempty"`
}

func exactly(text string) known { return known{Known: "exactly", Text: text} }

// question is what both judges are asked; the field names are those that they read.
type question struct {
	Principal      string           `json:"principal"`
	Action         string           `json:"action"`
	Resource       string           `json:"resource"`
	Account        string           `json:"account"`
	Context        map[string]known `json:"context"`
	Identity       []document       `json:"identity,omitempty"`
	Boundary       document         `json:"boundary,omitempty"`
	ResourcePolicy document         `json:"resourcePolicy,omitempty"`

	kind  string
	plain bool
}

// request is a question with all that the evaluator must know.
type request struct {
	question
	Context map[string]string `json:"context"`
}

// generator makes random questions. A plain question has nothing that the judge does not know.
type generator struct {
	*rand.Rand
	plain bool
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// kinds are the questions that doctor asks.
var kinds = map[string]func(*generator) question{
	"queue": func(g *generator) question {
		return g.byService("sns.amazonaws.com", "sqs:SendMessage", queueARN, topicARN)
	},
	"key of the queue": func(g *generator) question {
		return g.byService("sns.amazonaws.com", g.pick("kms:Decrypt", "kms:GenerateDataKey"), keyARN, topicARN)
	},
	"trust": func(g *generator) question {
		q := g.byService("textract.amazonaws.com", "sts:AssumeRole", roleARN, "")
		q.Context["aws:SourceArn"] = known{Known: "beginning", Text: "arn:aws:textract:eu-west-1:111122223333:"}
		q.Context["aws:SourceAccount"] = exactly(account)
		return q
	},
	"publish": func(g *generator) question {
		q := g.byPrincipal("sns:Publish", topicARN)
		q.Context["aws:SourceOwner"] = known{Known: "absent"}
		return q
	},
	"key of the topic": func(g *generator) question {
		q := g.byPrincipal(g.pick("kms:Decrypt", "kms:GenerateDataKey"), keyARN)
		q.Context["kms:ViaService"] = exactly("sns.eu-west-1.amazonaws.com")
		q.Context["kms:CallerAccount"] = exactly(account)
		return q
	},
	"pass the role": func(g *generator) question {
		q := g.byPrincipal("iam:PassRole", roleARN)
		q.Context["iam:PassedToService"] = exactly("textract.amazonaws.com")
		return q
	},
	"start": func(g *generator) question {
		return g.byPrincipal(g.pick("textract:StartDocumentTextDetection", "textract:StartLendingAnalysis"), "*")
	},
	"object": func(g *generator) question {
		return g.byPrincipal(g.pick("s3:GetObject", "s3:PutObject"), objectARN)
	},
}

func (g *generator) byService(service, action, resource, source string) question {
	q := question{
		Principal: service, Action: action, Resource: resource, Account: account,
		Context: map[string]known{
			"aws:SourceArn": exactly(source), "aws:SourceAccount": {Known: "exactly", Text: account, OrAbsent: !g.plain},
			"aws:SecureTransport": exactly("true"), "aws:PrincipalIsAWSService": exactly("true"), "aws:PrincipalServiceName": exactly(service),
		},
	}
	q.ResourcePolicy = g.policy(q, true)
	return q
}

func (g *generator) byPrincipal(action, resource string) question {
	q := question{
		Principal: g.pick(roleARN, userARN), Action: action, Resource: resource, Account: account,
		Context: map[string]known{
			"aws:SecureTransport": exactly("true"), "aws:RequestedRegion": exactly(region), "aws:ViaAWSService": exactly("false"),
			"aws:PrincipalIsAWSService": exactly("false"), "aws:PrincipalServiceName": {Known: "absent"}, "aws:PrincipalAccount": exactly(account),
		},
	}
	q.Context["aws:PrincipalArn"] = exactly(q.Principal)
	for range 1 + g.IntN(2) {
		q.Identity = append(q.Identity, g.policy(q, false))
	}
	if !g.plain && g.chance(30) {
		q.Boundary = g.policy(q, false)
	}
	hasPolicy := !strings.HasPrefix(action, "iam:") && !strings.HasPrefix(action, "textract:")
	if hasPolicy && (strings.HasPrefix(action, "kms:") || g.chance(70)) {
		q.ResourcePolicy = g.policy(q, true)
	}
	if hasPolicy && !strings.HasPrefix(action, "s3:") && g.chance(10) {
		q.Account = otherAccount
		q.Resource = strings.Replace(q.Resource, account, otherAccount, 1)
	}
	return q
}

func (g *generator) policy(q question, ofResource bool) document {
	statements := make([]document, 1+g.IntN(3))
	for i := range statements {
		statements[i] = g.statement(q, ofResource)
	}
	return document{"Version": "2012-10-17", "Statement": statements}
}

func (g *generator) statement(q question, ofResource bool) document {
	s := document{"Effect": "Allow"}
	if g.chance(20) {
		s["Effect"] = "Deny"
	}
	if ofResource {
		principal := "Principal"
		if !g.plain && s["Effect"] == "Deny" && g.chance(20) {
			principal = "NotPrincipal"
		}
		s[principal] = g.principal(q)
		if principal == "NotPrincipal" {
			s[principal] = document{"AWS": roleARN}
		}
	}
	action := "Action"
	if g.chance(12) {
		action = "NotAction"
	}
	s[action] = g.some(g.actions(q.Action)...)
	if q.Action != "sts:AssumeRole" {
		resource := "Resource"
		if g.chance(12) {
			resource = "NotResource"
		}
		s[resource] = g.some(g.resources(q.Resource)...)
	}
	if conditions := g.conditions(q); len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

// some picks one or two, as a string or a list.
func (g *generator) some(from ...string) any {
	switch g.IntN(4) {
	case 0:
		return []string{g.pick(from...), g.pick(from...)}
	case 1:
		return []string{g.pick(from...)}
	}
	return g.pick(from...)
}

func (g *generator) principal(q question) any {
	service := q.Principal
	if strings.HasPrefix(service, "arn:") {
		service = "lambda.amazonaws.com"
	}
	all := []any{
		"*",
		document{"AWS": "*"},
		document{"Service": service},
		document{"Service": service},
		document{"Service": []string{"events.amazonaws.com", service}},
		document{"Service": "events.amazonaws.com"},
		document{"AWS": roleARN},
		document{"AWS": userARN},
		document{"AWS": []string{roleARN, userARN}},
		document{"AWS": account},
		document{"AWS": "arn:aws:iam::" + account + ":root"},
		document{"AWS": "arn:aws:iam::" + otherAccount + ":root"},
		document{"AWS": "arn:aws:iam::" + otherAccount + ":role/Textract"},
		document{"AWS": userARN, "Service": service},
		document{"Federated": "cognito-identity.amazonaws.com"},
	}
	if strings.HasPrefix(q.Principal, "arn:") {
		for range 4 {
			all = append(all, document{"AWS": q.Principal}, document{"AWS": "arn:aws:iam::" + account + ":root"})
		}
	}
	if !g.plain {
		session := "arn:aws:sts::" + account + ":assumed-role/Textract/session"
		all = append(all, document{"AWS": session}, document{"AWS": []string{account, session}})
	}
	return all[g.IntN(len(all))]
}

func (g *generator) actions(action string) []string {
	service, name, _ := strings.Cut(action, ":")
	return []string{
		action, action, action, "*", service + ":*", service + ":" + name[:4] + "*", strings.ToUpper(service) + ":" + strings.ToLower(name),
		service + ":" + name[:len(name)-1] + "?", service + ":Delete*", "ec2:*", service + ":" + name + "?",
	}
}

func (g *generator) resources(resource string) []string {
	if resource == "*" {
		if g.plain {
			return []string{"*"}
		}
		return []string{"*", "*", "arn:aws:textract:*:*:*", topicARN}
	}
	colon := strings.LastIndex(resource, ":") + 1
	head, last := resource[:colon], resource[colon:]
	all := []string{
		resource, resource, resource, "*", head + "*", head + "other*", resource[:len(resource)-1] + "?", resource[:len(resource)-3] + "*",
		strings.Replace(resource, account, "*", 1), strings.Replace(resource, account, otherAccount, 1),
		strings.Replace(resource, region, "us-*", 1), strings.Replace(resource, ":aws:", ":aws-us-gov:", 1), topicARN,
	}
	if !g.plain {
		all = append(
			all, strings.Join(strings.SplitN(resource, ":", 6)[:3], ":")+":*", resource+"${aws:username}",
			"arn:aws:*:eu-west-1*", head+"?"+last[1:],
		)
	}
	return all
}

// unknownKeys are those of which doctor knows nothing, with values that they might have.
var unknownKeys = map[string][]string{
	"aws:SourceOrgID":            {"o-1111111111", "o-2222222222"},
	"aws:PrincipalOrgID":         {"o-1111111111", "o-2222222222"},
	"aws:SourceVpce":             {"vpce-1111", "vpce-2222"},
	"aws:PrincipalTag/team":      {"ocr", "web"},
	"aws:MultiFactorAuthPresent": {"true", "false"},
	"aws:CalledViaFirst":         {"textract.amazonaws.com", "athena.amazonaws.com"},
	"aws:SourceIp":               {"10.0.0.1", "192.0.2.1"},
	"aws:MultiFactorAuthAge":     {"10", "7200"},
	"aws:PrincipalArn":           {roleARN, userARN},
	"aws:CurrentTime":            {"2026-01-01T00:00:00Z"},
}

func (g *generator) conditions(q question) document {
	conditions := document{}
	for range []int{0, 0, 0, 1, 1, 1, 2}[g.IntN(7)] {
		key, values := g.key(q)
		operator := g.operator(key)
		keys, ok := conditions[operator].(document)
		if !ok {
			keys = document{}
			conditions[operator] = keys
		}
		switch {
		case strings.HasPrefix(operator, "Bool"), operator == "Null":
			keys[key] = g.pick("true", "false")
		case strings.HasPrefix(operator, "IpAddress"):
			keys[key] = "10.0.0.0/8"
		case strings.HasPrefix(operator, "Numeric"):
			keys[key] = "3600"
		case strings.HasPrefix(operator, "Date"):
			keys[key] = "2025-06-01T00:00:00Z"
		default:
			keys[key] = g.some(values...)
		}
	}
	return conditions
}

// key picks a condition key and values to compare with it.
func (g *generator) key(q question) (string, []string) {
	if !g.plain && g.chance(25) {
		var names []string
		for name, values := range unknownKeys {
			if len(values) > 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		name := g.pick(names...)
		return name, unknownKeys[name]
	}
	var names []string
	for name, value := range q.Context {
		if value.Text != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	name := g.pick(names...)
	text := q.Context[name].Text
	values := []string{text, text, text, "*", "other"}
	if strings.HasPrefix(text, "arn:") {
		other := strings.Replace(text, account, otherAccount, 1)
		values = []string{
			text,
			text + "*",
			text + "*",
			other,
			other + "*",
			strings.Replace(text, region, "*", 1) + "*",
			"arn:aws:*:*:" + account + ":*",
		}
		if !g.plain {
			values = append(values, text+"job/*", "arn:aws:sns:*", text+"${aws:username}")
		}
	} else if !g.plain {
		values = append(values, text[:len(text)-1]+"?", text[:2]+"*", strings.ToUpper(text), "${aws:PrincipalAccount}")
	}
	if g.chance(20) {
		name = strings.ToLower(name)
	}
	return name, values
}

func (g *generator) operator(key string) string {
	key = strings.ToLower(key)
	operators := []string{
		"StringEquals",
		"StringEquals",
		"StringLike",
		"StringNotEquals",
		"StringNotLike",
		"StringEqualsIgnoreCase",
		"StringNotEqualsIgnoreCase",
	}
	switch {
	case key == "aws:sourceip":
		operators = []string{"IpAddress"}
	case key == "aws:multifactorauthage":
		operators = []string{"NumericLessThan"}
	case key == "aws:currenttime":
		operators = []string{"DateGreaterThan"}
	case strings.HasSuffix(key, "arn"):
		operators = append(operators, "ArnEquals", "ArnLike", "ArnLike", "ArnNotEquals", "ArnNotLike")
	case key == "aws:securetransport", key == "aws:multifactorauthpresent", key == "aws:principalisawsservice", key == "aws:viaawsservice":
		operators = []string{"Bool"}
	}
	operator := g.pick(operators...)
	if g.chance(15) {
		operator += "IfExists"
	}
	if g.chance(8) {
		return "Null"
	}
	return operator
}

// completed makes a request of a question: it decides what the question leaves open.
func (g *generator) completed(q question, service bool) request {
	r := request{question: q, Context: map[string]string{}}
	for name, value := range q.Context {
		switch {
		case value.Known == "absent", value.OrAbsent && g.chance(50):
		case value.Known == "beginning":
			r.Context[name] = value.Text + g.pick("", "job/1", "adapter/2", "*")
		default:
			r.Context[name] = value.Text
		}
	}
	share := g.pick("none", "some", "all")
	for name, values := range unknownKeys {
		if _, isKnown := q.Context[name]; len(values) > 0 && !isKnown && (share == "all" || share == "some" && g.chance(50)) {
			r.Context[name] = g.pick(values...)
		}
	}
	if !service && q.Principal == roleARN && g.chance(50) {
		// What acts is a session of the role.
		r.Principal = "arn:aws:sts::" + account + ":assumed-role/Textract/" + g.pick("session", "other")
	}
	return r
}
