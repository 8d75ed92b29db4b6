#!/bin/sh
# Makes the environment with the first Python that is new enough. PYTHON=/path/to/python chooses another one, and
# VENV=DIRECTORY another place than .venv.
set -eu
venv=${VENV:-.venv}

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -x "$venv/bin/python" ] && is_new_enough "$venv/bin/python"; then
    exit 0
fi

for python in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if is_new_enough "$python"; then
        "$python" -m venv --clear "$venv" && exit 0
        echo "$python cannot make virtual environments: install its venv module (Debian: python3-venv)." >&2
        exit 1
    fi
done

found=$(${PYTHON:-python3} --version 2>/dev/null || echo "none")
echo "Python 3.11 or newer is needed, found: $found. Install one, or name it: make setup PYTHON=/path/to/python." >&2
exit 1
