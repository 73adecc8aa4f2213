#!/usr/bin/env bash
# Guess: aws-local-stepfunctions gives the values that the States Language and AWS's developer guide describe.
# What happens: in three places it gives others than these two documents, without an error. States.StringSplit takes
#   its second argument as one separator; AWS splits at each of its characters. NumericGreaterThan compares the text
#   "99" as a number; AWS lets a comparison of numbers match only numbers. ResultPath below a text replaces the text
#   by an object; AWS ends the state with States.ResultPathMatchFailure.
# Versions: npm aws-local-stepfunctions 3.0.0, Node.js 24.21.0.
# Why it matters: splitting object keys, comparing a Confidence and keeping the JobId next to a result is the plumbing
#   of a Textract machine. A local test then takes a branch that the deployed machine does not take, or passes where
#   the deployed one fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact node@24.21.0
export PATH="$folder/node_modules/node/bin:$PATH"
quiet npm install --no-audit --no-fund --save-exact aws-local-stepfunctions@3.0.0
cat >machines.mjs <<'END'
import { StateMachine } from 'aws-local-stepfunctions';

async function run(name, states, input) {
  let outcome;
  try {
    outcome = JSON.stringify(await new StateMachine({ StartAt: 'First', States: states }).run(input).result);
  } catch (error) {
    outcome = `${error.name} ${error.message}`;
  }
  console.log(`${name}: ${outcome}`);
}

const pass = (fields) => ({ First: { Type: 'Pass', End: true, ...fields } });
await run('one separator', pass({ Parameters: { 'parts.$': "States.StringSplit($.key, '/')" } }), { key: 'in/scan_2024.pdf' });
await run('three separators', pass({ Parameters: { 'parts.$': "States.StringSplit($.key, '/_.')" } }), { key: 'in/scan_2024.pdf' });

const choice = {
  First: { Type: 'Choice', Choices: [{ Variable: '$.confidence', NumericGreaterThan: 90, Next: 'Sure' }], Default: 'Unsure' },
  Sure: { Type: 'Pass', Result: 'sure', End: true },
  Unsure: { Type: 'Pass', Result: 'unsure', End: true },
};
await run('a number', choice, { confidence: 99 });
await run('a text', choice, { confidence: '99' });

await run('ResultPath beside', pass({ Result: { pages: 2 }, ResultPath: '$.result' }), { job: 'j-1' });
await run('ResultPath below a text', pass({ Result: { pages: 2 }, ResultPath: '$.job.result' }), { job: 'j-1' });
END
node machines.mjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'one separator: {"parts":["in","scan_2024.pdf"]}'
want 'three separators: {"parts":["in/scan_2024.pdf"]}'
want 'a number: "sure"'
want 'a text: "sure"'
want 'ResultPath beside: {"job":"j-1","result":{"pages":2}}'
want 'ResultPath below a text: {"job":{"result":{"pages":2}}}'
echo "as described"
