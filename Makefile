# Everything happens in .venv; a stamp file says which requirements it holds, so that a second call starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run setup test about-test bench soak lint locale

run: $(VENV)/.app
	$(BIN)/streamlit run streamlit_app.py

setup: $(VENV)/.dev

# A worker takes whole files, in their order: the longest, which drive pages and browsers, come first, and the last are short.
test: about-test $(VENV)/.dev
	$(BIN)/python -m pytest -n logical --maxprocesses 6 --dist loadfile --no-loadscope-reorder

about-test:
	@echo "Installs what is missing (about 2 minutes at first), then runs more than 4,000 tests: 6 to 8 minutes on two cores."

bench: $(VENV)/.dev
	$(BIN)/python -m bench

soak: $(VENV)/.dev
	$(BIN)/python -m bench.soak --picture bench/soak.svg

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

locale: $(VENV)/.dev
	$(BIN)/python -m pages.locale.update

$(VENV)/.app: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(PIP) install -r requirements-dev.txt
	touch $@
