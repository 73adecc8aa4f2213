package main

import (
	"encoding/json"
	"strings"
)

// labelOf names a request by what it does to what: "create aws_sqs.Queue", "get aws_sns.Topic.topicArn".
func labelOf(request []byte) string {
	var r struct {
		API      string `json:"api"`
		FQN      string `json:"fqn"`
		Method   string `json:"method"`
		Property string `json:"property"`
		Name     string `json:"name"`
		Object   struct {
			Ref string `json:"$jsii.byref"`
		} `json:"objref"`
	}
	if err := json.Unmarshal(request, &r); err != nil || r.API == "" {
		return "other"
	}
	class, _, _ := strings.Cut(r.Object.Ref, "@1")
	var path []string
	for _, part := range []string{strings.TrimPrefix(r.FQN+class, "aws-cdk-lib."), r.Method + r.Property + r.Name} {
		if part != "" {
			path = append(path, part)
		}
	}
	return r.API + " " + strings.Join(path, ".")
}
