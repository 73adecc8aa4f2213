package validate

const (
	inStackRegion  = `in the stack's Region, "us-east-1"`
	inStackAccount = `in the stack's account, "111122223333"`
)

const unreachable = "CloudFormation cannot refer to a resource without a name in another environment"

const otherStage = "use one in the stage of the construct, or import it by its ARN as text: the CDK refers to no resource of another stage"

var environmentCases = []ruleCase[Settings]{
	{
		rule: "Environment unreachable", name: "all can be referred to",
		change: func(s *Settings) {
			s.Topic, s.Queue, s.Inputs = &Topic{}, &Queue{}, []Location{{Bucket: in(inStack), EncryptionKey: keyIn(inStack)}}
		},
	},
	{
		rule: "Environment unreachable", name: "queue, bucket and key of an agnostic stack",
		change: func(s *Settings) {
			agnostic := Environment{Unreachable: "aws://unknown-account/unknown-region"}
			s.Queue, s.Inputs, s.EncryptionKey = &Queue{Environment: agnostic}, []Location{{Bucket: in(agnostic)}}, keyIn(agnostic)
		},
		want: []Problem{
			{
				"Queue", "a new queue in environment aws://unknown-account/unknown-region",
				"use the same Env for both stacks, give the queue a name, or import it by its ARN: " + unreachable,
			},
			{
				"Inputs[0].Bucket", "a new bucket in environment aws://unknown-account/unknown-region",
				"use the same Env for both stacks, give the bucket a name, or import it by its ARN: " + unreachable,
			},
			{
				"EncryptionKey", "a new key in environment aws://unknown-account/unknown-region",
				"use the same Env for both stacks, or import the key by its ARN: " + unreachable,
			},
		},
	},
	{
		rule: "Environment unreachable", name: "bucket of another account",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: in(Environment{Account: "444455556666", Unreachable: "aws://444455556666/us-east-1"})}}
		},
		want: []Problem{{
			"Inputs[0].Bucket", "a new bucket in environment aws://444455556666/us-east-1",
			"use the same Env for both stacks, give the bucket a name, or import it by its ARN: " + unreachable,
		}},
	},
	{
		rule: "Stage", name: "the same stage",
		change: func(s *Settings) { s.Queue = &Queue{Environment: inStack} },
	},
	{
		rule: "Stage", name: "queue of another stage and topic of an app",
		change: func(s *Settings) {
			s.Queue, s.Topic = &Queue{Environment: Environment{OtherStage: "Prod"}}, &Topic{Environment: Environment{OtherStage: "the app itself"}}
		},
		want: []Problem{
			{"Topic", `a new topic in stage "the app itself"`, otherStage},
			{"Queue", `a new queue in stage "Prod"`, otherStage},
		},
	},
	{
		rule: "Bucket Region", name: "another account",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: in(Environment{Account: otherAccount, Region: stackRegion})}}
			s.Output = &Location{Bucket: in(Environment{Account: otherAccount})}
		},
	},
	{
		rule: "Bucket Region", name: "another Region",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: in(inStack)}, {Bucket: in(Environment{Region: otherRegion})}}
			s.Output = &Location{Bucket: in(Environment{Region: otherRegion})}
		},
		want: []Problem{
			{"Inputs[1].Bucket", `Region "eu-west-1"`, "use a bucket " + inStackRegion},
			{"Output.Bucket", `Region "eu-west-1"`, "use a bucket " + inStackRegion},
		},
	},
	{
		rule: "Bucket Region", name: "the topic's where the stack's is unknown",
		change: func(s *Settings) {
			s.Stack = unknown
			s.Topic = &Topic{Environment: elsewhere}
			s.Output = &Location{Bucket: in(inStack)}
		},
		want: []Problem{{"Output.Bucket", `Region "us-east-1"`, `use a bucket in the topic's Region, "eu-west-1"`}},
	},
	{rule: "Topic Region", name: "the stack's", change: func(s *Settings) { s.Topic = &Topic{Environment: inStack} }},
	{
		rule: "Topic Region", name: "another",
		change: func(s *Settings) { s.Topic = &Topic{Environment: Environment{Region: otherRegion}} },
		want:   []Problem{{"Topic", `Region "eu-west-1"`, "use a topic " + inStackRegion}},
	},
	{rule: "Topic account", name: "the stack's", change: func(s *Settings) { s.Topic = &Topic{Environment: inStack} }},
	{
		rule: "Topic account", name: "another",
		change: func(s *Settings) { s.Topic = &Topic{Environment: Environment{Account: otherAccount}} },
		want:   []Problem{{"Topic", `account "444455556666"`, "use a topic " + inStackAccount}},
	},
	{rule: "Queue Region", name: "the stack's", change: func(s *Settings) { s.Queue = &Queue{Environment: inStack} }},
	{
		rule: "Queue Region", name: "another",
		change: func(s *Settings) { s.Queue = &Queue{Environment: Environment{Region: otherRegion}} },
		want:   []Problem{{"Queue", `Region "eu-west-1"`, "use a queue " + inStackRegion}},
	},
	{
		rule: "Queue Region", name: "another than the topic's",
		change: func(s *Settings) {
			s.Stack = unknown
			s.Topic = &Topic{Environment: Environment{Region: stackRegion}}
			s.Queue = &Queue{Environment: Environment{Region: otherRegion}}
		},
		want: []Problem{{"Queue", `Region "eu-west-1"`, `use a queue in the topic's Region, "us-east-1"`}},
	},
	{rule: "Queue account", name: "the stack's", change: func(s *Settings) { s.Queue = &Queue{Environment: inStack} }},
	{
		rule: "Queue account", name: "another",
		change: func(s *Settings) { s.Queue = &Queue{Environment: Environment{Account: otherAccount}} },
		want:   []Problem{{"Queue", `account "444455556666"`, "use a queue " + inStackAccount}},
	},
	{
		rule: "Queue account", name: "another than the topic's",
		change: func(s *Settings) {
			s.Stack = Environment{}
			s.Topic = &Topic{Environment: Environment{Account: stackAccount}}
			s.Queue = &Queue{Environment: Environment{Account: otherAccount}}
		},
		want: []Problem{{"Queue", `account "444455556666"`, `use a queue in the topic's account, "111122223333"`}},
	},
	{
		rule: "ServiceRole account", name: "another Region",
		change: func(s *Settings) {
			s.ServiceRole = &Role{Environment: Environment{Account: stackAccount, Region: otherRegion}}
		},
	},
	{
		rule: "ServiceRole account", name: "another account",
		change: func(s *Settings) { s.ServiceRole = &Role{Environment: elsewhere} },
		want:   []Problem{{"ServiceRole", `account "444455556666"`, "use a role " + inStackAccount}},
	},
	{
		rule: "ServiceRole account", name: "another account than the queue's",
		change: func(s *Settings) {
			s.Stack = Environment{}
			s.Queue = &Queue{Environment: inStack}
			s.ServiceRole = &Role{Environment: elsewhere}
		},
		want: []Problem{{"ServiceRole", `account "444455556666"`, `use a role in the queue's account, "111122223333"`}},
	},
	{
		rule: "ServiceRole account", name: "role of a lookup to come",
		change: func(s *Settings) {
			s.ServiceRole = &Role{
				Environment: Environment{Account: "123456789012", Region: stackRegion},
				ARN:         "arn:${Token[AWS.Partition.7]}:iam:us-east-1:123456789012:role/DUMMY_ARN",
			}
		},
	},
	{
		rule: "Topic account", name: "topic of a lookup to come",
		change: func(s *Settings) {
			s.Topic = &Topic{Environment: elsewhere, ARN: "arn:aws:sns:eu-west-1:444455556666:dummy-value-for-topic"}
		},
	},

	{
		rule: "Key Region", name: "another account",
		change: func(s *Settings) {
			key := keyIn(Environment{Account: otherAccount, Region: stackRegion})
			s.EncryptionKey = key
			s.Inputs = []Location{{Bucket: in(inStack), EncryptionKey: key}}
			s.Output = &Location{Bucket: &Bucket{Environment: inStack, Key: key}}
		},
	},
	{
		rule: "Key Region", name: "another Region",
		change: func(s *Settings) { s.EncryptionKey = keyIn(elsewhere) },
		want:   []Problem{{"EncryptionKey", `a key in Region "eu-west-1"`, "use a key " + inStackRegion}},
	},
	{
		rule: "Key Region", name: "queue's key in another Region",
		change: func(s *Settings) { s.Queue = &Queue{Environment: inStack, Key: keyIn(elsewhere)} },
		want:   []Problem{{"Queue", `a key in Region "eu-west-1"`, "use a key " + inStackRegion}},
	},
	{
		rule: "Key Region", name: "topic's key in another Region",
		change: func(s *Settings) {
			s.Stack = unknown
			s.Topic = &Topic{Environment: inStack, Key: keyIn(elsewhere)}
		},
		want: []Problem{{"Topic", `a key in Region "eu-west-1"`, `use a key in the topic's Region, "us-east-1"`}},
	},
	{
		rule: "Key Region", name: "keys of locations in another Region",
		change: func(s *Settings) {
			s.Inputs = []Location{
				{Bucket: &Bucket{Environment: inStack, Key: keyIn(elsewhere)}},
				{Bucket: in(inStack), EncryptionKey: keyIn(elsewhere)},
				{Bucket: &Bucket{Environment: inStack, Key: keyIn(elsewhere)}, EncryptionKey: keyIn(inStack)},
			}
			s.Output = &Location{Bucket: in(unknown), EncryptionKey: keyIn(elsewhere)}
		},
		want: []Problem{
			{"Inputs[0].Bucket", `a key in Region "eu-west-1"`, "use a key " + inStackRegion},
			{"Inputs[1].EncryptionKey", `a key in Region "eu-west-1"`, "use a key " + inStackRegion},
			{"Output.EncryptionKey", `a key in Region "eu-west-1"`, "use a key " + inStackRegion},
		},
	},
	{
		rule: "Key Region", name: "another than the bucket's where the stack's is unknown",
		change: func(s *Settings) {
			s.Stack = Environment{}
			s.Output = &Location{Bucket: in(inStack), EncryptionKey: keyIn(elsewhere)}
		},
		want: []Problem{{"Output.EncryptionKey", `a key in Region "eu-west-1"`, `use a key in the bucket's Region, "us-east-1"`}},
	},
	{
		rule: "Key Region", name: "that of a bucket in a wrong Region",
		change: func(s *Settings) {
			s.Output = &Location{Bucket: in(elsewhere), EncryptionKey: keyIn(elsewhere)}
		},
		others: 1,
	},
	{
		rule: "Key Region", name: "right for a bucket in a wrong Region",
		change: func(s *Settings) {
			s.Output = &Location{Bucket: in(elsewhere), EncryptionKey: keyIn(inStack)}
		},
		others: 1,
	},
}

func in(e Environment) *Bucket { return &Bucket{Environment: e} }

func keyIn(e Environment) *Key { return &Key{Environment: e} }
