package validate

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	// MaxKeyLength is the longest key of an object, in bytes of UTF-8, that S3 takes.
	MaxKeyLength = 1_024
	// MaxOutputPrefixLength is MaxKeyLength, in bytes, without the longest key that Textract puts
	// below the prefix.
	MaxOutputPrefixLength = MaxKeyLength - len("/") - maxJobIDLength - len("/") - len(accessCheck)

	maxJobIDLength = 64                 // JobId of the Textract model
	accessCheck    = ".s3_access_check" // next to the results, whose names are numbers
)

var prefixRules = []rule[Settings]{
	{
		name: "Prefix empty",
		// Textract takes no empty prefix, and for a whole bucket none is needed.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
		check: eachPrefix(func(prefix string, isOutput bool) string {
			switch {
			case prefix != "":
				return ""
			case isOutput:
				return `remove Prefix for "textract_output"`
			default:
				return "remove Prefix for the whole bucket"
			}
		}),
	},
	{
		name: "Prefix leading slash",
		// S3 has no root folder: a leading slash makes a folder without a name.
		// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
		check: eachPrefix(func(prefix string, _ bool) string { return leadingSlash(prefix) }),
	},
	{
		name: "Prefix length",
		// S3 takes keys of at most 1,024 bytes, and below the output's prefix Textract adds the
		// job's id, of at most 64, and a name.
		// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
		check: eachPrefix(func(prefix string, isOutput bool) string {
			most := MaxKeyLength
			if isOutput {
				most = MaxOutputPrefixLength
			}
			length := len(knownParts(prefix))
			if length <= most {
				return ""
			}
			return fmt.Sprintf("use at most %s bytes, it has %s", thousands(most), thousands(length))
		}),
	},
	{
		name: "Prefix characters",
		// An IAM policy may contain U+0020 to U+00FF and line breaks only, so the deployment would
		// fail.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
		check: eachPrefix(func(prefix string, _ bool) string { return policyCharacters(prefix) }),
	},
	{
		name: "Prefix wildcard",
		// In the resource of an IAM policy * and ? match anything, so the grants would allow more
		// than the prefix.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
		check: eachPrefix(func(prefix string, _ bool) string { return policyWildcards(prefix) }),
	},
	{
		name: "Prefix policy variable",
		// In the resource of an IAM policy ${ begins a policy variable.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
		check: eachPrefix(func(prefix string, _ bool) string { return policyVariables(prefix) }),
	},
	{
		name: "Output.Prefix blank",
		// Textract takes no prefix that is only white space.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
		check: eachPrefix(func(prefix string, isOutput bool) string {
			if !isOutput || prefix == "" || strings.TrimSpace(prefix) != "" {
				return ""
			}
			return "use at least one character that is not white space"
		}),
	},
	{
		name: "Output.Prefix trailing slash",
		// Textract puts a slash of its own between the prefix and the job's id.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
		check: eachPrefix(func(prefix string, isOutput bool) string {
			if !isOutput || len(prefix) < 2 || !strings.HasSuffix(knownEnd(prefix), "/") {
				return ""
			}
			return `remove the trailing "/": Textract adds its own`
		}),
	},
}

func leadingSlash(prefix string) string {
	if !strings.HasPrefix(KnownBeginning(prefix), "/") {
		return ""
	}
	return `remove the leading "/"`
}

func policyCharacters(prefix string) string {
	for _, character := range knownParts(prefix) {
		if character > unicode.MaxLatin1 || unicode.IsControl(character) {
			return fmt.Sprintf(
				"remove %q (%U): a prefix in an IAM policy has characters from U+0020 to U+00FF, and no control characters",
				string(character), character,
			)
		}
	}
	return ""
}

func policyWildcards(prefix string) string {
	if !strings.ContainsAny(knownParts(prefix), "*?") {
		return ""
	}
	return `remove "*" and "?": IAM would take them for wildcards`
}

func policyVariables(prefix string) string {
	if !strings.Contains(knownParts(prefix), "${") {
		return ""
	}
	return `remove "${": IAM would take it for a policy variable`
}

func eachPrefix(fix func(prefix string, isOutput bool) string) func(*Settings) []Problem {
	return eachLocation(func(l location) []Problem {
		return checkParts(l.path+".Prefix", l.Prefix, func(prefix string) string { return fix(prefix, l.isOutput) })
	})
}
