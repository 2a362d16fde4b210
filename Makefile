# Everything happens in .venv; a stamp file says which requirements it holds, so that a second call starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
APP := requirements-core.txt requirements-app.txt
DEV := requirements-cluster.txt requirements-dev.txt
TORCH := $(shell sed -n '/^torch==/p' requirements-core.txt)
TORCH_PAGE := $(shell sed -n 's/^--find-links //p' requirements.txt)
WAIT_S := 8
WORKERS = $(shell $(PYTHON) -c "import os; print(min(1 + (os.cpu_count() or 1), 6))")

# Whether anybody answers at an address, known within WAIT_S whatever is wrong: pip would ask for every package, and again
# and again. Of a certificate pip may think otherwise, so that is left to pip.
define ANSWERS
import signal, ssl, sys, urllib.request
signal.alarm(int(sys.argv[2]))
try:
    urllib.request.urlopen(sys.argv[1])
except Exception as error:
    sys.exit(not isinstance(getattr(error, "reason", None), ssl.SSLError))
endef
export ANSWERS

.PHONY: run setup test about-test bench soak lint scripts locale

run: $(VENV)/.app
	$(BIN)/streamlit run streamlit_app.py

setup: $(VENV)/.dev

# A worker takes whole files, in their order: those that drive processes, pages and browsers come first, and the last are
# short. One more of them than cores, as they wait for browsers and clusters half of the time. Whatever the environment
# says, bytecode is kept: each of the workers, servers and commands that are started would compile all of it anew.
test: about-test $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

about-test:
	@echo "Installs what is missing (about 2 minutes at first), then runs more than 4,500 tests: about 10 minutes on two cores."

bench: $(VENV)/.dev
	$(BIN)/python -m bench

soak: $(VENV)/.dev
	$(BIN)/python -m bench.soak --picture bench/soak.svg

lint: $(VENV)/.dev scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

scripts:
	@if command -v tsc > /dev/null; then tsc --project .; \
	else echo "There is no tsc (Debian: node-typescript): the types of the scripts are left out."; fi

locale: $(VENV)/.dev
	$(BIN)/python -m pages.locale.update

$(VENV)/.app: requirements.txt $(APP)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	@if { $(BIN)/python -c "$$ANSWERS" $(TORCH_PAGE) $(WAIT_S); } 2> /dev/null; \
	then $(PIP) install --no-deps --find-links $(TORCH_PAGE) $(TORCH); \
	else echo "$(TORCH_PAGE) does not answer: torch comes from where pip looks by itself, on Linux with several GB of CUDA."; fi
	$(PIP) install $(APP:%=-r %)
	touch $@

$(VENV)/.dev: $(DEV) $(VENV)/.app
	$(PIP) install $(DEV:%=-r %)
	touch $@
