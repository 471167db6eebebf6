# A fresh machine needs Python 3.12 or newer and make. `make` alone lists the targets.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= dev,ui,cluster,analysis
PROCESSES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1))) # of tests: many wait for a browser or a child
PORT ?= 8765

.PHONY: help demo test proof mutants check docs bench bench-sweep patterns ablations gallery schemas ui clean install
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(VENV)/.installed  ## create the virtual environment with pinned packages

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Willing needs Python 3.12 or newer; install it, or use make PYTHON=/where/it/is"; exit 2; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".[$(EXTRAS)]"
	@touch $@

$(VENV)/.docs: $(VENV)/.installed
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".[docs]"
	@touch $@

demo: install  ## simulate March 2025: summary, tables, figures
	@$(BIN)/willing run paris-march-2025

test: install  ## run all tests that fit in ten minutes
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder -m "not proof"

proof: install  ## run the longer statistical tests
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder -m proof

mutants: install  ## plant small faults one at a time and list those that no test notices
	@$(BIN)/python -m tests.mutants

check: install  ## check style, types and architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.docs  ## build the documentation as a site in site/; open site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: install  ## measure speed, as ratios within one run
	@$(BIN)/python benchmarks/engines.py
	@$(BIN)/python benchmarks/growth.py

bench-sweep: install  ## measure time and memory of whole sweeps of 1e5, 1e6 and 1e7 runs
	@$(BIN)/python benchmarks/whole_command.py

patterns: install  ## measure whether the model reproduces what was reported, and write docs/patterns.md
	@$(BIN)/willing patterns --out docs/patterns.md

ablations: install  ## remove each part of the model in turn, and write docs/ablations.md
	@$(BIN)/willing ablations --out docs/ablations.md

gallery: install  ## simulate every scenario and keep a small table and figure of each in results/gallery
	@$(BIN)/willing gallery --out results/gallery

schemas: install  ## renew the JSON Schemas in the package
	@for kind in scenario experiment; do $(BIN)/willing schema $$kind > sim/$$kind/$$kind.schema.json || exit; done

ui: install  ## open the browser page
	@$(BIN)/willing ui --port $(PORT)

clean:  ## remove generated files: environment, caches, results
	@rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache results/runs results/comparisons results/explain results/sweeps results/stability results/pivots results/thresholds results/hindcast results/fits results/discover
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
