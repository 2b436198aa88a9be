# Every target is one line with a sentence. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest
READY := .stamps/venv
PAGE := $(BIN)/python scripts/build_page.py

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: page ## Train the default preset on real images and watch it in the browser.
	$(BIN)/latelier demo

page: $(READY) ## Build the page, if its sources changed.
	$(PAGE)

test: lint web-test browser ## Lint, check types and layers, and run the fast tests.
	$(PYTEST) -n 2 -m "not slow and not gpu"

web-test: page ## The page's types, layers and unit tests.
	cd web && npm run --silent typecheck && npm run --silent lint && npm run --silent test

browser: $(READY) ## Install Chromium for the journeys, where the system has none.
	$(BIN)/python scripts/setup_browser.py

screenshots: page browser ## Take the pictures of the README anew.
	$(BIN)/python scripts/screenshots.py

test-slow: page browser ## Run the long tests: clustering over seeds, kills and resumes, trainings, real workers.
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

.PHONY: help demo page test web-test browser screenshots test-slow lint format bench setup clean
