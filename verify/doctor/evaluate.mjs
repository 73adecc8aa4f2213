// Evaluates requests against IAM policies: one JSON line in, one JSON line out, in the same order.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

// A policy that is not valid, or a context key that the evaluator would ignore, is an error and no answer.
async function evaluate({ principal, action, resource, account, context, identity, boundary, resourcePolicy }) {
  const outcome = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: (identity ?? []).map((policy, index) => ({ name: `identity ${index}`, policy })),
      permissionBoundaryPolicies: boundary ? [{ name: 'boundary', policy: boundary }] : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    },
    { simulationMode: 'Strict' },
  )
  if (outcome.resultType !== 'single') {
    return { error: `${outcome.resultType}: ${JSON.stringify(outcome.errors ?? {})}` }
  }
  const ignored = outcome.result.ignoredContextKeys
  return ignored.length > 0 ? { error: `ignored context keys: ${ignored.join(', ')}` } : { answer: outcome.overallResult }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const reply = await evaluate(JSON.parse(line)).catch((error) => ({ error: String(error) }))
  if (!process.stdout.write(`${JSON.stringify(reply)}\n`)) {
    await new Promise((resume) => process.stdout.once('drain', resume))
  }
}
