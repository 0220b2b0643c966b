# Everything a developer or an operator does from a clone. `make` alone lists it.
# PYTHON is the first Python 3.11 or later found here; PYTEST_ARGS narrows or widens a test run.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; \
	done)
# Twice as many at once as there are cores: half of a test's time is waiting for disks and children.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(2 * (os.cpu_count() or 1), 8))')
PYTEST_ARGS ?= -n $(WORKERS) --dist worksteal
BIN := .venv/bin
READY := .venv/.ready
SCHEMA := .venv-schema/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup test check pytest demo bench format messages lock wheel clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make the environment in .venv (at once, if nothing changed)

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "setup: no Python 3.11 or later found; name it: make PYTHON=..."; \
		exit 1; }
	@echo "setup: .venv from $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@echo "setup: installing what requirements.txt pins (a few minutes the first time)"
	@$(PIP) install -qq --require-hashes --only-binary :all: -r requirements.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@
	@echo "setup: done"

# Telegram's schema, for the tests: its models need an older pydantic than ours.
$(SCHEMA): tests/schema/requirements.txt $(READY)
	@echo "setup: .venv-schema, for the tests"
	@$(BIN)/python -m venv .venv-schema
	@.venv-schema/bin/python -m pip --disable-pip-version-check install -qq --require-hashes \
		--only-binary :all: -r tests/schema/requirements.txt
	@touch $@

test: check pytest ## all checks, then every test

check: setup ## style, types, import contracts
	@echo "check: ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "not formatted: run make format"; exit 1; }
	@echo "check: basedpyright"
	@$(BIN)/basedpyright
	@echo "check: import contracts"
	@$(BIN)/lint-imports --no-logo

pytest: setup $(SCHEMA) ## the tests alone (make pytest PYTEST_ARGS="tests/core -k draw")
	@echo "pytest $(PYTEST_ARGS)"
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

demo: setup ## sell a show out before your eyes, in at most a minute
	@$(BIN)/bilheteria demo

bench: setup ## every measure of docs/benchmarks.md
	@$(BIN)/python -m benchmarks all

format: setup ## put the code in the house's form
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

messages: setup ## bring the catalogues of texts up to date with the code
	@$(BIN)/python -m scripts.gather_messages

lock: setup ## pin pyproject.toml's dependencies anew (UPGRADE=1 for the newest versions)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--only-binary :all: --no-emit-index-url --custom-compile-command "make lock" \
		$(if $(UPGRADE),--upgrade) --group dev pyproject.toml --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--only-binary :all: --no-emit-index-url --custom-compile-command "make lock" \
		$(if $(UPGRADE),--upgrade) tests/schema/requirements.in \
		--output-file tests/schema/requirements.txt
	@echo "lock: $$(grep -c '==' requirements.txt) packages pinned in requirements.txt"

wheel: setup ## build the wheel and the source archive into dist/
	@$(BIN)/python -m build --no-isolation

clean: ## remove what make made, .venv too
	@rm -rf .venv .venv-schema build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
