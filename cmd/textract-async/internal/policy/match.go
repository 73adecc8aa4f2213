package policy

import (
	"regexp"
	"strings"
)

// truth is the answer of a part: no, maybe or yes.
type truth int

const (
	no truth = iota
	maybe
	yes
)

// both is yes when all are.
func both(all ...truth) truth {
	result := yes
	for _, t := range all {
		result = min(result, t)
	}
	return result
}

// either is yes when one is.
func either(all ...truth) truth {
	result := no
	for _, t := range all {
		result = max(result, t)
	}
	return result
}

func not(t truth) truth { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// agreed is the truth of two readings where they agree.
func agreed(a, b truth) truth {
	if a == b {
		return a
	}
	return maybe
}

// Glob matches "*" with any text and "?" with one character.
func Glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, resume := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, resume = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

func hasWildcard(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

// hasVariable reports whether IAM replaces a part of the pattern, such as ${aws:username}.
func hasVariable(pattern string) bool { return strings.Contains(pattern, "${") }

// placeholder is a part of a value that a template does not have. The names of policy variables
// have a colon.
var placeholder = regexp.MustCompile(`\$\{[^:{}]*\}`)

// HasPlaceholder reports whether a part of a value is not known.
func HasPlaceholder(text string) bool { return placeholder.MatchString(text) }

// Value is what is known of the value of a condition key.
type Value struct {
	text   string
	open   bool // whether text is only how it begins
	absent bool // whether the request may have no such key
	none   bool // whether the request has no such key
}

// Exactly is a value that is known.
func Exactly(text string) Value { return Value{text: text} }

// Beginning is a value of which only the beginning is known.
func Beginning(text string) Value { return Value{text: text, open: true} }

// OrAbsent is the same value, of a key that the request may not have.
func (v Value) OrAbsent() Value {
	v.absent = true
	return v
}

// Absent is the value of a key that the request does not have.
func Absent() Value { return Value{none: true} }

// equals reports whether the value is this text.
func (v Value) equals(text string) truth {
	if !v.open {
		return truthOf(v.text == text)
	}
	return min(maybe, truthOf(strings.HasPrefix(text, v.text)))
}

func (v Value) equalsFold(text string) truth {
	if !v.open {
		return truthOf(strings.EqualFold(v.text, text))
	}
	return maybe
}

// like reports whether the value matches a pattern with wildcards.
func (v Value) like(pattern string) truth {
	if !v.open {
		return truthOf(Glob(pattern, v.text))
	}
	// Whatever the end is, a pattern with "*" as its last character matches it if it matches the
	// beginning.
	if strings.HasSuffix(pattern, "*") && Glob(pattern, v.text) {
		return yes
	}
	head := pattern
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		head = pattern[:i]
	} else if !strings.HasPrefix(pattern, v.text) {
		return no
	}
	if !strings.HasPrefix(head, v.text) && !strings.HasPrefix(v.text, head) {
		return no
	}
	return maybe
}

// arnParts is the number of parts of an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.
const arnParts = 6

// arnLike compares ARNs part by part: a wildcard does not reach over the colons between them.
func (v Value) arnLike(pattern string) truth {
	if !v.open && v.text == pattern {
		return yes
	}
	patterns, parts := strings.SplitN(pattern, ":", arnParts), strings.SplitN(v.text, ":", arnParts)
	if len(patterns) < arnParts || len(parts) < arnParts || patterns[0] != "arn" || parts[0] != "arn" {
		return maybe
	}
	last := arnParts - 1
	for i := range last {
		if !Glob(patterns[i], parts[i]) {
			return no
		}
	}
	return Value{text: parts[last], open: v.open}.like(patterns[last])
}

// operators are those that can be judged: whether the value fits one of the policy's values, and
// whether the operator is its negation.
var operators = map[string]struct {
	fits    func(Value, string) truth
	negated bool
}{
	"StringEquals":              {Value.equals, false},
	"StringNotEquals":           {Value.equals, true},
	"StringEqualsIgnoreCase":    {Value.equalsFold, false},
	"StringNotEqualsIgnoreCase": {Value.equalsFold, true},
	"StringLike":                {Value.like, false},
	"StringNotLike":             {Value.like, true},
	"ArnEquals":                 {Value.arnLike, false},
	"ArnLike":                   {Value.arnLike, false},
	"ArnNotEquals":              {Value.arnLike, true},
	"ArnNotLike":                {Value.arnLike, true},
	"Bool":                      {Value.bool, false},
}

func (v Value) bool(text string) truth {
	if v.open || (text != "true" && text != "false") {
		return maybe
	}
	return truthOf(v.text == text)
}

// holds reports whether the condition holds in the context, whose keys are in lower case.
func (c condition) holds(context map[string]Value) truth {
	value, known := context[strings.ToLower(c.key)]
	if !known || len(c.values) == 0 {
		return maybe
	}
	if c.operator == "Null" {
		return c.null(value)
	}
	name, ifExists := strings.CutSuffix(c.operator, "IfExists")
	operator, ok := operators[name]
	if !ok {
		return maybe
	}
	holds := no
	for _, text := range c.values {
		fits := operator.fits(value, text)
		if hasVariable(text) || HasPlaceholder(value.text) {
			// What is the same on both sides is the same whatever its value is.
			fits = max(fits, maybe)
		}
		holds = either(holds, fits)
	}
	if operator.negated {
		holds = not(holds)
	}
	ifAbsent := truthOf(operator.negated || ifExists)
	if value.none {
		return ifAbsent
	}
	if value.absent {
		return agreed(holds, ifAbsent)
	}
	return holds
}

func (c condition) null(value Value) truth {
	if value.absent || len(c.values) != 1 {
		return maybe
	}
	switch c.values[0] {
	case "true":
		return truthOf(value.none)
	case "false":
		return truthOf(!value.none)
	}
	return maybe
}

// matchesAction takes no account of case, as IAM does.
func (s *statement) matchesAction(action string) truth {
	matches := func(patterns []string) truth {
		result := no
		for _, pattern := range patterns {
			if hasVariable(pattern) {
				result = either(result, maybe)
			}
			result = either(result, truthOf(Glob(strings.ToLower(pattern), strings.ToLower(action))))
		}
		return result
	}
	if s.notAction != nil {
		return not(matches(s.notAction))
	}
	return matches(s.action)
}

// matchesResource takes the absence of the element for the resource that the policy belongs to.
func (s *statement) matchesResource(resource string) truth {
	matches := func(patterns []string) truth {
		result := no
		for _, pattern := range patterns {
			result = either(result, resourceMatches(pattern, resource))
		}
		return result
	}
	switch {
	case s.notResource != nil:
		return not(matches(s.notResource))
	case s.resource != nil:
		return matches(s.resource)
	}
	return yes
}

func resourceMatches(pattern, resource string) truth {
	switch {
	case pattern == "*", pattern == resource:
		return yes
	case hasVariable(pattern), HasPlaceholder(resource):
		// What is the same on both sides is the same whatever its value is.
		isSame := HasPlaceholder(resource) && isARN(pattern) && !hasUnclearWildcard(pattern) && Glob(pattern, resource) &&
			Exactly(resource).arnLike(pattern) == yes
		return max(maybe, truthOf(isSame))
	case resource == "*":
		// Of an action without resources only "*" is sure to allow or deny it.
		return maybe
	case strings.Count(pattern, ":") < arnParts-1 || !strings.HasPrefix(pattern, "arn:"):
		// Some kinds of policies fill up short ARNs.
		return maybe
	case hasUnclearWildcard(pattern):
		return maybe
	}
	return agreed(truthOf(Glob(pattern, resource)), Exactly(resource).arnLike(pattern))
}

// hasUnclearWildcard reports whether an ARN has a wildcard in the service, or in the type of a
// resource, such as key in key/ID. IAM takes none there: whether it matches is not documented.
func hasUnclearWildcard(pattern string) bool {
	parts := strings.SplitN(pattern, ":", arnParts)
	return len(parts) == arnParts && (hasWildcard(parts[2]) || hasWildcard(resourceType(pattern)))
}

// resourceType is the type of the resource in its ARN, or "" where the ARN has none.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func resourceType(arn string) string {
	parts := strings.SplitN(arn, ":", arnParts)
	kind, _, ok := strings.Cut(parts[arnParts-1], "/")
	if !ok || parts[2] == "s3" {
		return ""
	}
	return kind
}
