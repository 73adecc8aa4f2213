package proof

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// matrix is everything that must be allowed or denied of a construct, in the order in which a job
// runs.
func (e *Expectation) matrix() []Part {
	return []Part{
		{"Callers", e.rows((*Expectation).callerPermissions, e.otherOperations())},
		{"Textract assumes the service role and publishes", e.rows((*Expectation).servicePermissions, e.untrusted(), e.otherKeys())},
		{"SNS delivers", e.rows((*Expectation).deliveryPermissions)},
		{"CloudWatch sends alarms", e.rows((*Expectation).alarmPermissions)},
		{"Administrators", e.rows((*Expectation).administratorPermissions)},
		{"Everything else", e.restRows()},
	}
}

const (
	nearMissText   = "near misses: another name, account, Region or construct"
	nearObjectText = "another bucket, or another prefix"
)

var (
	documentActions   = list{"s3:GetObject", "s3:GetObjectVersion"}
	writeActions      = list{"s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"}
	consumeActions    = list{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}
	resultKeyActions  = list{"kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"}
	publishKeyActions = list{ // kms:Decrypt and kms:GenerateDataKey*
		"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext",
		"kms:GenerateDataKeyWithoutPlaintext",
	}
)

func (e *Expectation) callerPermissions() []permission {
	passedTo := func(service string) context { return overTLS("iam:PassedToService", service) }
	below := func(prefix string) context { return overTLS("s3:prefix", prefix) }
	prefix := e.Output.Prefix
	bare := strings.TrimSuffix(prefix, "/")
	consume := func(id, when string, src source, actions ...string) permission {
		return e.granted(grantConsume, permission{
			id: id, actions: actions, on: "the queue", resources: list{e.Queue}, when: when, source: src,
			nearMisses: "the dead-letter queue, and " + nearMissText, near: list{e.DeadLetterQueue}, http: sqsTransit,
		})
	}
	return []permission{
		e.granted(grantStart, permission{
			id: "start", actions: startActions(e.Operations), call: "textract:Start… of the chosen operations",
			on: "*", resources: list{"*"}, source: textractIAM,
		}),
		e.granted(grantStart|grantPass, permission{
			id: "pass-role", actions: list{"iam:PassRole"}, on: "the service role", resources: list{e.ServiceRole},
			when: "passed to Textract", contexts: []context{passedTo(textractService)}, source: asyncRoles,
			nearMisses: "the service role passed to another service or to none; another role passed to Textract",
			wrongContexts: []context{
				passedTo(""), passedTo("lambda.amazonaws.com"), passedTo(otherService), passedTo(textractService + ".example.com"),
			},
		}),
		e.granted(grantStart, permission{
			id: "read-documents", actions: documentActions, on: "the objects of the inputs", resources: objects(e.Inputs...),
			source: textractObject, nearMisses: nearObjectText, near: nearObjects(e.Inputs...), http: s3Transit,
		}),
		e.granted(grantStart, permission{
			id: "documents-key", actions: list{"kms:Decrypt"}, on: "the keys of the inputs", resources: keys(e.Inputs...),
			when: "through S3", contexts: e.via("s3"), source: s3Keys, nearMisses: nearMissText,
		}),
		e.granted(grantStart, permission{
			id: "write-results", actions: writeActions, on: "the objects of the output", resources: objects(e.Output),
			source: asyncRoles, nearMisses: nearObjectText, near: nearObjects(e.Output), http: s3Transit,
		}),
		e.granted(grantStart, permission{
			id: "list-uploads", actions: list{"s3:ListBucketMultipartUploads"}, on: "the bucket of the output",
			resources: list{e.Output.Bucket}, source: asyncRoles, nearMisses: nearMissText, http: s3Transit,
		}),
		e.granted(grantStart|grantRead, permission{
			id: "read-results", actions: list{"s3:GetObject"}, on: "the objects of the output",
			resources: objects(e.Output), source: asyncRoles, nearMisses: nearObjectText, near: nearObjects(e.Output), http: s3Transit,
		}),
		e.granted(grantRead, permission{
			id: "list-results", actions: list{"s3:ListBucket"}, on: "the bucket of the output", resources: list{e.Output.Bucket},
			when: "below the prefix", contexts: []context{below(prefix), below(prefix + "1f2e3d4c/")}, source: s3Prefix,
			nearMisses:    "another bucket, another prefix or none",
			wrongContexts: []context{below(""), below("other/" + prefix), below(bare), below(bare + "_other/")}, http: s3Transit,
		}),
		e.granted(grantStart|grantRead, permission{
			id: "read-results-key", actions: list{"kms:Decrypt"}, on: "the key of the output",
			resources: list{e.Output.Key}, when: "through S3", contexts: e.via("s3"), source: asyncCalls, nearMisses: nearMissText,
		}),
		e.granted(grantStart, permission{
			id: "write-results-key", actions: resultKeyActions, on: "the key of the output", resources: list{e.Output.Key},
			when: "through S3", contexts: e.via("s3"), source: asyncCalls, nearMisses: nearMissText,
		}),
		consume("consume", "", sqsActions, consumeActions...),
		consume("consume-lambda", "", lambdaTrigger, "sqs:GetQueueAttributes"),
		consume("consume-by-name", "by a worker that has its name only", sqsActions, "sqs:GetQueueUrl"),
		e.granted(grantConsume, permission{
			id: "consume-key", actions: list{"kms:Decrypt"}, on: "the key of the queue", resources: list{e.QueueKey},
			when: "through SQS", contexts: e.via("sqs"), source: sqsKeys, nearMisses: nearMissText,
		}),
		e.granted(grantConsume, permission{
			id: "consume-former-key", actions: list{"kms:Decrypt"}, on: "the former keys of the queue", resources: e.FormerKeys,
			when: "through SQS", contexts: e.via("sqs"), source: sqsKeys, nearMisses: nearMissText,
		}),
		e.granted(grantRead, permission{
			id: "get", actions: getActions(e.Operations), call: "textract:Get… of the chosen operations",
			on: "*", resources: list{"*"}, source: textractIAM,
		}),
		e.granted(grantUpload, permission{
			id: "upload", who: "the caller of the sample app", actions: list{"s3:PutObject"}, on: "the objects of the inputs",
			resources: objects(e.Inputs...), source: s3Actions, nearMisses: nearObjectText,
		}),
	}
}

// granted completes a permission that grants give.
func (e *Expectation) granted(grants grants, p permission) permission {
	p.who = cmp.Or(p.who, grants.callers())
	p.may, p.others = e.with(grants), e.without(grants)
	if p.on != "*" {
		return p
	}
	// What others do with the resources of their own account or construct is not this one's
	// business.
	p.others = slices.DeleteFunc(p.others, func(who principal) bool {
		return accountIn(who.id) != e.Env.Account || slices.ContainsFunc(e.Others, func(other *Expectation) bool {
			return slices.ContainsFunc(other.Callers, func(c Caller) bool { return c.ARN == who.id })
		})
	})
	return p
}

func startActions(operations []string) list {
	var all list
	for _, operation := range operations {
		all = append(all, "textract:Start"+operation)
	}
	return all
}

func getActions(operations []string) list {
	var all list
	for _, operation := range operations {
		all = append(all, "textract:Get"+operation)
		if operation == lendingAnalysis {
			all = append(all, "textract:GetLendingAnalysisSummary")
		}
	}
	return all
}

func (e *Expectation) otherOperations() *Row {
	others := slices.DeleteFunc(
		slices.Clone(allOperations),
		func(operation string) bool { return slices.Contains(e.Operations, operation) },
	)
	return &Row{
		id: "other-operations", who: "every caller", call: "textract:Start…, textract:Get… of operations that were not chosen", on: "*",
		source: evaluation, calls: by(e.with(anyGrant), calls(append(startActions(others), getActions(others)...), list{"*"}, overTLS())),
	}
}

func (e *Expectation) servicePermissions() []permission {
	var trusted []context
	wrong := []context{from("", ""), from(e.job(strangerAccount), strangerAccount)}
	for _, account := range e.Trusted {
		trusted = append(trusted, from(e.job(account), account), from(jobIn(e.Env.Partition, "textract", "us-east-2", account), account))
		wrong = append(wrong, from(e.job(strangerAccount), account), from(e.job(account), strangerAccount),
			from("", account), from(e.job(account), ""),
			from(jobIn(e.Env.Partition, "rekognition", e.Env.Region, account), account),
			from(jobIn(otherPartition, "textract", e.Env.Region, account), account))
	}
	publish := func(isGranted bool, other string, p permission) permission {
		if isGranted {
			p.resources, p.near = list{e.Topic}, list{e.topic(other)}
		}
		p.actions, p.may, p.http = list{"sns:Publish"}, e.serviceRole(), snsTransit
		p.others, p.othersAre = e.callersAnd(textractService, otherService), "everybody else, Textract itself among them"
		return p
	}
	return []permission{
		{
			id: "assume", who: "Textract", actions: list{"sts:AssumeRole"}, on: "the service role", resources: list{e.ServiceRole},
			when: "for jobs of a trusted account", contexts: trusted, source: textractDeputy, may: services(textractService),
			others: e.callersAnd(otherService, snsService), othersAre: "another service, any caller, another account",
			claiming:      "in Textract's own context",
			misuse:        "SourceArn or SourceAccount is another account's or missing, or SourceArn is another service's or partition's",
			wrongContexts: wrong,
		},
		publish(!e.ManagedPolicy, "AmazonTextract-another", permission{
			id: "publish", who: "the service role", on: "the topic", source: asyncRoles, nearMisses: nearMissText,
		}),
		publish(e.ManagedPolicy, "another", permission{
			id:     "publish-managed",
			who:    "the service role with AmazonTextractServiceRole",
			on:     "every topic whose name begins with AmazonTextract",
			source: managedPolicy,
			misuse: "topics of another name",
		}),
		{
			id: "publish-key", who: "the service role", actions: publishKeyActions, call: "kms:GenerateDataKey*, kms:Decrypt",
			on: "the key of the topic", resources: list{e.TopicKey}, when: "through SNS", contexts: e.via("sns"), source: snsKeys,
			may: e.serviceRole(), nearMisses: nearMissText,
		},
		{
			id: "service-role-results-key", who: "the service role", actions: append(list{"kms:Decrypt"}, resultKeyActions...),
			on: "the key of the output", resources: list{e.Output.Key}, when: "through S3", contexts: e.via("s3"), source: asyncRoles,
			may: e.serviceRole(), nearMisses: nearMissText,
		},
	}
}

// job is a source of Textract's calls. Jobs have no ARN; the guide's pattern leaves its form open.
func (e *Expectation) job(account string) string {
	return jobIn(e.Env.Partition, "textract", e.Env.Region, account)
}

func jobIn(partition, service, region, account string) string {
	return strings.Join(list{"arn", partition, service, region, account, "job/1f2e3d4c"}, ":")
}

func (e *Expectation) untrusted() *Row {
	row := &Row{
		id:     "assume/untrusted",
		who:    "Textract",
		call:   "sts:AssumeRole",
		on:     "the service role",
		when:   "for jobs of an account that is not trusted",
		source: asyncRoles,
	}
	if other := scenario.OtherAccount; !slices.Contains(e.Trusted, other) {
		row.calls = by(services(textractService), calls(list{"sts:AssumeRole"}, list{e.ServiceRole}, from(e.job(other), other)))
	}
	return row
}

// otherKeys are those that the service role has no use for.
func (e *Expectation) otherKeys() *Row {
	return &Row{
		id:     "publish-key/inputs",
		who:    "the service role",
		call:   "kms:Decrypt, kms:GenerateDataKey, …",
		on:     "the keys of the inputs",
		source: evaluation,
		calls:  by(e.serviceRole(), calls(slices.Concat(publishKeyActions, resultKeyActions), keys(e.Inputs...), overTLS())),
	}
}

func (e *Expectation) topic(name string) string {
	return strings.Join(list{"arn", e.Env.Partition, "sns", e.Env.Region, e.Env.Account, name}, ":")
}

// wrongTopics are contexts in which SNS must not act for the construct: no source, only an account,
// another topic, or a resource of another service with the topic's name.
func (e *Expectation) wrongTopics() []context {
	contexts := []context{from("", ""), from("", e.Env.Account)}
	others := append(nearMisses(e.Topic), e.topic("AmazonTextract-another"), strings.Replace(e.Topic, ":sns:", ":events:", 1))
	for _, other := range e.Others {
		others = append(others, other.Topic)
	}
	for _, other := range others {
		contexts = append(contexts, from(other, e.Env.Account), from(other, accountIn(other)))
	}
	return contexts
}

func (e *Expectation) deliveryPermissions() []permission {
	forTopic := func(p permission) permission {
		p.who, p.when, p.contexts = "SNS", "for the topic", []context{from(e.Topic, e.Env.Account)}
		p.may, p.claiming = services(snsService), "with the topic as source"
		p.misuse, p.wrongContexts = "for another topic, or for none", e.wrongTopics()
		return p
	}
	send := func(id, on, queue string, src source) permission {
		return forTopic(permission{
			id: id, actions: list{"sqs:SendMessage"}, on: on, resources: list{queue}, source: src, http: sqsTransit,
			others: e.callersAnd(otherService, textractService), othersAre: "another service, any caller, another account",
		})
	}
	useKey := func(id, on, key string, src source) permission {
		return forTopic(permission{
			id: id, actions: publishKeyActions, call: "kms:GenerateDataKey*, kms:Decrypt", on: on, resources: list{key}, source: src,
			others: e.outsidersAnd(otherService, textractService), othersAre: "another service, a role without policies, another account",
		})
	}
	return []permission{
		send("deliver", "the queue", e.Queue, snsSubscribe),
		send("deliver-dead-letter", "the dead-letter queue", e.DeadLetterQueue, snsDeadLetters),
		useKey("deliver-key", "the key of the queue", e.QueueKey, snsDelivery),
		useKey("deliver-dead-letter-key", "the key of the dead-letter queue", e.DeadLetterKey, snsDeadLetters),
	}
}

// alarm is one that CloudFormation named.
func (e *Expectation) alarm() string {
	return strings.Join(list{"arn", e.Env.Partition, "cloudwatch", e.Env.Region, e.Env.Account, "alarm:Monitored-Alarm1F2E3D4C"}, ":")
}

// wrongAlarms are contexts in which CloudWatch must not act for the construct.
func (e *Expectation) wrongAlarms() []context {
	own, alarm := e.Env.Account, e.alarm()
	contexts := []context{from("", ""), from("", own), from(alarm, ""), from(alarm, strangerAccount)}
	for _, other := range []string{
		strings.Replace(alarm, ":cloudwatch:", ":events:", 1), strings.Replace(alarm, ":alarm:", ":insight-rule/", 1),
		strings.Replace(alarm, e.Env.Region, "us-east-1", 1), strings.Replace(alarm, own, strangerAccount, 1),
		strings.Replace(alarm, e.Env.Partition, otherPartition, 1),
	} {
		contexts = append(contexts, from(other, own))
	}
	return contexts
}

func (e *Expectation) alarmPermissions() []permission {
	forAlarms := func(p permission) permission {
		p.who, p.when, p.contexts = "CloudWatch", "for alarms of the account", []context{from(e.alarm(), e.Env.Account)}
		p.may, p.claiming = services(cloudWatchService), "with an alarm as source"
		p.others, p.othersAre = e.outsidersAnd(otherService, textractService), "another service, a role without policies, another account"
		p.misuse = "SourceArn or SourceAccount is another account's or missing, or SourceArn is no alarm of this Region"
		p.wrongContexts = e.wrongAlarms()
		return p
	}
	return []permission{
		forAlarms(permission{
			id: "alarm", actions: list{"sns:Publish"}, on: "the topic of the alarms", resources: list{e.AlarmTopic}, source: alarmTopics,
			http: snsTransit,
		}),
		forAlarms(permission{
			id: "alarm-key", actions: publishKeyActions, call: "kms:GenerateDataKey*, kms:Decrypt", on: "the key of that topic",
			resources: list{e.AlarmKey}, source: alarmKeys,
		}),
	}
}

func (e *Expectation) administratorPermissions() []permission {
	ownKeys := slices.DeleteFunc(e.keys(), func(arn string) bool {
		return accountIn(arn) != e.Env.Account || e.ClosedKey && arn == e.QueueKey
	})
	return []permission{
		{
			id: "administer-key", who: "an administrator of the account", may: e.administrator(), source: kmsDefault,
			actions: list{"kms:DescribeKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion"},
			on:      "every key of the account that leaves it to IAM", resources: ownKeys,
		},
		{
			id:     "redrive",
			who:    "an administrator of the account",
			may:    e.administrator(),
			source: sqsActions,
			actions: list{
				"sqs:ReceiveMessage",
				"sqs:StartMessageMoveTask",
			},
			on:        "the dead-letter queue",
			resources: list{e.DeadLetterQueue},
		},
	}
}
