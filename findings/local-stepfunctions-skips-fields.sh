#!/usr/bin/env bash
# Guess: a local interpreter of state machines runs a field of the States Language, or refuses the definition.
# What happens: aws-local-stepfunctions takes three kinds of fields and does nothing with them. A JSONata machine ends
#   well and gives its input as its output. A Map with an ItemBatcher hands over single items. A Map that tolerates
#   one failed item fails on the first. Its validator, asl-validator, finds all three definitions valid, which they
#   are.
# Versions: npm aws-local-stepfunctions 3.0.0 with asl-validator 4.0.0, Node.js 24.21.0.
# Why it matters: JSONata, ItemBatcher and tolerated failures are what one writes for a folder of documents that go
#   through Textract. A local test of such a machine passes, or fails, for reasons that have nothing to do with the
#   machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact node@24.21.0
export PATH="$folder/node_modules/node/bin:$PATH"
quiet npm install --no-audit --no-fund --save-exact aws-local-stepfunctions@3.0.0 asl-validator@4.0.0
cat >machines.mjs <<'END'
import { createRequire } from 'node:module';
import { StateMachine } from 'aws-local-stepfunctions';

const validator = createRequire(import.meta.url)('asl-validator');
const validate = validator.default ?? validator;

async function run(name, definition, input) {
  let outcome;
  try {
    outcome = `output ${JSON.stringify(await new StateMachine(definition).run(input).result)}`;
  } catch (error) {
    outcome = error.name;
  }
  console.log(`${name}: valid ${validate(definition).isValid}, ${outcome}`);
}

const status = "{% $states.input.Status = 'SUCCEEDED' ? 'read' : 'stop' %}";
await run('JSONata', {
  QueryLanguage: 'JSONata', StartAt: 'Decide', States: { Decide: { Type: 'Pass', Output: { next: status }, End: true } },
}, { Status: 'SUCCEEDED' });

const map = (fields, states) => ({
  StartAt: 'Documents',
  States: { Documents: { Type: 'Map', ItemsPath: '$.keys', ...fields, ItemProcessor: { StartAt: 'One', States: states }, End: true } },
});
await run('ItemBatcher', map({ ItemBatcher: { MaxItemsPerBatch: 2 } }, { One: { Type: 'Pass', End: true } }), { keys: ['a.pdf', 'b.pdf', 'c.pdf'] });

const reject = {
  One: { Type: 'Choice', Choices: [{ Variable: '$', StringMatches: '*.txt', Next: 'Refuse' }], Default: 'Take' },
  Refuse: { Type: 'Fail', Error: 'UnsupportedDocument' },
  Take: { Type: 'Pass', End: true },
};
const distributed = map({ ToleratedFailureCount: 1 }, reject);
distributed.States.Documents.ItemProcessor.ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
await run('ToleratedFailureCount', distributed, { keys: ['a.pdf', 'b.txt', 'c.pdf'] });
END
node machines.mjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'JSONata: valid true, output {"Status":"SUCCEEDED"}'
want 'ItemBatcher: valid true, output ["a.pdf","b.pdf","c.pdf"]'
want 'ToleratedFailureCount: valid true, ExecutionError'
echo "as described"
