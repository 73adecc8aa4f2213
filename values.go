package textractasync

import (
	"math"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Pointers, tokens and ARNs as plain values.

func isKnown(value string) bool { return value != "" && !validate.Unresolved(value) }

func onlyKnown(value string) *string {
	if !isKnown(value) {
		return nil
	}
	return &value
}

func texts(pointers *[]*string) []string {
	var all []string
	for _, text := range valueOr(pointers, nil) {
		all = append(all, valueOr(text, ""))
	}
	return all
}

// tokenMark are the first 16 bits of a number that is a token of the CDK.
const tokenMark = 0xFBFF

// knownNumber omits a token. It keeps what is no token and not finite, for the rules to reject.
func knownNumber(number *float64) *float64 {
	if number != nil && math.Float64bits(*number)>>48 == tokenMark {
		return nil
	}
	return number
}

func seconds(duration awscdk.Duration) *validate.Seconds {
	switch {
	case duration == nil:
		return nil
	case *duration.IsUnresolved():
		return &validate.Seconds{Unresolved: true, Unit: *duration.UnitLabel()}
	default:
		return &validate.Seconds{Value: *duration.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})}
	}
}

func nonEmpty(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

func isTrue(value *bool) bool { return valueOr(value, false) }

func valueOr[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

func firstOf[T any](value, fallback *T) *T {
	if value != nil {
		return value
	}
	return fallback
}

// orDefault takes what is not looked up yet for the default as well.
func orDefault[T ~string](value, fallback T) T {
	if value == "" || validate.Dummy(string(value)) {
		return fallback
	}
	return value
}

// lookedUp turns the dummy value of a context lookup into a token, where the CDK would panic on the
// dummy. It is for the first pass, whose template nobody deploys.
func lookedUp(text *string) *string {
	if text == nil || !validate.Dummy(*text) {
		return text
	}
	return awscdk.Fn_Join(jsii.String(""), &[]*string{text})
}

// anySame reports whether one of the ARNs, names or URLs is, or refers to, the same as another.
func anySame(all *[]*string, other string) bool {
	return slices.ContainsFunc(texts(all), func(each string) bool { return sameARN(each, other) })
}

// sameARN compares ARNs that are known, or what they refer to.
func sameARN(a, b string) bool {
	if a == b || validate.SameARN(a, b) {
		return a != ""
	}
	x, y := referenceIn(a), referenceIn(b)
	return x != nil && y != nil && x.Target() == y.Target()
}

func referenceIn(text string) awscdk.Reference {
	if !validate.Unresolved(text) {
		return nil
	}
	reference, _ := awscdk.Tokenization_ReverseString(jsii.String(text)).FirstToken().(awscdk.Reference)
	return reference
}
