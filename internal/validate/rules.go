package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rule is one row of a table of rules for the settings S. A comment in each says why, and names the
// page where it was read.
type rule[S any] struct {
	name  string
	check func(*S) []Problem
}

// sharedRules apply to a new construct and to the attributes of an existing one. inOrder puts what
// all rules find into the order of the props.
var sharedRules = slices.Concat(
	operationRules, listTokenRules, arnRules, bucketRules, prefixRules, existingRules, keyRules,
	environmentRules,
)

var settingsRules = slices.Concat(
	sharedRules, topicNameRules, choiceRules, accountRules, limitRules, conflictRules,
)

// Check finds every problem of the settings, in the order of the props. It returns nil when there
// is none.
func Check(s Settings) []Problem { return inOrder(run(settingsRules, &s)) }

// CheckRole finds what makes the ARN of an imported role useless as a grantee in a Region. The
// account is not compared.
func CheckRole(arn, region string) []Problem {
	return Check(Settings{Stack: Environment{Region: region}, ServiceRole: &Role{ARN: arn}})
}

// CheckAttributes finds every problem of the attributes, in their order. It returns nil when there
// is none.
func CheckAttributes(a Attributes) []Problem { return inOrder(run(allAttributeRules, &a)) }

func run[S any](rules []rule[S], s *S) []Problem {
	var problems []Problem
	for _, r := range rules {
		problems = append(problems, r.check(s)...)
	}
	return problems
}

// props are those of a new construct after those that only an existing one has.
var props = []string{
	"TopicArn",
	"QueueArn",
	"ServiceRoleArn",
	"EncryptionKeyArn",
	"Operations",
	"Inputs",
	"Output",
	"Topic",
	"TopicName",
	"Queue",
	"VisibilityTimeout",
	"RetentionPeriod",
	"DeadLetterQueue",
	"ServiceRole",
	"ServiceRolePolicy",
	"TrustedAccounts",
	"Encryption",
	"EncryptionKey",
	"FormerEncryptionKeys",
	"RemovalPolicy",
}

// subprops are the props of Inputs, Output and DeadLetterQueue; the empty one is the prop as a
// whole.
var subprops = []string{"", "Bucket", "Prefix", "EncryptionKey", "Disabled", "MaxReceiveCount", "RetentionPeriod"}

// inOrder keeps the problems of one prop in the order of the rules.
func inOrder(problems []Problem) []Problem {
	slices.SortStableFunc(problems, compareProblems)
	return problems
}

func compareProblems(a, b Problem) int { return slices.Compare(position(a.Prop), position(b.Prop)) }

// position reads a path such as "Inputs[1].Prefix". A list as a whole comes before its elements.
func position(path string) []int {
	prop, subprop, _ := strings.Cut(path, ".")
	prop, index, isElement := strings.Cut(prop, "[")
	number := 0
	if isElement {
		n, _ := strconv.Atoi(strings.TrimSuffix(index, "]")) // written by element
		number = n + 1
	}
	return []int{slices.Index(props, prop), number, slices.Index(subprops, subprop)}
}

// fixOf returns what to change in a value, or nothing where the value is right.
type fixOf func(value string) string

// checkString accepts a value that is not set or unknown.
func checkString(prop string, value *string, fix fixOf) []Problem {
	if value == nil || Unresolved(*value) {
		return nil
	}
	return problemIf(prop, quoted(*value), fix(*value))
}

// checkParts checks a value of which a part may be known.
func checkParts(prop string, value *string, fix fixOf) []Problem {
	if value == nil || Dummy(*value) {
		return nil
	}
	return problemIf(prop, quoted(*value), fix(*value))
}

func problemIf(prop, value, fix string) []Problem {
	if fix == "" {
		return nil
	}
	return []Problem{{prop, value, fix}}
}

func element(prop string, index int) string {
	return fmt.Sprintf("%s[%d]", prop, index)
}

func isTrue(b *bool) bool { return b != nil && *b }

func quoted(value string) string { return strconv.Quote(value) }
