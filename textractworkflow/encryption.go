package textractworkflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// encryptionKey is the key of one state machine.
type encryptionKey struct {
	arn       string
	condition object // the state machine, which Step Functions names to KMS
}

// encryptWith sets the key of a state machine. The CDK's own EncryptionConfiguration names the
// state machine in the role's policy by the name that it was given; without one, the condition
// matches no state machine.
func encryptWith(
	scope constructs.Construct, machine awsstepfunctions.StateMachine, machineARN string, role awsiam.Role, key awskms.IKey,
) *encryptionKey {
	if key == nil {
		return nil
	}
	k := &encryptionKey{
		arn:       *key.KeyArn(),
		condition: object{"StringEquals": object{"kms:EncryptionContext:aws:states:stateMachineArn": machineARN}},
	}
	machine.Node().DefaultChild().(awsstepfunctions.CfnStateMachine).SetEncryptionConfiguration(
		&awsstepfunctions.CfnStateMachine_EncryptionConfigurationProperty{
			Type: jsii.String("CUSTOMER_MANAGED_KMS_KEY"), KmsKeyId: jsii.String(k.arn), KmsDataKeyReusePeriodSeconds: jsii.Number(300),
		})
	// A policy of its own: the state machine depends on the one that the role has already.
	policy := awsiam.NewPolicy(scope, jsii.String("EncryptionPolicy"), nil)
	k.allowUse(policy)
	role.AttachInlinePolicy(policy)
	return k
}

// allowUse lets a caller pass data to executions and read theirs.
// See: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
func (k *encryptionKey) allowUse(who awsiam.IGrantable) {
	if k != nil {
		allowIf(who, k.condition, keyActions, k.arn)
	}
}

func (k *encryptionKey) statement() object {
	return object{"Effect": "Allow", "Action": keyActions, "Resource": k.arn, "Condition": k.condition}
}

var keyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}
