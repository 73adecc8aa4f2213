#!/usr/bin/env bash
# Compares what the libraries export with their last tags, and fails if a change is incompatible.
set -euo pipefail
cd "$(dirname "$0")/.."
apidiff=$PWD/build/apidiff
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run DIR ARG... runs apidiff in a module, without its notes on packages that nobody outside can import.
run() {
  (cd "$1" && "$apidiff" -m "${@:2}" 2>"$work/notes") || { cat "$work/notes" >&2; return 1; }
}

# compare DIR PREFIX compares the module in a folder with its last tag, PREFIX and a version.
compare() {
  local module tag changes incompatible
  module=$(cd "$1" && go list -m)
  tag=$(git -c versionsort.suffix=- tag --list "$2v[0-9]*" --sort=-version:refname | head -n 1)
  if [ -z "$tag" ]; then
    echo "$module: no tag $2v… in this clone, nothing to compare with"
    return
  fi
  mkdir "$work/old"
  git archive "$tag" "$1" | tar -x -C "$work/old"
  run "$work/old/$1" -w "$work/api" "$module"
  rm -rf "$work/old"
  changes=$(run "$1" "$work/api" "$module")
  incompatible=$(run "$1" -incompatible "$work/api" "$module")
  printf '%s since %s:\n%s\n' "$module" "$tag" "${changes:-No changes}"
  if [ -n "$incompatible" ]; then failed=1; fi
}

failed=0
compare . ''
compare textractclient textractclient/
if [ "$failed" != 0 ]; then
  echo "incompatible changes: the next version raises its second number before 1.0.0, its first afterwards" >&2
fi
exit "$failed"
