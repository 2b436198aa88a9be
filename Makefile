# Every target is one line with a sentence. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest
READY := .stamps/venv

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(READY) ## Train the default preset on real images and say where to look.
	$(BIN)/latelier demo

test: lint $(READY) ## Lint, check types and layers, and run the fast tests.
	$(PYTEST) -n 2 -m "not slow and not gpu"

test-slow: $(READY) ## Run the long tests: clustering over seeds, kills and resumes, benchmarks' claims.
	$(PYTEST) -m "slow and not gpu"

lint: $(READY) ## Style, strict types, and the layers that imports may cross.
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

format: $(READY) ## Rewrite the code in the house's format.
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(READY) ## Measure speed as ratios, side by side in one run.
	$(BIN)/python -m benchmarks

setup: $(READY) ## Make the virtual environment with everything development needs.

clean: ## Remove the virtual environment, caches and builds; runs are kept.
	rm -rf .venv .stamps .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

$(READY): pyproject.toml requirements-dev.txt constraints.txt
	$(PYTHON) scripts/setup_venv.py
	@mkdir -p .stamps && touch $@

.PHONY: help demo test test-slow lint format bench setup clean
