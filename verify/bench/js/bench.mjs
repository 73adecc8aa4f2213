// The contender in JavaScript: what TypeScript compiles to, without the time that compiling takes.
import { main } from './harness.mjs';
import { Pipeline } from './pipeline.mjs';

main((stack, id, buckets) => {
  const pipeline = new Pipeline(stack, id);
  return (caller) => pipeline.grant(caller, buckets);
});
