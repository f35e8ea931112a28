# Everything one does with a checkout. Needs Python 3.11 or newer and make; `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
UV ?= uv
UPGRADE ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
DEMO_PAGE := examples/pages/china-licences.html

# The first Python that starts and is new enough; choose another one with `make demo PYTHON=...`.
PYTHON ?= $(shell for candidate in python3.13 python3.12 python3.11 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$candidate"; break; }; done)

# One thread for each process: the matrices are small, and results do not depend on the machine.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench docs lock clean
.DELETE_ON_ERROR:

help: ## list these targets
	@echo "Monazite: make TARGET, with TARGET one of"
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(VENV)/dev.stamp ## install the program and all tools into .venv
	@echo "Ready: $(BIN)/monazite --help"

demo: $(VENV)/runtime.stamp ## install what the program needs, then turn a news page into a briefing
	@mkdir -p build
	@echo "Reading an example of a saved news page, $(DEMO_PAGE), and simulating what it tells ..."
	@$(BIN)/monazite brief $(DEMO_PAGE) --out build/briefing.html
	@echo
	@echo "Open build/briefing.html in a browser. Every fact in it leads to its words or its table."
	@echo "Try next:"
	@echo "  $(BIN)/monazite read $(DEMO_PAGE)    the events, and the words that they rest on"
	@echo "  $(BIN)/monazite brief $(DEMO_PAGE) --keep --out build/briefing.html"
	@echo "  $(BIN)/monazite events list    then accept, edit or reject them"
	@echo "  $(BIN)/monazite site build build/site    the news site: open build/site/index.html"
	@echo "  $(BIN)/monazite --help"

test: $(VENV)/dev.stamp ## run all tests, those in the documentation included
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/dev.stamp ## run every gate but the tests: style, import order, types, documentation
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

bench: $(VENV)/bench.stamp ## time the engine against general solvers
	@$(BIN)/python -m pytest benchmarks $(BENCH_ARGS)

docs: $(VENV)/dev.stamp ## build the documentation in build/docs
	@$(BIN)/sphinx-build -W --keep-going -q -b html -d build/doctrees docs build/docs
	@echo "Documentation: build/docs/index.html"

lock: ## renew lock/ after a change of pyproject.toml (UPGRADE=--upgrade takes newer versions)
	@command -v $(UV) >/dev/null || { \
		echo "make lock needs uv: python -m pip install uv, or UV=path/to/uv" >&2; exit 1; }
	@$(COMPILE) --group build -o lock/runtime.txt >/dev/null
	@$(COMPILE) --group dev -c lock/runtime.txt -o lock/dev.txt >/dev/null
	@$(COMPILE) --group bench -c lock/dev.txt -o lock/bench.txt >/dev/null
	@$(subst pyproject.toml,benchmarks/names-requirements.txt,$(COMPILE)) -o lock/bench-names.txt >/dev/null
	@$(subst pyproject.toml,benchmarks/mpi-sppy-requirements.txt,$(COMPILE)) -o lock/bench-mpi-sppy.txt >/dev/null
	@$(subst pyproject.toml,benchmarks/geopolrisk-requirements.txt,$(COMPILE)) -o lock/bench-geopolrisk.txt >/dev/null
	@wc -l lock/*.txt

clean: ## remove .venv, build and what the tools left
	@rm -rf $(VENV) build dist .benchmarks .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache docs/reference/api docs/reference/command-line.md \
		docs/reference/scenario-file.md docs/reference/programme-file.md \
		docs/reference/project-table.md
	@find src tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
		echo "No Python 3.11 or newer found; install one, or say PYTHON=path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) does not start or is older than Python 3.11" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make virtual environments (Debian, Ubuntu: apt install python3-venv)" >&2; \
		exit 1; }

# A stamp stands for an environment that agrees with its lock file and holds the program itself.
define install_from_lock
	@echo "Installing the versions of $(1) (about half a minute) ..."
	@$(INSTALL) --require-hashes -r $(1)
	@$(INSTALL) --no-deps --no-build-isolation -e .
endef

$(VENV)/runtime.stamp: lock/runtime.txt pyproject.toml | $(BIN)/python
	$(call install_from_lock,lock/runtime.txt)
	@touch $@

$(VENV)/dev.stamp: lock/dev.txt pyproject.toml | $(BIN)/python
	$(call install_from_lock,lock/dev.txt)
	@touch $@ $(VENV)/runtime.stamp

$(VENV)/bench.stamp: lock/bench.txt pyproject.toml | $(BIN)/python
	$(call install_from_lock,lock/bench.txt)
	@touch $@ $(VENV)/runtime.stamp
