# Plain `make` prints this list.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
RUN_LOCK := $(shell cksum < requirements/run.txt | tr ' ' -)
DEV_LOCK := $(shell cksum < requirements/dev.txt | tr ' ' -)
RUN_STAMP := .venv/.run-$(RUN_LOCK)
DEV_STAMP := .venv/.dev-$(DEV_LOCK)
FAST := -m "not slow and not browser" -p no:schemathesis
# what stands on the database of an office: run on SQLite and on PostgreSQL
ON_POSTGRES := $(wildcard tests/kernel tests/registers tests/access tests/apps tests/api tests/history tests/workbench tests/test_every_register.py tests/lake/test_registers.py)
# What Python and pytest compile is kept, whatever the environment says: compiling it anew takes each process six seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check law docs bench lock spark unhurried

help:
	@echo "make run      set up, load the cities, compute, report, serve http://127.0.0.1:$(PORT)/  (PORT=8000)"
	@echo "make test     set up and run every test (what continuous integration runs)"
	@echo "make check    format, lint, types, house plan, generated docs, fast tests: under a minute"
	@echo "make unhurried  measure anew which tests are too slow for make check"
	@echo "make law      which article of the regulation is carried out by what"
	@echo "make docs     write again the reference pages that are generated from the code"
	@echo "make bench    the benchmarks, each with its peer or its limit in the same run"
	@echo "make spark    add Spark to the environment, so that its test runs too (needs Java)"
	@echo "make lock     resolve the locked dependencies again"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Shenzhi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Way out: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make an environment. Way out (Debian): apt-get install python3-venv"; exit 1; }

$(RUN_STAMP): | .venv/bin/python
	@echo "安装依赖，首次约需一两分钟 · installing the locked dependencies, a minute or two the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f .venv/.run-* && touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo "安装开发工具 · installing the tools for tests"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@rm -f .venv/.dev-* && touch $@

run: $(RUN_STAMP)
	@$(BIN)/shenzhi run --port $(PORT)

check: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal $(FAST) --quick

test: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n 3 --dist worksteal --durations 40
	@echo "登记与程序的测试在 PostgreSQL 上再运行一遍 · the tests of registers and procedures once more, on PostgreSQL"
	SHENZHI_TEST_DATABASE=postgresql $(BIN)/pytest -n 3 --dist worksteal --durations 20 $(ON_POSTGRES)

unhurried: $(DEV_STAMP)
	$(BIN)/pytest -n 0 $(FAST) --measure-quick

spark: $(DEV_STAMP)
	@echo "安装 Spark（可选） · installing Spark, an extra"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt

law: $(RUN_STAMP)
	@$(BIN)/shenzhi law coverage

docs: $(RUN_STAMP)
	@$(BIN)/shenzhi docs

bench: $(DEV_STAMP)
	@for one in benchmarks/*.py; do $(BIN)/python $$one || exit 1; done

lock: $(DEV_STAMP)
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-header --quiet \
	  pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-header --quiet \
	  --extra dev --extra browsers --extra postgres -c requirements/run.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	echo "pyspark>=4.1,<5" | $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-header --quiet \
	  --no-annotate - -o requirements/spark.txt
