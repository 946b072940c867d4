# Everything starts here; `make` alone explains the targets. What is up to
# date is not done again: npm ci follows the lock file, the web build its
# sources, the binary its sources and the version, the linter tools/go.mod.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where `make run` and `make demo` listen, and where they keep their data.
ADDR ?= localhost:8080
DATA ?= ./tintype-data
DEMO_DATA ?= ./tintype-demo
FLEET_DATA ?= ./tintype-fleet
FLEET_BENCH_DATA ?= ./tintype-fleet-bench
# More flags for the program of the same name: make demo DEMO="--posts 5000".
RUN ?=
DEMO ?=
FLEET ?=
BENCH ?=
# The services whose absence is a failure and not a skip, with commas between them.
TINTYPE_TEST_REQUIRE ?= postgres,pgbouncer,redis,memcached,s3,nginx

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export GOFLAGS += -buildvcs=false

GO_SOURCES := go.mod $(wildcard go.sum) $(shell find cmd internal web/*.go -type f ! -name '*_test.go' ! -path '*/testdata/*' 2>/dev/null)
WEB_SOURCES := $(shell find web -type f \
	! -path 'web/node_modules/*' ! -path 'web/dist/*' ! -name '*.go' ! -name '*.tsbuildinfo' ! -name '*.test.*' 2>/dev/null)
# The tools module, the web app and the browser tests have their own dependencies.
WEB_DEPS := web/node_modules/.tintype-installed
E2E_DEPS := $(if $(wildcard e2e/package.json),e2e/node_modules/.tintype-installed)
LINT := bin/tools/golangci-lint

step = @printf '\n== %s\n' '$(1)'

.PHONY: help
help: ## explain these targets
	@echo 'Tintype: the two commands are `make run` and `make test`.'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## The site

.PHONY: run
run: build ## install what is missing, build, and serve on http://localhost:8080 (data in ./tintype-data)
	@exec bin/tintype serve --addr '$(ADDR)' --data '$(DATA)' $(RUN)

.PHONY: demo
demo: build ## the same with a site full of life (data in ./tintype-demo)
	@test -e '$(DEMO_DATA)/.filled' || { bin/tintype demo --data '$(DEMO_DATA)' $(DEMO) && touch '$(DEMO_DATA)/.filled'; }
	@exec bin/tintype serve --addr '$(ADDR)' --data '$(DEMO_DATA)' $(RUN)

.PHONY: fleet
fleet: build setup-fleet bin/tools/versitygw ## run a whole fleet on this machine: two PostgreSQL with replicas, Redis, memcached, S3, nginx (data in ./tintype-fleet)
	@exec bin/tintype fleet --addr '$(ADDR)' --data '$(FLEET_DATA)' $(FLEET)

.PHONY: build
build: bin/tintype ## leave the program in bin/tintype, the web app inside it

bin/tintype: $(GO_SOURCES) web/dist/index.html bin/.version | setup-build
	@echo 'building bin/tintype $(VERSION)'
	@go build -ldflags '-X main.version=$(VERSION)' -o $@ ./cmd/tintype

# Touched only when the version changes, so that the binary is linked again.
bin/.version: FORCE
	@mkdir -p bin
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

.PHONY: web
web: web/dist/index.html ## build the web app alone, into web/dist

web/dist/index.html: $(WEB_SOURCES) $(WEB_DEPS)
	@echo 'building the web app'
	@npm --prefix web run --silent build
	@touch $@

%/node_modules/.tintype-installed: %/package-lock.json | setup-build
	@echo 'installing the packages of $*/package-lock.json'
	@npm --prefix $* ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(@D) && touch $@

.PHONY: setup-build setup-test setup-bench setup-fleet
setup-build:
	@scripts/setup build
setup-test:
	@scripts/setup build test fleet
setup-bench:
	@scripts/setup build bench
setup-fleet:
	@scripts/setup build fleet

## Tests and checks

.PHONY: test
test: setup-test test-go test-web test-e2e test-clients test-drill test-hostile ## install what is missing and run every test: Go, PostgreSQL, web, browser

.PHONY: test-go
test-go: web/dist/index.html bin/tools/versitygw
	$(call step,Go tests; required services: $(TINTYPE_TEST_REQUIRE))
	@TINTYPE_TEST_REQUIRE='$(TINTYPE_TEST_REQUIRE)' go test -timeout 35m ./...

.PHONY: test-web
test-web: $(WEB_DEPS)
	$(call step,web unit tests)
	@npm --prefix web run --silent test

.PHONY: test-e2e
test-e2e: build $(E2E_DEPS) e2e/clients/node_modules/.tintype-installed setup-test bin/tools/versitygw
ifneq ($(wildcard e2e/package.json),)
	$(call step,browser tests against bin/tintype)
	@TINTYPE_BIN='$(CURDIR)/bin/tintype' npm --prefix e2e run --silent test
	$(call step,the browser story and a client library against a fleet)
	@TINTYPE_BIN='$(CURDIR)/bin/tintype' npm --prefix e2e run --silent test:fleet
endif

.PHONY: test-drill
test-drill: build setup-test bin/tools/versitygw
	$(call step,short drills on a fleet)
	@bin/tintype drill --short --quiet rolling process memcached redis s3 moves

.PHONY: test-hostile
test-hostile: build setup-test bin/tools/versitygw
	$(call step,what strangers might send, in short: to the embedded default and to a fleet)
	@bin/tintype hostile --short --quiet
	@bin/tintype hostile --short --quiet --fleet

.PHONY: test-clients
test-clients: build $(E2E_DEPS) e2e/clients/node_modules/.tintype-installed setup-test
	$(call step,client libraries of API v1 against bin/tintype)
	@TINTYPE_BIN='$(CURDIR)/bin/tintype' npm --prefix e2e/clients run --silent test

.PHONY: check
check: setup-test checks test ## all that CI runs: format, vet, lint, house rules, web lint and types, docs, every test
	$(call step,all checks passed)

.PHONY: checks
checks: check-docs check-format check-arch check-vet check-lint check-web check-vulnerabilities

.PHONY: check-docs
check-docs:
	$(call step,documents)
	@node --test --test-reporter=dot scripts/check-docs.test.mjs
	@node scripts/check-docs.mjs

.PHONY: check-format
check-format:
	$(call step,gofmt)
	@bad=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$bad" ]; then printf '%s\n' "not formatted, run make fmt:" "$$bad"; exit 1; fi

.PHONY: check-arch
check-arch:
	$(call step,house rules)
	@go test ./internal/arch

.PHONY: check-vet
check-vet: | setup-build
	$(call step,go vet)
	@go vet ./...

.PHONY: check-lint
check-lint: $(LINT) | setup-build
	$(call step,golangci-lint)
	@$(LINT) run ./...

.PHONY: check-web
check-web: $(WEB_DEPS)
	$(call step,web lint and types)
	@npm --prefix web run --silent lint
	@npm --prefix web run --silent typecheck

.PHONY: check-vulnerabilities
check-vulnerabilities:
	$(call step,known vulnerabilities)
	@if timeout 5 bash -c '</dev/tcp/vuln.go.dev/443' 2>/dev/null; then \
		$(MAKE) bin/tools/govulncheck && bin/tools/govulncheck ./...; \
	else echo 'not checked: vuln.go.dev cannot be reached from here'; fi

$(LINT): tools/go.mod tools/go.sum
	@echo 'building golangci-lint (once; a minute or two)'
	@go -C tools build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# The S3 server of `make fleet` and of tests; Debian has none.
bin/tools/versitygw: tools/go.mod tools/go.sum
	@echo 'building versitygw'
	@go -C tools build -o ../$@ github.com/versity/versitygw/cmd/versitygw

bin/tools/govulncheck: tools/go.mod tools/go.sum
	@go -C tools build -o ../$@ golang.org/x/vuln/cmd/govulncheck

.PHONY: bench
bench: build setup-bench ## measure the site against the limits of this machine
	@bin/tintype bench $(BENCH)

.PHONY: bench-fleet
bench-fleet: build setup-bench setup-fleet bin/tools/versitygw ## measure a whole fleet in the same way (data in ./tintype-fleet-bench; BENCH=--huge for 15,000,000 posts)
	@bin/tintype bench --fleet --dir '$(FLEET_BENCH_DATA)' $(BENCH)

.PHONY: hostile
hostile: build setup-fleet bin/tools/versitygw ## send the site what strangers might, on the embedded default and on a fleet; the table goes to docs/security.md
	@bin/tintype hostile --table docs/security.md
	@bin/tintype hostile --fleet

.PHONY: fuzz
fuzz: | setup-build ## run every fuzz target for FUZZTIME (a minute each)
	@scripts/fuzz '$(FUZZTIME)'

FUZZTIME ?= 1m
DRILL ?=
.PHONY: drill
drill: build setup-fleet bin/tools/versitygw ## break a fleet in many ways under load, and see what its members notice
	@bin/tintype drill $(DRILL)

## Tidying up

.PHONY: fmt
fmt: $(WEB_DEPS) ## format the sources
	@gofmt -w $$(git ls-files -co --exclude-standard '*.go')
	@npm --prefix web run --silent lint -- --fix

.PHONY: clean
clean: ## remove what was built (not the data of a site)
	rm -rf bin web/node_modules e2e/node_modules e2e/clients/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete

.PHONY: FORCE
FORCE:
