package proof

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

// workflowGrant is what a role of a workflow may do.
type workflowGrant struct {
	role      string // the path of the construct
	actions   list
	resources list
	near      list      // resources that are no less alike than these, and not allowed
	when      context   // further keys
	wrong     []context // in place of when
}

const workflowStack = "WorkflowEverything"

// The simulator ignores keys whose names end as a program wants, so another key of KMS with one
// text stands in for this one, in policies and in requests.
const encryptionContext, standIn = "kms:EncryptionContext:aws:states:stateMachineArn", "kms:RequestAlias"

func (w workflow) replaceEncryptionContext() (found int) {
	for _, p := range w.policies {
		for _, statement := range p.document.Statement {
			for _, keys := range statement.Condition {
				if values, ok := keys[encryptionContext]; ok {
					delete(keys, encryptionContext)
					keys[standIn] = values
					found++
				}
			}
		}
	}
	return found
}

// everyCall is every call of the catalogue, with the keys that it can have.
func everyCall(c catalogue, met context) []call {
	var all []call
	for _, actions := range c {
		for _, action := range actions {
			for resource, keys := range action.Resources {
				made := call{action: action.Action, resource: resource, context: overTLS()}
				for key, value := range met {
					if slices.Contains(keys, strings.ToLower(key)) {
						made.context[key] = value
					}
				}
				all = append(all, made)
			}
		}
	}
	return all
}

// workflow are the names in the scenario of that stack.
type workflow struct{ *Deployment }

func (w workflow) of(path string) string { return w.arns[workflowStack+"/"+path] }

func (w workflow) states(kind, machine, id string) string {
	return strings.Replace(w.of(machine), ":stateMachine:", ":"+kind+":", 1) + id
}

// grants are all but that of checkSendTask.
func (w workflow) grants() []workflowGrant {
	const jobs, lending, batch, notifier, machine = "Jobs/StateMachine", "Lending/StateMachine", "Batch/StateMachine",
		"TextractAsync/Notifier/StateMachine", "MachineRole"
	table := w.of("TextractAsync/Notifier/Table")
	documents, results := w.of("Incoming"), w.of("Results")
	keyOf := func(role, key, machine string) workflowGrant {
		g := workflowGrant{
			role: role, actions: list{"kms:Decrypt", "kms:GenerateDataKey"}, resources: list{w.of(key)},
			when: context{standIn: w.of(machine)},
		}
		arn := w.of(machine)
		for _, other := range append(nearMissesOf(arn), strings.Replace(arn, ":states:", ":events:", 1)) {
			g.wrong = append(g.wrong, context{standIn: other})
		}
		return g
	}
	runs := func(role, machine string) []workflowGrant {
		return []workflowGrant{
			{role: role, actions: list{"states:StartExecution"}, resources: list{w.of(machine)}},
			{
				role: role, actions: list{"states:DescribeExecution", "states:StopExecution"},
				resources: list{w.states("execution", machine, ":id")},
				near:      list{w.states("execution", machine, "-2:id"), w.states("execution", notifier, ":id")},
			},
			{
				role: role, actions: list{"events:PutTargets", "events:PutRule", "events:DescribeRule"},
				resources: list{strings.Join(list{
					"arn", w.env.Partition, "events", w.env.Region, w.env.Account, "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
				}, ":")},
			},
		}
	}
	jobRole := func(role string, textractActions ...string) []workflowGrant {
		return []workflowGrant{
			{role: role, actions: textractActions, resources: list{"*"}},
			{
				role: role, actions: list{"iam:PassRole"}, resources: list{w.of("TextractAsync/ServiceRole")},
				when: context{"iam:PassedToService": textractService}, wrong: []context{{"iam:PassedToService": otherService}, {"iam:PassedToService": textractService + ".cn"}},
			},
			{
				role: role, actions: list{"s3:GetObject", "s3:GetObjectVersion"}, resources: list{documents + "/in/a.pdf"},
				near: list{documents + "/a.pdf", documents + "/in_other/a.pdf"},
			},
			{role: role, actions: list{"kms:Decrypt"}, resources: list{w.of("IncomingKey")}},
			{
				role: role, actions: list{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
				resources: list{results + "/it's/id/1"}, near: list{results + "/1", results + "/it's_other/1"},
			},
			{role: role, actions: list{"s3:ListBucketMultipartUploads"}, resources: list{results}},
			{
				role: role, actions: list{"s3:ListBucket"}, resources: list{results},
				when: context{"s3:prefix": "it's/id/"}, wrong: []context{{"s3:prefix": "it's_other/"}, {"s3:prefix": "it's"}},
			},
			{
				role: role, actions: append(list{"kms:Decrypt"}, resultKeyActions...),
				resources: list{w.of("ResultsKey")},
			},
			{role: role, actions: list{"dynamodb:UpdateItem", "dynamodb:GetItem"}, resources: list{table}},
		}
	}
	return slices.Concat(
		jobRole("Jobs/Role", "textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis"),
		jobRole(
			"Lending/Role",
			"textract:StartLendingAnalysis",
			"textract:GetLendingAnalysis",
			"textract:GetLendingAnalysisSummary",
		),
		runs(machine, jobs), runs(machine, lending), runs("Batch/Role", jobs),
		[]workflowGrant{
			{
				role: "Jobs/Role", resources: list{"*"},
				actions: list{"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"},
			},
			keyOf("Jobs/Role", "Key", jobs), keyOf("TextractAsync/Notifier/Role", "Key", jobs), keyOf("Jobs/Uploads/Role", "Key", jobs),
			keyOf(machine, "Key", jobs), keyOf("Batch/Role", "Key", jobs), keyOf("Batch/Role", "BatchKey", batch),
			{role: "TextractAsync/Notifier/Role", actions: list{"dynamodb:UpdateItem"}, resources: list{table}},
			{role: "TextractAsync/Notifier/Role", resources: list{"*"}, actions: list{
				"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
				"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
			}},
			{role: "TextractAsync/Notifier/PipeRole", resources: list{w.of("TextractAsync/Queue")}, actions: list{
				"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			}},
			{role: "TextractAsync/Notifier/PipeRole", actions: list{"kms:Decrypt"}, resources: list{w.of("TextractAsync/EncryptionKey")}},
			{role: "TextractAsync/Notifier/PipeRole", actions: list{"states:StartSyncExecution"}, resources: list{w.of(notifier)}},
			{role: "Jobs/Uploads/Role", actions: list{"states:StartExecution"}, resources: list{w.of(jobs)}},
			{role: "Jobs/OwnUploads/Role", actions: list{"states:StartExecution"}, resources: list{w.of("Machine")}},
			{role: "Batch/Role", actions: list{"states:StartExecution"}, resources: list{w.of(batch)}},
			{
				role: "Batch/Role", actions: list{"states:DescribeExecution", "states:StopExecution"},
				resources: list{w.states("execution", batch, ":id"), w.states("execution", batch, "/Documents:id")},
				near:      list{w.states("execution", batch, "-2:id"), w.states("execution", batch, "/Other:id")},
			},
			{
				role: "Batch/Role", actions: list{"states:RedriveExecution"}, resources: list{w.states("execution", batch, "/Documents:id")},
				near: list{w.states("execution", batch, ":id"), w.states("execution", batch, "/Other:id")},
			},
			{
				role: "Batch/Role", actions: list{"states:DescribeMapRun"}, resources: list{w.states("mapRun", batch, "/Documents:id")},
				near: list{w.states("mapRun", batch, "/Other:id"), w.states("mapRun", batch, "-2/Documents:id")},
			},
			{role: "Batch/Role", actions: list{"dynamodb:UpdateItem", "dynamodb:GetItem"}, resources: list{table}},
			{
				role: "Batch/Role", actions: list{"s3:ListBucket"}, resources: list{documents},
				when: context{"s3:prefix": "in/2024/"}, wrong: []context{{"s3:prefix": "in/"}, {"s3:prefix": "in/2024_other/"}},
			},
			{
				role: "Batch/Role", actions: list{"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"},
				resources: list{results + "/batches/id/manifest.json"}, near: list{results + "/1", results + "/batches_2/1"},
			},
			{role: "Batch/Role", actions: list{"kms:Decrypt", "kms:GenerateDataKey"}, resources: list{w.of("ResultsKey")}},
		},
	)
}

// trusts are the roles with the service that assumes each, and a resource for which it does.
func (w workflow) trusts() map[string][2]string {
	machine, rule := w.of("Jobs/StateMachine"), w.of("Jobs/Uploads/Rule")
	const states, events = "states.amazonaws.com", "events.amazonaws.com"
	pipe := strings.Join(list{"arn", w.env.Partition, "pipes", w.env.Region, w.env.Account, "pipe/name"}, ":")
	return map[string][2]string{
		"Jobs/Role": {states, machine}, "Lending/Role": {states, machine}, "Batch/Role": {states, machine},
		"TextractAsync/Notifier/Role": {states, machine}, "TextractAsync/Notifier/PipeRole": {"pipes.amazonaws.com", pipe},
		"Jobs/Uploads/Role": {events, rule}, "Jobs/OwnUploads/Role": {events, rule},
	}
}

// nearMissesOf knows the names of Step Functions, which come after a colon; executions have names
// of their own.
func nearMissesOf(arn string) []string {
	all := nearMisses(arn)
	if strings.Contains(arn, ":execution:") || strings.Contains(arn, ":mapRun:") {
		return slices.DeleteFunc(all, func(near string) bool { return strings.HasSuffix(near, "another") || strings.HasSuffix(near, "-2") })
	}
	for i, near := range all {
		if strings.HasSuffix(near, ":another") && strings.Contains(arn, ":stateMachine:") {
			all[i] = strings.Replace(near, ":another", ":stateMachine:another", 1)
		}
	}
	return all
}

// wrongSources are contexts in which a service must not act for an account.
func wrongSources(arn, account string) []context {
	all := []context{from("", ""), from("", account), from(arn, ""), from(arn, strangerAccount)}
	parts := strings.SplitN(arn, ":", 6)
	head, tail := "stateMachine:", strings.TrimPrefix(parts[5], "stateMachine:")
	if before, after, ok := strings.Cut(parts[5], "/"); ok {
		head, tail = before+"/", after
	}
	for index, value := range map[int]string{1: otherPartition, 2: "sqs", 3: "us-east-2", 4: strangerAccount, 5: "another" + head + tail} {
		all = append(all, from(strings.Join(replace(parts, index, value), ":"), account))
	}
	if before, ok := strings.CutSuffix(head, "/"); ok {
		all = append(all, from(strings.Join(replace(parts, 5, before+"-2/"+tail), ":"), account))
	}
	return all
}

// TestWorkflowPermissions asks what each role of a workflow may do and everything else, and mutates
// every statement.
func TestWorkflowPermissions(t *testing.T) {
	s := <-startSimulators(t, 1)
	var build scenario.Scenario
	for _, each := range scenario.Workflows() {
		if each.Name == workflowStack {
			build = each
		}
	}
	dir := filepath.Join(t.TempDir(), "cdk.out")
	if err := assembly.Synthesize(dir, nil, build.Build); err != nil {
		t.Fatal(err)
	}
	a, err := assembly.Load(dir, assembly.NewEnvironment(scenario.Account, scenario.Region))
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDeployment(a)
	if err != nil {
		t.Fatal(err)
	}
	w := workflow{d}
	if w.replaceEncryptionContext() == 0 {
		t.Error("no statement names the state machine of a key")
	}
	e := &Expectation{Env: d.env, Construct: workflowStack, catalogue: catalogue{}}
	r := &Run{
		name: workflowStack, simulator: s, deployment: d, expectations: []*Expectation{e},
		allowed: map[allowedCall]bool{}, byPolicy: map[*policy][]*call{},
	}

	// 1. What each role may do, what is like it, and in other contexts.
	resources := list{"*"}
	roles := map[string]principal{}
	var rows []*Row
	for _, g := range w.grants() {
		arn := w.of(g.role)
		if arn == "" || slices.Contains(g.resources, "") {
			t.Fatalf("%v: not there", g)
		}
		who := principal{id: arn, subjects: []string{subjectOf(arn)}}
		if _, ok := roles[g.role]; !ok {
			roles[g.role] = who
			e.Callers = append(e.Callers, Caller{ARN: arn})
		}
		resources = append(resources, g.resources...)
		in := func(keys context) context {
			c := overTLS()
			for key, value := range keys {
				c[key] = value
			}
			return c
		}
		near := g.near
		for _, resource := range g.resources {
			near = append(near, nearMissesOf(resource)...)
		}
		rows = append(rows,
			&Row{id: g.role, allowed: true, calls: by([]principal{who}, calls(g.actions, g.resources, in(g.when)))},
			&Row{id: g.role + "/misuse", calls: by([]principal{who}, calls(g.actions, near, in(g.when)))},
		)
		for _, wrong := range g.wrong {
			rows = append(rows, &Row{id: g.role + "/misuse", calls: by([]principal{who}, calls(g.actions, g.resources, overTLS(), in(wrong)))})
		}
	}
	for role, trust := range w.trusts() {
		assume := func(c ...context) []call { return calls(list{"sts:AssumeRole"}, list{w.of(role)}, c...) }
		right := from(trust[1], d.env.Account)
		others := append(services(otherService, textractService), e.administratorOf(strangerAccount))
		rows = append(rows,
			&Row{id: role + "/trust", allowed: true, calls: by(services(trust[0]), assume(right))},
			&Row{id: role + "/trust/misuse", calls: by(services(trust[0]), assume(wrongSources(trust[1], d.env.Account)...))},
			&Row{id: role + "/trust/others", calls: by(others, assume(right))},
		)
	}
	for _, uploads := range []string{"Jobs/Uploads", "Jobs/OwnUploads"} {
		queue, rule := w.of(uploads+"/DeadLetterQueue"), w.of(uploads+"/Rule")
		send := func(c ...context) []call { return calls(list{"sqs:SendMessage"}, list{queue}, c...) }
		events, right := services("events.amazonaws.com"), from(rule, d.env.Account)
		var wrong []context
		for _, other := range nearMisses(rule) {
			wrong = append(wrong, from(other, d.env.Account))
		}
		wrong = append(wrong, from("", d.env.Account), from(strings.Replace(rule, ":events:", ":sns:", 1), d.env.Account))
		resources = append(resources, queue)
		rows = append(rows,
			&Row{id: uploads, allowed: true, calls: by(events, send(right))},
			&Row{id: uploads + "/misuse", calls: by(events, send(wrong...))},
			&Row{id: uploads + "/others", calls: by(append(services(otherService), e.administratorOf(strangerAccount)), send(right))},
			&Row{id: uploads + "/http", calls: by(events, overHTTP(send(right)))},
		)
	}
	for _, row := range rows {
		r.askRow(e, row, false)
	}

	// 2. Everything else that the services have.
	for _, service := range []string{"textract", "sqs", "s3", "kms", "iam", "states", "dynamodb", "events"} {
		if e.catalogue[service], err = s.actions(service, present(resources...)); err != nil {
			t.Fatal(err)
		}
	}
	var everybody []principal
	for _, who := range roles {
		everybody = append(everybody, who)
	}
	for prefix, machine := range map[string]string{"it's/id/": "Jobs/StateMachine", "in/2024/": "Batch/StateMachine"} {
		met := context{"iam:PassedToService": textractService, "s3:prefix": prefix, standIn: w.of(machine)}
		r.askRow(e, &Row{id: "rest/roles", calls: by(everybody, everyCall(e.catalogue, met))}, true)
	}
	isQueue := func(c call) bool {
		return strings.HasPrefix(c.action, "sqs:") && strings.Contains(c.resource, "UploadsDeadLetterQueue")
	}
	onQueues := slices.DeleteFunc(everyCall(e.catalogue, nil), func(c call) bool { return !isQueue(c) })
	r.askRow(e, &Row{id: "rest/http", calls: by(e.administrator(), overHTTP(onQueues))}, true)
	r.askRow(e, &Row{id: "rest/events", calls: by(services("events.amazonaws.com"), onQueues)}, true)
	for _, q := range r.questions {
		for _, p := range d.policiesFor(q) {
			r.byPolicy[p] = append(r.byPolicy[p], q)
		}
	}
	result, err := r.evaluate()
	if err != nil {
		t.Fatal(err)
	}
	report(t, "wrong", result.wrong)
	if t.Failed() {
		return
	}

	// 3. Every change of a statement is noticed, but for those that name no resource to the
	//    simulator.
	isOurs := func(p *policy) bool {
		_, trusted := w.trusts()[strings.TrimPrefix(p.path, workflowStack+"/")]
		isOfRole := p.kind == identityPolicy && slices.ContainsFunc(e.Callers, func(c Caller) bool { return subjectOf(c.ARN) == p.subject })
		return isOfRole || p.kind == trustPolicy && trusted || p.kind == queuePolicy && strings.Contains(p.path, "Uploads")
	}
	for _, m := range r.mutants(isOurs) {
		if isSendTask(m.policy.document.Statement[m.statement]) || isElsewhere(m) {
			continue
		}
		killed, err := r.kills(m)
		if err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		isExplained := slices.ContainsFunc(explanations, func(x explanation) bool { return x.fits(m) })
		switch {
		case killed:
			result.killed++
		case isExplained:
			result.explained = append(result.explained, m.change)
		default:
			result.survived = append(result.survived, m)
		}
	}
	report(t, "survived", result.survived)
	t.Log(result)

	w.checkSendTask(t, s)
}

// isElsewhere reports whether a change is one more of a kind that is tried elsewhere:
// TestPermissions adds actions of other services to the statements of the construct, and the batch
// has those of S3 and KMS that only a workflow has. Lending is a second job state machine.
func isElsewhere(m mutant) bool {
	action, isMore := strings.CutPrefix(m.change, "with ")
	service, _, _ := strings.Cut(action, ":")
	return strings.HasPrefix(m.policy.path, workflowStack+"/Lending/") ||
		isMore && !strings.HasPrefix(m.policy.path, workflowStack+"/Batch/") &&
			!slices.Contains([]string{"states", "dynamodb", "events"}, service)
}

var sendTaskActions = texts{"states:SendTaskSuccess", "states:SendTaskFailure"}

func isSendTask(s Statement) bool { return slices.Equal(s.Action, sendTaskActions) }

// checkSendTask reads the one statement that the simulator cannot judge: its data has no resource
// for these actions, and real errors of AWS name the state machine. It fails when the data has one.
func (w workflow) checkSendTask(t *testing.T, s *simulator) {
	notifier := w.of("TextractAsync/Notifier/Role")
	found := map[string]bool{}
	for _, p := range w.policies {
		for _, statement := range p.document.Statement {
			if !slices.ContainsFunc(statement.Action, func(action string) bool { return strings.HasPrefix(action, "states:SendTask") }) {
				continue
			}
			if p.subject != subjectOf(notifier) || !isSendTask(statement) || len(statement.Resource) != 1 || statement.Condition != nil {
				t.Errorf("%s: %v", p.path, statement)
			}
			found[statement.Resource[0]] = true
			answers, err := s.allowed([]request{{
				Principal: notifier, Action: "states:SendTaskSuccess", Resource: statement.Resource[0], Account: w.env.Account,
				Context: overTLS(), Identity: []*Document{p.document},
			}})
			if err == nil && answers[0] {
				t.Error("the simulator can judge SendTaskSuccess by ARN: make it a grant")
			}
		}
	}
	for _, machine := range []string{"Jobs/StateMachine", "Lending/StateMachine"} {
		if !found[w.of(machine)] || len(found) != 2 {
			t.Errorf("the notifier may resume %v, not only the job state machines", found)
		}
	}
}
