// The same pipeline as apps/handwritten, in the CDK's own language.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export class Pipeline extends Construct {
  constructor(scope, id) {
    super(scope, id);
    this.key = new Key(this, 'EncryptionKey', {
      description: 'Notifications of Amazon Textract: topic, queue and dead letters',
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
    const encrypted = { encryption: QueueEncryption.KMS, encryptionMasterKey: this.key, enforceSSL: true };
    const deadLetterQueue = new Queue(this, 'DeadLetterQueue', { ...encrypted, retentionPeriod: Duration.days(14) });
    const queue = new Queue(this, 'Queue', {
      ...encrypted,
      retentionPeriod: Duration.days(7),
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 3 },
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
