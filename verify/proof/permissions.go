package proof

import (
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// matrix is everything that must be allowed or denied, in the order in which a job runs.
func matrix() []Part {
	rows := func(permissions []permission, more ...*Row) []*Row {
		var all []*Row
		for _, p := range permissions {
			all = append(all, p.rows()...)
		}
		return append(all, more...)
	}
	return []Part{
		{"Callers", rows(callerPermissions(), otherOperations)},
		{"Textract assumes the service role and publishes", rows(servicePermissions(), untrusted, otherKeys)},
		{"SNS delivers", rows(deliveryPermissions())},
		{"CloudWatch sends alarms", rows(alarmPermissions())},
		{"Administrators", rows(administratorPermissions())},
		{"Everything else", restRows()},
	}
}

const (
	nearMissText   = "near misses: another name, account, Region or construct"
	nearObjectText = "another bucket, or another prefix"

	starters, readers, consumers = "Starter, Runner", "Reader, Runner", "Listener, Runner"
)

var (
	documentActions   = []string{"s3:GetObject", "s3:GetObjectVersion"}
	writeActions      = []string{"s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"}
	consumeActions    = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}
	resultKeyActions  = []string{"kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"}
	publishKeyActions = []string{ // kms:Decrypt and kms:GenerateDataKey*
		"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext",
		"kms:GenerateDataKeyWithoutPlaintext",
	}
)

// forCaller completes a permission that a grant gives.
func forCaller(granted grants, p permission) permission {
	p.may = func(e *Expectation) []principal { return e.with(granted) }
	p.others = func(e *Expectation) []principal {
		all := e.without(granted)
		if p.on != "*" {
			return all
		}
		// What others do with the resources of their own account or construct is not this one's business.
		return slices.DeleteFunc(all, func(who principal) bool {
			return accountIn(who.id) != e.Env.Account || slices.ContainsFunc(e.Others, func(other *Expectation) bool {
				return slices.ContainsFunc(other.Callers, func(c Caller) bool { return c.ARN == who.id })
			})
		})
	}
	return p
}

func callerPermissions() []permission {
	consume := func(id, when string, src source, actions ...string) permission {
		return forCaller(grantConsume, permission{
			id: id, who: consumers, call: strings.Join(actions, ", "), on: "the queue", when: when, source: src,
			uses:       func(e *Expectation) []use { return calls(e.Queue, overTLS(), actions...) },
			nearMisses: "the dead-letter queue, and " + nearMissText,
			misuses:    func(e *Expectation) []use { return calls(e.DeadLetterQueue, overTLS(), actions...) },
			http:       &sqsTransit,
		})
	}
	return []permission{
		forCaller(grantStart, permission{
			id: "start", who: starters, call: "textract:Start… of the chosen operations", on: "*", source: textractIAM,
			uses: func(e *Expectation) []use { return calls("*", overTLS(), startActions(e.Operations)...) },
		}),
		forCaller(grantStart|grantPass, permission{
			id: "pass-role", who: "Starter, Runner, Passer", call: "iam:PassRole", on: "the service role", when: "passed to Textract",
			source: asyncRoles, uses: func(e *Expectation) []use { return e.pass(textractService) },
			nearMisses: "the service role passed to another service or to none; another role passed to Textract",
			misuses: func(e *Expectation) []use {
				return slices.Concat(e.pass(""), e.pass("lambda.amazonaws.com"), e.pass(otherService), e.pass(textractService+".example.com"))
			},
		}),
		forCaller(grantStart, permission{
			id: "read-documents", who: starters, call: "s3:GetObject, s3:GetObjectVersion", on: "the objects of the inputs", source: textractObject,
			uses:       func(e *Expectation) []use { return objects(e.Inputs, documentActions) },
			nearMisses: nearObjectText, misuses: func(e *Expectation) []use { return nearObjects(e.Inputs, documentActions) }, http: &s3Transit,
		}),
		forCaller(grantStart, permission{
			id: "documents-key", who: starters, call: "kms:Decrypt", on: "the keys of the inputs", when: "through S3", source: s3Keys,
			uses: func(e *Expectation) []use { return keyUses(e, e.Inputs, "kms:Decrypt") }, nearMisses: nearMissText,
		}),
		forCaller(grantStart, permission{
			id: "write-results", who: starters, call: strings.Join(writeActions, ", "), on: "the objects of the output", source: asyncRoles,
			uses:       func(e *Expectation) []use { return objects(e.outputs(), writeActions) },
			nearMisses: nearObjectText, misuses: func(e *Expectation) []use { return nearObjects(e.outputs(), writeActions) }, http: &s3Transit,
		}),
		forCaller(grantStart, permission{
			id: "list-uploads", who: starters, call: "s3:ListBucketMultipartUploads", on: "the bucket of the output", source: asyncRoles,
			uses:       func(e *Expectation) []use { return e.onOutput(overTLS(), "s3:ListBucketMultipartUploads") },
			nearMisses: nearMissText, http: &s3Transit,
		}),
		forCaller(grantStart|grantRead, permission{
			id: "read-results", who: "Starter, Reader, Runner", call: "s3:GetObject", on: "the objects of the output", source: asyncRoles,
			uses:       func(e *Expectation) []use { return objects(e.outputs(), []string{"s3:GetObject"}) },
			nearMisses: nearObjectText, misuses: func(e *Expectation) []use { return nearObjects(e.outputs(), []string{"s3:GetObject"}) },
			http: &s3Transit,
		}),
		forCaller(grantRead, permission{
			id: "list-results", who: readers, call: "s3:ListBucket", on: "the bucket of the output", when: "below the prefix", source: s3Prefix,
			uses: func(e *Expectation) []use { return e.list("", "1f2e3d4c/") }, nearMisses: "another bucket, another prefix or none",
			misuses: func(e *Expectation) []use {
				return append(e.onOutput(overTLS(), "s3:ListBucket"), e.list("other/", "_other/")...)
			},
			http: &s3Transit,
		}),
		forCaller(grantStart|grantRead, permission{
			id: "read-results-key", who: "Starter, Reader, Runner", call: "kms:Decrypt", on: "the key of the output", when: "through S3",
			source: asyncCalls, uses: func(e *Expectation) []use { return keyUses(e, e.outputs(), "kms:Decrypt") }, nearMisses: nearMissText,
		}),
		forCaller(grantStart, permission{
			id: "write-results-key", who: starters, call: strings.Join(resultKeyActions, ", "), on: "the key of the output", when: "through S3",
			source: asyncCalls, uses: func(e *Expectation) []use { return keyUses(e, e.outputs(), resultKeyActions...) }, nearMisses: nearMissText,
		}),
		consume("consume", "", sqsActions, consumeActions...),
		consume("consume-lambda", "", lambdaTrigger, "sqs:GetQueueAttributes"),
		consume("consume-by-name", "by a worker that has its name only", sqsActions, "sqs:GetQueueUrl"),
		forCaller(grantConsume, permission{
			id: "consume-key", who: consumers, call: "kms:Decrypt", on: "the key of the queue", when: "through SQS", source: sqsKeys,
			uses: func(e *Expectation) []use { return calls(e.QueueKey, e.via("sqs"), "kms:Decrypt") }, nearMisses: nearMissText,
		}),
		forCaller(grantRead, permission{
			id: "get", who: readers, call: "textract:Get… of the chosen operations", on: "*", source: textractIAM,
			uses: func(e *Expectation) []use { return calls("*", overTLS(), getActions(e.Operations)...) },
		}),
		{
			id: "upload", who: "the caller of the sample app", call: "s3:PutObject", on: "the objects of the inputs", source: s3Actions,
			may: func(e *Expectation) []principal {
				var all []principal
				for _, c := range e.Callers {
					if c.PutDocuments {
						all = append(all, c.principal())
					}
				}
				return all
			},
			uses: func(e *Expectation) []use { return objects(e.Inputs, []string{"s3:PutObject"}) }, nearMisses: nearObjectText,
		},
	}
}

func startActions(operations []string) []string {
	var all []string
	for _, operation := range operations {
		all = append(all, "textract:Start"+operation)
	}
	return all
}

func getActions(operations []string) []string {
	var all []string
	for _, operation := range operations {
		all = append(all, "textract:Get"+operation)
		if operation == lendingAnalysis {
			all = append(all, "textract:GetLendingAnalysisSummary")
		}
	}
	return all
}

func (e *Expectation) pass(service string) []use {
	return calls(e.ServiceRole, overTLS("iam:PassedToService", service), "iam:PassRole")
}

func (e *Expectation) onOutput(context map[string]string, action string) []use {
	var all []use
	for _, l := range e.outputs() {
		all = append(all, calls(l.Bucket, context, action)...)
	}
	return all
}

// list lists with the prefix of the output and without it, with something before and something after.
func (e *Expectation) list(before, after string) []use {
	var all []use
	for _, l := range e.outputs() {
		prefix := l.Prefix
		if before != "" {
			prefix = strings.TrimSuffix(prefix, "/")
			all = append(all, calls(l.Bucket, overTLS("s3:prefix", before+l.Prefix), "s3:ListBucket")...)
		}
		all = append(all, calls(l.Bucket, overTLS("s3:prefix", prefix), "s3:ListBucket")...)
		all = append(all, calls(l.Bucket, overTLS("s3:prefix", prefix+after), "s3:ListBucket")...)
	}
	return all
}

func objects(locations []Location, actions []string) []use {
	var all []use
	for _, l := range locations {
		all = append(all, calls(l.object(), overTLS(), actions...)...)
	}
	return all
}

// nearObjects are in the same bucket, but outside the prefix.
func nearObjects(locations []Location, actions []string) []use {
	var all []use
	for _, l := range locations {
		if l.Prefix == "" {
			continue
		}
		bare := strings.TrimSuffix(l.Prefix, "/")
		for _, key := range []string{bare, bare + "_other/1", "1", "other/" + l.Prefix + "1"} {
			all = append(all, calls(l.Bucket+"/"+key, overTLS(), actions...)...)
		}
	}
	return all
}

func keyUses(e *Expectation, locations []Location, actions ...string) []use {
	var all []use
	for _, l := range locations {
		all = append(all, calls(l.Key, e.via("s3"), actions...)...)
	}
	return all
}

var otherOperations = &Row{
	id: "other-operations", who: "every caller", call: "textract:Start…, textract:Get… of operations that were not chosen", on: "*",
	source: evaluation,
	ask: func(e *Expectation) []use {
		var others []string
		for _, operation := range allOperations {
			if !slices.Contains(e.Operations, operation) {
				others = append(others, operation)
			}
		}
		return by(e.with(anyGrant), calls("*", overTLS(), append(startActions(others), getActions(others)...)...))
	},
}

// job is a source of Textract's calls. Jobs have no ARN; the guide's pattern leaves its form open.
func (e *Expectation) job(account string) string {
	return e.jobIn(e.Env.Partition, "textract", e.Env.Region, account)
}

func (e *Expectation) jobIn(partition, service, region, account string) string {
	return strings.Join([]string{"arn", partition, service, region, account, "job/1f2e3d4c"}, ":")
}

func (e *Expectation) assume(contexts ...map[string]string) []use {
	var all []use
	for _, context := range contexts {
		all = append(all, calls(e.ServiceRole, context, "sts:AssumeRole")...)
	}
	return all
}

var untrusted = &Row{
	id: "assume/untrusted", who: "Textract", call: "sts:AssumeRole", on: "the service role", when: "for jobs of an account that is not trusted",
	source: asyncRoles,
	ask: func(e *Expectation) []use {
		if slices.Contains(e.Trusted, scenario.OtherAccount) {
			return nil
		}
		return by(services(textractService), e.assume(from(e.job(scenario.OtherAccount), scenario.OtherAccount)))
	},
}

// otherKeys are those that the service role has no use for.
var otherKeys = &Row{
	id: "publish-key/inputs", who: "the service role", call: "kms:Decrypt, kms:GenerateDataKey, …", on: "the keys of the inputs", source: evaluation,
	ask: func(e *Expectation) []use {
		var all []use
		for _, input := range e.Inputs {
			all = append(all, calls(input.Key, overTLS(), append(publishKeyActions, resultKeyActions...)...)...)
		}
		return by(e.serviceRole(), all)
	},
}

func servicePermissions() []permission {
	textract := func(*Expectation) []principal { return services(textractService) }
	publish := func(managed bool, id, who, on string, src source) permission {
		p := permission{
			id: id, who: who, call: "sns:Publish", on: on, source: src, may: (*Expectation).serviceRole, http: &snsTransit,
			uses: func(e *Expectation) []use {
				if e.ManagedPolicy != managed {
					return nil
				}
				return calls(e.Topic, overTLS(), "sns:Publish")
			},
			others: func(e *Expectation) []principal {
				return append(e.without(0), services(textractService, otherService)...)
			},
			othersAre: "everybody else, Textract itself among them",
		}
		other, name := "AmazonTextract-another", nearMissText
		if managed {
			other, name = "another", "topics of another name"
			p.misuse = name
		} else {
			p.nearMisses = name
		}
		p.misuses = func(e *Expectation) []use {
			if e.ManagedPolicy != managed {
				return nil
			}
			return calls(e.topic(other), overTLS(), "sns:Publish")
		}
		return p
	}
	return []permission{
		{
			id: "assume", who: "Textract", call: "sts:AssumeRole", on: "the service role", when: "for jobs of a trusted account", source: textractDeputy,
			may: textract,
			uses: func(e *Expectation) []use {
				var all []use
				for _, account := range e.Trusted {
					elsewhere := e.jobIn(e.Env.Partition, "textract", "us-east-2", account)
					all = append(all, e.assume(from(e.job(account), account), from(elsewhere, account))...)
				}
				return all
			},
			others:    func(e *Expectation) []principal { return append(e.without(0), services(otherService, snsService)...) },
			othersAre: "another service, any caller, another account", claiming: "in Textract's own context",
			misuse: "SourceArn or SourceAccount is another account's or missing, or SourceArn is another service's or partition's",
			misuses: func(e *Expectation) []use {
				contexts := []map[string]string{from("", ""), from(e.job(strangerAccount), strangerAccount)}
				for _, account := range e.Trusted {
					contexts = append(contexts, from(e.job(strangerAccount), account), from(e.job(account), strangerAccount),
						from("", account), from(e.job(account), ""),
						from(e.jobIn(e.Env.Partition, "rekognition", e.Env.Region, account), account),
						from(e.jobIn(otherPartition, "textract", e.Env.Region, account), account))
				}
				return e.assume(contexts...)
			},
		},
		publish(false, "publish", "the service role", "the topic", asyncRoles),
		publish(true, "publish-managed", "the service role with AmazonTextractServiceRole",
			"every topic whose name begins with AmazonTextract", managedPolicy),
		{
			id: "publish-key", who: "the service role", call: "kms:GenerateDataKey*, kms:Decrypt", on: "the key of the topic",
			when: "through SNS", source: snsKeys, may: (*Expectation).serviceRole,
			uses: func(e *Expectation) []use { return calls(e.TopicKey, e.via("sns"), publishKeyActions...) }, nearMisses: nearMissText,
		},
		{
			id: "service-role-results-key", who: "the service role", call: "kms:Decrypt, " + strings.Join(resultKeyActions, ", "),
			on: "the key of the output", when: "through S3", source: asyncRoles, may: (*Expectation).serviceRole,
			uses: func(e *Expectation) []use {
				return keyUses(e, e.outputs(), append([]string{"kms:Decrypt"}, resultKeyActions...)...)
			},
			nearMisses: nearMissText,
		},
	}
}

func (e *Expectation) topic(name string) string {
	return "arn:" + e.Env.Partition + ":sns:" + e.Env.Region + ":" + e.Env.Account + ":" + name
}

// wrongTopics are contexts in which SNS must not act for the construct: no source, only an account, another topic, or a resource of
// another service with the topic's name.
func (e *Expectation) wrongTopics() []map[string]string {
	contexts := []map[string]string{from("", ""), from("", e.Env.Account)}
	others := append(nearMisses(e.Topic), e.topic("AmazonTextract-another"), strings.Replace(e.Topic, ":sns:", ":events:", 1))
	for _, other := range e.Others {
		others = append(others, other.Topic)
	}
	for _, other := range others {
		contexts = append(contexts, from(other, e.Env.Account), from(other, accountIn(other)))
	}
	return contexts
}

// inEach makes the uses of every context.
func inEach(contexts []map[string]string, uses func(context map[string]string) []use) []use {
	var all []use
	for _, context := range contexts {
		all = append(all, uses(context)...)
	}
	return all
}

func deliveryPermissions() []permission {
	sns := func(*Expectation) []principal { return services(snsService) }
	send := func(id, on string, src source, queue func(e *Expectation) string) permission {
		to := func(e *Expectation) func(map[string]string) []use {
			return func(context map[string]string) []use { return calls(queue(e), context, "sqs:SendMessage") }
		}
		return permission{
			id: id, who: "SNS", call: "sqs:SendMessage", on: on, when: "for the topic", source: src, may: sns,
			uses: func(e *Expectation) []use { return to(e)(from(e.Topic, e.Env.Account)) },
			others: func(e *Expectation) []principal {
				return append(e.without(0), services(otherService, textractService)...)
			},
			othersAre: "another service, any caller, another account", claiming: "with the topic as source",
			misuse: "for another topic, or for none", misuses: func(e *Expectation) []use { return inEach(e.wrongTopics(), to(e)) },
			http: &sqsTransit,
		}
	}
	useKey := func(e *Expectation) func(map[string]string) []use {
		return func(context map[string]string) []use { return calls(e.QueueKey, context, publishKeyActions...) }
	}
	return []permission{
		send("deliver", "the queue", snsSubscribe, func(e *Expectation) string { return e.Queue }),
		send("deliver-dead-letter", "the dead-letter queue", snsDeadLetters, func(e *Expectation) string { return e.DeadLetterQueue }),
		{
			id: "deliver-key", who: "SNS", call: "kms:GenerateDataKey*, kms:Decrypt", on: "the key of the queue", when: "for the topic",
			source: snsDelivery, may: sns, uses: func(e *Expectation) []use { return useKey(e)(from(e.Topic, e.Env.Account)) },
			others: func(e *Expectation) []principal {
				return append(e.outsiders(), services(otherService, textractService)...)
			},
			othersAre: "another service, a role without policies, another account", claiming: "with the topic as source",
			misuse: "for another topic, or for none", misuses: func(e *Expectation) []use { return inEach(e.wrongTopics(), useKey(e)) },
		},
	}
}

// alarm is one that CloudFormation named.
func (e *Expectation) alarm() string {
	return "arn:" + e.Env.Partition + ":cloudwatch:" + e.Env.Region + ":" + e.Env.Account + ":alarm:Monitored-Alarm1F2E3D4C"
}

// wrongAlarms are contexts in which CloudWatch must not act for the construct.
func (e *Expectation) wrongAlarms() []map[string]string {
	own, alarm := e.Env.Account, e.alarm()
	contexts := []map[string]string{from("", ""), from("", own), from(alarm, ""), from(alarm, strangerAccount)}
	for _, other := range []string{
		strings.Replace(alarm, ":cloudwatch:", ":events:", 1), strings.Replace(alarm, ":alarm:", ":insight-rule/", 1),
		strings.Replace(alarm, e.Env.Region, "us-east-1", 1), strings.Replace(alarm, own, strangerAccount, 1),
		strings.Replace(alarm, e.Env.Partition, otherPartition, 1),
	} {
		contexts = append(contexts, from(other, own))
	}
	return contexts
}

func alarmPermissions() []permission {
	alarm := func(id, call, on string, src source, http *source, uses func(e *Expectation, context map[string]string) []use) permission {
		return permission{
			id: id, who: "CloudWatch", call: call, on: on, when: "for alarms of the account", source: src, http: http,
			may:  func(*Expectation) []principal { return services(cloudWatchService) },
			uses: func(e *Expectation) []use { return uses(e, from(e.alarm(), e.Env.Account)) },
			others: func(e *Expectation) []principal {
				return append(e.outsiders(), services(otherService, textractService)...)
			},
			othersAre: "another service, a role without policies, another account", claiming: "with an alarm as source",
			misuse: "SourceArn or SourceAccount is another account's or missing, or SourceArn is no alarm of this Region",
			misuses: func(e *Expectation) []use {
				return inEach(e.wrongAlarms(), func(context map[string]string) []use { return uses(e, context) })
			},
		}
	}
	return []permission{
		alarm("alarm", "sns:Publish", "the topic of the alarms", alarmTopics, &snsTransit, func(e *Expectation, context map[string]string) []use {
			return calls(e.AlarmTopic, context, "sns:Publish")
		}),
		alarm("alarm-key", "kms:GenerateDataKey*, kms:Decrypt", "the key of that topic", alarmKeys, nil,
			func(e *Expectation, context map[string]string) []use {
				return calls(e.AlarmKey, context, publishKeyActions...)
			}),
	}
}

func administratorPermissions() []permission {
	administer := func(id, on string, src source, resources func(e *Expectation) []string, actions ...string) permission {
		return permission{
			id: id, who: "an administrator of the account", call: strings.Join(actions, ", "), on: on, source: src,
			may: func(e *Expectation) []principal { return e.administrator() },
			uses: func(e *Expectation) []use {
				var all []use
				for _, arn := range resources(e) {
					all = append(all, calls(arn, overTLS(), actions...)...)
				}
				return all
			},
		}
	}
	return []permission{
		administer("administer-key", "every key of the account", kmsDefault, func(e *Expectation) []string {
			return slices.DeleteFunc(e.keys(), func(arn string) bool { return accountIn(arn) != e.Env.Account })
		}, "kms:DescribeKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion"),
		administer("redrive", "the dead-letter queue", sqsActions, func(e *Expectation) []string { return present(e.DeadLetterQueue) },
			"sqs:ReceiveMessage", "sqs:StartMessageMoveTask"),
	}
}
