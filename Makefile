# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
SERVE ?= 1
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # what is compiled once is not compiled by each of a hundred processes again
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python

.PHONY: help setup setup-dev demo serve test lint types imports unit bench soak drill audit messages clean

help:
	@echo "make demo          set up, load the real data, run the main job, serve on http://127.0.0.1:8000 (SERVE=0: do not serve)"
	@echo "make test          set up, lint, types, import rules, all tests on SQLite and PostgreSQL, browser journeys"
	@echo "make setup         make .venv with the command 'zhijian' in it"
	@echo "make bench         the figures of docs/benchmarks.md, measured again"
	@echo "make audit         known weaknesses of the locked packages; fails too where the source of advisories is silent"
	@echo "make soak          30 minutes of mixed traffic with kill -9 at random (MINUTES=5: fewer), on a database of its own"
	@echo "make drill         the demonstration backed up while people work, destroyed and restored (DATABASE=postgresql)"

$(BIN)/uv:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.runtime: $(BIN)/uv requirements.lock pyproject.toml
	$(UV) --require-hashes -r requirements.lock
	$(UV) --no-deps -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	$(UV) --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/.runtime
setup-dev: .venv/.dev

demo: setup
	@$(BIN)/zhijian demo $(if $(filter 0,$(SERVE)),--no-serve,)

serve: setup
	@$(BIN)/zhijian serve

test: setup-dev
	@scripts/provide-test-machine
	$(BIN)/ruff check src tests scripts
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/bill_of_materials.py --check
	$(BIN)/python scripts/dependency_audit.py
	$(BIN)/pytest -n 2 --dist loadfile
	ZHIJIAN_TEST_DATABASE=postgresql $(BIN)/pytest -n 2 --dist loadfile -m "database and not browser"

bench: setup-dev
	$(BIN)/zhijian bench

soak: setup-dev
	$(BIN)/python benchmarks/soak.py --minutes $(or $(MINUTES),30)

drill: setup-dev
	$(BIN)/python benchmarks/drill.py --database $(or $(DATABASE),sqlite)

audit: setup-dev
	$(BIN)/python scripts/dependency_audit.py --strict

lock: $(BIN)/uv
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 -c requirements.lock --no-header --quiet -o requirements-dev.lock

messages: setup-dev
	$(BIN)/python scripts/messages.py
