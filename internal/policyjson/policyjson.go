// Package policyjson reads policies as CloudFormation has them: resolved JSON that somebody else
// may have written, with intrinsic functions where a value becomes known at deployment.
package policyjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// What a value of usual length counts that is known at deployment only: an ARN, or a pseudo
// parameter such as the account.
const (
	referenceSize = 80
	pseudoSize    = 14
)

// Size counts the characters of a policy as IAM does, without white space.
func Size(policy any) int {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fnsub.Flatten(policy)); err != nil {
		panic(fmt.Errorf("encoding a policy: %w", err))
	}
	return sizeOf(strings.TrimSpace(text.String()))
}

// sizeOf counts each ${…} as what it becomes; one may be inside of another.
func sizeOf(text string) int {
	size := 0
	for {
		before, rest, found := strings.Cut(text, "${")
		size += len(before)
		if !found {
			return size
		}
		if strings.HasPrefix(rest, "AWS::") {
			size += pseudoSize
		} else {
			size += referenceSize
		}
		depth, end := 1, 0
		for ; end < len(rest) && depth > 0; end++ {
			switch rest[end] {
			case '{':
				depth++
			case '}':
				depth--
			}
		}
		text = rest[end:]
	}
}

// Statements returns the statements of a policy.
func Statements(policy any) []map[string]any {
	document, _ := policy.(map[string]any)
	var all []map[string]any
	for _, each := range listOf(document["Statement"]) {
		if statement, ok := each.(map[string]any); ok {
			all = append(all, statement)
		}
	}
	return all
}

// Conditions counts the conditions of a policy: the keys under each operator of each statement.
func Conditions(policy any) int {
	count := 0
	for _, statement := range Statements(policy) {
		operators, _ := statement["Condition"].(map[string]any)
		for _, keys := range operators {
			values, _ := keys.(map[string]any)
			count += len(values)
		}
	}
	return count
}

// LeavesToAccount reports whether the policy of a key leaves it to the policies of an account who
// may use the key. account has every form in which the account can be written.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func LeavesToAccount(policy any, account []any) bool {
	return slices.ContainsFunc(Statements(policy), func(s map[string]any) bool {
		if s["Effect"] != "Allow" || s["Condition"] != nil || !slices.Contains(listOf(s["Action"]), any("kms:*")) {
			return false
		}
		principals := listOf(s["Principal"])
		if named, ok := s["Principal"].(map[string]any); ok {
			principals = listOf(named["AWS"])
		}
		return slices.ContainsFunc(principals, func(principal any) bool {
			return slices.ContainsFunc(account, func(form any) bool { return reflect.DeepEqual(principal, form) })
		})
	})
}

// IsOpenTo reports whether the trust policy of a role has a statement that lets a service use the
// role for every account.
func IsOpenTo(trust any, service string) bool {
	return slices.ContainsFunc(Statements(trust), func(s map[string]any) bool {
		return s["Effect"] == "Allow" && strings.Contains(fmt.Sprint(s["Principal"]), service) && !namesSource(s["Condition"])
	})
}

// AllowsService reports whether a policy has a statement that allows an action to a service, or to
// everybody, whatever its conditions are.
func AllowsService(policy any, service, action string) bool {
	return AllowsServiceFor(policy, service, action, func(any) bool { return true })
}

// AllowsServiceFor is AllowsService on behalf of a source: a statement that names sources has to
// name one that isSource knows.
func AllowsServiceFor(policy any, service, action string, isSource func(any) bool) bool {
	return slices.ContainsFunc(Statements(policy), func(s map[string]any) bool {
		principals := listOf(s["Principal"])
		if named, ok := s["Principal"].(map[string]any); ok {
			principals = slices.Concat(listOf(named["Service"]), listOf(named["AWS"]))
		}
		isAction := func(each any) bool {
			pattern, _ := each.(string)
			matches, _ := path.Match(strings.ToLower(pattern), strings.ToLower(action))
			return matches
		}
		return s["Effect"] == "Allow" && slices.ContainsFunc(listOf(s["Action"]), isAction) &&
			(slices.Contains(principals, any(service)) || slices.Contains(principals, any("*"))) &&
			mayBeFor(s["Condition"], isSource)
	})
}

// mayBeFor reports whether a condition leaves one of the sources, as far as it names their ARNs.
func mayBeFor(condition any, isSource func(any) bool) bool {
	operators, _ := condition.(map[string]any)
	for operator, keys := range operators {
		values, _ := keys.(map[string]any)
		for key, value := range values {
			if closes(operator) && strings.EqualFold(key, "aws:SourceArn") && !slices.ContainsFunc(listOf(value), isSource) {
				return false
			}
		}
	}
	return true
}

// sourceKeys say for whom a service acts. IAM compares their names without regard to case.
var sourceKeys = []string{"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}

// namesSource reports whether a condition closes a trust to other accounts: one of the source keys
// has to match a value that names an account or organization.
func namesSource(condition any) bool {
	operators, _ := condition.(map[string]any)
	for operator, keys := range operators {
		if !closes(operator) {
			continue
		}
		values, _ := keys.(map[string]any)
		for key, value := range values {
			for _, source := range sourceKeys {
				if strings.EqualFold(key, source) && namesAll(source, value) {
					return true
				}
			}
		}
	}
	return false
}

// closes reports whether an operator is true for the named values alone: no negation, no IfExists,
// and no ForAllValues, which is true where the key is absent.
func closes(operator string) bool {
	switch strings.TrimPrefix(strings.ToLower(operator), "foranyvalue:") {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike":
		return true
	default:
		return false
	}
}

// namesAll reports whether every value names somebody, and none is a wildcard where the account or
// organization stands.
func namesAll(key string, value any) bool {
	values := listOf(value)
	for _, v := range values {
		text, isText := v.(string)
		if !isText {
			continue // a reference
		}
		if key == "aws:sourcearn" {
			parts := strings.SplitN(text, ":", 6)
			if len(parts) < 6 {
				return false
			}
			text = parts[4]
		}
		if strings.Trim(text, "*?") == "" {
			return false
		}
	}
	return len(values) > 0
}

// listOf is the list of what may be written without one.
func listOf(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}
