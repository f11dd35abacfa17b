# make            set up .venv, once, and again when pyproject.toml or constraints.txt change
# make figure     train the eight networks of the embedded experiment and write reports/shapes/
# make test       run the checks, but for the slow ones
# make test-all   run all of them, the slow ones last
# make docs       write the site into build/site: docs/, the reports, and what the code's docstrings say
# EXTRAS=test,wandb   which of pyproject.toml's extras to install
# PIP_ARGS=...    options for pip;  PIP="uv pip"   what installs in its place;  PYTHON=...  the Python (3.11 to 3.13)
PYTHON ?= python3
PIP_ARGS ?=
EXTRAS ?= test
BIN := .venv/bin
PIP ?= $(BIN)/python -m pip

.PHONY: setup figure test test-all alone lint docs clean
setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "make: $(PYTHON) is not Python 3.11 to 3.13; name one: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet $(PIP_ARGS) -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

figure: setup
	$(BIN)/python scripts/train.py -m experiment=shapes
	$(BIN)/python scripts/plot_curves.py runs/shapes --out reports
	@echo "One seed shows that training error can grow with depth, not how often: reports/shapes_seeds has eight."

test: CHOSEN = not alone and not slow
test-all: CHOSEN = not alone
test test-all: lint alone
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m '$(CHOSEN)' -n auto --dist worksteal

alone: setup
	$(BIN)/python -m pytest -m alone $$(grep -l pytest.mark.alone tests/*.py)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo build/site/index.html

.venv/docs: .venv/ready
	$(PIP) install --quiet $(PIP_ARGS) -c constraints.txt -e '.[docs]'
	@touch $@

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
