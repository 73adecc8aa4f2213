#!/usr/bin/env bash
# Runs go mod tidy in modules; with -diff as first argument it prints what would change, and fails
# if anything would. It does not read go.work, so the replacement there is put into a copy of go.mod.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOWORK=off
client=github.com/cdk-textract/textractasync/textractclient
copy=$PWD/build/tidy
diff=()
if [ "${1-}" = -diff ]; then
  diff=(-diff)
  shift
fi

# tidy DIR tidies a module.
tidy() {
  cd "$1"
  if [ ! -e go.work ]; then
    go mod tidy "${diff[@]}"
    return
  fi
  rm -rf "$copy" && mkdir -p "$copy" && cp go.mod go.sum "$copy"
  go mod edit "-replace=$client=$OLDPWD/textractclient" "$copy/go.mod"
  go mod tidy "${diff[@]}" "-modfile=$copy/go.mod"
  if [ ${#diff[@]} != 0 ]; then return; fi
  go mod edit "-dropreplace=$client" "$copy/go.mod"
  cp "$copy/go.mod" "$copy/go.sum" .
}

for module in "$@"; do
  (tidy "$module")
done
