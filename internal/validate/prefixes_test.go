package validate

import (
	"strings"
	"testing"
)

var prefixCases = []ruleCase[Settings]{
	prefixed("Prefix empty", "one character", "a", "", ""),
	prefixed("Prefix empty", "empty", "", "remove Prefix for the whole bucket", `remove Prefix for "textract_output"`),
	prefixed("Prefix leading slash", "slash within", "a/b", "", ""),
	prefixed("Prefix leading slash", "leading slash", "/a", `remove the leading "/"`, `remove the leading "/"`),
	prefixed("Prefix leading slash", "nothing but a slash", "/", `remove the leading "/"`, `remove the leading "/"`),
	prefixed("Prefix length", "longest output", strings.Repeat("a", 942), "", ""),
	prefixed("Prefix length", "longer output", strings.Repeat("a", 943), "", "use at most 942 bytes, it has 943"),
	prefixed("Prefix length", "longest input", strings.Repeat("ä", 512), "", "use at most 942 bytes, it has 1,024"),
	prefixed("Prefix length", "longer input", strings.Repeat("ä", 512)+"a",
		"use at most 1,024 bytes, it has 1,025", "use at most 942 bytes, it has 1,025"),
	prefixed("Prefix characters", "first and last", " a~\u00a0ÿ", "", ""),
	prefixed("Prefix characters", "beyond U+00FF", "文書", characterFix(`"文" (U+6587)`), characterFix(`"文" (U+6587)`)),
	prefixed("Prefix characters", "U+0100", "aĀ", characterFix(`"Ā" (U+0100)`), characterFix(`"Ā" (U+0100)`)),
	prefixed("Prefix characters", "tab", "a\tb", characterFix(`"\t" (U+0009)`), characterFix(`"\t" (U+0009)`)),
	prefixed("Prefix characters", "line feed", "a\n", characterFix(`"\n" (U+000A)`), characterFix(`"\n" (U+000A)`)),
	prefixed("Prefix characters", "delete", "\x7fa", characterFix(`"\x7f" (U+007F)`), characterFix(`"\x7f" (U+007F)`)),
	prefixed("Prefix characters", "next line", "a\u0085", characterFix(`"\u0085" (U+0085)`), characterFix(`"\u0085" (U+0085)`)),
	prefixed("Prefix characters", "invalid UTF-8", "a\xff", characterFix(`"�" (U+FFFD)`), characterFix(`"�" (U+FFFD)`)),
	prefixed("Prefix wildcard", "other signs", "a!b+c(d)", "", ""),
	prefixed("Prefix wildcard", "star", "a*", wildcardFix, wildcardFix),
	prefixed("Prefix wildcard", "question mark", "a?b", wildcardFix, wildcardFix),
	prefixed("Prefix policy variable", "dollar and braces apart", "$a{b}", "", ""),
	prefixed("Prefix policy variable", "variable", "home/${aws:username}", variableFix, variableFix),
	prefixed("Prefix policy variable", "half a token", "${Token[", variableFix, variableFix),
	prefixed("Prefix wildcard", "in a known part", "*/"+aToken, wildcardFix, wildcardFix),
	prefixed("Prefix leading slash", "known beginning", "/"+aToken, `remove the leading "/"`, `remove the leading "/"`),
	prefixed("Prefix leading slash", "behind a token", aToken+"/a", "", ""),
	prefixed("Output.Prefix trailing slash", "known end", aToken+"/", "", `remove the trailing "/": Textract adds its own`),
	prefixed("Output.Prefix blank", "blank within", "a b", "", ""),
	prefixed("Output.Prefix blank", "blank alone", " \u00a0", "", "use at least one character that is not white space"),
	prefixed("Output.Prefix trailing slash", "slash within", "a/b", "", ""),
	prefixed("Output.Prefix trailing slash", "trailing slash", "a/", "", `remove the trailing "/": Textract adds its own`),
}

const (
	wildcardFix = `remove "*" and "?": IAM would take them for wildcards`
	variableFix = `remove "${": IAM would take it for a policy variable`
)

func characterFix(character string) string {
	return "remove " + character + ": a prefix in an IAM policy has characters from U+0020 to U+00FF, and no control characters"
}

// prefixed sets the prefix of an input and of the output, and expects no problem where the fix is
// empty.
func prefixed(rule, name, prefix, inputFix, outputFix string) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: func(s *Settings) {
		s.Inputs = []Location{{Bucket: &Bucket{}, Prefix: &prefix}}
		s.Output = &Location{Bucket: &Bucket{}, Prefix: &prefix}
	}}
	if inputFix != "" {
		c.want = append(c.want, Problem{"Inputs[0].Prefix", quoted(prefix), inputFix})
	}
	if outputFix != "" {
		c.want = append(c.want, Problem{"Output.Prefix", quoted(prefix), outputFix})
	}
	return c
}

func TestLongestOutputKeyFits(t *testing.T) {
	key := strings.Repeat("p", MaxOutputPrefixLength) + "/" + strings.Repeat("j", 64) + "/.s3_access_check"
	if len(key) != 1024 {
		t.Errorf("got a key of %d bytes, want 1,024", len(key))
	}
}
