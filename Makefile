# One thin command per target; CI calls the same ones.
SHELL := /bin/bash
# All modules are linted; the tests of verify need more than Go and Node, and run in its own target.
MODULES := . textractclient cmd/textract-async examples verify
NODE_BIN := $(CURDIR)/node_modules/.bin
NPM_QUIET := --no-audit --no-fund --no-update-notifier
LINTER := $(CURDIR)/build/golangci-lint
APIDIFF := $(CURDIR)/build/apidiff
ACTIONLINT := $(CURDIR)/build/actionlint
# Shared between two checkouts, the cache reports one's findings by the paths of the other.
export GOLANGCI_LINT_CACHE := $(CURDIR)/build/lint-cache

# jsii takes the first node of the PATH: the one that package.json pins.
export PATH := $(NODE_BIN):$(PATH)

.PHONY: help synth test test-cdk race lint apidiff fmt tidy docs examples verify real-answers bench bench-batch bench-doctor deploy destroy live deploy-local release-check binaries vulncheck clean

help: ## Print what the targets do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

synth: node_modules ## Synthesize the sample stack into cdk.out
	@cdk synth --quiet $(ARGS)
	@for template in cdk.out/*.template.json; do echo "Template: $$template"; done

test: node_modules ## Run every test that needs no AWS API
	@echo 'Testing $(filter-out verify,$(MODULES)), where . is the construct: each prints its packages as they pass, after some minutes.'
	@$(MAKE) --no-print-directory --jobs $(patsubst %,test-of/%,$(filter-out verify,$(MODULES)))

test-of/%:
	@cd $* && go test -timeout 30m ./...

# The templates of workflows with the lowest CDK too, whose packages the tests of the construct have compiled.
test-of/examples:
	@cd examples && go test -timeout 30m ./...
	@mkdir -p build/lowest && cp examples/go.mod examples/go.sum build/lowest && go mod edit -require=$(AWSCDK)@$(LOWEST_CDK) build/lowest/go.mod
	@cd examples && go test -mod=mod -modfile=$(CURDIR)/build/lowest/go.mod -run '^TestTemplates$$' ./stepfunctions ./uploads

# The root module requires the lowest versions that work, and verify the newest.
AWSCDK := github.com/aws/aws-cdk-go/awscdk/v2
LOWEST_CDK = $(shell go list -m -f '{{.Version}}' $(AWSCDK))
LOWEST_GO = $(shell go list -m -f '{{.GoVersion}}')
NEWEST_GO := 1.27.4
CDK = $(shell cd verify && go list -m -f '{{.Version}}' $(AWSCDK))

# In a copy of go.mod, without the directive that Go before 1.25 does not know.
test-cdk: node_modules ## Run the tests of the construct with another CDK: CDK=v…, CDK=latest, or that of verify
	@version='$(CDK)'; if [ "$$version" = latest ]; then version=$$(go list -m -f '{{.Version}}' $(AWSCDK)@latest) || \
		{ echo 'CDK=latest: the module proxy does not serve the newest version of $(AWSCDK); name one: CDK=v…' >&2; exit 1; }; fi; \
	mkdir -p build/cdk && cp go.sum build/cdk && sed '/^ignore /d' go.mod >build/cdk/go.mod && \
	go mod edit -require=$(AWSCDK)@$$version build/cdk/go.mod && \
	export GOFLAGS="$$(go env GOFLAGS) -mod=mod -modfile=$(CURDIR)/build/cdk/go.mod" && \
	go version && go build . && go list -m $(AWSCDK) github.com/aws/constructs-go/constructs/v10 github.com/aws/jsii-runtime-go && \
	go test -timeout 30m . ./app/... ./internal/... ./textractworkflow/...

# Days and thousands of jobs in virtual time, each byte of a response, and real answers read in one
# goroutine, which make test runs; under the race detector they take six times as long, and shorter
# tests run the same code.
LONG := TestRunAllPace|TestRunAllRecoversFromHoursOfThrottling|TestRunAllBeatsAlternatives|TestListenSurvivesAWeekend|TestListenDeadLettersWhatAlwaysFails|TestListenSpreadsRetriesOverHours|TestListenWaitsOutAnOutageOfTheHandlers|TestListenKeepsToTheTwelveHours|TestListenHandlesGoodMessagesAmongPoison|TestRunAllDoesNotSetOffTheAlarmOnUserErrors|TestResponsesCutAtEachByteAreRepeated|TestReal.*|TestPagesKeepMemoryFlat

# The race detector needs a C compiler, and is kept away from jsii: its kernel is no Go.
race: ## Run the tests of plain Go with the race detector
	@$(MAKE) --no-print-directory --jobs race-of/client race-of/command race-of/others

race-of/client:
	@cd textractclient && go test -race -timeout 30m -skip '^($(LONG))$$' ./...

race-of/command:
	@cd cmd/textract-async && go test -race -timeout 30m ./...

race-of/others:
	@go test -race ./internal/validate/ ./internal/fnsub/ ./internal/snapshot/
	@cd examples && go test -race ./worker ./batch/runall ./lambda/start ./lambda/summarize

deploy: node_modules ## Deploy the sample stack to your AWS account
	@cdk deploy $(ARGS)

destroy: node_modules ## Destroy the sample stack there; empty its buckets first
	@cdk destroy $(ARGS)

# The program itself, and not go run, gets the signals.
live: node_modules ## Check the open points of docs/deploy.md in your AWS account; asks, and says what it costs
	@cd cmd/textract-async && go build -o $(CURDIR)/build/textract-async .
	@cd verify && go build -o $(CURDIR)/build/live ./live
	@exec build/live $(ARGS)

deploy-local: node_modules ## Deploy the sample stack to a local AWS API and run a document through it
	@cd verify && go test -count=1 -v -run TestDeployLocally ./local

# Verbose, so that it prints what was shown; never cached, because tools that Go does not know take part.
verify: node_modules verify/node_modules verify/bench/js/node_modules ## Prove the permissions, run the rule packs, deploy locally, run workflows
	@GOTOOLCHAIN=go$(NEWEST_GO) $(MAKE) --no-print-directory test-cdk
	@GOTOOLCHAIN=go$(LOWEST_GO) $(MAKE) --no-print-directory test-cdk CDK=$(LOWEST_CDK)
	@cd verify && go test -count=1 -timeout 30m -v ./...

real-answers: ## Fetch the real answers of Textract that tests read, from AWS's samples, into build/real
	@verify/reader/real-answers.sh

bench: node_modules verify/bench/js/node_modules ## Measure builds and synthesis, ours and by hand, into docs/performance.md
	@cd verify && go run ./bench $(ARGS)
	@cd textractclient && go test -timeout 30m -run '^$$' -bench 'Ahead|Results' -benchtime 1x . ./textractdoc

bench-batch: ## Compare RunAll with the ideal schedule and with other ways, in virtual time, into docs/performance.md; takes two hours
	@cd verify && go run ./bench -batch $(ARGS)
	@cd cmd/textract-async && go test -timeout 1h -run TestKilledAtAnyEvent -v -kills 1000 ./internal/batch
	@cd cmd/textract-async && go test -timeout 1h -run TestKilledProcesses -v -kills 200 .

release-check: ## Build the modules as users get them, and follow getting-started with them; VERSION=… is to be released
	@cd verify && go run ./release -version '$(VERSION)'

binaries: ## Build the command for each system into build/binaries as the release workflow does, with checksums and SBOMs
	@cd verify && GOTOOLCHAIN=go$(NEWEST_GO) go run ./release -version '$(VERSION)' -binaries build/binaries

vulncheck: ## Look for known vulnerabilities that the published modules reach; asks vuln.go.dev
	@cd tools/security && go build -o $(CURDIR)/build/govulncheck golang.org/x/vuln/cmd/govulncheck
	@for module in . textractclient cmd/textract-async; do echo "$$module"; (cd $$module && $(CURDIR)/build/govulncheck ./...) || exit 1; done

docs: ## Copy the code and the outputs that the pages quote, and check every link
	@cd verify && go test ./docs -update

examples: node_modules ## Synthesize every example, in which doctor finds nothing
	@cd cmd/textract-async && go build -o $(CURDIR)/build/textract-async .
	@for app in examples/*/cdk.json; do echo "$${app%/cdk.json}"; (cd $${app%/cdk.json} && cdk synth --quiet && \
		$(CURDIR)/build/textract-async doctor --assembly cdk.out --strict >cdk.out/doctor.txt || { cat cdk.out/doctor.txt; exit 1; }) || exit 1; done

# The complete template of doctor's tests, and as many other resources as make it one of 500.
DOCTOR_TESTS := cmd/textract-async/internal/planned/testdata
bench-doctor: ## Time doctor --template and cfn-lint on one template of 500 resources
	@mkdir -p build && cd cmd/textract-async && go build -o $(CURDIR)/build/textract-async .
	@{ cat $(DOCTOR_TESTS)/complete.yaml; have=$$(grep -c '^    Type: AWS' $(DOCTOR_TESTS)/complete.yaml); for ((i = have; i < 500; i++)); do \
		echo "  Other$$i: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Sub 'Topic $$i of \$${Stage}', KmsMasterKeyId: !Ref TopicKey}}"; done; } >build/500.yaml
	@echo 'textract-async doctor'; time build/textract-async doctor --template build/500.yaml --topic Topic >build/500.txt; tail -n 1 build/500.txt
	@echo 'cfn-lint'; time cfn-lint build/500.yaml || true

lint: $(LINTER) $(ACTIONLINT) ## Check format, lint rules, go.mod files and workflows
	@for module in $(MODULES); do (cd $$module && $(LINTER) run ./...) || exit 1; done
	@tools/tidy.sh -diff $(MODULES)
	@$(ACTIONLINT) -shellcheck= -pyflakes=

fmt: $(LINTER) ## Format all Go code
	@for module in $(MODULES); do (cd $$module && $(LINTER) fmt ./...) || exit 1; done

tidy: ## Tidy all go.mod files
	@tools/tidy.sh $(MODULES)

clean: ## Remove what the other targets made
	rm -rf build cdk.out examples/*/cdk.out examples/lambda/dist node_modules verify/node_modules verify/bench/js/node_modules

node_modules: package.json package-lock.json
	@npm ci $(NPM_QUIET)
	@touch $@

%/node_modules: %/package.json %/package-lock.json
	@cd $* && npm ci $(NPM_QUIET)
	@touch $@

apidiff: $(APIDIFF) ## Compare what the libraries export with their last tags
	@tools/apidiff.sh

$(APIDIFF): tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	@cd tools && go build -o $@ golang.org/x/exp/cmd/apidiff

$(LINTER): tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	@cd tools && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(ACTIONLINT): tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	@cd tools && go build -o $@ github.com/rhysd/actionlint/cmd/actionlint
