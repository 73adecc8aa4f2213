package validate

const (
	inStackRegion  = `in the stack's Region, "us-east-1"`
	inStackAccount = `in the stack's account, "111122223333"`
)

var placeCases = []ruleCase[Settings]{
	{
		rule: "Bucket Region", name: "another account",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: &Place{Account: otherAccount, Region: homeRegion}}}
			s.Output = &Location{Bucket: &Place{Account: otherAccount}}
		},
	},
	{
		rule: "Bucket Region", name: "another Region",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: &home}, {Bucket: &Place{Region: otherRegion}}}
			s.Output = &Location{Bucket: &Place{Region: otherRegion}}
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
			s.Topic = &Topic{Place: elsewhere}
			s.Output = &Location{Bucket: &home}
		},
		want: []Problem{{"Output.Bucket", `Region "us-east-1"`, `use a bucket in the topic's Region, "eu-west-1"`}},
	},
	{
		rule: "Bucket key Region", name: "another account",
		change: func(s *Settings) {
			key := &Place{Account: otherAccount, Region: homeRegion}
			s.Inputs = []Location{{Bucket: &home, Key: key}}
			s.Output = &Location{Bucket: &home, Key: key}
		},
	},
	{
		rule: "Bucket key Region", name: "along with its bucket",
		change: func(s *Settings) { s.Output = &Location{Bucket: &elsewhere, Key: &elsewhere} },
		others: 1,
	},
	{
		rule: "Bucket key Region", name: "where it must be, unlike its bucket",
		change: func(s *Settings) { s.Output = &Location{Bucket: &elsewhere, Key: &home} },
		others: 1,
	},
	{
		rule: "Bucket key Region", name: "another Region",
		change: func(s *Settings) {
			s.Inputs = []Location{{Bucket: &home, Key: &elsewhere}}
			s.Output = &Location{Bucket: &unknown, Key: &elsewhere}
		},
		want: []Problem{
			{"Inputs[0].Bucket", `a key in Region "eu-west-1"`, "use a key " + inStackRegion},
			{"Output.EncryptionKey", `a key in Region "eu-west-1"`, "use a key " + inStackRegion},
		},
	},
	{
		rule: "Bucket key Region", name: "unlike its bucket's where the stack's is unknown",
		change: func(s *Settings) {
			s.Stack = Place{}
			s.Output = &Location{Bucket: &home, Key: &elsewhere}
		},
		want: []Problem{{"Output.EncryptionKey", `a key in Region "eu-west-1"`, `use a key in the bucket's Region, "us-east-1"`}},
	},

	{rule: "Topic Region", name: "the stack's", change: func(s *Settings) { s.Topic = &Topic{Place: home} }},
	{
		rule: "Topic Region", name: "another",
		change: func(s *Settings) { s.Topic = &Topic{Place: Place{Region: otherRegion}} },
		want:   []Problem{{"Topic", `Region "eu-west-1"`, "use a topic " + inStackRegion}},
	},
	{rule: "Topic account", name: "the stack's", change: func(s *Settings) { s.Topic = &Topic{Place: home} }},
	{
		rule: "Topic account", name: "another",
		change: func(s *Settings) { s.Topic = &Topic{Place: Place{Account: otherAccount}} },
		want:   []Problem{{"Topic", `account "444455556666"`, "use a topic " + inStackAccount}},
	},
	{rule: "Queue Region", name: "the stack's", change: func(s *Settings) { s.Queue = &Queue{Place: home} }},
	{
		rule: "Queue Region", name: "another",
		change: func(s *Settings) { s.Queue = &Queue{Place: Place{Region: otherRegion}} },
		want:   []Problem{{"Queue", `Region "eu-west-1"`, "use a queue " + inStackRegion}},
	},
	{
		rule: "Queue Region", name: "another than the topic's",
		change: func(s *Settings) {
			s.Stack = unknown
			s.Topic = &Topic{Place: Place{Region: homeRegion}}
			s.Queue = &Queue{Place: Place{Region: otherRegion}}
		},
		want: []Problem{{"Queue", `Region "eu-west-1"`, `use a queue in the topic's Region, "us-east-1"`}},
	},
	{rule: "Queue account", name: "the stack's", change: func(s *Settings) { s.Queue = &Queue{Place: home} }},
	{
		rule: "Queue account", name: "another",
		change: func(s *Settings) { s.Queue = &Queue{Place: Place{Account: otherAccount}} },
		want:   []Problem{{"Queue", `account "444455556666"`, "use a queue " + inStackAccount}},
	},
	{
		rule: "Queue account", name: "another than the topic's",
		change: func(s *Settings) {
			s.Stack = Place{}
			s.Topic = &Topic{Place: Place{Account: homeAccount}}
			s.Queue = &Queue{Place: Place{Account: otherAccount}}
		},
		want: []Problem{{"Queue", `account "444455556666"`, `use a queue in the topic's account, "111122223333"`}},
	},
	{
		rule: "Queue key Region", name: "another account",
		change: func(s *Settings) {
			s.Queue = &Queue{Place: home, Key: &Place{Account: otherAccount, Region: homeRegion}}
		},
	},
	{
		rule: "Queue key Region", name: "another",
		change: func(s *Settings) { s.Queue = &Queue{Place: home, Key: &elsewhere} },
		want:   []Problem{{"Queue", `a key in Region "eu-west-1"`, "use a key " + inStackRegion}},
	},
	{
		rule: "ServiceRole account", name: "another Region",
		change: func(s *Settings) { s.ServiceRole = &Place{Account: homeAccount, Region: otherRegion} },
	},
	{
		rule: "ServiceRole account", name: "another account",
		change: func(s *Settings) { s.ServiceRole = &elsewhere },
		want:   []Problem{{"ServiceRole", `account "444455556666"`, "use a role " + inStackAccount}},
	},
	{
		rule: "ServiceRole account", name: "another account than the queue's",
		change: func(s *Settings) {
			s.Stack = Place{}
			s.Queue = &Queue{Place: home}
			s.ServiceRole = &elsewhere
		},
		want: []Problem{{"ServiceRole", `account "444455556666"`, `use a role in the queue's account, "111122223333"`}},
	},
	{
		rule: "EncryptionKey Region", name: "another account",
		change: func(s *Settings) { s.EncryptionKey = &Place{Account: otherAccount, Region: homeRegion} },
	},
	{
		rule: "EncryptionKey Region", name: "another Region",
		change: func(s *Settings) { s.EncryptionKey = &elsewhere },
		want:   []Problem{{"EncryptionKey", `a key in Region "eu-west-1"`, "use a key " + inStackRegion}},
	},
}
