package assembly

import (
	"encoding/json"
	"fmt"
)

// PolicyVersion is the only one that the CDK writes.
const PolicyVersion = "2012-10-17"

// Document is the text of a policy, without intrinsic functions.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one of a policy's.
type Statement struct {
	Sid              string `json:",omitempty"`
	Effect           string
	Principal        any                         `json:",omitempty"` // "*", or a text or list by its kind
	Action, Resource Texts                       `json:",omitempty"`
	Condition        map[string]map[string]Texts `json:",omitempty"` // by operator and key
}

// Texts are a list in which JSON may have one text only.
type Texts []string

// UnmarshalJSON reads a text or a list.
func (t *Texts) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		*t = Texts{""}
		return json.Unmarshal(value, &(*t)[0])
	}
	return json.Unmarshal(value, (*[]string)(t))
}

// Policy resolves a policy in a template. An element that Statement does not have is an error, for
// it might allow something.
func (s *Stack) Policy(value any) (*Document, error) {
	d := &Document{}
	if err := s.Decode(value, d); err != nil {
		return nil, fmt.Errorf("not a policy: %w: %v", err, value)
	}
	if len(d.Statement) == 0 {
		return nil, fmt.Errorf("a policy without statements: %v", value)
	}
	return d, nil
}
