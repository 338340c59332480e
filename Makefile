# Everything a new machine needs is Python 3.11 or newer, make, and a package registry.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup setup-train interop-env demo test test-train check lint types format docs clean

help:
	@echo "make demo    run the main job on the built-in puzzles"
	@echo "make test    run the test suite"
	@echo "make test-train   train tiny models on the CPU, in .venv-train"
	@echo "make docs    write the pages that are made from the code"
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

# The local trainer in an environment of its own: torch is several hundred MB, and first, so that pip takes its CPU
# build where an index offers one.
TRAIN := .venv-train

setup-train: $(TRAIN)/.ready

$(TRAIN)/.ready: pyproject.toml constraints-train.txt
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints-train.txt)"
	$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-train.txt -e '.[train,dev]'
	@touch $@

test-train: setup-train
	$(TRAIN)/bin/python -m pytest -m train

# VLMEvalKit and lmms-eval, for `pytest -m interop tests/evaluate`. Torch comes first, or pip fetches its CUDA build.
evaluators: .venv-evaluators/.ready

.venv-evaluators/.ready:
	$(PYTHON) -m venv .venv-evaluators
	.venv-evaluators/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	.venv-evaluators/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 torchvision==0.28.0 \
	  math-verify==0.9.0 ms-vlmeval==0.0.20 lmms-eval==0.7.3
	@touch $@

# LLaMA-Factory and veRL, for `pytest -m interop tests/interop`: 2.6 GB.
interop-env: .venv-interop/.ready

.venv-interop/.ready: constraints-interop.txt
	$(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' $<)"
	.venv-interop/bin/python -m pip install --quiet --disable-pip-version-check -c $< \
	  torch torchvision llamafactory verl transformers datasets qwen-vl-utils math-verify
	@touch $@

check: lint types

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) runs .mypy_cache .ruff_cache .pytest_cache .hypothesis
