package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rule is one row of the table of what a construct's props, S, must keep.
type rule[S any] struct {
	name  string
	doc   string // why, and the page where it was read
	check func(*S) []Problem
}

// settingsRules are grouped by theme; inOrder puts what they find into the order of the props.
var settingsRules = slices.Concat(
	operationRules,
	bucketRules,
	prefixRules,
	nameRules,
	kindRules,
	choiceRules,
	accountRules,
	limitRules,
	placeRules,
	contradictionRules,
)

// Check finds every problem of the settings, in the order of the props. It is nil when there is none.
func Check(s Settings) []Problem {
	return inOrder(run(settingsRules, &s))
}

// CheckAttributes finds every problem of the attributes, in their order. It is nil when there is none.
func CheckAttributes(a Attributes) []Problem {
	problems := run(attributeRules, &a)
	s := a.settings()
	for _, rules := range [][]rule[Settings]{operationRules, bucketRules, prefixRules, locationPlaceRules} {
		problems = append(problems, run(rules, &s)...)
	}
	return inOrder(problems)
}

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
	"MessageRetention",
	"DeadLetters",
	"ServiceRole",
	"ServiceRolePolicy",
	"TrustedAccounts",
	"Encryption",
	"EncryptionKey",
	"RemovalPolicy",
}

// subprops are the props of Inputs, Output and DeadLetters; the empty one is the prop as a whole.
var subprops = []string{"", "Bucket", "Prefix", "EncryptionKey", "Disabled", "MaxReceiveCount", "Retention"}

// inOrder leaves problems of one prop in the order of the table.
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

// mendOf gives the mend of a value, or nothing where the value is good.
type mendOf func(value string) string

// checkString lets a value pass that was not given or is not known yet.
func checkString(prop string, value *string, mend mendOf) []Problem {
	if value == nil || Unresolved(*value) {
		return nil
	}
	return problemIf(prop, strconv.Quote(*value), mend(*value))
}

func problemIf(prop, value, mend string) []Problem {
	if mend == "" {
		return nil
	}
	return []Problem{{Prop: prop, Value: value, Mend: mend}}
}

func element(prop string, index int) string {
	return fmt.Sprintf("%s[%d]", prop, index)
}

func isTrue(b *bool) bool { return b != nil && *b }
