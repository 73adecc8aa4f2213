// Evaluates JSONata expressions as Step Functions does, one line of JSON in, one out: {expression, variables, millis} gives {value},
// {error}, or {} for undefined.
import { createHash, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import jsonata from 'jsonata'

const digests = { MD5: 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }

async function evaluate({ expression, variables, millis }) {
  const compiled = jsonata(expression)
  compiled.registerFunction('millis', () => millis, '<:n>')
  compiled.registerFunction('uuid', () => randomUUID(), '<:s>')
  compiled.registerFunction('parse', (text) => JSON.parse(text), '<s:x>')
  compiled.registerFunction('hash', (text, algorithm) => createHash(digests[algorithm]).update(text).digest('hex'), '<ss:s>')
  const value = await compiled.evaluate(undefined, variables)
  return value === undefined ? {} : { value }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const answer = await evaluate(JSON.parse(line)).catch((error) => ({ error: error.message ?? String(error) }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
