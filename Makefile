# Every target is one readable line or two; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
RUNS := .venv/.runs
READY := .venv/.ready
PORT ?= 8000

.PHONY: help setup demo run worker migrate test test-long mutants benchmarks lint types rooms format schema access settings migration locks check

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv with everything locked, and .venv/bin/plaudit in it

$(RUNS): requirements/run.txt requirements/build.txt pyproject.toml
	@test -w . || { echo "$(CURDIR) cannot be written to, and .venv is made in it: copy the checkout into a folder of your own"; exit 1; }
	@test -n "$(PYTHON)" || { echo "Plaudit needs Python 3.11 or later: install it, or name it: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Plaudit needs Python 3.11 or later: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(RUNS)

$(READY): $(RUNS) requirements/dev.txt
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(READY)

demo: $(RUNS) ## everything in one process with demo data: API, mailbox, worker, database
	$(BIN)/plaudit demo --port $(PORT) $(ARGS)

run: $(RUNS) ## the gateway with a worker on PLAUDIT_DATABASE_URL
	$(BIN)/plaudit serve --with-worker

worker: $(RUNS) ## a worker on PLAUDIT_DATABASE_URL
	$(BIN)/plaudit worker

migrate: $(RUNS) ## bring the database of PLAUDIT_DATABASE_URL up to date
	$(BIN)/plaudit migrate

test: setup lint types rooms ## lint, types, import table, then all tests but the long ones
	$(BIN)/pytest -q -n 2 -m "not long"

test-long: setup ## everything, also what takes long
	$(BIN)/pytest -q -n 2 -m "long or not long"
	$(MAKE) mutants

mutants: setup ## plant mistakes, one by one, and see that the tests find each: make mutants ARGS="part of a file's name"
	$(BIN)/python -m tests.mutants $(ARGS)

benchmarks: setup ## figures as ratios, each of one run: the agency's board, row-level security, what does not exist
	@for name in board row_security existence; do $(BIN)/python -m benchmarks.$$name || exit 1; done

lint: setup ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy, strict
	$(BIN)/mypy

rooms: setup ## who may import whom
	$(BIN)/lint-imports

format: setup ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: setup ## print the schema into schema/schema.graphql
	$(BIN)/python -m schema > schema/schema.printed && mv schema/schema.printed schema/schema.graphql

access: setup ## print docs/access.md from the policy
	$(BIN)/python -m permissions.document > docs/access.md

settings: setup ## print docs/settings.md from the settings
	$(BIN)/python -m plaudit.settings > docs/settings.md

migration: setup ## make a migration of what has changed in the models: make migration NAME=what_changes
	$(BIN)/tortoise makemigrations --name $(NAME)
	@$(BIN)/ruff check --fix --quiet models/migrations && $(BIN)/ruff format --quiet models/migrations

locks: setup ## make the hashed requirements anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" --extra dev pyproject.toml -o requirements/dev.txt
	@printf 'editables\nhatchling\n' | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --custom-compile-command "make locks" - -o requirements/build.txt

check: lint types rooms ## what is quick of `make test`
