// Package validate holds the rules that the props of a construct must keep, over plain values, without the CDK.
//
// A string that holds an unresolved CDK token is unknown until deployment: every rule lets it pass.
package validate

// Place is where a resource lives. An empty or unresolved part is unknown and matches any other.
type Place struct {
	Account string
	Region  string
}

// Settings are the props of one construct as plain values. A nil pointer or slice is a prop that was not given.
type Settings struct {
	Stack Place

	Operations []string
	Inputs     []Location
	Output     *Location

	Topic     *Topic
	TopicName *string

	Queue             *Queue
	VisibilityTimeout *Seconds
	MessageRetention  *Seconds
	DeadLetters       *DeadLetters

	ServiceRole       *Place
	ServiceRolePolicy *string
	TrustedAccounts   []string

	Encryption    *string
	EncryptionKey *Place

	RemovalPolicy *string
}

// Location is a bucket with a prefix, as Inputs and Output take them.
type Location struct {
	Missing bool // the location itself is nil
	Bucket  *Place
	Prefix  *string
	Key     *Place // the key that was given for the location, or the bucket's own
}

// Topic is a topic that the user brings.
type Topic struct {
	Place
	Name string // empty or unresolved when unknown
	FIFO bool
}

// Queue is a queue that the user brings.
type Queue struct {
	Place
	FIFO       bool
	AWSManaged bool // encrypted with alias/aws/sqs
	Key        *Place
}

// DeadLetters are the settings of the dead-letter queue.
type DeadLetters struct {
	Disabled        *bool
	MaxReceiveCount *float64
	Retention       *Seconds
}

// Seconds is a duration in seconds; Unresolved says that the value is a token.
type Seconds struct {
	Value      float64
	Unresolved bool
}

// Attributes are the ARNs and settings that describe an existing construct.
type Attributes struct {
	Stack Place

	TopicArn         *string
	QueueArn         *string
	ServiceRoleArn   *string
	EncryptionKeyArn *string

	Operations []string
	Inputs     []Location
	Output     *Location
}

// Problem is one broken rule.
type Problem struct {
	Prop  string // the path of the prop, such as "DeadLetters.MaxReceiveCount" or "Inputs[1].Prefix"
	Value string // the value as given, quoted where it is a string
	Mend  string // what to change
}
