#!/usr/bin/env bash
# Guess: asl-validator, which checks against schemas of the States Language, finds a valid definition valid, and
#   leaves it as it is.
# What happens: it refuses a number with decimals in a path's filter or an intrinsic function, where it takes whole
#   numbers. It refuses a payload field called Next, Default or StartAt, for it takes the value for the name of a
#   state; so is a state called Next. And it writes QueryLanguage into every state of the object that it was given.
# Versions: npm asl-validator 4.0.0.
# Why it matters: "@.Confidence > 99.5" is the filter that one writes for the blocks of Textract, and Next is a
#   natural name for the token of the next page. A build that checks the CDK's machines with it stops at machines that
#   the States Language allows. Check a copy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet npm install --no-audit --no-fund --save-exact asl-validator@4.0.0
cat >machines.cjs <<'END'
const validator = require('asl-validator');
const validate = validator.default ?? validator;

const check = (name, fields, state = 'Read') => {
  const definition = { StartAt: state, States: { [state]: { Type: 'Pass', ...fields, End: true } } };
  const { isValid, errors } = validate(definition);
  console.log(`${name}: ${isValid ? 'valid' : errors[0]['Error code']}`);
  return definition;
};
check('filter, whole number', { Parameters: { 'sure.$': '$.Blocks[?(@.Confidence > 99)]' } });
check('filter, decimals', { Parameters: { 'sure.$': '$.Blocks[?(@.Confidence > 99.5)]' } });
check('function, whole number', { Parameters: { 'text.$': "States.Format('above {}', 99)" } });
check('function, decimals', { Parameters: { 'text.$': "States.Format('above {}', 99.5)" } });
check('payload field Token', { Result: { Token: 'page-2' } });
check('payload field Next', { Result: { Next: 'page-2' } });
check('payload field Default', { Result: { Default: 'none' } });
check('state called Next', {}, 'Next');
console.log('afterwards:', JSON.stringify(check('no fields', {})));
END
node machines.cjs | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'filter, whole number: valid'
want 'filter, decimals: SCHEMA_VALIDATION_FAILED'
want 'function, whole number: valid'
want 'function, decimals: SCHEMA_VALIDATION_FAILED'
want 'payload field Token: valid'
want 'payload field Next: MISSING_TRANSITION_TARGET'
want 'payload field Default: MISSING_TRANSITION_TARGET'
want 'state called Next: MISSING_TRANSITION_TARGET'
want 'no fields: valid'
want 'afterwards: {"StartAt":"Read","States":{"Read":{"Type":"Pass","End":true,"QueryLanguage":"JSONPath"}}}'
echo "as described"
