# Everything that one does with this checkout. Each target installs what is missing first,
# and starts at once when nothing is. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench lock texts format clean

# Debian's own is what the kit runs, and is built with profile-guided optimization: another that comes
# first in the PATH may be a seventh slower.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
RUN := .venv/bin/python -m

help:  ## this list
	@grep -hE '^[a-z%-]+:.*## ' Makefile | sed -E 's/^([a-z%-]+):.*## /  make \1|/' | column -t -s '|'

setup:  ## install what is missing: Debian packages, .venv, web pages
	@sh tools/apt.sh
	@$(PYTHON) -m tools.setup

demo: setup  ## a home visit on this machine; VISIT=auto does a whole visit by itself
	@$(RUN) demo $(if $(VISIT),--visit $(VISIT))

test: setup  ## all tests; ONLY=unit, peers, vm or fuzz; ARGS=… goes to pytest
	@$(RUN) tools.test $(if $(ONLY),--only $(ONLY)) -- $(ARGS)

check: setup  ## lint, types, import rules, budgets, links; ONLY="types budgets" a part
	@$(RUN) tools.checks $(ONLY)

bench: setup  ## all measurements, as a table and in build/bench/*.json; FULL=1 for every network, over an hour
	@QUICK=$(if $(FULL),,1) $(RUN) bench

bench-%: setup  ## one measurement
	@$(RUN) bench $*

format: setup  ## lay the code out as `make check` wants it
	@$(RUN) ruff check --fix --quiet . ; $(RUN) ruff format --quiet .

lock:  ## write requirements.lock again after a change in pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes \
		--no-emit-index-url --no-header --no-annotate pyproject.toml --output-file requirements.lock

texts: setup  ## bring the screen's catalogues up to date with its code
	@$(RUN) tools.texts

clean:  ## remove what was built; what was installed (.venv, node_modules) stays
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
