# Everything a developer or a build machine does with CrushSync. Needs make and Python 3.11 or newer.
PYTHON ?= python3
PORT ?=
DEMO ?=
# More than there are cores: many tests wait for something.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 2)))
PYTEST_ARGS ?=

# The tests start hundreds of processes; each would compile what the one before it did.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PYTEST = $(BIN)/python -m pytest $(PYTEST_ARGS)
LOCK = $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	--no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-fast test-sqlite test-postgres check bench bench-admin bench-api browser pictures transcript chaos lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime  ## play a day at a winery on this machine (PORT=8080 for another port)
	@$(BIN)/python manage.py demo $(if $(PORT),--port $(PORT)) $(DEMO)

test: test-sqlite test-postgres  ## run the test suite on SQLite, then on PostgreSQL

test-fast: $(VENV)/.dev  ## run what takes no patience, on SQLite: after each change
	@env -u DATABASE_URL $(PYTEST) -n $(WORKERS) --dist loadgroup -q -m "not (http or slow or crash or chaos or browser)"

test-sqlite: $(VENV)/.dev  ## run the test suite on SQLite only
	@echo "==== Tests on SQLite ===="
	@env -u DATABASE_URL $(PYTEST) -n $(WORKERS) --dist loadgroup

test-postgres: $(VENV)/.dev  ## run the test suite on a throw-away PostgreSQL only
	@if .ci/postgres --available; then \
		echo "==== Tests on PostgreSQL ===="; \
		.ci/postgres $(PYTEST) -n $(WORKERS) --dist loadgroup; \
	else \
		echo "==== NOT TESTED ON POSTGRESQL: no PostgreSQL server is installed here. ===="; \
		echo "==== Get one with: apt-get install postgresql                          ===="; \
		test "$$CI" != "true"; \
	fi

# The settings refuse to load without keys; these open nothing.
check: export CRUSHSYNC_SECRET_KEY = only-for-make-check
check: export CRUSHSYNC_FIELD_KEYS = b25seS1mb3ItbWFrZS1jaGVjay1vcGVucy1ub3RoaW4=
check: export DATABASE_URL = sqlite://:memory:
check: $(VENV)/.dev  ## lint, types, migrations, architecture and documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(PYTEST) -q tests/test_architecture.py tests/test_docs.py

bench: $(VENV)/.dev  ## measure the engine on a throw-away PostgreSQL
	@PGFSYNC=on .ci/postgres $(BIN)/python bench/run.py

transcript: $(VENV)/.dev  ## write docs/one-order.md anew: what is said about one order
	@WRITE_TRANSCRIPT=1 $(PYTEST) -q -p no:xdist tests/flow/test_transcript.py

browser: $(VENV)/.dev  ## a day of staff work in Debian's Chromium (apt-get install chromium)
	@env -u DATABASE_URL $(PYTEST) -m browser tests/browser

pictures: $(VENV)/.dev  ## take the pictures in docs/images anew
	@env -u DATABASE_URL PICTURES=docs/images $(PYTEST) -m browser tests/browser/test_pictures.py

bench-admin: $(VENV)/.dev  ## measure the admin's pages among a million orders (ORDERS=20000 is quick)
	@.ci/postgres $(BIN)/python -m bench.admin

bench-api: $(VENV)/.dev  ## measure the API's lists among a million orders (ORDERS=20000 is quick)
	@.ci/postgres $(BIN)/python -m bench.api

chaos: $(VENV)/.dev  ## long runs with faults on a throw-away PostgreSQL, of the API on SQLite, too
	@.ci/postgres $(PYTEST) -m chaos tests/chaos tests/api tests/shipping tests/problems
	@env -u DATABASE_URL $(PYTEST) -m chaos tests/api

lock: $(VENV)/.dev  ## pin the newest allowed versions with their hashes
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean:  ## remove the environment and everything the tools and the demo made
	rm -rf $(VENV) .demo .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "CrushSync needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The venv module does not work here. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing requirements-dev.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
