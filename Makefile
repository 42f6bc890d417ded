# Rapport. `make` lists everything; `make up` and `make test` are enough to begin.
PYTHON ?= python3
PY := .venv/bin/python
.DEFAULT_GOAL := help
# As many tests at once as there are processors, and one more, up to four; a file stays in one process, and long files come first.
TESTS := $(PY) -m pytest -n auto
HOUSE := tests --ignore tests/engines --ignore tests/browser
.PHONY: help setup up demo pure test slow check fix bench engines
unexport PYTHONDONTWRITEBYTECODE  # what was read once is read faster

help: ## list what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/.ready ## install everything into .venv

.venv/.ready: requirements.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || $(PYTHON) -m uv --version >/dev/null 2>&1 || $(PYTHON) -m pip install --quiet uv || \
	  { $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet uv; }
	@UV="$$(command -v uv || { $(PYTHON) -m uv --version >/dev/null 2>&1 && echo $(PYTHON) -m uv; } || echo .venv/bin/uv)"; \
	  [ -x .venv/bin/python ] || $$UV venv --quiet --python $(PYTHON) .venv; \
	  $$UV pip sync --quiet --compile-bytecode --python .venv/bin/python requirements.lock && \
	  $$UV pip install --quiet --python .venv/bin/python --no-deps --editable . && .venv/bin/python -m compileall -q src && \
	  .venv/bin/python -c 'from rapport.web.page import compile_all; compile_all()'
	@touch $@

up: setup ## start the centre
	@.venv/bin/rapport up

demo: setup ## start an example centre that is full of life
	@.venv/bin/rapport demo

pure: setup ## the tests that need neither a database nor a program nor long: for while one writes
	@$(PY) -m pytest tests -m pure -n auto

test: setup ## everything that needs no further engine, in under three minutes
	@$(TESTS) $(HOUSE) -m 'not slow'

slow: setup ## the tests that nobody waits for: described networks, hostile input, long reckoning
	@$(TESTS) $(HOUSE) -m slow

check: setup ## format, lint, types, imports, docs and tests
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports && \
	  $(MAKE) --no-print-directory test && $(MAKE) --no-print-directory slow

fix: setup ## mend what a machine can mend
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

bench: setup ## print every number that we claim, small scale
	@for name in $$(ls bench | sed -n 's/^\([a-z]*\)_\{0,1\}\.py$$/\1/p'); do echo "== $$name"; .venv/bin/rapport bench $$name; done

engines: setup ## tests against real servers and a real browser
	@sh .ci/engines.sh && sh .ci/nightly.sh && $(PY) -m pytest tests/engines tests/browser -rs
