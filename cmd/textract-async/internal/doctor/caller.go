package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// startActions are the operations that notify.
var startActions = []string{
	"textract:StartDocumentTextDetection",
	"textract:StartDocumentAnalysis",
	"textract:StartExpenseAnalysis",
	"textract:StartLendingAnalysis",
}

// skipCaller adds the check for a caller that was not read.
func (d *inspection) skipCaller(c Check) bool {
	switch {
	case d.caller.missing:
		c.Result, c.Found = Skipped, "the caller is missing"
	case d.caller.unknown != "":
		c.Result, c.Found = Unknown, "not judged: "+d.caller.unknown
	default:
		return false
	}
	d.add(c)
	return true
}

// checkStart is satisfied with one operation: who starts one kind of job needs no other.
func (d *inspection) checkStart(context.Context) {
	c := Check{ID: "start", Step: "1"}
	if d.caller.missing {
		c.Result, c.Found = Wrong, d.Caller+": not found"
		d.add(c)
		return
	}
	if d.skipCaller(c) {
		return
	}
	var all decisions
	var may []string
	for _, action := range startActions {
		decision := policy.Judge(d.directCall(d.caller, action, "*", d.caller.account))
		if decision.Answer == policy.Yes {
			may = append(may, strings.TrimPrefix(action, "textract:Start"))
		}
		all = append(all, decision)
	}
	if len(may) > 0 {
		d.add(d.checkGet(c, may))
		return
	}
	for _, decision := range all {
		if decision.Answer == policy.Unsure {
			// One that may be allowed is enough.
			all = decisions{decision}
			break
		}
	}
	c.Add, c.To = allow(startActions, "*"), d.caller.policyName()
	d.add(all.check(c, "the caller may start jobs", "the caller may not start jobs"))
}

// getActions are those that read the results of an operation.
func getActions(operation string) []string {
	actions := []string{"textract:Get" + operation}
	if operation == "LendingAnalysis" {
		actions = append(actions, "textract:GetLendingAnalysisSummary")
	}
	return actions
}

// checkGet warns of a caller who may start jobs and not see how they end.
func (d *inspection) checkGet(c Check, operations []string) Check {
	started := "the caller may start " + strings.Join(operations, ", ")
	if d.OthersGet {
		c.Result, c.Found = OK, started
		return c
	}
	var all decisions
	var actions, missing []string
	for _, operation := range operations {
		for _, action := range getActions(operation) {
			decision := policy.Judge(d.directCall(d.caller, action, "*", d.caller.account))
			all = append(all, decision)
			actions = append(actions, action)
			if decision.Answer == policy.No || decision.Answer == policy.Denied {
				missing = append(missing, strings.TrimPrefix(action, "textract:"))
			}
		}
	}
	c.Add, c.To = allow(actions, "*"), d.caller.policyName()
	c = all.check(c, started, fmt.Sprintf("%s, and not call %s: it cannot read results, nor see that a job failed",
		started, strings.Join(missing, ", ")))
	switch c.Result {
	case Wrong:
		c.Result = Warning
	case Unknown, NotInTemplate:
		c.Found = started + "; not judged: whether it may get their results"
	}
	return c
}

func (d *inspection) checkPassRole(context.Context) {
	c := Check{ID: "pass-role", Step: "8"}
	switch {
	case d.caller.missing:
		d.skipCaller(c)
		return
	case accountOf(d.RoleARN) != accountOf(d.Caller) && accountOf(d.Caller) != "" && accountOf(d.RoleARN) != "":
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"the role is in account %s, the caller in %s: a caller can pass roles of its own account only",
			accountOf(d.RoleARN), accountOf(d.Caller),
		)
		d.add(c)
		return
	case d.skipCaller(c), d.role.missing && d.skipRole(c):
		return
	}
	// A role that could not be read keeps the ARN of the settings.
	// The permission is checked as a part of the call to Textract.
	q := d.directCall(d.caller, "iam:PassRole", d.role.arn, d.role.account)
	q.Context["iam:PassedToService"] = policy.Exactly(textractPrincipal)
	c.Add = allow([]string{"iam:PassRole"}, d.role.arn).when("StringEquals", "iam:PassedToService", textractPrincipal)
	c.To = d.caller.policyName()
	d.add(
		decisions{
			policy.Judge(q),
		}.check(
			c, "the caller may pass the role to Textract",
			"the caller may not pass the role: jobs fail to start",
		),
	)
}
