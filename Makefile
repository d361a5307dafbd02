# Two commands for a new user: `make demo` and `make test`. All of them use the environment in .venv.
PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?= dev
BIN    := $(VENV)/bin
comma  := ,
STAMP  := $(VENV)/installed-$(subst $(comma),-,$(EXTRAS))
KERNEL := $(VENV)/kernels

CONSTRAINTS ?= constraints.txt

.PHONY: demo test test-all test-oldest lint generate docs install clean

demo: $(KERNEL)
	$(BIN)/sg plot sigmoid --alpha 5 -o sigmoid-alpha5.png
	$(BIN)/sg gradcheck all
	$(BIN)/sg train-toy mnist --surrogate soft_sign --epochs 1 --limit 12800

test: $(KERNEL)
	$(BIN)/python -m pytest -n auto

test-all: $(KERNEL)
	$(BIN)/python -m pytest -n auto -m ""

# The oldest versions that pyproject.toml admits, in an environment of its own. Its torch is a CUDA
# build of 3 GB.
test-oldest:
	$(MAKE) test VENV=.venv-oldest CONSTRAINTS=constraints-oldest.txt

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/generate.py --check

# What is derived: the type stub, tables in the README and the docs.
generate: $(STAMP)
	$(BIN)/python tools/generate.py

# The commands that pages show, run again; those that train for minutes only with --slow.
docs: $(STAMP)
	$(BIN)/python docs/rerun.py docs/*.md

install: $(STAMP)

$(STAMP): pyproject.toml setup.py $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "sgcli needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c $(CONSTRAINTS) -e '.[$(EXTRAS)]'
	@touch $@ $(KERNEL)

# The kernels are compiled from the definitions, and again where one has changed.
$(KERNEL): $(STAMP) $(wildcard sgcli/native/*.* sgcli/definitions/*.py sgcli/maths/*.py)
	$(BIN)/pip install --quiet --no-deps -e .
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info sgcli/native/*.so
