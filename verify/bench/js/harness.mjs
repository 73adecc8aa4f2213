// Turns a contender into a CDK app, as apps/harness does for the contenders in Go.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';

const perStack = 20;

export function newBucket(stack, id) {
  return new Bucket(stack, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    encryption: BucketEncryption.S3_MANAGED,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** build builds one pipeline and returns what lets a caller use it, if anything does. */
export function main(build) {
  const count = Number(process.env.BENCH_CONSTRUCTS ?? 1);
  const app = new App();
  const start = performance.now();
  for (let first = 0; first < count; first += perStack) {
    buildStack(app, build, first, Math.min(first + perStack, count));
  }
  const built = performance.now();
  app.synth();
  report({ buildMillis: built - start, synthMillis: performance.now() - built });
}

function buildStack(app, build, first, end) {
  const stack = new Stack(app, `Bench${first / perStack}`);
  const buckets = { documents: newBucket(stack, 'Documents'), results: newBucket(stack, 'Results') };
  for (let i = first; i < end; i++) {
    const grant = build(stack, `Pipeline${i}`, buckets);
    if (grant) {
      grant(new Role(stack, `Caller${i}`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    }
  }
}

function report(figures) {
  if (process.env.BENCH_REPORT) {
    writeFileSync(process.env.BENCH_REPORT, JSON.stringify(figures));
  }
}
