#!/bin/sh
# Builds both functions for Lambda's arm64 machines.
set -eu
cd "$(dirname "$0")"
for function in start summarize; do
  GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -o "dist/$function/bootstrap" "./$function"
done
