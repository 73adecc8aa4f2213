// Package validate has the rules for the props of a construct, over plain values, without the CDK.
//
// A string is unknown where it holds an unresolved token, or the CDK's dummy value of a context
// lookup that has not been made yet. Every rule accepts what is unknown, unless synthesis itself
// needs the value.
package validate

// Environment is the account and Region of a resource. A part that is empty or unknown matches any
// other.
type Environment struct {
	Account string
	Region  string

	// The environment of the stack, where CloudFormation cannot refer to the resource from the
	// construct's; empty where it can.
	Unreachable string
	// The path of the stage, where that is another one than the construct's.
	OtherStage string
}

// Settings are the props of one construct as plain values. A nil pointer or slice is a prop that is
// not set.
type Settings struct {
	Stack Environment

	Operations []string
	Inputs     []Location
	Output     *Location

	Topic              *Topic
	TopicName          *string
	TopicNameGenerated bool // PhysicalName_GENERATE_IF_NEEDED

	Queue             *Queue
	VisibilityTimeout *Seconds
	RetentionPeriod   *Seconds
	DeadLetterQueue   *DeadLetterQueue

	ServiceRole       *Role
	ServiceRolePolicy *string
	TrustedAccounts   []string

	Encryption           *string
	EncryptionKey        *Key
	FormerEncryptionKeys []*Key // nil for an element that is nil

	RemovalPolicy *string

	anyRegion bool // the stack's Region need not be that of the resources
}

// Location is a bucket with a prefix, as Inputs and Output take them.
type Location struct {
	Missing       bool // the location itself is nil
	Bucket        *Bucket
	Prefix        *string
	EncryptionKey *Key // the prop EncryptionKey of the location
}

// Bucket is an existing bucket.
type Bucket struct {
	Environment
	ARN  string
	Type string // the type of the resource behind it, such as "AWS::S3::AccessPoint"; empty where it is imported
	Key  *Key   // the key that the bucket names as its own
}

// Topic is an existing topic.
type Topic struct {
	Environment
	ARN     string
	Name    string // empty where unknown; a part of it may be a token
	New     bool   // made by this app
	Unnamed bool   // made by this app without a name: CloudFormation names it after the stack
	FIFO    bool
	Key     *Key

	OtherType string // of the resource of this app that the ARN refers to, where that is no topic
}

// Queue is an existing queue.
type Queue struct {
	Environment
	ARN        string
	Name       string // of one that this app made; empty where unknown, and a part of it may be a token
	FIFO       bool
	AWSManaged bool // encrypted with alias/aws/sqs by its encryption type
	Key        *Key
	Statements int // how many statements its policy has already, where this app made it

	OtherType string // of the resource of this app that the ARN refers to, where that is no queue
}

// Role is an existing role.
type Role struct {
	Environment
	ARN string

	OtherType string // of the resource of this app that the ARN refers to, where that is no role
}

// Key is an existing key, or an alias of one.
type Key struct {
	Environment
	ARN   string
	Alias string // such as "alias/documents", where only the alias is known; empty where the key is
	New   bool   // made by this app

	// Of a key of this app, as CloudFormation has them; empty for the default.
	Spec, Usage string
	Disabled    bool

	OtherType string // of the resource of this app that the ARN refers to, where that is no key
}

// DeadLetterQueue are the options of the dead-letter queue.
type DeadLetterQueue struct {
	Disabled        *bool
	MaxReceiveCount *float64
	RetentionPeriod *Seconds
	EncryptionKey   *Key
}

// Seconds is a duration in seconds; Unresolved reports that the value is a token.
type Seconds struct {
	Value      float64
	Unresolved bool
	Unit       string // of a token, such as "minutes"; empty where unknown
}

// Attributes are the ARNs and settings that describe an existing construct.
type Attributes struct {
	Stack Environment

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
	Prop  string // the path of the prop, such as "DeadLetterQueue.MaxReceiveCount" or "Inputs[1].Prefix"
	Value string // the value as it is set, quoted where it is a string
	Fix   string // what to change
}
