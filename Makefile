# Everything starts here. `make` alone lists the targets; nothing has to be installed by hand but Python 3.11+ and make.
.DEFAULT_GOAL := help
.PHONY: help demo up test check format bench requirements screenshots published sbom hooks clean
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Tests wait for engines more than they compute, so three of them keep two cores busy.
WORKERS ?= 3
READY := .venv/.synced
# Where no bytecode is wanted beside the sources it goes into .venv: every process would compile 1,900 modules itself.
ifdef PYTHONDONTWRITEBYTECODE
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## one referral all the way, told step by step; then it stays up (ARGS="--once --fresh --year")
	@$(BIN)/kobling demo $(ARGS)

up: $(READY) ## engines, issuer, mailbox and the four services behind one port, until Ctrl-C (ARGS="--fresh --port 8080")
	@$(BIN)/kobling up $(ARGS)

test: $(READY) ## every test, on the real engines (ARGS="tests/faults -x", WORKERS=0 for one process)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY) ## format, lint, types, imports, known weaknesses, and the tests that need no engine: under 20 seconds
	@$(BIN)/python -m deploy.check

format: $(READY) ## bring the code into the one format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(READY) ## every bar with its baseline of the same run (ARGS=--quick)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

requirements: $(READY) ## the sentences of the requirements and the tests that show them
	@$(BIN)/python -m tests.requirements $(ARGS)

screenshots: $(READY) ## every page, light and dark, wide and narrow, to build/screenshots/ (ARGS="intake --language en" or --pictures)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

published: $(READY) ## write the published schemas and documents anew
	@$(BIN)/python -m contracts.publish $(ARGS)

sbom: $(READY) ## what is in the image, with hashes, as CycloneDX (ARGS="--output-file sbom.cdx.json")
	@$(BIN)/python deploy/bill.py $(ARGS)

hooks: $(READY) ## run the checks before every commit from now on
	@$(BIN)/pre-commit install

clean: ## remove what was made here; state and downloads in .local/ stay (ARGS=--fresh empties the state)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): uv.lock pyproject.toml deploy/bootstrap.py
	@env -u PYTHONPYCACHEPREFIX $(PYTHON) -B deploy/bootstrap.py  # a .venv that holds bytecode already is none to uv
