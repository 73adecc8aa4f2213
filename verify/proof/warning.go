package proof

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const warningPrefix = "@cdk-textract/textractasync:"

var (
	acknowledgement = regexp.MustCompile(`\[ack: ` + warningPrefix + `(\w+)\]$`)
	policyOwner     = regexp.MustCompile(`must add this statement to the policy of (\S+):`)
)

// AddByHand does what the warnings of the flows ask for: it adds each statement to the policy that it is meant for, as the one
// who deploys would. It returns how many there were.
func (w *World) AddByHand(warnings []Warning, flows []*Flow) (int, error) {
	added := 0
	for _, f := range flows {
		for _, warning := range warnings {
			if warning.Path != f.Construct {
				continue
			}
			if err := w.addByHand(warning.Message, f); err != nil {
				return added, fmt.Errorf("warning of %s: %s: %w", warning.Path, warning.Message, err)
			}
			added++
		}
	}
	return added, nil
}

func (w *World) addByHand(message string, f *Flow) error {
	id := acknowledgement.FindStringSubmatch(message)
	if id == nil {
		return fmt.Errorf("no id to acknowledge")
	}
	_, text, ok := strings.Cut(message, ": {")
	if !ok {
		return fmt.Errorf("no statement")
	}
	var s Statement
	if err := json.NewDecoder(strings.NewReader("{" + text)).Decode(&s); err != nil {
		return fmt.Errorf("reading the statement: %w", err)
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
	case "bucketPolicy", "bucketKeyPolicy":
		owner := policyOwner.FindStringSubmatch(message)
		if owner == nil {
			return fmt.Errorf("it does not say whose policy must have the statement")
		}
		if id[1] == "bucketPolicy" {
			return w.extend(KindBucket, owner[1], nil, s, f)
		}
		return w.extend(KindKey, owner[1], nil, s, f)
	default:
		return fmt.Errorf("the proof does not know what to do about it: teach warning.go")
	}
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
