package validate

import (
	"regexp"
	"strings"
)

// How the CDK writes a value that is not known yet: in a string, as the element of a list, or as a
// number that was turned into a string (core/lib/private/encoding.ts of aws-cdk-lib).
var (
	token     = regexp.MustCompile(`[$#]\{Token\[[a-zA-Z0-9:._-]+\]\}|-1\.[0-9]{10,16}e\+289`)
	listToken = regexp.MustCompile(`#\{Token\[[a-zA-Z0-9:._-]+\]\}`)
)

// Unresolved reports whether the string is unknown: it contains a CDK token, or is the dummy value
// of a context lookup.
func Unresolved(s string) bool { return token.MatchString(s) || Dummy(s) }

// Dummy reports whether the string comes from a context lookup that has not been made yet. The CDK
// goes on with a dummy value then, and makes the lookup only if the app gets through this first
// synthesis.
//
// The dummy id of Key_FromLookup is not one of them: it is also the sample id of AWS's
// documentation, and the key's account and Region are the stack's, so they are known.
func Dummy(s string) bool {
	return strings.Contains(s, "dummy-value-for-") || // StringParameter_ValueFromLookup
		strings.HasSuffix(s, ":role/DUMMY_ARN") // Role_FromLookup, in account 123456789012
}

// KnownBeginning returns what is known of a string before its first token.
func KnownBeginning(s string) string {
	if Dummy(s) {
		return ""
	}
	if at := token.FindStringIndex(s); at != nil {
		return s[:at[0]]
	}
	return s
}

// knownEnd returns what is known of a string behind its last token.
func knownEnd(s string) string {
	if Dummy(s) {
		return ""
	}
	if all := token.FindAllStringIndex(s, -1); all != nil {
		return s[all[len(all)-1][1]:]
	}
	return s
}

// knownParts returns what is known of a string, without its tokens.
func knownParts(s string) string {
	if Dummy(s) {
		return ""
	}
	return token.ReplaceAllLiteralString(s, "")
}

// mayBeginWith reports whether a string begins with a prefix, as far as it is known.
func mayBeginWith(s, prefix string) bool {
	beginning := KnownBeginning(s)
	return strings.HasPrefix(beginning, prefix) || Unresolved(s) && strings.HasPrefix(prefix, beginning)
}

// known reports whether the string has a value that can be compared.
func known(s string) bool { return s != "" && !Unresolved(s) }

const listTokenFix = "name each value, or use awscdk.Fn_Select for each element: synthesis cannot read a list that is a token"

var listTokenRules = []rule[Settings]{
	{
		name: "List token",
		// The list becomes known at deployment, so synthesis cannot use its elements as strings of
		// their own.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/tokens.html
		check: func(s *Settings) []Problem {
			var problems []Problem
			for _, text := range s.strings() {
				if listToken.MatchString(text.value) {
					problems = append(problems, Problem{
						text.prop, quoted(text.value),
						listTokenFix,
					})
				}
			}
			return problems
		},
	},
}

// propString is a string among the props that may be unknown.
type propString struct {
	prop, value string
}

func (s *Settings) strings() []propString {
	var all []propString
	if s.TopicName != nil {
		all = append(all, propString{"TopicName", *s.TopicName})
	}
	for i, account := range s.TrustedAccounts {
		all = append(all, propString{element("TrustedAccounts", i), account})
	}
	for _, l := range s.locations() {
		if l.Prefix != nil {
			all = append(all, propString{l.path + ".Prefix", *l.Prefix})
		}
	}
	for _, r := range s.resources() {
		all = append(all, propString{r.prop, r.arn})
	}
	return all
}
