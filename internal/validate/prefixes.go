package validate

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// MaxKeyLength is the longest key of an object, in bytes of UTF-8, that S3 takes.
	MaxKeyLength = 1_024
	// MaxOutputPrefixLength leaves room, in bytes, for the longest key that Textract puts below the prefix.
	MaxOutputPrefixLength = MaxKeyLength - len("/") - maxJobIDLength - len("/") - len(accessCheck)

	maxJobIDLength = 64                 // JobId of the Textract model
	accessCheck    = ".s3_access_check" // beside the results, whose names are numbers
)

var bucketRules = []rule[Settings]{
	{
		name: "Location nil",
		doc:  "A nil location stands for no bucket at all.",
		check: eachLocation(func(l *Location, at locationPath) []Problem {
			if !l.Missing {
				return nil
			}
			return []Problem{{Prop: at.path, Value: "nil", Mend: "name a bucket, or leave the location out"}}
		}),
	},
	{
		name: "Location bucket",
		doc: "Documents are read from a bucket and results written to one." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html",
		check: eachLocation(func(l *Location, at locationPath) []Problem {
			if l.Missing || l.Bucket != nil {
				return nil
			}
			return []Problem{{Prop: at.path + ".Bucket", Value: "none", Mend: "name the bucket"}}
		}),
	},
}

var prefixRules = []rule[Settings]{
	{
		name: "Prefix empty",
		doc: "Textract takes no empty prefix, and for a whole bucket none is needed." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html",
		check: eachPrefix(func(prefix string, isOutput bool) string {
			switch {
			case prefix != "":
				return ""
			case isOutput:
				return `leave out Prefix for "textract_output"`
			default:
				return "leave out Prefix for the whole bucket"
			}
		}),
	},
	{
		name: "Prefix leading slash",
		doc: "S3 has no root folder: a leading slash makes a folder without a name." +
			" See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html",
		check: eachPrefix(func(prefix string, _ bool) string {
			if !strings.HasPrefix(prefix, "/") {
				return ""
			}
			return `leave out the leading "/"`
		}),
	},
	{
		name: "Prefix length",
		doc: "S3 takes keys of at most 1,024 bytes, and below the output's prefix Textract adds the job's id, of at most 64, and a name." +
			" See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html",
		check: eachPrefix(func(prefix string, isOutput bool) string {
			most := MaxKeyLength
			if isOutput {
				most = MaxOutputPrefixLength
			}
			if len(prefix) <= most {
				return ""
			}
			return fmt.Sprintf("use at most %s bytes, it has %s", thousands(most), thousands(len(prefix)))
		}),
	},
	{
		name: "Prefix wildcard",
		doc: "In the resource of an IAM policy * and ? stand for anything, so the grants would reach further than the prefix." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
		check: eachPrefix(func(prefix string, _ bool) string {
			if !strings.ContainsAny(prefix, "*?") {
				return ""
			}
			return `leave out "*" and "?": IAM would take them for wildcards`
		}),
	},
	{
		name: "Prefix policy variable",
		doc: "In the resource of an IAM policy ${ begins a policy variable." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
		check: eachPrefix(func(prefix string, _ bool) string {
			if !strings.Contains(prefix, "${") {
				return ""
			}
			return `leave out "${": IAM would take it for a policy variable`
		}),
	},
	{
		name: "Output.Prefix blank",
		doc: "Textract takes no prefix of white space alone." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html",
		check: eachPrefix(func(prefix string, isOutput bool) string {
			if !isOutput || prefix == "" || strings.TrimSpace(prefix) != "" {
				return ""
			}
			return "use at least one character that is no white space"
		}),
	},
	{
		name: "Output.Prefix trailing slash",
		doc: "Textract puts a slash of its own between the prefix and the job's id." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html",
		check: eachPrefix(func(prefix string, isOutput bool) string {
			if !isOutput || len(prefix) < 2 || !strings.HasSuffix(prefix, "/") {
				return ""
			}
			return `leave out the trailing "/": Textract adds its own`
		}),
	},
}

// locationPath says where a location stands among the props.
type locationPath struct {
	path     string
	isOutput bool
}

func eachLocation(check func(*Location, locationPath) []Problem) func(*Settings) []Problem {
	return func(s *Settings) []Problem {
		var problems []Problem
		for i := range s.Inputs {
			problems = append(problems, check(&s.Inputs[i], locationPath{path: element("Inputs", i)})...)
		}
		if s.Output != nil {
			problems = append(problems, check(s.Output, locationPath{path: "Output", isOutput: true})...)
		}
		return problems
	}
}

func eachPrefix(mend func(prefix string, isOutput bool) string) func(*Settings) []Problem {
	return eachLocation(func(l *Location, at locationPath) []Problem {
		if l.Prefix == nil || Unresolved(*l.Prefix) {
			return nil
		}
		return problemIf(at.path+".Prefix", strconv.Quote(*l.Prefix), mend(*l.Prefix, at.isOutput))
	})
}
