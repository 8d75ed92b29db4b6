"""Install a requirements file into this environment: with uv, which takes seconds, or else with pip.

uv does not read pip's configuration. A mirror or a certificate that is set up for pip is meant for us too, so
it is handed on; and where uv cannot install, for whatever reason, pip does.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys

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


def main(requirements: str) -> int:
    print(f"Installing {requirements} …", flush=True)
    if has_uv() and install_with_uv(requirements):
        return 0
    if subprocess.run([*PIP, "install", "--quiet", "-r", requirements]).returncode == 0:
        return 0
    print(
        f"{requirements} could not be installed: see the messages above, then run make again.",
        file=sys.stderr,
    )
    return 1


def has_uv() -> bool:
    if subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True).returncode == 0:
        return True
    got = subprocess.run([*PIP, "install", "--quiet", "--only-binary", ":all:", "uv"], capture_output=True)
    return got.returncode == 0


def install_with_uv(requirements: str) -> bool:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    done = subprocess.run(
        [*command, "-r", requirements], env={**uv_environment(), **os.environ}, capture_output=True
    )
    return done.returncode == 0


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
