// AWS Solutions Constructs, where it covers the same ground: topic, queue, dead letters, subscription and keys. It has no service
// role and no grants, so these are not the same resources.
import { SnsToSqs } from '@aws-solutions-constructs/aws-sns-sqs';
import { main } from './harness.mjs';

main((stack, id) => {
  new SnsToSqs(stack, id, {});
});
