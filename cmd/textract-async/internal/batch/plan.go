package batch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

// Plan is what a run is to do. The same plan in the same folder is the same run, which is
// continued.
type Plan struct {
	// Inputs are the prefixes, as s3:// URIs, or "-".
	Inputs []string
	// Start is what each document is started with, without the document and the salt.
	Start textractclient.StartInput
	// Config has the topic and the output bucket that jobs use.
	Config textractclient.Config
	// Account and Region are where jobs are started: no other account or Region knows them.
	Account, Region string
}

// normalized returns the plan without what makes no other jobs: orders, repetitions, and the queue
// that RunAll receives from.
func (p Plan) normalized() Plan {
	p.Inputs = slices.Sorted(slices.Values(p.Inputs))
	p.Start.Features = slices.Compact(slices.Sorted(slices.Values(p.Start.Features)))
	p.Config.QueueURL = ""
	return p
}

// digest tells plans apart.
func (p Plan) digest() string {
	sum := sha256.Sum256(asJSON(p.normalized()))
	return hex.EncodeToString(sum[:8])
}

// differences names what another plan has otherwise. A field that is not in a plan, since it was
// recorded by an older version, is zero.
func (p Plan) differences(other Plan) []string {
	was, is := make(map[string]string), make(map[string]string)
	flatten("", asJSON(p.normalized()), was)
	flatten("", asJSON(other.normalized()), is)
	paths := make(map[string]struct{})
	for _, plan := range []map[string]string{was, is} {
		for path := range plan {
			paths[path] = struct{}{}
		}
	}
	var differences []string
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if now, before := cmp.Or(is[path], "null"), cmp.Or(was[path], "null"); now != before {
			differences = append(differences, fmt.Sprintf("%s is %s and was %s", path, now, before))
		}
	}
	return differences
}

// flatten collects the values of a JSON text by their paths, such as Start.Operation.
func flatten(path string, text json.RawMessage, values map[string]string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil || fields == nil {
		values[path] = string(text)
		return
	}
	for name, value := range fields {
		flatten(strings.TrimPrefix(path+"."+name, "."), value, values)
	}
}

func asJSON(p Plan) []byte {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // plain values have a JSON form
	}
	return text
}

// PlanError reports that a folder has the journal of another plan.
type PlanError struct {
	Journal     string
	Differences []string
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("%s is the journal of another run (%s): repeat its command, or use another folder",
		e.Journal, strings.Join(e.Differences, "; "))
}

// EnvironmentError reports that a folder has the journal of a run in another account or Region.
type EnvironmentError struct {
	Journal  string
	Was, Now Plan
}

func (e *EnvironmentError) Error() string {
	return fmt.Sprintf("%s is the journal of a run in account %s, Region %s, and this is account %s, Region %s: use the profile and "+
		"the Region of that run (--profile, --region), or another folder",
		e.Journal, e.Was.Account, e.Was.Region, e.Now.Account, e.Now.Region)
}
