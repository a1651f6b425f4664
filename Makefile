# `make` alone prints what can be done here. Everything is made in this folder.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env report test quick coverage lint format lab bench soak docs site licences sbom lock \
	wheel wheelhouse clean

# What `make quick` runs: a module of tests for each room of the core, none longer than seconds.
QUICK := $(addprefix tests/test_,$(addsuffix .py,exact fiscal intervals schedule hand_cases terms \
	amendments measures fleet contracts checks evidence tables wording public_face architecture))

# What to report on; see `make help`.
BOOK ?= sample
AS_OF ?=
COMPARE_TO ?=
QUARTER ?=
NB ?=
OUT ?= reports
ARGS ?=

# Some machines switch bytecode off; without it every start compiles all libraries again.
unexport PYTHONDONTWRITEBYTECODE
# A virtual environment or a path of the caller's is none of ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

# The machine's certificates (a company's too) serve both installers; so do pip's settings of
# mirror, proxy and certificates, wherever they stand: .ci/as_pip.py hands them to uv.
SSL_CERT_FILE ?= $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt \
	/etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
ifneq ($(SSL_CERT_FILE),)
export SSL_CERT_FILE
export PIP_CERT ?= $(SSL_CERT_FILE)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without a home to write in there is no cache to keep.
ifeq ($(shell test -w "$$HOME" && echo yes),)
export UV_NO_CACHE := 1
export PIP_NO_CACHE_DIR := 1
endif

FIT := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(FIT)' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
UV = $(1)/bin/python .ci/as_pip.py $(1)/bin/uv
INSTALL = $(UV) pip install --quiet --python $(1)/bin/python --compile-bytecode

# A fresh virtual environment $(1) with exactly the packages of lock file $(2).
define fresh
@$(PYTHON) -c '$(FIT)' 2>/dev/null || { echo 'make: Python 3.11 or later with venv is needed (Debian: \
	apt install python3-venv); or name one: make PYTHON=/path/to/python3' >&2; exit 1; }
@echo 'Building $(1) from $(2) (once; about half a minute)'
@$(PYTHON) -m venv --clear $(1)
@$(1)/bin/python -m pip install --quiet --require-hashes -r requirements-build.lock
@$(call INSTALL,$(1)) --require-hashes -r $(2)
@touch $@
endef

# The project itself, from this folder, so that $(1)/bin/fpp runs the code that stands here.
define project
@$(call INSTALL,$(1)) --no-deps --no-build-isolation --editable .
@$(1)/bin/python -m compileall -q fpp_analysis
@touch $@
endef

.venv/.locked: requirements-build.lock requirements.lock
	$(call fresh,.venv,requirements.lock)
.venv/.ready: .venv/.locked pyproject.toml setup.py
	$(call project,.venv)
.venv/.test: .venv/.ready requirements-test.lock
	@$(call INSTALL,.venv) --require-hashes -r requirements-test.lock
	@touch $@
.venv/.soak: .venv/.test requirements-soak.lock
	@$(call INSTALL,.venv) --require-hashes -r requirements-soak.lock
	@touch $@
.venv-lab/.locked: requirements-build.lock requirements-lab.lock
	$(call fresh,.venv-lab,requirements-lab.lock)
.venv-lab/.ready: .venv-lab/.locked pyproject.toml setup.py
	$(call project,.venv-lab)
.venv-site/.ready: requirements-build.lock requirements-site.lock
	$(call fresh,.venv-site,requirements-site.lock)

ifneq ($(QUARTER),)
WHEN = --quarter '$(QUARTER)'
else ifneq ($(AS_OF),)
WHEN = --as-of '$(AS_OF)'
else ifeq ($(BOOK),sample)
WHEN = --as-of 2009-11-30
COMPARE_TO := $(or $(COMPARE_TO),2009-05-31)
else
WHEN = --quarter latest
endif
WHEN += $(if $(COMPARE_TO),--compare-to '$(COMPARE_TO)')

help: ## print this page
	@echo 'make TARGET [VARIABLE=value]'; echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' Makefile
	@echo; echo 'Variables of make report:'
	@echo '  BOOK=sample            folder, workbook, database file or URL'
	@echo '  AS_OF=2009-11-30       close of this day (sample: this one; otherwise the last quarter)'
	@echo '  COMPARE_TO=2009-05-31  earlier date to compare with (otherwise the prior quarter end)'
	@echo '  QUARTER=FY2010Q2       a fiscal quarter in place of AS_OF, or "latest"'
	@echo '  NB=10-backlog-growth   only these notebooks'
	@echo '  OUT=reports            folder of the packs'
	@echo '  ARGS="--edition outside"  further options of fpp report, pytest, jupyter or the benchmarks'

env: .venv/.ready ## build .venv from requirements.lock; .venv/bin/fpp is the command line

report: .venv/.ready ## make the quarter's pack in reports/
	@$(BIN)/fpp report --book '$(BOOK)' $(WHEN) $(foreach n,$(NB),--notebook '$(n)') \
		--out '$(OUT)' $(ARGS)

# On every core, a file at a time, so that what a file's tests share is made once.
ONE_THREAD = OPENBLAS_NUM_THREADS=1
PYTEST = $(ONE_THREAD) $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test: .venv/.test ## run the tests
	@$(PYTEST) $(ARGS)

quick: .venv/.test ## the core's tests and style, in half a minute
	@$(BIN)/ruff check .
	@$(PYTEST) -x $(QUICK) $(ARGS)

coverage: .venv/.test ## run the tests and show which lines none of them reaches
	@$(PYTEST) --cov=fpp_analysis --cov-report=term:skip-covered $(ARGS)

lint: .venv/.test ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/.test ## format the code
	@$(BIN)/ruff check --quiet --fix --select I,RUF022 --exit-zero .
	@$(BIN)/ruff format .

lab: .venv-lab/.ready ## open the notebooks in JupyterLab (an environment of its own)
	@.venv-lab/bin/fpp lab notebooks $(ARGS)

bench: .venv/.ready ## measure speed and memory on large books
	@$(BIN)/python -m benchmarks $(ARGS)

soak: .venv/.soak ## run the long proofs (half an hour; ARGS="-k NAME" picks some)
	@$(ONE_THREAD) $(BIN)/python -m pytest -m soak $(ARGS)

docs: .venv/.ready ## write the generated pages of docs/ again
	@$(BIN)/python docs/generate.py

site: .venv/.ready .venv-site/.ready ## build the site of docs/ in build/site, with sample packs
	@$(BIN)/python docs/site.py .venv-site/bin/zensical $(ARGS)

licences: .venv/.ready ## write docs/licences.md: every package of requirements.lock
	@$(BIN)/python .ci/supply_chain.py licences

sbom: .venv/.ready ## write dist/sbom.cdx.json, the bill of materials (CycloneDX)
	@$(BIN)/python .ci/supply_chain.py sbom

wheel: .venv/.ready ## build the wheel and the source archive in dist/
	@rm -rf build
	@$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist .

wheelhouse: wheel ## all wheels for a machine without network, in wheelhouse/
	@mkdir -p wheelhouse && cp dist/*.whl wheelhouse/
	@for lock in requirements-build requirements $(ARGS); do \
		$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: \
			--dest wheelhouse -r $$lock.lock || exit 1; done

COMPILE = $(BIN)/python .ci/as_pip.py $(BIN)/uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --custom-compile-command 'make lock' $(ARGS)
lock: ## resolve the lock files again (ARGS=--upgrade for newer versions)
	@test -x $(BIN)/uv || { echo "make: run make env first" >&2; exit 1; }
	@for group in build site; do \
		$(COMPILE) --group $$group --output-file requirements-$$group.lock || exit 1; done
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@for group in test lab soak; do \
		$(COMPILE) pyproject.toml --extra $$group --constraint requirements.lock \
			--output-file requirements-$$group.lock || exit 1; done

clean: ## remove the environments, caches and build files; reports stay
	rm -rf .venv .venv-lab .venv-site build dist wheelhouse *.egg-info
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
