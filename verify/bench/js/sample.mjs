// The sample app of this repository, in JavaScript: what TypeScript compiles to, without the time that compiling takes.
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

class TextractAsync extends Construct {
  constructor(scope, id) {
    super(scope, id);
    this.key = new Key(this, 'EncryptionKey', {
      description: 'Notifications of Amazon Textract: topic and queue',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', {
      topicName: `AmazonTextract-${id}`,
      masterKey: this.key,
      enforceSSL: true,
    });
    this.queue = this.newQueue();
    this.role = this.newServiceRole();
  }

  newQueue() {
    const deadLetterQueue = new Queue(this, 'DeadLetterQueue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: { redrivePermission: RedrivePermission.ALLOW_ALL },
    });
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: this.key,
      enforceSSL: true,
      retentionPeriod: Duration.days(7),
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 },
    });
    this.topic.addSubscription(new SqsSubscription(queue, { deadLetterQueue }));
    return queue;
  }

  newServiceRole() {
    const { account, partition } = Stack.of(this);
    const role = new Role(this, 'ServiceRole', {
      description: 'Lets Amazon Textract publish the completion of asynchronous jobs',
      assumedBy: new ServicePrincipal('textract.amazonaws.com', {
        conditions: {
          ArnLike: { 'aws:SourceArn': `arn:${partition}:textract:*:${account}:*` },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
    });
    this.topic.grantPublish(role);
    return role;
  }

  grant(caller, { documents, results }) {
    caller.addToPrincipalPolicy(new PolicyStatement({
      actions: [
        'textract:StartDocumentTextDetection', 'textract:GetDocumentTextDetection',
        'textract:StartDocumentAnalysis', 'textract:GetDocumentAnalysis',
        'textract:StartExpenseAnalysis', 'textract:GetExpenseAnalysis',
        'textract:StartLendingAnalysis', 'textract:GetLendingAnalysis', 'textract:GetLendingAnalysisSummary',
      ],
      resources: ['*'],
    }));
    this.role.grantPassRole(caller);
    this.queue.grantConsumeMessages(caller);
    documents.grantRead(caller);
    results.grantReadWrite(caller);
  }
}

function newBucket(stack, id) {
  return new Bucket(stack, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    encryption: BucketEncryption.S3_MANAGED,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

const app = new App();
const stack = new Stack(app, 'TextractAsyncSample');
// One of the recommended feature flags makes SqsSubscription name the topic in the policy of the key that also encrypts the topic: a
// circular dependency, which the validator rejects.
stack.node.setContext('@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption', false);
const documents = newBucket(stack, 'Documents');
const results = newBucket(stack, 'Results');
const textract = new TextractAsync(stack, 'TextractAsync');

const caller = new Role(stack, 'Caller', {
  description: 'Starts Textract jobs, consumes their notifications and reads their results',
  assumedBy: new AccountRootPrincipal(),
});
textract.grant(caller, { documents, results });
documents.grantPut(caller);

const outputs = {
  TopicArn: textract.topic.topicArn,
  QueueUrl: textract.queue.queueUrl,
  QueueArn: textract.queue.queueArn,
  ServiceRoleArn: textract.role.roleArn,
  DocumentBucketName: documents.bucketName,
  OutputBucketName: results.bucketName,
  OutputPrefix: 'textract_output',
  CallerRoleArn: caller.roleArn,
  EncryptionKeyArn: textract.key.keyArn,
};
for (const [id, value] of Object.entries(outputs)) {
  new CfnOutput(stack, id, { value });
}
app.synth();
