# make demo | make test | make lint | make lock | make clean
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The CPU build of PyTorch; on a machine whose package index only has the default build, that is the fallback.
TORCH ?= torch==2.13.0+cpu
TORCH_FALLBACK ?= torch==2.13.0
export LINEAMENT_ASSETS ?= $(abspath $(wildcard ../shared/assets))
export LINEAMENT_PHOTOGRAPHS ?= $(abspath $(wildcard ../shared/eval-dev))
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint lock clean setup setup-dev

demo: setup
	$(BIN)/lineament assets fetch yunet sface astronaut
	$(BIN)/lineament demo --out demo-out

test: setup-dev
	$(BIN)/lineament assets fetch yunet sface astronaut efficientnet-lite0
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.light
setup-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@echo "lineament: making $(VENV)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lineament needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.light: locks/light.txt pyproject.toml | $(VENV)/bin/python
	@echo "lineament: installing the locked packages (about 250 MB)"
	$(BIN)/python -m pip install -q --no-deps --require-hashes -r locks/light.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "lineament: installing the workshop and the tests (PyTorch for the CPU, Warp, Anny: about 1.5 GB)"
	$(BIN)/python -m pip install -q "$(TORCH)" || $(BIN)/python -m pip install -q "$(TORCH_FALLBACK)"
	$(BIN)/python -m pip install -q --no-deps --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@ $(VENV)/.light

LOCK := $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-header
lock: setup-dev
	$(BIN)/python -m pip install -q pip-tools
	$(LOCK) -o locks/light.txt pyproject.toml
	$(LOCK) --extra train --extra dev -o locks/dev.txt pyproject.toml
	$(PYTHON) locks/without_torch.py locks/dev.txt

clean:
	rm -rf $(VENV) demo-out build dist
