package proof

import "strings"

// Explanations of mutants that no question can notice, because they change nothing that anybody could do.
func Explanations() []Explanation {
	return []Explanation{
		{
			ID: "own-policy-resource", Mutant: "a wider Resource in the policy of a queue or topic",
			Reason: "The policy of a queue or topic is evaluated for requests to that queue or topic alone.",
			fits: func(m Mutant) bool {
				return (m.Policy.Kind == KindQueue || m.Policy.Kind == KindTopic) &&
					strings.HasPrefix(m.Change, m.Policy.Subject+" widened to ")
			},
		},
		{
			ID: "own-bucket-resource", Mutant: "a Resource of other buckets too in the policy of a bucket",
			Reason: "S3 evaluates a bucket's policy for requests to that bucket and its objects alone.",
			fits: func(m Mutant) bool {
				_, wider, ok := strings.Cut(m.Change, " widened to ")
				return ok && m.Policy.Kind == KindBucket && strings.HasPrefix(m.Change, "arn:") && !below(wider, m.Policy.Subject)
			},
		},
		{
			ID: "topic-deny", Mutant: "the topic refuses plain HTTP from the account's own principals only",
			Reason: "Nobody outside the account may publish to the topic at all; the refusal names everybody for the day " +
				"when somebody adds a statement.",
			fits: func(m Mutant) bool { return m.Policy.Kind == KindTopic && m.Change == "for the account only" },
		},
	}
}

// below says that a pattern still keeps to a bucket.
func below(pattern, bucket string) bool { return strings.HasPrefix(pattern, bucket+"/") }
