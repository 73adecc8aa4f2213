package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// graph is the architecture in a template.
type graph struct {
	nodes []node
	edges []edge
}

type node struct {
	id      string
	kind    kind
	title   string
	details []string
	ours    bool // made by the construct
}

type edge struct{ from, to, label string }

// kind is the part of a node in the architecture.
type kind int

const (
	documents kind = iota
	results
	caller
	textract
	serviceRole
	queue
	topic
	deadLetterQueue
	key
)

const textractService = "textract.amazonaws.com"

func readGraph(t template) graph {
	g := graph{}
	g.addBuckets(t)
	g.addRoles(t)
	g.addMessaging(t)
	g.addKeys(t)
	g.addSubscriptions(t)
	g.addPolicies(t)
	g.markOurs()
	return g
}

// addBuckets tells documents and results apart by the actions that a role is allowed: results are listed. Without any permission, the
// second bucket has the results.
func (g *graph) addBuckets(t template) {
	listed := t.resourcesOfAction("s3:ListBucket")
	for i, id := range t.ofType("AWS::S3::Bucket") {
		k := documents
		if slices.Contains(listed, id) || listed == nil && i > 0 {
			k = results
		}
		details := []string{"S3 bucket", t.protection(id, t.Resources[id].Properties["BucketEncryption"] != nil)}
		g.nodes = append(g.nodes, node{id: id, kind: k, title: readable(id), details: details})
	}
}

func (g *graph) addRoles(t template) {
	for _, id := range t.ofType("AWS::IAM::Role") {
		n := node{id: id, kind: caller, title: readable(id), details: []string{"IAM role"}}
		for _, s := range statements(t.Resources[id].Properties["AssumeRolePolicyDocument"]) {
			if s.principal != textractService {
				continue
			}
			n.kind, n.title = serviceRole, "Service role"
			if at(s.condition, "StringEquals", "aws:SourceAccount") != nil {
				n.details = append(n.details, "for this account alone")
			}
			g.nodes = append(g.nodes, node{id: textractService, kind: textract, title: "Amazon Textract"})
			g.edges = append(g.edges, edge{textractService, id, "assumes"})
		}
		g.nodes = append(g.nodes, n)
	}
}

func (g *graph) addMessaging(t template) {
	for _, id := range t.ofType("AWS::SNS::Topic") {
		details := []string{"SNS topic", t.protection(id, t.isEncrypted(id))}
		if name, ok := t.Resources[id].Properties["TopicName"].(string); ok {
			prefix, _, _ := strings.Cut(name, "-")
			details[0] = "SNS, " + prefix + "-…"
		}
		g.nodes = append(g.nodes, node{id: id, kind: topic, title: "Topic", details: details})
	}
	dead := t.redriveTargets()
	for _, id := range t.ofType("AWS::SQS::Queue") {
		n := node{id: id, kind: queue, title: "Queue"}
		if slices.Contains(dead, id) {
			n.kind, n.title = deadLetterQueue, "Dead-letter queue"
		}
		properties := t.Resources[id].Properties
		n.details = []string{"SQS queue", t.protection(id, t.isEncrypted(id))}
		if seconds, ok := properties["MessageRetentionPeriod"].(float64); ok {
			n.details[0] = fmt.Sprintf("SQS, kept %g days", seconds/(24*60*60))
		}
		g.nodes = append(g.nodes, n)
		for _, target := range t.references(properties["RedrivePolicy"]) {
			label := fmt.Sprintf("after %v receives", at(properties["RedrivePolicy"], "maxReceiveCount"))
			g.edges = append(g.edges, edge{id, target, label})
		}
	}
}

func (g *graph) addKeys(t template) {
	for _, id := range t.ofType("AWS::KMS::Key") {
		n := node{id: id, kind: key, title: "Key", details: []string{"KMS"}}
		if t.Resources[id].Properties["EnableKeyRotation"] == true {
			n.details[0] = "KMS, rotated"
		}
		if users := t.encryptedWith(id); users != "" {
			n.details = append(n.details, "of "+users)
		}
		g.nodes = append(g.nodes, n)
	}
}

func (g *graph) addSubscriptions(t template) {
	for _, id := range t.ofType("AWS::SNS::Subscription") {
		properties := t.Resources[id].Properties
		for _, from := range t.references(properties["TopicArn"]) {
			for _, to := range t.references(properties["Endpoint"]) {
				g.edges = append(g.edges, edge{from, to, "delivers"})
			}
			for _, to := range t.references(properties["RedrivePolicy"]) {
				g.edges = append(g.edges, edge{from, to, "undeliverable"})
			}
		}
	}
}

// verbs are the labels of arrows for the actions that a role is allowed.
var verbs = []struct{ action, verb string }{
	{"textract:Start", "Start…"},
	{"textract:Get", "Get…"},
	{"iam:PassRole", "passes"},
	{"sns:Publish", "publishes"},
	{"sqs:ReceiveMessage", "receives"},
	{"sqs:DeleteMessage", "deletes"},
	{"s3:GetObject", "reads"},
	{"s3:PutObject", "writes"},
}

func (g *graph) addPolicies(t template) {
	for _, id := range t.ofType("AWS::IAM::Policy") {
		properties := t.Resources[id].Properties
		for _, role := range t.references(properties["Roles"]) {
			g.addPermissions(t, role, statements(properties["PolicyDocument"]))
		}
	}
}

// addPermissions draws one arrow from the role to each resource. Keys have none: their nodes list what they encrypt.
func (g *graph) addPermissions(t template, role string, allowed []statement) {
	labels := map[string][]string{}
	var targets []string
	for _, s := range allowed {
		to := t.references(s.resources)
		if len(to) == 0 && strings.HasPrefix(s.actions[0], "textract:") {
			to = []string{textractService}
		}
		for _, target := range to {
			for _, v := range verbs {
				hasAction := slices.ContainsFunc(s.actions, func(action string) bool { return strings.HasPrefix(action, v.action) })
				if hasAction && !slices.Contains(labels[target], v.verb) {
					labels[target] = append(labels[target], v.verb)
				}
			}
			if !slices.Contains(targets, target) {
				targets = append(targets, target)
			}
		}
	}
	for _, target := range targets {
		if len(labels[target]) > 0 {
			g.edges = append(g.edges, edge{role, target, strings.Join(labels[target], ", ")})
		}
	}
}

// markOurs finds the construct's resources by the logical id of the topic, which begins like theirs.
func (g *graph) markOurs() {
	for _, n := range g.nodes {
		if n.kind != topic {
			continue
		}
		construct := strings.TrimSuffix(readable(n.id), "Topic")
		for i := range g.nodes {
			g.nodes[i].ours = g.nodes[i].ours || construct != "" && strings.HasPrefix(g.nodes[i].id, construct)
		}
	}
}

var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

// readable is a logical id as the app's author wrote it.
func readable(id string) string { return idHash.ReplaceAllString(id, "") }

func (t template) isEncrypted(id string) bool {
	properties := t.Resources[id].Properties
	return properties["KmsMasterKeyId"] != nil || properties["SqsManagedSseEnabled"] == true
}

// protection lists how a resource is protected: encrypted at rest, denying plain HTTP.
func (t template) protection(id string, encrypted bool) string {
	var all []string
	if encrypted {
		all = append(all, "encrypted")
	}
	for _, r := range t.Resources {
		for _, s := range statements(r.Properties["PolicyDocument"]) {
			if s.effect == "Deny" && at(s.condition, "Bool", "aws:SecureTransport") == "false" &&
				slices.Contains(t.references(s.resources), id) {
				return strings.Join(append(all, "TLS only"), ", ")
			}
		}
	}
	return strings.Join(all, ", ")
}

// encryptedWith counts what a key encrypts.
func (t template) encryptedWith(key string) string {
	var all []string
	for _, service := range []struct{ kind, name string }{{"AWS::SNS::Topic", "topic"}, {"AWS::SQS::Queue", "queue"}} {
		count := 0
		for _, id := range t.ofType(service.kind) {
			if slices.Contains(t.references(t.Resources[id].Properties["KmsMasterKeyId"]), key) {
				count++
			}
		}
		switch count {
		case 0:
		case 1:
			all = append(all, service.name)
		default:
			all = append(all, fmt.Sprintf("%d %ss", count, service.name))
		}
	}
	return strings.Join(all, " and ")
}

func (t template) redriveTargets() []string {
	var targets []string
	for _, r := range t.Resources {
		targets = append(targets, t.references(r.Properties["RedrivePolicy"])...)
	}
	return targets
}

func (t template) resourcesOfAction(action string) []string {
	var found []string
	for _, id := range t.ofType("AWS::IAM::Policy") {
		for _, s := range statements(t.Resources[id].Properties["PolicyDocument"]) {
			if slices.Contains(s.actions, action) {
				found = append(found, t.references(s.resources)...)
			}
		}
	}
	return found
}
