# Everything a new machine needs is Python 3.11 or newer, make, and a package registry.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup demo test check lint types format clean

help:
	@echo "make demo    run the main job on the built-in puzzles"
	@echo "make test    run the test suite"
	@echo "make check   lint, format check and strict types"

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'mmfinereason needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,hub]'
	@touch $@

demo: setup
	$(BIN)/mmfr run recipes/quickstart.yaml

test: setup
	$(BIN)/python -m pytest -m "not interop and not browser and not train"

check: lint types

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) runs .mypy_cache .ruff_cache .pytest_cache .hypothesis
