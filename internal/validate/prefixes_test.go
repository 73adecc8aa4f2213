package validate

import (
	"strings"
	"testing"
)

var prefixCases = []ruleCase[Settings]{
	{rule: "Location nil", name: "bucket", change: func(s *Settings) { s.Inputs = []Location{{Bucket: &home}} }},
	{
		rule: "Location nil", name: "nil",
		change: func(s *Settings) { s.Inputs = []Location{{Bucket: &home}, {Missing: true}} },
		want:   []Problem{{"Inputs[1]", "nil", "name a bucket, or leave the location out"}},
	},
	{rule: "Location bucket", name: "bucket", change: func(s *Settings) { s.Output = &Location{Bucket: &Place{}} }},
	{
		rule: "Location bucket", name: "none",
		change: func(s *Settings) { s.Inputs, s.Output = []Location{{}}, &Location{} },
		want:   []Problem{{"Inputs[0].Bucket", "none", "name the bucket"}, {"Output.Bucket", "none", "name the bucket"}},
	},

	prefixed("Prefix empty", "one character", "a", "", ""),
	prefixed("Prefix empty", "empty", "", "leave out Prefix for the whole bucket", `leave out Prefix for "textract_output"`),
	prefixed("Prefix leading slash", "slash within", "a/b", "", ""),
	prefixed("Prefix leading slash", "leading slash", "/a", `leave out the leading "/"`, `leave out the leading "/"`),
	prefixed("Prefix leading slash", "nothing but a slash", "/", `leave out the leading "/"`, `leave out the leading "/"`),
	prefixed("Prefix length", "longest output", strings.Repeat("a", 942), "", ""),
	prefixed("Prefix length", "longer output", strings.Repeat("a", 943), "", "use at most 942 bytes, it has 943"),
	prefixed("Prefix length", "longest input", strings.Repeat("ä", 512), "", "use at most 942 bytes, it has 1,024"),
	prefixed("Prefix length", "longer input", strings.Repeat("ä", 512)+"a",
		"use at most 1,024 bytes, it has 1,025", "use at most 942 bytes, it has 1,025"),
	prefixed("Prefix wildcard", "other signs", "a!b+c(d)", "", ""),
	prefixed("Prefix wildcard", "star", "a*", wildcardMend, wildcardMend),
	prefixed("Prefix wildcard", "question mark", "a?b", wildcardMend, wildcardMend),
	prefixed("Prefix policy variable", "dollar and braces apart", "$a{b}", "", ""),
	prefixed("Prefix policy variable", "variable", "home/${aws:username}", variableMend, variableMend),
	prefixed("Prefix policy variable", "half a token", "${Token[", variableMend, variableMend),
	prefixed("Output.Prefix blank", "blank within", "a b", "", ""),
	prefixed("Output.Prefix blank", "blank alone", " \t", "", "use at least one character that is no white space"),
	prefixed("Output.Prefix trailing slash", "slash within", "a/b", "", ""),
	prefixed("Output.Prefix trailing slash", "trailing slash", "a/", "", `leave out the trailing "/": Textract adds its own`),
}

const (
	wildcardMend = `leave out "*" and "?": IAM would take them for wildcards`
	variableMend = `leave out "${": IAM would take it for a policy variable`
)

// prefixed gives the prefix to an input and to the output; each expects to pass where it has no mend.
func prefixed(rule, name, prefix, inputMend, outputMend string) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: func(s *Settings) {
		s.Inputs = []Location{{Bucket: &home, Prefix: &prefix}}
		s.Output = &Location{Bucket: &home, Prefix: &prefix}
	}}
	if inputMend != "" {
		c.want = append(c.want, Problem{"Inputs[0].Prefix", quoted(prefix), inputMend})
	}
	if outputMend != "" {
		c.want = append(c.want, Problem{"Output.Prefix", quoted(prefix), outputMend})
	}
	return c
}

func TestLongestOutputKeyFits(t *testing.T) {
	key := strings.Repeat("p", MaxOutputPrefixLength) + "/" + strings.Repeat("j", 64) + "/.s3_access_check"
	if len(key) != 1024 {
		t.Errorf("got a key of %d bytes, want 1,024", len(key))
	}
}
