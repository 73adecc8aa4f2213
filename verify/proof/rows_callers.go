package proof

// permission is something that a grant gives. Each makes up to four rows: who has it, who has not, the resources beside it,
// and plain HTTP.
type permission struct {
	id, call, on, when string
	grants             grants
	source             Source
	// uses are the calls without their caller.
	uses func(f *Flow) []use
	// beside are uses that look alike and must be refused, besides those with a stray resource.
	beside     func(f *Flow) []use
	besideWhat string
	// refusesHTTP is set where the resource's policy must refuse plain HTTP.
	refusesHTTP *Source
}

func callerRows() []*Row {
	var rows []*Row
	for _, p := range callerPermissions {
		rows = append(rows, p.rows()...)
	}
	return append(append(rows, otherOperationsRow), sampleRows...)
}

func (p permission) rows() []*Row {
	rows := []*Row{
		{
			ID: p.id, Who: holders(p.grants), Call: p.call, On: p.on, When: p.when, Want: true, Source: p.source,
			ask: func(f *Flow) []use { return asked(f.withGrant(p.grants), p.uses(f)) },
		},
		{
			ID: p.id + "/others", Who: "everybody else", Call: p.call, On: p.on, When: p.when, Source: evaluation,
			ask: func(f *Flow) []use { return asked(p.lacking(f), p.uses(f)) },
		},
		{
			ID: p.id + "/beside", Who: holders(p.grants), Call: p.call, On: p.besideWhat, When: p.when, Source: evaluation,
			ask: func(f *Flow) []use { return asked(f.withGrant(p.grants), p.strayUses(f)) },
		},
	}
	switch {
	case p.besideWhat == "":
		rows = rows[:2]
	case p.beside != nil:
		// What is beside says itself when.
		rows[2].When = ""
	}
	if p.refusesHTTP != nil {
		rows = append(rows, &Row{
			ID: p.id + "/http", Who: holders(p.grants), Call: p.call, On: p.on, When: "plain HTTP", Source: *p.refusesHTTP,
			ask: func(f *Flow) []use {
				if !f.RefusesHTTP || f.OpenBuckets && *p.refusesHTTP == s3Transit {
					return nil
				}
				return asked(f.withGrant(p.grants), overPlainHTTP(p.uses(f)))
			},
		})
	}
	return rows
}

// lacking leaves other accounts out of calls that have no resource: what these do in their own account is their business.
func (p permission) lacking(f *Flow) []Principal {
	all := f.withoutGrant(p.grants)
	for _, u := range p.uses(f) {
		if u.resource == "*" {
			var own []Principal
			for _, who := range all {
				if accountOf(who.ID, "") == f.Env.Account && !f.isNeighbour(who) {
					own = append(own, who)
				}
			}
			return own
		}
	}
	return all
}

func (f *Flow) isNeighbour(who Principal) bool {
	for _, other := range f.Others {
		for _, c := range other.Callers {
			if c.Role == who.ID {
				return true
			}
		}
	}
	return false
}

func (p permission) strayUses(f *Flow) []use {
	var all []use
	if p.beside != nil {
		all = p.beside(f)
	}
	own := p.uses(f)
	for _, u := range own {
		for _, stray := range strays(u.resource) {
			all = append(all, use{action: u.action, resource: stray, context: u.context})
		}
	}
	for _, neighbour := range f.Others {
		all = append(all, p.uses(neighbour)...)
	}
	return all
}

func asked(who []Principal, uses []use) []use {
	var all []use
	for _, caller := range who {
		for _, u := range uses {
			u.who = caller
			all = append(all, u)
		}
	}
	return all
}

func overPlainHTTP(uses []use) []use {
	changed := make([]use, len(uses))
	for i, u := range uses {
		u.context = insecure(u.context)
		changed[i] = u
	}
	return changed
}

func uses(resource string, context map[string]string, actions ...string) []use {
	var all []use
	for _, action := range actions {
		all = append(all, use{action: action, resource: resource, context: context})
	}
	return all
}

// usesOf is empty where the flow has no such resource.
func usesOf(resource string, context map[string]string, actions ...string) []use {
	if resource == "" {
		return nil
	}
	return uses(resource, context, actions...)
}

func (f *Flow) startActions() []string {
	var actions []string
	for _, operation := range f.Operations {
		actions = append(actions, "textract:Start"+operation)
	}
	return actions
}

func (f *Flow) getActions() []string {
	var actions []string
	for _, operation := range f.Operations {
		actions = append(actions, "textract:Get"+operation)
		if operation == lendingAnalysis {
			actions = append(actions, "textract:GetLendingAnalysisSummary")
		}
	}
	return actions
}

func (f *Flow) pass(service string) map[string]string { return overTLS("iam:PassedToService", service) }

const (
	otherResources = "the like of another name, account, Region or construct"
	otherObjects   = "another bucket, or beside the prefix"
)

var callerPermissions = []permission{
	{
		id: "start", call: "textract:Start… of the chosen operations", on: "*", grants: grantStart, source: textractIAM,
		uses: func(f *Flow) []use { return uses("*", overTLS(), f.startActions()...) },
	},
	{
		id: "pass-role", call: "iam:PassRole", on: "the service role", when: "passed to Textract",
		grants: grantStart | grantPass, source: asyncRoles,
		uses: func(f *Flow) []use { return uses(f.ServiceRole, f.pass(textractService), "iam:PassRole") },
		beside: func(f *Flow) []use {
			all := uses(f.ServiceRole, overTLS(), "iam:PassRole")
			for _, other := range []string{"lambda.amazonaws.com", otherService, "textract.amazonaws.com.example.com"} {
				all = append(all, uses(f.ServiceRole, f.pass(other), "iam:PassRole")...)
			}
			return all
		},
		besideWhat: "the service role passed to another service or to none; another role passed to Textract",
	},
	{
		id: "read-documents", call: "s3:GetObject, s3:GetObjectVersion", on: "the inputs' objects", grants: grantStart,
		source: textractObject,
		uses: func(f *Flow) []use {
			var all []use
			for _, input := range f.Inputs {
				all = append(all, uses(input.object(), overTLS(), "s3:GetObject", "s3:GetObjectVersion")...)
			}
			return all
		},
		beside: func(f *Flow) []use {
			return besideObjects(f.Inputs, "s3:GetObject", "s3:GetObjectVersion")
		},
		besideWhat: otherObjects, refusesHTTP: &s3Transit,
	},
	{
		id: "documents-key", call: "kms:Decrypt", on: "the inputs' keys", when: "through S3", grants: grantStart, source: s3Keys,
		uses: func(f *Flow) []use {
			var all []use
			for _, input := range f.Inputs {
				all = append(all, usesOf(input.Key, f.via("s3"), "kms:Decrypt")...)
			}
			return all
		},
		besideWhat: otherResources,
	},
	{
		id: "write-results", call: "s3:PutObject, s3:ListMultipartUploadParts, s3:AbortMultipartUpload",
		on: "the output's objects", grants: grantStart, source: asyncRoles,
		uses:       func(f *Flow) []use { return f.outputObjects(writeActions...) },
		beside:     func(f *Flow) []use { return f.besideOutput(writeActions...) },
		besideWhat: otherObjects, refusesHTTP: &s3Transit,
	},
	{
		id: "list-uploads", call: "s3:ListBucketMultipartUploads", on: "the output's bucket", grants: grantStart, source: asyncRoles,
		uses: func(f *Flow) []use {
			if f.Output == nil {
				return nil
			}
			return uses(f.Output.Bucket, overTLS(), "s3:ListBucketMultipartUploads")
		},
		besideWhat: otherResources, refusesHTTP: &s3Transit,
	},
	{
		id: "read-results", call: "s3:GetObject", on: "the output's objects", grants: grantStart | grantRead, source: asyncRoles,
		uses:       func(f *Flow) []use { return f.outputObjects("s3:GetObject") },
		beside:     func(f *Flow) []use { return f.besideOutput("s3:GetObject") },
		besideWhat: otherObjects, refusesHTTP: &s3Transit,
	},
	{
		id: "list-results", call: "s3:ListBucket", on: "the output's bucket", when: "below the prefix", grants: grantRead,
		source: s3Prefix,
		uses: func(f *Flow) []use {
			if f.Output == nil {
				return nil
			}
			return append(
				uses(f.Output.Bucket, overTLS("s3:prefix", f.Output.listed()), "s3:ListBucket"),
				uses(f.Output.Bucket, overTLS("s3:prefix", f.Output.Prefix), "s3:ListBucket")...)
		},
		beside: func(f *Flow) []use {
			if f.Output == nil {
				return nil
			}
			all := uses(f.Output.Bucket, overTLS(), "s3:ListBucket")
			bare := f.Output.Prefix[:len(f.Output.Prefix)-1]
			for _, prefix := range []string{"", bare, bare + "_other/", "other/" + f.Output.Prefix} {
				all = append(all, uses(f.Output.Bucket, overTLS("s3:prefix", prefix), "s3:ListBucket")...)
			}
			return all
		},
		besideWhat: "another bucket, another prefix or none", refusesHTTP: &s3Transit,
	},
	{
		id: "results-key/read", call: "kms:Decrypt", on: "the output's key", when: "through S3", grants: grantStart | grantRead,
		source: asyncCalls, uses: func(f *Flow) []use { return f.outputKey("kms:Decrypt") }, besideWhat: otherResources,
	},
	{
		id: "results-key/write", call: "kms:GenerateDataKey, kms:ReEncryptFrom, kms:ReEncryptTo, kms:DescribeKey",
		on: "the output's key", when: "through S3", grants: grantStart, source: asyncCalls,
		uses:       func(f *Flow) []use { return f.outputKey(outputKeyWrites...) },
		besideWhat: otherResources,
	},
	{
		id: "consume", call: "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility", on: "the queue",
		grants: grantConsume, source: sqsActions,
		uses: func(f *Flow) []use {
			return uses(f.Queue, overTLS(), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
		},
		beside: func(f *Flow) []use {
			return usesOf(f.DeadLetters, overTLS(), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
		},
		besideWhat: "the dead letters, and " + otherResources, refusesHTTP: &sqsTransit,
	},
	{
		id: "consume/lambda", call: "sqs:GetQueueAttributes", on: "the queue", grants: grantConsume, source: lambdaTrigger,
		uses:       func(f *Flow) []use { return uses(f.Queue, overTLS(), "sqs:GetQueueAttributes") },
		beside:     func(f *Flow) []use { return usesOf(f.DeadLetters, overTLS(), "sqs:GetQueueAttributes") },
		besideWhat: "the dead letters, and " + otherResources, refusesHTTP: &sqsTransit,
	},
	{
		id: "consume/by-name", call: "sqs:GetQueueUrl", on: "the queue", when: "a worker that knows only its name",
		grants: grantConsume, source: sqsActions,
		uses:       func(f *Flow) []use { return uses(f.Queue, overTLS(), "sqs:GetQueueUrl") },
		beside:     func(f *Flow) []use { return usesOf(f.DeadLetters, overTLS(), "sqs:GetQueueUrl") },
		besideWhat: "the dead letters, and " + otherResources, refusesHTTP: &sqsTransit,
	},
	{
		id: "consume/key", call: "kms:Decrypt", on: "the queue's key", when: "through SQS", grants: grantConsume, source: sqsKeys,
		uses:       func(f *Flow) []use { return usesOf(f.QueueKey, f.via("sqs"), "kms:Decrypt") },
		besideWhat: otherResources,
	},
	{
		id: "get", call: "textract:Get… of the chosen operations", on: "*", grants: grantRead, source: textractIAM,
		uses: func(f *Flow) []use { return uses("*", overTLS(), f.getActions()...) },
	},
}

var (
	writeActions    = []string{"s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"}
	outputKeyWrites = []string{"kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"}
)

func (f *Flow) outputObjects(actions ...string) []use {
	if f.Output == nil {
		return nil
	}
	return uses(f.Output.object(), overTLS(), actions...)
}

func (f *Flow) besideOutput(actions ...string) []use {
	if f.Output == nil {
		return nil
	}
	return besideObjects([]Location{*f.Output}, actions...)
}

func (f *Flow) outputKey(actions ...string) []use {
	if f.Output == nil {
		return nil
	}
	return usesOf(f.Output.Key, f.via("s3"), actions...)
}

// besideObjects are in the same bucket, but outside the prefix.
func besideObjects(locations []Location, actions ...string) []use {
	var all []use
	for _, l := range locations {
		if l.Prefix == "" {
			continue
		}
		bare := l.Prefix[:len(l.Prefix)-1]
		for _, key := range []string{bare, bare + "_other/1", "1", "other/" + l.Prefix + "1"} {
			all = append(all, uses(l.Bucket+"/"+key, overTLS(), actions...)...)
		}
	}
	return all
}

var otherOperationsRow = &Row{
	ID: "other-operations", Who: "every caller", Call: "textract:Start…, textract:Get… of operations that were not chosen", On: "*",
	Source: evaluation,
	ask: func(f *Flow) []use {
		chosen := map[string]bool{}
		for _, action := range append(f.startActions(), f.getActions()...) {
			chosen[action] = true
		}
		all := (&Flow{Operations: allOperations})
		var rest []string
		for _, action := range append(all.startActions(), all.getActions()...) {
			if !chosen[action] {
				rest = append(rest, action)
			}
		}
		return asked(f.withGrant(grantStart|grantConsume|grantRead|grantPass), uses("*", overTLS(), rest...))
	},
}

var sampleRows = []*Row{
	{
		ID: "sample", Who: "the caller of the sample app", Call: "s3:PutObject", On: "the inputs' objects", Want: true, Source: s3Actions,
		ask: func(f *Flow) []use { return f.putDocuments(func(object string) []string { return []string{object} }) },
	},
	{
		ID: "sample/beside", Who: "the caller of the sample app", Call: "s3:PutObject", On: otherObjects, Source: evaluation,
		ask: func(f *Flow) []use { return f.putDocuments(strays) },
	},
}

func (f *Flow) putDocuments(where func(object string) []string) []use {
	var all []use
	for _, c := range f.Callers {
		if !c.PutsDocuments {
			continue
		}
		for _, object := range where(f.Inputs[0].object()) {
			all = append(all, use{c.principal(), "s3:PutObject", object, overTLS()})
		}
	}
	return all
}
