package proof

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const warningPrefix = "@cdk-textract/textractasync:"

var (
	acknowledgement = regexp.MustCompile(`\[ack: ` + warningPrefix + `(\w+)\]$`)
	inputWarning    = regexp.MustCompile(`^Inputs\[(\d+)\]`)
)

// AddByHand does what the warnings of the flows ask for: it adds each statement to the policy that it is meant for, as the one
// who deploys would. It returns how many there were.
func (w *World) AddByHand(a *Assembly, flows []*Flow) (int, error) {
	added := 0
	for _, f := range flows {
		for _, warning := range a.Annotations {
			if warning.Path != f.Construct || !strings.Contains(warning.Message, warningPrefix) {
				continue
			}
			if err := w.addByHand(a.stackOf(f.Construct), warning.Message, f); err != nil {
				return added, fmt.Errorf("warning of %s: %s: %w", warning.Path, warning.Message, err)
			}
			added++
		}
	}
	return added, nil
}

// stackOf is the stack that the resources of a construct are in; nil where it has none.
func (a *Assembly) stackOf(construct string) *Stack {
	for _, s := range a.All() {
		for _, r := range s.template.Resources {
			if path, ok := r.Metadata["aws:cdk:path"].(string); ok && strings.HasPrefix(path, construct+"/") {
				return s
			}
		}
	}
	return nil
}

func (w *World) addByHand(stack *Stack, message string, f *Flow) error {
	id := acknowledgement.FindStringSubmatch(message)
	if id == nil {
		return fmt.Errorf("no id to acknowledge")
	}
	s, err := statementIn(stack, message)
	if err != nil {
		return err
	}
	switch id[1] {
	case "queuePolicy":
		return w.extend(KindQueue, f.Queue, nil, s, f)
	case "keyPolicy":
		return w.extend(KindKey, f.QueueKey, ofAccount(w.Env), s, f)
	case "serviceRoleTrust":
		return w.extend(KindTrust, f.ServiceRole, nil, s, f)
	case "serviceRolePolicy":
		w.addIdentity(&Policy{
			Kind: KindIdentity, Path: f.Construct, Subject: roleName(f.ServiceRole),
			Document: &Document{Version: policyVersion, Statement: []Statement{s}},
		})
		return nil
	case "bucketPolicy":
		return w.extend(KindBucket, bucketOf(items(s["Resource"])[0]), nil, s, f)
	case "bucketKeyPolicy":
		location, err := f.warnedOf(message)
		if err != nil {
			return err
		}
		return w.extend(KindKey, location.Key, nil, s, f)
	default:
		return fmt.Errorf("the proof does not know what to do about it: teach warning.go")
	}
}

// statementIn reads the statement of a message, with what is written as in Fn::Sub replaced by its value.
func statementIn(stack *Stack, message string) (Statement, error) {
	_, text, ok := strings.Cut(message, ": {")
	if !ok {
		return nil, fmt.Errorf("no statement")
	}
	if stack != nil {
		var err error
		if text, err = stack.sub(text); err != nil {
			return nil, err
		}
	}
	var s Statement
	if err := json.NewDecoder(strings.NewReader("{" + text)).Decode(&s); err != nil {
		return nil, fmt.Errorf("reading the statement: %w", err)
	}
	return s, nil
}

// warnedOf is the part of a bucket that a message begins with.
func (f *Flow) warnedOf(message string) (Location, error) {
	if strings.HasPrefix(message, "Output") && f.Output != nil {
		return *f.Output, nil
	}
	if index := inputWarning.FindStringSubmatch(message); index != nil {
		if i, err := strconv.Atoi(index[1]); err == nil && i < len(f.Inputs) {
			return f.Inputs[i], nil
		}
	}
	return Location{}, fmt.Errorf("it speaks of no input or output of the flow")
}

// extend adds a statement to a policy that the templates do not have; base is what the policy has to begin with.
func (w *World) extend(kind Kind, subject string, base *Document, s Statement, f *Flow) error {
	p := w.resource[subject]
	if p == nil {
		p = &Policy{Kind: kind, Path: f.Construct, Subject: subject, Document: &Document{Version: policyVersion}}
		if base != nil {
			p.Document.Statement = slices.Clone(base.Statement)
		}
		if err := w.attach(p); err != nil {
			return err
		}
	}
	p.Document.Statement = append(p.Document.Statement, s)
	return nil
}
