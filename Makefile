# The commands of BMMS. `make run` and `make test` are the two that a stranger needs; `make help` lists all.

PYTHON ?= python3
BIN    := .venv/bin
SETUP  := $(PYTHON) bmms/launch/setup.py
comma  := ,
MARKS   = $(if $(BMMS_SKIP),-m "not $(subst $(comma), and not ,$(BMMS_SKIP))")
# Three at once keep two cores busy: one of them waits for a browser, a server or a lease.
PYTEST  = $(BIN)/python -m pytest -n 3 --dist loadgroup $(MARKS)
COMPILE = uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
          --no-emit-find-links --no-strip-extras --no-header --no-annotate -q pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run stop test check drill bench coverage requirements format

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: ## make .venv with everything that BMMS needs, if it is not there yet
	@$(SETUP)

run: ## set up, start database, web and worker; Ctrl-C stops all (HOST, PORT, DATABASE_URL)
	@$(SETUP) && exec $(BIN)/python -m bmms.launch run

stop: ## stop what runs from this folder, from another terminal or after a crash
	@test ! -e $(BIN)/python || $(BIN)/python -m bmms.launch stop

test: ## the whole test suite; BMMS_SKIP=browser,pdf leaves groups out
	@$(SETUP) --dev
	$(PYTEST)

check: ## style, types, import rules, templates
	@$(SETUP) --dev --no-packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint bmms/templates --quiet

drill: ## the long runs in their full length
	@$(SETUP) --dev
	BMMS_DRILL=full $(BIN)/python -m pytest -n 2 --dist loadgroup tests/drill tests/operations tests/launch tests/tasks \
	  tests/census/test_isolation.py tests/domain tests/cli tests/browser

coverage: ## the suite with lines and branches counted; fails below 95 %
	@$(SETUP) --dev
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-fail-under=95

bench: ## measure pages and imports on this machine, beside known costs (needs a pilot: make run once)
	@$(SETUP)
	PYTHONPATH=. $(BIN)/python tests/bench/pages.py
	PYTHONPATH=. $(BIN)/python tests/bench/import_users.py
	PYTHONPATH=. $(BIN)/python tests/bench/documents.py
	PYTHONPATH=. $(BIN)/python tests/bench/appropriations.py
	PYTHONPATH=. $(BIN)/python tests/bench/proposals.py
	PYTHONPATH=. $(BIN)/python tests/bench/work_plans.py
	PYTHONPATH=. $(BIN)/python tests/bench/ledger.py
	PYTHONPATH=. $(BIN)/python tests/bench/statements.py
	PYTHONPATH=. $(BIN)/python tests/bench/backups.py

requirements: ## choose exact versions anew from pyproject.toml (needs uv)
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra embedded -o requirements-embedded.txt
	$(COMPILE) --extra s3 -o requirements-s3.txt
	$(COMPILE) --extra dev --extra s3 -o requirements-dev.txt

format: ## put the code into the house's form
	@$(SETUP) --dev --no-packages
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
