package validate

import (
	"fmt"
	"strings"
)

const bucketType = "AWS::S3::Bucket"

// notBuckets are the ends of names that look like a bucket's, but are not those of general purpose
// buckets.
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var notBuckets = []struct{ suffix, fix string }{
	{"-s3alias", "use the bucket itself: this is the alias of an access point, and IAM matches no grant on it"},
	{"--ol-s3", "use the bucket itself: this is the alias of an Object Lambda access point, and IAM matches no grant on it"},
	{".mrap", "use the bucket itself: this is the alias of a Multi-Region Access Point, and IAM matches no grant on it"},
	{"--xa-s3", "use a general purpose bucket: this is an access point of a directory bucket, and IAM matches no grant on it"},
	{"--x-s3", "use a general purpose bucket: this is a directory bucket, and IAM matches no grant on it"},
	{"--op-s3", "use the bucket itself: this is the alias of an access point of Outposts, and IAM matches no grant on it"},
	{"--table-s3", "use a general purpose bucket: this is a table bucket, and IAM matches no grant on it"},
}

var bucketRules = []rule[Settings]{
	{
		name: "Inputs empty",
		// Without a location no grant would allow reading documents; the default grants none
		// either, and says so.
		check: func(s *Settings) []Problem {
			if s.Inputs == nil || len(s.Inputs) > 0 {
				return nil
			}
			return []Problem{{"Inputs", "an empty list", "name a location, or remove Inputs where callers may read the documents already"}}
		},
	},
	{
		name: "Location nil",
		// A location that is nil names no bucket.
		check: eachLocation(func(l location) []Problem {
			if !l.Missing {
				return nil
			}
			return []Problem{{l.path, "nil", "name a bucket, or remove the location"}}
		}),
	},
	{
		name: "Location bucket",
		// Documents are read from a bucket and results written to one.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
		check: eachLocation(func(l location) []Problem {
			if l.Missing || l.Bucket != nil {
				return nil
			}
			return []Problem{{l.path + ".Bucket", "none", "name the bucket"}}
		}),
	},
	{
		name: "Bucket type",
		// What else has an ARN or an alias in S3 takes no grants as a bucket does.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
		check: eachLocation(func(l location) []Problem {
			if l.Bucket == nil || l.Bucket.Type == bucketType {
				return nil
			}
			if problems := checkType(l.path+".Bucket", "bucket", l.Bucket.Type); problems != nil {
				return problems
			}
			if !strings.HasPrefix(l.Bucket.Type, "AWS::S3") {
				return nil
			}
			return []Problem{{
				l.path + ".Bucket", "a resource of type " + l.Bucket.Type,
				"use a general purpose bucket itself: IAM matches no grant on an access point, its alias or another kind of bucket",
			}}
		}),
	},
	{
		name: "Bucket ARN",
		// Textract and the grants need the name of a general purpose bucket.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
		check: eachLocation(func(l location) []Problem {
			if l.Bucket == nil || l.Bucket.ARN == "" {
				return nil
			}
			value, fix := checkBucketARN(l.Bucket.ARN)
			return problemIf(l.path+".Bucket", value, fix)
		}),
	},
}

func checkBucketARN(text string) (value, fix string) {
	found, ok := parse(text)
	switch {
	case !ok && Unresolved(text):
		return "", ""
	case ok && strings.HasPrefix(found.resource, "accesspoint"):
		return quoted(text), "use the bucket itself: this is the ARN of an access point, and Textract reads and writes buckets only"
	case !ok || found.service != bucketARN.service: // nothing more is known of it
	case strings.ContainsAny(knownParts(found.resource), "*?"):
		return quoted(text), `remove "*" and "?": IAM would take them for wildcards`
	case strings.Contains(found.resource, "/"):
		name, prefix, _ := strings.Cut(found.resource, "/")
		return quoted(text), fmt.Sprintf("use the bucket %q alone, and Prefix for %q", name, prefix)
	}
	if !bucketARN.matches(text) {
		return quoted(text), bucketARN.fix()
	}
	for _, other := range notBuckets {
		if strings.HasSuffix(found.resource, other.suffix) {
			return quoted(found.resource), other.fix
		}
	}
	return "", ""
}

// location is one of the Inputs or the Output, with its path among the props.
type location struct {
	*Location
	path     string
	isOutput bool
}

func (s *Settings) locations() []location {
	var all []location
	for i := range s.Inputs {
		all = append(all, location{&s.Inputs[i], element("Inputs", i), false})
	}
	if s.Output != nil {
		all = append(all, location{s.Output, "Output", true})
	}
	return all
}

func eachLocation(check func(location) []Problem) func(*Settings) []Problem {
	return func(s *Settings) []Problem {
		var problems []Problem
		for _, l := range s.locations() {
			problems = append(problems, check(l)...)
		}
		return problems
	}
}
