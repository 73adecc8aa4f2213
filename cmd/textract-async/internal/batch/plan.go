package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cdk-textract/textractasync/textractclient"
)

// Plan is what a run is to do. The same plan in the same folder is the same run, which is continued.
type Plan struct {
	// Inputs are the prefixes, as s3:// URIs, or "-".
	Inputs []string
	// Start is what each document is started with, without the document and the salt.
	Start textractclient.StartInput
	// Config has the topic and the output bucket that jobs use.
	Config textractclient.Config
}

// digest tells plans apart.
func (p Plan) digest() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // plain values have a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// PlanError reports that a folder has the journal of another plan.
type PlanError struct {
	Journal    string
	Have, Want Plan
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("%s is the journal of another run, %s of %v with other settings or flags than %s of %v: repeat its command, or use another folder",
		e.Journal, e.Have.Start.Operation.Name(), e.Have.Inputs, e.Want.Start.Operation.Name(), e.Want.Inputs)
}
