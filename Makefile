# Everything a fresh machine needs: Python 3.12 or newer, and make. `make` alone says what there is.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= dev,ui,cluster,analysis
PROCESSES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1))) # of tests: many wait for a browser or a child
PORT ?= 8765

.PHONY: help demo test proof mutants check docs bench bench-sweep patterns ablations gallery ui clean install
.DEFAULT_GOAL := help

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(VENV)/.installed  ## make the virtual environment with pinned packages

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Willing needs Python 3.12 or newer; install it, or say make PYTHON=/where/it/is"; exit 2; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".[$(EXTRAS)]"
	@touch $@

$(VENV)/.docs: $(VENV)/.installed
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".[docs]"
	@touch $@

demo: install  ## play March 2025 on real states: tables, figures, a summary
	@$(BIN)/willing run paris-march-2025

test: install  ## all tests that fit in ten minutes
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder -m "not proof"

proof: install  ## the longer statistical proofs
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder -m proof

mutants: install  ## plant small faults one at a time and say which of them no test notices
	@$(BIN)/python -m tests.mutants

check: install  ## style, types and architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.docs  ## build the documentation as a site in site/, to be opened at site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: install  ## how fast it is, as ratios in one run
	@$(BIN)/python benchmarks/engines.py
	@$(BIN)/python benchmarks/growth.py

bench-sweep: install  ## how long a whole sweep of 1e5, 1e6 and 1e7 runs takes, and how much memory
	@$(BIN)/python benchmarks/whole_command.py

patterns: install  ## measure whether the model shows what was reported, and write docs/patterns.md
	@$(BIN)/willing patterns --out docs/patterns.md

ablations: install  ## leave out each part of the model, and write docs/ablations.md
	@$(BIN)/willing ablations --out docs/ablations.md

gallery: install  ## play every scenario and keep a small table and figure of each in results/gallery
	@$(BIN)/willing gallery --out results/gallery

ui: install  ## watch the bargaining in the browser
	@$(BIN)/willing ui --port $(PORT)

clean:  ## remove what was made: environment, caches, runs
	@rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache results/runs results/comparisons results/explain results/sweeps results/stability results/pivots results/thresholds results/hindcast results/fits results/discover
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
