// The sample stack of this repository, in JavaScript.
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { newBucket } from './harness.mjs';
import { Pipeline } from './pipeline.mjs';

const app = new App();
const stack = new Stack(app, 'TextractAsyncSample');
// One of the recommended feature flags makes SqsSubscription name the topic in the policy of the key that also encrypts the topic: a
// circular dependency, which the validator refuses.
stack.node.setContext('@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption', false);
const documents = newBucket(stack, 'Documents');
const results = newBucket(stack, 'Results');
const pipeline = new Pipeline(stack, 'TextractAsync');

const caller = new Role(stack, 'Caller', {
  description: 'Starts Textract jobs, consumes their notifications and reads their results',
  assumedBy: new AccountRootPrincipal(),
});
pipeline.grant(caller, { documents, results });
documents.grantPut(caller);

const outputs = {
  TopicArn: ['Topic of the notification channel', pipeline.topic.topicArn],
  QueueUrl: ['Queue that receives the notifications', pipeline.queue.queueUrl],
  QueueArn: ["The same queue's ARN", pipeline.queue.queueArn],
  ServiceRoleArn: ['Role of the notification channel', pipeline.role.roleArn],
  DocumentBucketName: ['Bucket to put documents in', documents.bucketName],
  OutputBucketName: ['Bucket with the results', results.bucketName],
  OutputPrefix: ['Prefix of the results', 'textract_output'],
  CallerRoleArn: ['Role that may do all of it', caller.roleArn],
  EncryptionKeyArn: ['Key of topic and queues', pipeline.key.keyArn],
};
for (const [id, [description, value]] of Object.entries(outputs)) {
  new CfnOutput(stack, id, { description, value });
}
app.synth();
