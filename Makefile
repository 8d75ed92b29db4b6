# make run   start everything (PORT=8001 for another port, UP="--no-sample" for other options of manage.py up)
# make test  check and test everything
# make setup only install
# make pages what Lighthouse and the Nu HTML checker say of a running site (SITE=https://…); needs node and java

PORT ?= 8000
UP ?=
SITE ?= http://127.0.0.1:$(PORT)
PYTEST ?=
PY := .venv/bin/python
# The processes that are started here, and by tests, would compile the whole project each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup setup-dev run test lint pages

setup: .venv/.installed
setup-dev: .venv/.installed-dev

.venv/.installed: requirements.txt tools/venv.sh tools/install.py
	@sh tools/venv.sh
	@$(PY) tools/install.py requirements.txt
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	@$(PY) tools/install.py requirements-dev.txt
	@touch $@

run: setup
	@$(PY) manage.py up --port $(PORT) $(UP)

# The tests' own data directory: checking the migrations must not need, or touch, the one that is in use.
lint: setup-dev
	@echo "ruff: style and mistakes"; $(PY) -m ruff check .
	@echo "mypy: types"; $(PY) -m mypy
	@echo "makemigrations: models and migrations agree"; \
		DATA_DIR=.data-test $(PY) manage.py makemigrations --check --dry-run

test: setup-dev lint
	@$(PY) -m tools.test_services
	@echo "pytest"; $(PY) -m pytest -n 2 --dist worksteal $(PYTEST)

pages: setup
	@$(PY) tools/check_pages.py $(SITE)
