package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// outputs are the sample stack's outputs by their names.
type outputs map[string]string

// alwaysThere are the outputs that the sample has whatever its context.
var alwaysThere = []string{
	"TopicArn", "QueueUrl", "QueueArn", "ServiceRoleArn", "DocumentBucketName", "OutputBucketName", "OutputPrefix", "EncryptionKeyArn",
}

// callerRole is an output of a sample that made its caller.
const callerRole = "CallerRoleArn"

// parseOutputs reads what the CLI wrote with --outputs-file, and refuses outputs that are missing or empty.
func parseOutputs(text []byte) (outputs, error) {
	var byStack map[string]outputs
	if err := json.Unmarshal(text, &byStack); err != nil {
		return nil, err
	}
	found, ok := byStack[stackName]
	if !ok {
		return nil, fmt.Errorf("no outputs of stack %s", stackName)
	}
	missing := slices.DeleteFunc(slices.Clone(alwaysThere), func(name string) bool { return found[name] != "" })
	var errs []error
	for _, name := range missing {
		errs = append(errs, fmt.Errorf("output %s of stack %s is missing or empty", name, stackName))
	}
	return found, errors.Join(errs...)
}
