package proof

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

// warningPattern splits a warning with a statement into the prop, its index, the statement or
// policy to add, and the id.
var warningPattern = regexp.MustCompile(`(?s)^(\w+)(?:\[(\d+)\])?.*?: (\{.*\}) \[ack: @cdk-textract/textractasync:(\w+)\]$`)

// addWarned adds the statements that the warnings of a construct print to the policies that they
// are for, as its user would. It returns how many warnings there were.
func (d *Deployment) addWarned(a *assembly.Assembly, e *Expectation) (added int, err error) {
	for _, note := range a.Annotations {
		parts := warningPattern.FindStringSubmatch(note.Message)
		if note.Path != e.Construct || parts == nil {
			continue
		}
		added++
		statements, err := printedStatements(stackOf(a, e.Construct), parts[3])
		if err == nil {
			err = d.extend(e, note.Message, parts, statements)
		}
		if err != nil {
			return added, fmt.Errorf("warning %q: %w", note.Message, err)
		}
	}
	return added, nil
}

func stackOf(a *assembly.Assembly, construct string) *assembly.Stack {
	for _, s := range a.Stacks {
		for _, r := range s.Resources {
			if strings.HasPrefix(r.Path(), construct+"/") {
				return s
			}
		}
	}
	return a.Stacks[0]
}

// printedStatements reads a printed statement or policy, in which every ${…} is replaced by its
// value.
func printedStatements(s *assembly.Stack, text string) ([]Statement, error) {
	if !strings.Contains(text, `"Statement"`) {
		text = `{"Statement": [` + text + `]}`
	}
	document, err := s.Policy(json.RawMessage(text))
	if err != nil {
		return nil, err
	}
	return document.Statement, nil
}

// extend adds statements to the policy that a warning is about. The templates do not have that
// policy.
func (d *Deployment) extend(e *Expectation, message string, parts []string, statements []Statement) error {
	prop, id := parts[1], parts[4]
	location := e.Output
	if prop == "Inputs" {
		index, err := strconv.Atoi(parts[2])
		if err != nil || index >= len(e.Inputs) {
			return fmt.Errorf("about an input that is not expected")
		}
		location = e.Inputs[index]
	}
	p := &policy{path: e.Construct, document: newDocument(statements...)}
	switch id {
	case "queuePolicy":
		p.kind, p.subject = queuePolicy, e.Queue
	case "keyPolicy":
		p.kind, p.subject = keyPolicy, e.QueueKey
		if prop == "Topic" {
			p.subject = e.TopicKey
		}
	case "bucketPolicy":
		p.kind, p.subject = bucketPolicy, location.Bucket
	case "bucketKeyPolicy":
		p.kind, p.subject = keyPolicy, location.Key
	case "serviceRoleTrust":
		p.kind, p.subject = trustPolicy, e.ServiceRole
	case "serviceRolePolicy":
		p.kind, p.subject = identityPolicy, subjectOf(e.ServiceRole)
	case "grantee":
		p.kind = identityPolicy
		for _, c := range e.Callers {
			if c.Path != "" && strings.Contains(message, c.Path) {
				p.subject = subjectOf(c.ARN)
			}
		}
	}
	if p.subject == "" {
		return fmt.Errorf("the policy to add it to is not known: teach warnings.go")
	}
	if existing := d.resourcePolicy(p.subject); existing != nil && p.kind != identityPolicy {
		existing.document.Statement = append(existing.document.Statement, statements...)
		return nil
	}
	if p.kind == keyPolicy && d.accountOf(p.subject) == d.env.Account {
		p.document.Statement = append(p.document.Statement, allowAccount(d.env, "kms:*"))
	}
	return d.attach(p)
}
