package textractworkflow

const warningPrefix = "@cdk-textract/textractasync:"

// The ids that Annotations.AcknowledgeWarning takes.
const (
	warningQueue    = warningPrefix + "workflowQueue"
	warningConsumer = warningPrefix + "workflowConsumer"
	warningUploads  = warningPrefix + "workflowUploads"
	warningBatch    = warningPrefix + "workflowBatch"
)
