package textractasync

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// The defaults that TextractAsyncProps documents.
const (
	defaultVisibilityMinutes            = 5
	defaultRetentionDays                = 7
	defaultMaxReceiveCount              = 5
	defaultDeadLetterQueueRetentionDays = 14
	defaultServiceRolePolicy            = ServiceRolePolicy_TOPIC_ONLY
	defaultEncryption                   = Encryption_KMS
)

// settings are the props of a construct, resolved once: defaults filled in, existing resources
// read.
type settings struct {
	env        environment
	operations []Operation
	inputs     []location
	output     *location

	topic     *existingTopic
	topicName *string

	queue             *existingQueue
	visibilityTimeout awscdk.Duration
	retentionPeriod   awscdk.Duration
	redrive           *redrive // nil without a dead-letter queue

	rawMessageDelivery *bool

	serviceRole       *existingRole
	serviceRolePolicy ServiceRolePolicy
	trustedAccounts   []string

	encryption           Encryption
	encryptionKey        *key
	formerEncryptionKeys []*key
	removalPolicy        awscdk.RemovalPolicy
}

// redrive is what the new dead-letter queue is made of.
type redrive struct {
	maxReceiveCount float64
	retentionPeriod awscdk.Duration
	key             *key // nil for SSE-SQS
}

func resolve(scope constructs.Construct, props *TextractAsyncProps) settings {
	env := environmentOf(scope)
	s := settings{
		env:                  env,
		operations:           operationsOrAll(props.Operations),
		inputs:               newInputs(env, props.Inputs),
		output:               newOutput(env, props.Output),
		topic:                newExistingTopic(env, props.Topic),
		topicName:            props.TopicName,
		queue:                newExistingQueue(env, props.Queue),
		rawMessageDelivery:   props.RawMessageDelivery,
		serviceRole:          newExistingRole(env, props.ServiceRole),
		serviceRolePolicy:    orDefault(props.ServiceRolePolicy, defaultServiceRolePolicy),
		trustedAccounts:      texts(props.TrustedAccounts),
		encryption:           orDefault(props.Encryption, defaultEncryption),
		encryptionKey:        newKeyOf(env, props.EncryptionKey),
		formerEncryptionKeys: newKeysOf(env, props.FormerEncryptionKeys),
		removalPolicy:        orDefault(props.RemovalPolicy, awscdk.RemovalPolicy_DESTROY),
	}
	s.learnEnvironment()
	if s.queue == nil {
		ask := answersOn(env.stack)
		s.visibilityTimeout = ask.orMinutes(props.VisibilityTimeout, defaultVisibilityMinutes)
		s.retentionPeriod = ask.orDays(props.RetentionPeriod, defaultRetentionDays)
		s.redrive = newRedrive(env, valueOr(props.DeadLetterQueue, DeadLetterQueueOptions{}))
	}
	return s
}

// learnEnvironment takes from existing resources what the stack does not tell.
func (s *settings) learnEnvironment() {
	var inRegion, inAccount []validate.Environment
	if s.topic != nil && !validate.Dummy(s.topic.arn) {
		inRegion = append(inRegion, s.topic.env)
	}
	if s.queue != nil && !validate.Dummy(s.queue.arn) {
		inRegion = append(inRegion, s.queue.env)
	}
	if s.serviceRole != nil && !validate.Dummy(s.serviceRole.arn) {
		inAccount = append(inAccount, s.serviceRole.env)
	}
	s.env = s.env.learn(inRegion, inAccount)
}

func newRedrive(env environment, options DeadLetterQueueOptions) *redrive {
	if isTrue(options.Disabled) {
		return nil
	}
	return &redrive{
		maxReceiveCount: valueOr(options.MaxReceiveCount, defaultMaxReceiveCount),
		retentionPeriod: answersOn(env.stack).orDays(options.RetentionPeriod, defaultDeadLetterQueueRetentionDays),
		key:             newKeyOf(env, options.EncryptionKey),
	}
}

// plain returns the props as they are set, with what is known of existing resources, as values for
// the rules.
func (s settings) plain(props *TextractAsyncProps) validate.Settings {
	return validate.Settings{
		Stack:                s.env.plain(),
		Operations:           operationNames(props.Operations),
		Inputs:               plainLocations(s.inputs),
		Output:               plainLocation(s.output),
		Topic:                s.topic.plain(),
		TopicName:            s.env.spelled(props.TopicName),
		Queue:                s.queue.plain(),
		VisibilityTimeout:    seconds(props.VisibilityTimeout),
		RetentionPeriod:      seconds(props.RetentionPeriod),
		DeadLetterQueue:      plainDeadLetterQueue(s.env, props.DeadLetterQueue),
		ServiceRole:          s.serviceRole.plain(),
		ServiceRolePolicy:    nonEmpty(string(props.ServiceRolePolicy)),
		TrustedAccounts:      plainAccounts(props.TrustedAccounts),
		Encryption:           nonEmpty(string(props.Encryption)),
		EncryptionKey:        s.encryptionKey.plain(),
		FormerEncryptionKeys: plainKeys(s.formerEncryptionKeys),
		RemovalPolicy:        nonEmpty(string(props.RemovalPolicy)),
		// Another token than any that an app may use for a name, so a jsii call only for tokens.
		TopicNameGenerated: validate.Unresolved(valueOr(props.TopicName, "")) &&
			*props.TopicName == *awscdk.PhysicalName_GENERATE_IF_NEEDED(),
	}
}

func operationNames(operations *[]Operation) []string {
	if operations == nil {
		return nil
	}
	names := make([]string, len(*operations))
	for i, operation := range *operations {
		names[i] = string(operation)
	}
	return names
}

// plainLocations keeps apart a list that is not set and one that is empty.
func plainLocations(locations []location) []validate.Location {
	if locations == nil {
		return nil
	}
	plain := make([]validate.Location, len(locations))
	for i, l := range locations {
		plain[i] = l.plain()
	}
	return plain
}

func plainLocation(l *location) *validate.Location {
	if l == nil {
		return nil
	}
	plain := l.plain()
	return &plain
}

func plainDeadLetterQueue(env environment, options *DeadLetterQueueOptions) *validate.DeadLetterQueue {
	if options == nil {
		return nil
	}
	return &validate.DeadLetterQueue{
		Disabled:        options.Disabled,
		MaxReceiveCount: knownNumber(options.MaxReceiveCount),
		RetentionPeriod: seconds(options.RetentionPeriod),
		EncryptionKey:   newKeyOf(env, options.EncryptionKey).plain(),
	}
}

// plainAccounts keeps apart a list that is not set and one that is empty.
func plainAccounts(accounts *[]*string) []string {
	if accounts == nil {
		return nil
	}
	return append([]string{}, texts(accounts)...)
}

// operationsOrAll copies, so that a later change of the caller's slice changes no grant. An
// operation that is not looked up yet counts as all of them, for a template that nobody deploys.
func operationsOrAll(operations *[]Operation) []Operation {
	isDummy := func(o Operation) bool { return validate.Dummy(string(o)) }
	if operations == nil || slices.ContainsFunc(*operations, isDummy) {
		return []Operation{
			Operation_TEXT_DETECTION, Operation_DOCUMENT_ANALYSIS, Operation_EXPENSE_ANALYSIS, Operation_LENDING_ANALYSIS,
		}
	}
	return slices.Clone(*operations)
}
