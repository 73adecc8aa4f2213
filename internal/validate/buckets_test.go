package validate

const (
	bucketForm       = "use the ARN of a bucket, arn:aws:s3:::NAME"
	accessPointAlias = "use the bucket itself: this is the alias of an access point, and IAM matches no grant on it"
	accessPointARN   = "use the bucket itself: this is the ARN of an access point, and Textract reads and writes buckets only"
)

var bucketCases = []ruleCase[Settings]{
	{rule: "Inputs empty", name: "not set", change: func(s *Settings) { s.Inputs = nil }},
	{
		rule: "Inputs empty", name: "empty", change: func(s *Settings) { s.Inputs = []Location{} },
		want: []Problem{{"Inputs", "an empty list", "name a location, or remove Inputs where callers may read the documents already"}},
	},
	{rule: "Location nil", name: "bucket", change: func(s *Settings) { s.Inputs = []Location{{Bucket: &Bucket{}}} }},
	{
		rule: "Location nil", name: "nil",
		change: func(s *Settings) { s.Inputs = []Location{{Bucket: &Bucket{}}, {Missing: true}} },
		want:   []Problem{{"Inputs[1]", "nil", "name a bucket, or remove the location"}},
	},
	{rule: "Location bucket", name: "bucket", change: func(s *Settings) { s.Output = &Location{Bucket: &Bucket{}} }},
	{
		rule: "Location bucket", name: "none",
		change: func(s *Settings) { s.Inputs, s.Output = []Location{{}}, &Location{} },
		want:   []Problem{{"Inputs[0].Bucket", "none", "name the bucket"}, {"Output.Bucket", "none", "name the bucket"}},
	},

	{
		rule: "Bucket type", name: "a bucket, and a resource of another service",
		change: func(s *Settings) {
			s.Inputs = []Location{
				{Bucket: &Bucket{Type: "AWS::S3::Bucket"}},
				{Bucket: &Bucket{Type: "AWS::CloudFormation::CustomResource"}},
			}
		},
	},
	{
		rule: "Bucket type", name: "access point",
		change: func(s *Settings) { s.Inputs = []Location{{Bucket: &Bucket{Type: "AWS::S3::AccessPoint"}}} },
		want: []Problem{{
			"Inputs[0].Bucket", "a resource of type AWS::S3::AccessPoint",
			"use a general purpose bucket itself: IAM matches no grant on an access point, its alias or another kind of bucket",
		}},
	},
	{
		rule: "Bucket type", name: "queue of the app",
		change: func(s *Settings) { s.Output = &Location{Bucket: &Bucket{ARN: aToken, Type: "AWS::SQS::Queue"}} },
		want:   []Problem{{"Output.Bucket", "a resource of type AWS::SQS::Queue", "use a bucket"}},
	},
	bucketNamed("documents", ""),
	bucketNamed("documents-abcdefghij--op-s3",
		"use the bucket itself: this is the alias of an access point of Outposts, and IAM matches no grant on it"),
	bucketNamed("scans.2026-a", ""),
	bucketNamed("Old_Bucket.of.us-east-1", ""),
	bucketNamed(aToken, ""),
	bucketNamed(aDummy, ""),
	bucketNamed("s3alias", ""),
	bucketNamed("documents-abcdefghijklmnopqrstuvwxyz0123-s3alias", accessPointAlias),
	bucketNamed("documents-abcdefghij--ol-s3",
		"use the bucket itself: this is the alias of an Object Lambda access point, and IAM matches no grant on it"),
	bucketNamed("abcdefghijklm.mrap",
		"use the bucket itself: this is the alias of a Multi-Region Access Point, and IAM matches no grant on it"),
	bucketNamed("documents--use1-az4--x-s3", "use a general purpose bucket: this is a directory bucket, and IAM matches no grant on it"),
	bucketNamed("documents--use1-az4--xa-s3",
		"use a general purpose bucket: this is an access point of a directory bucket, and IAM matches no grant on it"),
	bucketNamed("documents--table-s3", "use a general purpose bucket: this is a table bucket, and IAM matches no grant on it"),

	bucketARNCase("arn:aws:s3:::documents", ""),
	bucketARNCase(aToken, ""),
	bucketARNCase("arn:aws:s3:::docs-"+aToken, ""),
	bucketARNCase("arn:aws:s3:::"+aToken+"*", `remove "*" and "?": IAM would take them for wildcards`),
	bucketARNCase("arn:aws:s3:::my docs"+aToken, bucketForm),
	bucketARNCase("arn:aws:s3:::"+aToken+"/in", `use the bucket "`+aToken+`" alone, and Prefix for "in"`),
	bucketARNCase("documents", bucketForm),
	bucketARNCase("arn:aws:s3:::", bucketForm),
	bucketARNCase("arn:aws:s3:::ab", bucketForm),
	bucketARNCase("arn:aws:s3:::my documents", bucketForm),
	bucketARNCase("arn:aws:s3:us-east-1:111122223333:documents", bucketForm),
	bucketARNCase("arn:aws:sqs:us-east-1:111122223333:documents", bucketForm),
	bucketARNCase("arn:aws:s3express:us-east-1:111122223333:bucket/documents--use1-az4--x-s3", bucketForm),
	bucketARNCase("arn:aws:s3:us-east-1:111122223333:accesspoint/documents", accessPointARN),
	bucketARNCase("arn:aws:s3:us-east-1:111122223333:accesspoint:documents", accessPointARN),
	bucketARNCase("arn:aws:s3::111122223333:accesspoint/abcdefghijklm.mrap", accessPointARN),
	bucketARNCase("arn:aws:s3-object-lambda:us-east-1:111122223333:accesspoint/documents", accessPointARN),
	bucketARNCase("arn:aws:s3:::docu*", `remove "*" and "?": IAM would take them for wildcards`),
	bucketARNCase("arn:aws:s3:::documents/*", `remove "*" and "?": IAM would take them for wildcards`),
	bucketARNCase("arn:aws:s3:::documents/in/2026", `use the bucket "documents" alone, and Prefix for "in/2026"`),
}

// bucketNamed has a bucket that is imported by its name, so that the partition is a token, and
// expects no problem where fix is empty.
func bucketNamed(name, fix string) ruleCase[Settings] {
	return bucketCase(name, "arn:${Token[AWS.Partition.7]}:s3:::"+name, name, fix)
}

func bucketARNCase(arn, fix string) ruleCase[Settings] { return bucketCase(arn, arn, arn, fix) }

func bucketCase(name, arn, value, fix string) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: "Bucket ARN", name: name, change: func(s *Settings) {
		s.Inputs = []Location{{Bucket: &Bucket{ARN: arn}}}
		s.Output = &Location{Bucket: &Bucket{ARN: arn}}
	}}
	if fix != "" {
		c.want = []Problem{{"Inputs[0].Bucket", quoted(value), fix}, {"Output.Bucket", quoted(value), fix}}
	}
	return c
}
