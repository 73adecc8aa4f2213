package proof

import (
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// source is the context of a call that a service makes for a resource of an account.
func source(arn, account string) map[string]string {
	context := overTLS()
	if arn != "" {
		context["aws:SourceArn"] = arn
	}
	if account != "" {
		context["aws:SourceAccount"] = account
	}
	return context
}

// job looks like what Textract names as the source of its calls. Jobs have no ARN; the guide's pattern leaves its form open.
func (f *Flow) job(account string) string {
	return f.jobIn(f.Env.Partition, "textract", f.Env.Region, account)
}

func (f *Flow) jobIn(partition, service, region, account string) string {
	return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":job/1f2e3d4c"
}

func (f *Flow) assume(who Principal, contexts ...map[string]string) []use {
	var all []use
	for _, context := range contexts {
		all = append(all, use{who, "sts:AssumeRole", f.ServiceRole, context})
	}
	return all
}

func assumeRows() []*Row {
	const call, on = "sts:AssumeRole", "the service role"
	textract := service(textractService)
	return []*Row{
		{
			ID: "assume", Who: "Textract", Call: call, On: on, When: "for jobs of a trusted account", Want: true, Source: textractDeputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, account := range f.Trusted {
					all = append(all, f.assume(textract, source(f.job(account), account),
						source(f.jobIn(f.Env.Partition, "textract", "us-east-2", account), account))...)
				}
				return all
			},
		},
		{
			ID: "assume/deputy", Who: "Textract", Call: call, On: on,
			When:   "SourceArn or SourceAccount is another account's or missing, or SourceArn is another service's or partition's",
			Source: textractDeputy,
			ask: func(f *Flow) []use {
				contexts := []map[string]string{source("", ""), source(f.job(strangerAccount), strangerAccount)}
				for _, account := range f.Trusted {
					contexts = append(contexts,
						source(f.job(strangerAccount), account), source(f.job(account), strangerAccount),
						source("", account), source(f.job(account), ""),
						source(f.jobIn(f.Env.Partition, "rekognition", f.Env.Region, account), account),
						source(f.jobIn(otherPartition, "textract", f.Env.Region, account), account))
				}
				return f.assume(textract, contexts...)
			},
		},
		{
			ID: "assume/untrusted", Who: "Textract", Call: call, On: on, When: "for jobs of an account that was not trusted",
			Source: asyncRoles,
			ask: func(f *Flow) []use {
				if len(f.Trusted) > 1 {
					return nil
				}
				return f.assume(textract, source(f.job(scenario.OtherAccount), scenario.OtherAccount))
			},
		},
		{
			ID: "assume/others", Who: "another service, any caller, another account", Call: call, On: on,
			When: "in Textract's own context", Source: deputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, who := range append(f.withoutGrant(0), service(otherService), service(snsService)) {
					all = append(all, f.assume(who, source(f.job(f.Env.Account), f.Env.Account))...)
				}
				return all
			},
		},
	}
}

func publishRows() []*Row {
	role := func(f *Flow, uses []use) []use { return asked([]Principal{f.servicePrincipalRole()}, uses) }
	return []*Row{
		{
			ID: "publish", Who: "the service role", Call: "sns:Publish", On: "the topic", Want: true, Source: asyncRoles,
			ask: func(f *Flow) []use { return role(f, uses(f.Topic, overTLS(), "sns:Publish")) },
		},
		{
			ID: "publish/http", Who: "the service role", Call: "sns:Publish", On: "the topic", When: "plain HTTP", Source: snsTransit,
			ask: func(f *Flow) []use {
				if !f.RefusesHTTP {
					return nil
				}
				return role(f, uses(f.Topic, overHTTP(), "sns:Publish"))
			},
		},
		{
			ID: "publish/beside", Who: "the service role", Call: "sns:Publish", On: otherResources, Source: evaluation,
			ask: func(f *Flow) []use {
				if f.ManagedRole {
					return role(f, uses(f.topic("somebody-elses"), overTLS(), "sns:Publish"))
				}
				return role(f, f.strayTopics("sns:Publish"))
			},
		},
		{
			ID: "publish/managed", Who: "the service role with AmazonTextractServiceRole", Call: "sns:Publish",
			On: "every topic whose name begins with AmazonTextract", Want: true, Source: managedRole,
			ask: func(f *Flow) []use {
				if !f.ManagedRole {
					return nil
				}
				return role(f, uses(f.topic("AmazonTextract-somebody-elses"), overTLS(), "sns:Publish"))
			},
		},
		{
			ID: "publish/key", Who: "the service role", Call: "kms:GenerateDataKey*, kms:Decrypt", On: "the topic's key",
			When: "through SNS", Want: true, Source: snsKeys,
			ask: func(f *Flow) []use { return role(f, usesOf(f.TopicKey, f.via("sns"), deliveryKeyActions...)) },
		},
		{
			ID: "publish/results-key", Who: "the service role",
			Call: "kms:Decrypt, kms:GenerateDataKey, kms:ReEncryptFrom, kms:ReEncryptTo, kms:DescribeKey", On: "the output's key",
			When: "through S3", Want: true, Source: asyncRoles,
			ask: func(f *Flow) []use {
				return role(f, f.outputKey(append([]string{"kms:Decrypt"}, outputKeyWrites...)...))
			},
		},
		{
			ID: "publish/keys-beside", Who: "the service role", Call: "kms:Decrypt, kms:GenerateDataKey, …",
			On: "the inputs' keys, and " + otherResources, Source: evaluation,
			ask: func(f *Flow) []use {
				var all []use
				actions := append([]string{}, outputKeyWrites...)
				actions = append(actions, deliveryKeyActions...)
				for _, key := range f.keys() {
					for _, stray := range strays(key) {
						all = append(all, uses(stray, overTLS(), actions...)...)
					}
				}
				for _, input := range f.Inputs {
					all = append(all, usesOf(input.Key, overTLS(), actions...)...)
				}
				for _, neighbour := range f.Others {
					all = append(all, usesOf(neighbour.TopicKey, overTLS(), actions...)...)
				}
				return role(f, all)
			},
		},
		{
			ID: "publish/others", Who: "everybody else, Textract itself among them", Call: "sns:Publish", On: "the topic", Source: evaluation,
			ask: func(f *Flow) []use {
				who := append(f.withoutGrant(0), service(textractService), service(otherService))
				return asked(who, uses(f.Topic, source(f.job(f.Env.Account), f.Env.Account), "sns:Publish"))
			},
		},
	}
}

var deliveryKeyActions = []string{
	"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext",
	"kms:GenerateDataKeyWithoutPlaintext",
}

func (f *Flow) topic(name string) string {
	return "arn:" + f.Env.Partition + ":sns:" + f.Env.Region + ":" + f.Env.Account + ":" + name
}

func (f *Flow) strayTopics(action string) []use {
	var all []use
	for _, stray := range append(strays(f.Topic), f.topic("AmazonTextract-somebody-elses")) {
		all = append(all, uses(stray, overTLS(), action)...)
	}
	for _, neighbour := range f.Others {
		all = append(all, uses(neighbour.Topic, overTLS(), action)...)
	}
	return all
}

// wrongSources are contexts in which SNS must not act for the flow: no source, only an account, another topic, or a resource of
// another service by the topic's name.
func (f *Flow) wrongSources() []map[string]string {
	contexts := []map[string]string{source("", ""), source("", f.Env.Account)}
	others := append(strays(f.Topic), f.topic("AmazonTextract-somebody-elses"), strings.Replace(f.Topic, ":sns:", ":events:", 1))
	for _, neighbour := range f.Others {
		others = append(others, neighbour.Topic)
	}
	for _, other := range others {
		contexts = append(contexts, source(other, f.Env.Account), source(other, accountOf(other, "")))
	}
	return contexts
}

func deliveryRows() []*Row {
	sns := service(snsService)
	ofTopic := func(f *Flow) map[string]string { return source(f.Topic, f.Env.Account) }
	send := func(f *Flow, who Principal, context map[string]string) []use {
		var all []use
		for _, queue := range f.queues() {
			all = append(all, use{who, "sqs:SendMessage", queue, context})
		}
		return all
	}
	useKey := func(f *Flow, who Principal, context map[string]string) []use {
		return asked([]Principal{who}, usesOf(f.QueueKey, context, deliveryKeyActions...))
	}
	return []*Row{
		{
			ID: "deliver", Who: "SNS", Call: "sqs:SendMessage", On: "the queue", When: "for the topic", Want: true, Source: snsSubscribe,
			ask: func(f *Flow) []use { return send(f, sns, ofTopic(f))[:1] },
		},
		{
			ID: "deliver/dead-letters", Who: "SNS", Call: "sqs:SendMessage", On: "the dead letters", When: "for the topic", Want: true,
			Source: snsDeadLetters,
			ask:    func(f *Flow) []use { return send(f, sns, ofTopic(f))[1:] },
		},
		{
			ID: "deliver/deputy", Who: "SNS", Call: "sqs:SendMessage", On: "the queue, the dead letters",
			When: "for another topic, or for none", Source: deputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, context := range f.wrongSources() {
					all = append(all, send(f, sns, context)...)
				}
				return all
			},
		},
		{
			ID: "deliver/http", Who: "SNS", Call: "sqs:SendMessage", On: "the queue, the dead letters", When: "plain HTTP",
			Source: sqsTransit,
			ask: func(f *Flow) []use {
				if !f.RefusesHTTP {
					return nil
				}
				return send(f, sns, insecure(ofTopic(f)))
			},
		},
		{
			ID: "deliver/others", Who: "another service, any caller, another account", Call: "sqs:SendMessage",
			On: "the queue, the dead letters", When: "claiming the topic as source", Source: deputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, who := range append(f.withoutGrant(0), service(otherService), service(textractService)) {
					all = append(all, send(f, who, ofTopic(f))...)
				}
				return all
			},
		},
		{
			ID: "deliver/key", Who: "SNS", Call: "kms:GenerateDataKey*, kms:Decrypt", On: "the queue's key", When: "for the topic",
			Want: true, Source: snsDelivery,
			ask: func(f *Flow) []use { return useKey(f, sns, ofTopic(f)) },
		},
		{
			ID: "deliver/key-deputy", Who: "SNS", Call: "kms:GenerateDataKey*, kms:Decrypt", On: "the queue's key",
			When: "for another topic, or for none", Source: deputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, context := range f.wrongSources() {
					all = append(all, useKey(f, sns, context)...)
				}
				return all
			},
		},
		{
			ID: "deliver/key-others", Who: "another service, a role without policies, another account",
			Call: "kms:GenerateDataKey*, kms:Decrypt", On: "the queue's key", When: "claiming the topic as source", Source: deputy,
			ask: func(f *Flow) []use {
				var all []use
				for _, who := range []Principal{
					service(otherService), service(textractService), f.outsider(), f.stranger(), f.trustedStranger(),
				} {
					all = append(all, useKey(f, who, ofTopic(f))...)
				}
				return all
			},
		},
	}
}

func administratorRows() []*Row {
	return []*Row{
		{
			ID: "administer-key", Who: "an administrator of the account",
			Call: "kms:DescribeKey, kms:PutKeyPolicy, kms:EnableKeyRotation, kms:ScheduleKeyDeletion", On: "every key of the account", Want: true,
			Source: kmsDefault,
			ask: func(f *Flow) []use {
				var all []use
				for _, key := range f.keys() {
					if accountOf(key, "") != f.Env.Account {
						continue
					}
					all = append(all, uses(key, overTLS(),
						"kms:DescribeKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion")...)
				}
				return asked([]Principal{f.administrator()}, all)
			},
		},
		{
			ID: "redrive", Who: "an administrator of the account", Call: "sqs:ReceiveMessage, sqs:StartMessageMoveTask",
			On: "the dead letters", Want: true, Source: sqsActions,
			ask: func(f *Flow) []use {
				return asked([]Principal{f.administrator()},
					usesOf(f.DeadLetters, overTLS(), "sqs:ReceiveMessage", "sqs:StartMessageMoveTask"))
			},
		},
	}
}
