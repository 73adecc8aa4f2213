package textractasync_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// The pages say how a warning is acknowledged with every version of the CDK: on the construct or
// above it, after the call that warns.
func TestAcknowledgedWarnings(t *testing.T) {
	acknowledge := func(on constructs.IConstruct) {
		awscdk.Annotations_Of(on).AcknowledgeWarning(jsii.String("@cdk-textract/textractasync:keyPolicy"), jsii.String("It is there."))
	}
	for name, row := range map[string]struct {
		before, after func(app awscdk.App, home awscdk.Stack, textract textractasync.TextractAsync)
		isSilent      bool
	}{
		"on the construct": {after: func(_ awscdk.App, _ awscdk.Stack, textract textractasync.TextractAsync) { acknowledge(textract) }, isSilent: true},
		"on the stack":     {after: func(_ awscdk.App, home awscdk.Stack, _ textractasync.TextractAsync) { acknowledge(home) }, isSilent: true},
		"on the app":       {after: func(app awscdk.App, _ awscdk.Stack, _ textractasync.TextractAsync) { acknowledge(app) }, isSilent: true},
		"on the app before the construct is made": {
			before: func(app awscdk.App, _ awscdk.Stack, _ textractasync.TextractAsync) { acknowledge(app) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				if row.before != nil {
					row.before(app, home, nil)
				}
				textract := newTextractAsync(home, &textractasync.TextractAsyncProps{
					EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("Key"),
						jsii.String("arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000")),
				})
				if row.after != nil {
					row.after(app, home, textract)
				}
				got := synthesizeApp(t, app)
				got.warnings.expect(t, "keyPolicy", !row.isSilent, "")
				got.warnings.expectNoMore(t)
			})
		})
	}
}
