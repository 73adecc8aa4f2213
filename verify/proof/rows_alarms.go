package proof

import "strings"

// alarm looks like one that CloudFormation named.
func (f *Flow) alarm() string {
	return "arn:" + f.Env.Partition + ":cloudwatch:" + f.Env.Region + ":" + f.Env.Account + ":alarm:Monitored-Alarm1F2E3D4C"
}

// wrongAlarms are contexts in which CloudWatch must not act for the flow.
func (f *Flow) wrongAlarms() []map[string]string {
	own := f.Env.Account
	contexts := []map[string]string{
		source("", ""), source("", own), source(f.alarm(), ""), source(f.alarm(), strangerAccount),
		source(strings.Replace(f.alarm(), ":cloudwatch:", ":events:", 1), own),
		source(strings.Replace(f.alarm(), ":alarm:", ":insight-rule/", 1), own),
	}
	for _, other := range strays(f.alarm()) {
		if !strings.HasPrefix(other, f.alarm()) && !strings.HasSuffix(other, ":somebody-elses") {
			contexts = append(contexts, source(other, own))
		}
	}
	return contexts
}

func alarmRows() []*Row {
	cloudWatch := service(cloudWatchService)
	ofAlarm := func(f *Flow) map[string]string { return source(f.alarm(), f.Env.Account) }
	publish := func(f *Flow, context map[string]string) []use { return usesOf(f.AlarmTopic, context, "sns:Publish") }
	encrypt := func(f *Flow, context map[string]string) []use {
		return usesOf(f.AlarmKey, context, deliveryKeyActions...)
	}
	both := func(f *Flow, who []Principal, contexts ...map[string]string) []use {
		var all []use
		for _, context := range contexts {
			all = append(all, asked(who, append(publish(f, context), encrypt(f, context)...))...)
		}
		return all
	}
	const calls, on = "sns:Publish, kms:GenerateDataKey*, kms:Decrypt", "the topic for alarms and its key"
	return []*Row{
		{
			ID: "alarm", Who: "CloudWatch", Call: "sns:Publish", On: "the topic for alarms", When: "for alarms of the account", Want: true,
			Source: alarmTopics,
			ask:    func(f *Flow) []use { return asked([]Principal{cloudWatch}, publish(f, ofAlarm(f))) },
		},
		{
			ID: "alarm/key", Who: "CloudWatch", Call: "kms:GenerateDataKey*, kms:Decrypt", On: "the key of the topic for alarms",
			When: "for alarms of the account", Want: true, Source: alarmKeys,
			ask: func(f *Flow) []use { return asked([]Principal{cloudWatch}, encrypt(f, ofAlarm(f))) },
		},
		{
			ID: "alarm/deputy", Who: "CloudWatch", Call: calls, On: on,
			When: "SourceArn or SourceAccount is another account's or missing, or SourceArn is no alarm of this Region", Source: deputy,
			ask: func(f *Flow) []use { return both(f, []Principal{cloudWatch}, f.wrongAlarms()...) },
		},
		{
			ID: "alarm/others", Who: "another service, a role without policies, another account", Call: calls, On: on,
			When: "claiming an alarm as source", Source: deputy,
			ask: func(f *Flow) []use {
				return both(f, []Principal{
					service(otherService), service(textractService), f.outsider(), f.stranger(), f.trustedStranger(),
				}, ofAlarm(f))
			},
		},
		{
			ID: "alarm/http", Who: "CloudWatch", Call: "sns:Publish", On: "the topic for alarms", When: "plain HTTP", Source: snsTransit,
			ask: func(f *Flow) []use { return asked([]Principal{cloudWatch}, publish(f, insecure(ofAlarm(f)))) },
		},
	}
}
