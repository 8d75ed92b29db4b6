"""Install a lock into this environment, each file checked by its hash: with uv, in seconds, or else with pip.

uv does not read pip's configuration. A mirror or a certificate that is set up for pip is meant for us too, so
it is handed on; and where uv cannot install, for whatever reason, pip does, with the same check.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile

from tools.lockfile import ROOT, entries

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}
SEPARATED_BY_COMMA = {"find-links"}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
FROM_LOCK = ["install", "--quiet", "--require-hashes", "-r"]

REASONS = {
    "DO NOT MATCH THE HASHES": (
        "The package index used here has other files than {lock} names, under the same versions. A mirror "
        "that builds packages itself cannot be installed from: use one that passes files on unchanged, or "
        "make locks of its files with `make lock`. If there is no such mirror, a file was changed: beware."
    ),
    "No matching distribution found": (
        "The package index used here lacks a version that {lock} names, or has no build of it for this "
        "machine. A mirror may be behind: use another, or make locks of what it has with `make lock`."
    ),
}
"""What pip says, and what that means where a lock is installed."""


def main(lock: str) -> int:
    print(f"Installing {lock} …", flush=True)
    if has_uv() and install_with_uv(lock):
        return 0
    done = subprocess.run([*PIP, *FROM_LOCK, lock], stderr=subprocess.PIPE, text=True)
    print(done.stderr, end="", file=sys.stderr)
    if done.returncode:
        print(reason(lock, done.stderr), file=sys.stderr)
    return done.returncode


def reason(lock: str, said: str) -> str:
    """Why the lock cannot be installed here, when pip's own words need explaining."""
    for words, explanation in REASONS.items():
        if words in said:
            return explanation.format(lock=lock)
    return f"{lock} could not be installed: see the messages above, then run make again."


def has_uv() -> bool:
    if subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True).returncode == 0:
        return True
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as own:
        own.write(entries(ROOT / "requirements-dev.lock")["uv"].text)
        own.flush()
        got = subprocess.run([*PIP, *FROM_LOCK, own.name, "--only-binary", ":all:"], capture_output=True)
    return got.returncode == 0


def install_with_uv(lock: str) -> bool:
    command = [sys.executable, "-m", "uv", "pip", *FROM_LOCK, lock, "--python", sys.executable]
    return (
        subprocess.run(command, env={**uv_environment(), **os.environ}, capture_output=True).returncode == 0
    )


def uv_environment() -> dict[str, str]:
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True).stdout
    # pip takes the best version of all indexes, uv the first index that has the package.
    environment = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        option = key.rpartition(".")[2]
        if option in UV_NAMES:
            separator = "," if option in SEPARATED_BY_COMMA else " "
            environment[UV_NAMES[option]] = separator.join(str(ast.literal_eval(value)).split())
    return environment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
